"""Records parsed many at once are those that the parser tells of one by one, wherever the stretches end."""

from __future__ import annotations

import random
from io import BytesIO
from typing import BinaryIO

import pytest
from lxml import etree

from studio.base.errors import BadInput
from studio.engine.formats import xml_stretches
from studio.engine.formats.xml_read import XmlUnits
from studio.engine.formats.xml_safe import read_prolog

RECORDS = [
    "<i k='1'><v>a</v></i>",
    "<i><i><v>inner</v></i></i>",
    "<i/>",
    "<i><v>  </v><v><![CDATA[</i>]]></v></i>",
    "<i><!-- </i> --><v>x&amp;y<?p </i>?></v></i >",
    "<j><i>not in place</i></j>",
    "<xi>no</xi>",
    " text ",
    "<!-- <i></i> -->",
    "<i a='1' b=\"</i>'\">é</i>".replace("</i>'", "'"),
    "<p:i>other</p:i>",
]


def found(data: bytes, chain: tuple[str, ...] = ("r", "i")) -> list[bytes]:
    """The records of a document, as text."""
    stream: BinaryIO = BytesIO(data)
    units = XmlUnits(stream, "x", chain, read_prolog(stream, "x"))
    got = [etree.tostring(unit, with_tail=False, encoding="utf-8") for unit in units]
    assert units.taken == len(data)
    return got


def expected(data: bytes) -> list[bytes]:
    """The same by a plain parse of the whole."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, remove_pis=True)
    return [
        etree.tostring(unit, with_tail=False, encoding="utf-8")
        for unit in etree.fromstring(data, parser).findall("i")
    ]


@pytest.mark.parametrize("seed", range(40))
def test_stretches_end_anywhere(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(xml_stretches, "_STRETCH", draw.choice((1, 7, 40, 200)))
    monkeypatch.setattr(xml_stretches, "_HEAD", draw.choice((60, 100, 1000)))
    body = "".join(draw.choice(RECORDS) + draw.choice(("", "\n")) for _record in range(draw.randrange(60)))
    lead = draw.choice(("", "\ufeff", '<?xml version="1.0"?>\n', "<!-- <r> --><?p i?>\n"))
    data = f"{lead}<r xmlns:p='urn:p' >{body}</r>\n<!-- end -->".encode()
    assert found(data) == expected(data)


def test_most_stretches_are_parsed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    plain = xml_stretches._parsed

    def noted(data: bytes, parser: etree.XMLParser) -> etree._Element | None:
        parsed.append(len(data))
        return plain(data, parser)

    monkeypatch.setattr(xml_stretches, "_parsed", noted)
    monkeypatch.setattr(XmlUnits, "_one_by_one", lambda self: pytest.fail("read one by one"))
    data = b"<r>" + b"<i><v>x</v></i>\n" * 60_000 + b"</r>"
    assert len(found(data)) == 60_000
    assert len(parsed) > 2
    assert max(parsed) < 600_000


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?><r><i>\u00e9</i></r>'.encode("latin-1"),
        "<r><i>\u00e9</i></r>".encode("utf-16"),
        b"<!DOCTYPE r [<!ELEMENT r ANY>]><r><i>x</i></r>",
        b"<r/>",
    ],
)
def test_documents_of_another_kind_are_read_too(data: bytes) -> None:
    assert found(data) == expected(data)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<r>\n" + b"<i>x</i>\n" * 60_000 + b"<i></r>", 60_002),
        (b"<r>\n" + b"<i>x</i>\n" * 60_000 + b"</r>\n<r>" + b"<i>x</i>\n" * 60_000 + b"</r>", 60_003),
        (b"<r>\n" + b"<i>x</i>\n" * 60_000 + b"<i>\xff</i>" + b"<i>x</i>\n" * 60_000 + b"</r>", 60_002),
        (b"<r>\n" + b"<i>x</i>\n" * 60_000, 60_002),
    ],
)
def test_mistakes_keep_their_line(data: bytes, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        found(data)
    assert caught.value.line == line


def test_records_that_hold_records_of_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stretches, "_STRETCH", 100)
    monkeypatch.setattr(xml_stretches, "_HEAD", 100)
    data = b"<r>" + (b"<i>" + b"<i>x</i>" * 200 + b"</i>") * 5 + b"</r>"
    assert found(data) == expected(data)
