"""Records scanned by their usual form have the values the parser gives, and whatever is unusual is left to the parser."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

import pytest

from studio.base.errors import BadInput
from studio.engine.formats import xml_scanning, xml_stretches
from studio.engine.formats.xml_read import XmlUnits
from studio.engine.formats.xml_safe import read_prolog
from studio.engine.formats.xml_scanning import Scanned
from studio.engine.generate.layout import Row, layout
from studio.engine.plan import Shape
from tests.engine.differ import Maker
from tests.engine.differential import outcome

LINE = Shape(
    "l",
    {"@n": Shape("@n", text=True), "q": Shape("q", text=True), "s": Shape("s", text=True)},
    repeats=True,
)
RECORD = Shape(
    "i",
    {
        "@k": Shape("@k", text=True),
        "a": Shape("a", text=True),
        "b": Shape("b", {"c": Shape("c", text=True)}, present=True),
        "ls": Shape("ls", {"l": LINE}),
        "v": Shape("v", text=True, repeats=True),
    },
    repeats=True,
)


def rows_of(data: bytes, counted: Counter[str] | None = None) -> list[Any]:
    """The rows of a document's records, scanned where they may be."""
    stream: BinaryIO = BytesIO(data)
    row = layout(RECORD, ("r", "i"))
    rows = []
    for unit in XmlUnits(stream, "x", ("r", "i"), read_prolog(stream, "x"), (), row):
        if isinstance(unit, Scanned):
            rows.append(unit.row)
            assert row_of(unit.element(), row) == unit.row
        else:
            rows.append(row_of(unit, row))
        if counted is not None:
            counted["scanned" if isinstance(unit, Scanned) else "parsed"] += 1
    return rows


def parsed_rows(data: bytes) -> list[Any]:
    """The same by the parser alone."""
    stream: BinaryIO = BytesIO(data)
    row = layout(RECORD, ("r", "i"))
    units = XmlUnits(stream, "x", ("r", "i"), read_prolog(stream, "x"))
    return [row_of(unit, row) for unit in units]


def row_of(element: Any, row: Row) -> Any:
    """An element's row, of single values the last, as slowly as can be."""
    found: dict[int, Any] = {place: [] for (kind, _chain), place in row.index.items() if kind == "list"}
    _visit(element, row, row.shape, row.chain, found)
    return tuple(found.get(place) for place in range(len(row.index)))


def _visit(element: Any, row: Row, shape: Shape, chain: tuple[str, ...], found: dict[int, Any]) -> None:
    if shape.text:
        found[row.index["text", chain]] = element.text or ""
    if shape.present:
        found[row.index["present", chain]] = ""
    for name, value in element.attrib.items():
        if ("text", (*chain, "@" + name)) in row.index:
            found[row.index["text", (*chain, "@" + name)]] = value
    for child in element:
        inside, below = shape.children.get(child.tag), (*chain, child.tag)
        if inside is None:
            continue
        if inside.repeats:
            found[row.index["list", below]].append(row_of(child, row.rows[below]))
        else:
            _visit(child, row, inside, below, found)


USUAL = (
    '<i k="1"><a>x</a><b><c>y</c></b><ls><l n="1"><q>2</q><s>t</s></l><l n="2"><q>3</q><s/></l></ls><v>p</v><v>q</v></i>',
    '<i k="&lt;2&gt;"><a>&amp;amp; &quot;&apos;</a><b><c>y</c></b><ls><l n="&#38;"><q>&#x41;</q><s>]]</s></l></ls></i>',
    '<i k=""><a></a><b></b><ls></ls></i>',
    '<i k="é"><a>  </a><ls><l n="1"><q>2</q></l></ls><v></v></i>',
    "<i><a>\u00a0 \u2028</a><b><c/></b><ls/></i>",
    '<i k="1">\n  <a>x</a>\n  <b>\n    <c>y</c>\n  </b>\n  <ls>\n    <l n="1">\n      <q>2</q>\n    </l>\n  </ls>\n</i>',
)
ODD = (
    "<i k='1'><a>x</a></i>",
    '<i k="1"><b><c>y</c></b><a>x</a></i>',
    '<i k="1" other="2"><a>x</a><more><i><a>in</a></i></more></i>',
    '<i k="a&#10;b\tc"><a>x&#13;y</a></i>',
    '<i k="1"><a><![CDATA[<b>]]></a></i>',
    '<i k="1"><!-- </i> --><a>x<?p </i>?>y</a></i>',
    '<i k="1" ><a >x</a ></i >',
    '<i k="1"><ls><l n="1">text<q>2</q></l></ls></i>',
    '<i k="1"><ls><l><q>2<u>3</u></q></l></ls></i>',
    '<i xmlns:z="urn:z" z:k="1"><a>x</a></i>',
    '<i xmlns="urn:other"><a>x</a></i>',
    '<i k="1">\n\t<a>x</a>\u00a0</i>',
    '<i k="1">\r\n  <a>x\r\ny</a>\r</i>',
    "<i/>",
    "<j><a>x</a></j>",
    "<ii><a>x</a></ii>",
    "<p:i><a>x</a></p:i>",
    " text ",
    "<!-- <i></i> -->",
)
BROKEN = (
    '<i k="1"><a>x</a>',
    '<i k="1"><a>x</b></i>',
    '<i k="1" k="2"><a>x</a></i>',
    '<i k="<"><a>x</a></i>',
    '<i k="1"><a>x & y</a></i>',
    '<i k="1"><a>&none;</a></i>',
    '<i k="1"><a>&#0;</a></i>',
    '<i k="1"><a>\x01</a></i>',
    '<i k="1"><a>\ufffe</a></i>',
    '<i k="1"><a>x]]>y</a></i>',
    '<i k="1"><a>x<</a></i>',
    '<i k="1"><z:a>x</z:a></i>',
    '<i k="1"><a>x</a></i></r>',
    '<i k="1"><a>x/></i>',
    '<i k="1"k2="2"><a>x</a></i>',
)


def _small(draw: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stretches, "_STRETCH", draw.choice((90, 300, 2000)))
    monkeypatch.setattr(xml_stretches, "_HEAD", draw.choice((60, 400)))
    monkeypatch.setattr(xml_scanning, "_LEARNED", draw.choice((1, 3, 50)))


def _document(draw: random.Random, odd: float, broken: bool) -> bytes:
    names = draw.sample(USUAL, draw.randint(1, len(USUAL)))
    pieces = [
        draw.choice(ODD if draw.random() < odd else names) + draw.choice(("", "", "\n", "\n  ", " \t"))
        for _record in range(draw.randint(5, 60))
    ]
    if broken:
        pieces.insert(draw.randrange(len(pieces) + 1), draw.choice(BROKEN))
    return f"<r xmlns:p='urn:p'>{''.join(pieces)}</r>\n".encode()


def test_scanned_rows_are_those_of_the_parser(
    share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()
    for seed in range(share(6_000)):
        draw = random.Random(seed)
        _small(draw, monkeypatch)
        data = _document(draw, draw.choice((0, 0.02, 0.2)), broken=False)
        assert rows_of(data, counted) == parsed_rows(data), seed
    assert counted["scanned"] > counted["parsed"] / 2


def test_what_is_broken_is_broken_at_the_same_line(
    share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(share(6_000)):
        draw = random.Random(seed)
        _small(draw, monkeypatch)
        data = _document(draw, draw.choice((0, 0.05)), broken=True)
        with pytest.raises(BadInput) as expected:
            parsed_rows(data)
        with pytest.raises(BadInput) as caught:
            rows_of(data)
        told = (caught.value.message, caught.value.line, caught.value.column)
        assert told == (expected.value.message, expected.value.line, expected.value.column), seed


def test_runs_over_scanned_records_are_those_of_the_judge(
    share: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S43 and all rules of reading, on random maps over many records of one kind."""
    compared = 0
    scanned: Counter[str] = Counter()
    plain = xml_scanning.Scanning._build

    def noted(self: xml_scanning.Scanning) -> None:
        plain(self)
        scanned["forms"] += self._scan is not None

    monkeypatch.setattr(xml_scanning.Scanning, "_build", noted)
    for seed in range(100_000, 100_000 + share(4_000)):
        maker = Maker(seed)
        if maker.source != "xml":
            continue
        draw = random.Random(seed)
        _small(draw, monkeypatch)
        made = maker.made()
        data = maker.document(40).replace("><", ">" + draw.choice(("", "\n", "\n  ")) + "<")
        judged, generated = outcome(made, data, "interpret"), outcome(made, data, "auto")
        assert generated == judged, seed
        compared += 1
    assert compared > 15
    assert scanned["forms"] > compared / 3


def test_most_records_of_a_usual_file_are_scanned() -> None:
    record = '  <i k="1">\n    <a>x &amp; y</a>\n    <b>\n      <c>é</c>\n    </b>\n    <ls>\n      <l n="1">\n        <q>1</q>\n      </l>\n    </ls>\n  </i>\n'
    for other in ("", '  <i k="2">\n    <a/>\n    <b/>\n    <v>1</v>\n  </i>\n'):
        counted: Counter[str] = Counter()
        rows = rows_of(f"<r>\n{(record + other) * 10_000}</r>\n".encode(), counted)
        assert len(rows) == 10_000 * (1 + bool(other))
        assert counted["scanned"] > len(rows) * 0.75


def test_a_file_whose_records_all_differ_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stretches, "_STRETCH", 1000)
    monkeypatch.setattr(xml_stretches, "_HEAD", 100)
    counted: Counter[str] = Counter()
    names = [f"n{number}" for number in range(3000)]
    data = "".join(f"<i><{name}/><a>x</a></i>" for name in names)
    assert len(rows_of(f"<r>{data}</r>".encode(), counted)) == 3000
    assert counted["scanned"] < 100
