"""The layout of scripts keeps their meaning and settles after one pass."""

from __future__ import annotations

import pytest
from hypothesis import given

from studio.script.errors import ScriptError
from studio.script.format import format_script
from studio.script.parse import parse
from tests.script.scripts import scripts
from tests.script.test_parse import bare


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
        ("", ""),
    ],
)
def test_layout(text: str, expected: str) -> None:
    assert format_script(text) == expected
    assert format_script(expected) == expected


@given(scripts)
def test_the_meaning_stays(text: str) -> None:
    laid_out = format_script(text)
    assert [_shape(node) for node in parse(laid_out).statements] == [
        _shape(node) for node in parse(text).statements
    ]
    assert format_script(laid_out) == laid_out


def _shape(node: object) -> object:
    shown = bare(node)  # type: ignore[arg-type]
    return repr(_without_paths(shown))


def _without_paths(shown: object) -> object:
    if isinstance(shown, tuple):
        return tuple(_without_paths(part) for part in shown)
    steps = getattr(shown, "steps", None)
    return [step.name for step in steps] if steps is not None else shown


def test_what_cannot_be_read_is_left_alone() -> None:
    with pytest.raises(ScriptError):
        format_script("1 +")
