"""Messages as they are read: one segment a line whatever the file looks like, and the way between tree and lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.schema.declared import Sources
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.edi.view import shown_text
from studio.schema.model import Node, Schema
from studio.schema.read import read_schema
from studio.schema.source import decode

_X12 = Path("corpora") / "edi-x12" / "badx12"
_EDIFACT = Path("corpora") / "edi-edifact" / "pydifact"
_UNB = "UNA:+.? 'UNB+UNOA:1+a?'b+c+260301:1200+1'"


def _first_line(sources: Sources, schema: Schema, path: str) -> str:
    place = schema.find(path)
    assert place is not None
    spot = sources.spot(place.node)
    assert spot is not None, path
    assert spot.first == spot.last
    return sources.lines(spot.file)[spot.first - 1]


def test_a_message_of_one_line_is_shown_by_segments_and_lit(shared: Path) -> None:
    file = shared / _X12 / "edi" / "X221-era-sample.edi"
    before = file.read_bytes()
    schema, sources = read_schema(file), Sources([str(file)])
    lines = sources.lines(str(file))
    assert len(lines) == 39
    assert "".join(lines) == before.decode().rstrip()
    start = "interchange/group/transaction"
    for path, begin in (
        ("interchange", "ISA*"), ("interchange/group", "GS*"), (start, "ST*835"), (f"{start}/CLP", "CLP*7722337*"),
        (f"{start}/SVC/SVC01/SVC01-02", "SVC*AD:D0120"), (f"{start}/N1", "N1*PR*"), ("interchange/IEA", "IEA*"),
    ):  # fmt: skip
        assert _first_line(sources, schema, path).startswith(begin)
    for node in _all(schema):
        assert sources.spot(node) is not None, node.name
    assert file.read_bytes() == before


def test_a_line_of_a_message_tells_its_segment(shared: Path) -> None:
    file = str(shared / _X12 / "edi" / "X221-era-sample.edi")
    sources = Sources([file])
    lines = sources.lines(file)
    last = max(at for at, line in enumerate(lines, 1) if line.startswith("SVC*"))
    [(code, first)] = sources.declared_above(file, last)
    assert (code, lines[first - 1]) == ("SVC", "SVC*AD:D0120*46*25~")


def test_a_place_of_the_file_is_found_among_the_shown_lines(shared: Path) -> None:
    file = shared / _X12 / "errors" / "error_validation.edi"
    sources = Sources([str(file)])
    lines = sources.lines(str(file))
    problems = [one for one in read_schema(file).problems if one.column is not None]
    shown = {
        one.message[:2]: lines[sources.shown_line(str(file), one.line or 1, one.column or 1) - 1]
        for one in problems
        if one.message[:3] in ("SE ", "GE ")
    }
    assert {key: text[:3] for key, text in shown.items()} == {"SE": "SE*", "GE": "GE*"}


@pytest.mark.parametrize(("text", "expected"), [
    (_UNB + "FTX+one?'+two\nthree'UNZ+0+1'\r\n\n", [
        "UNA:+.? '", "UNB+UNOA:1+a?'b+c+260301:1200+1'", "FTX+one?'+two", "three'", "UNZ+0+1'", "", "",
    ]),
    (_UNB.replace("'UNB", "'\r\nUNB") + "\r\nUNZ+0+1'", ["UNA:+.? '", "UNB+UNOA:1+a?'b+c+260301:1200+1'", "UNZ+0+1'"]),
    ("ISA no message", ["ISA no message"]),
    ("a~b~c", ["a~b~c"]),
])  # fmt: skip
def test_breaks_are_added_and_none_taken(text: str, expected: list[str]) -> None:
    assert shown_text(text).split("\n") == expected


@given(st.lists(st.text(alphabet="AB1+:?' \n", max_size=8), max_size=8))
def test_any_message_is_shown_whole(parts: list[str]) -> None:
    text = _UNB + "".join(f"FTX+{part}'" for part in parts)
    shown = shown_text(text)
    # Nothing but blanks behind a segment may go.
    assert "".join(shown.split()) == "".join(text.split())
    if "\n" not in text:
        found = [one.text.removesuffix("'") for one in segments(text, find_delimiters(text))]
        lines = [line.removesuffix("'").lstrip() for line in shown.split("\n")[1:]]
        assert [line for line in lines if line] == [text for text in found if text]


def test_messages_with_a_line_for_each_segment_stay_as_they_are(shared: Path) -> None:
    for name in ("order.edi", "wikipedia_de.edi"):
        file = shared / _EDIFACT / name
        text = decode(file.read_bytes(), None, file=file)[0].replace("\r\n", "\n")
        lines = Sources([str(file)]).lines(str(file))
        assert [line for line in lines if line] == [
            line.rstrip("\r") for line in shown_text(text).split("\n") if line
        ]
        schema = read_schema(file)
        assert _first_line(Sources([str(file)]), schema, "interchange/message/BGM").startswith("BGM")


def _all(schema: Schema) -> list[Node]:
    found, waiting = [], list(schema.roots)
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.type.children
    return found
