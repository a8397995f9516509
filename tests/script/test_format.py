"""The layout of scripts keeps their meaning and settles after one pass."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.script import tree
from studio.script.errors import ScriptError
from studio.script.format import format_script
from studio.script.lossless import read
from studio.script.parse import parse
from tests.script.scripts import scripts


def meaning(node: object) -> object:
    """A tree without places, as nested tuples; everything else of it is kept."""
    if isinstance(node, tuple):
        return tuple(meaning(part) for part in node)
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        left_out = ("start", "end", "name_end", "text", "file")
        fields = [field.name for field in dataclasses.fields(node) if field.name not in left_out]
        return type(node).__name__, *(meaning(getattr(node, name)) for name in fields)
    return node, type(node).__name__


def check_layout(text: str) -> None:
    laid_out = format_script(text)
    assert meaning(parse(laid_out).statements) == meaning(parse(text).statements)
    assert format_script(laid_out) == laid_out
    kept = [piece.text.strip() for piece in read(text).pieces if piece.kind == "comment"]
    assert [piece.text.strip() for piece in read(laid_out).pieces if piece.kind == "comment"] == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x=1+2*3", "x = 1 + 2 * 3\n"),
        ("If(a==1,b=2;c,  {1,2} [0] );-x^ 2 // hi", "If(a == 1, b = 2; c, {1, 2}[0]); -x ^ 2 // hi\n"),
        ("f (a ,- 1,!b , c++ ,--d)", "f(a, -1, !b, c++, --d)\n"),
        ("[a/b[ [c]=='x' ]/d]-[e]", "[a/b[ [c]=='x' ]/d] - [e]\n"),
        ("<trans>\nIf(a,\nb,\nc\n)\n\n\n\n;d</trans>", "<trans>\nIf(a,\n  b,\n  c\n)\n\n; d </trans>\n"),
        ("$a.b+=1;Orders$Order.Name$+'x  y'", "$a.b += 1; Orders$Order.Name$ + 'x  y'\n"),
        ("/* one */1/*two*/", "/* one */ 1 /*two*/\n"),
        ("x [ 0 ]", "x[0]\n"),
        ("[`a]b`]+1", "[`a]b`] + 1\n"),
        ("[it's a/name]+1;'x'", "[it's a/name] + 1; 'x'\n"),
        ('x="a\r\n  b"\r\n;// c\r\ny', 'x = "a\r\n  b"\n; // c\ny\n'),
        ("a- --b;a-- -b;!!c", "a - --b; a-- - b; !!c\n"),
        ("1 /*/ x=2", "1 /*/ x=2\n"),
        ("", ""),
    ],
)
def test_layout(text: str, expected: str) -> None:
    assert format_script(text) == expected
    assert format_script(expected) == expected


@given(scripts)
def test_the_meaning_stays(text: str) -> None:
    check_layout(text)


GAPS = st.sampled_from(["", " ", "  ", "\n", "\n\n\n", "\t", " // c\n", "/* d\n e */", " /**/ ", "\r\n"])


@given(scripts, st.lists(GAPS, min_size=1, max_size=12))
def test_the_meaning_stays_whatever_stands_between(text: str, gaps: list[str]) -> None:
    source = read(text)
    paths = [(path.start, path.end) for path in tree.paths(source.script)]
    parts: list[str] = []
    for number, piece in enumerate(source.pieces):
        inside = any(start < piece.start < end for start, end in paths)
        parts += ["" if inside else gaps[number % len(gaps)], piece.text]
    loose = "".join(parts)
    if not read(loose).mistakes:  # `a / /* … */` may come to stand as a comment
        check_layout(loose)


def test_real_scripts(shared: Path) -> None:
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    count = 0
    for line in lines:
        text = json.loads(line)["script"]
        if not read(text).mistakes:
            check_layout(text)
            count += 1
    assert count > 1_600


def test_what_cannot_be_read_is_left_alone() -> None:
    with pytest.raises(ScriptError):
        format_script("1 +")
