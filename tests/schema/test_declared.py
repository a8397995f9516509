"""From a node to the lines that declare it, over several files, and from a line to the name declared there."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.schema.declared import Sources
from studio.schema.model import Schema
from studio.schema.read import read_schema

MAIN = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="parts.xsd"/>
<xs:element name="order" type="Order"/>
</xs:schema>
"""
PARTS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="Order"><xs:sequence>
  <xs:element
     name="placed"
     type="xs:date"/>
  <xs:element name="total" type="xs:decimal"/>
</xs:sequence></xs:complexType>
</xs:schema>
"""


@pytest.fixture
def order(tmp_path: Path) -> Schema:
    (tmp_path / "order.xsd").write_text(MAIN)
    (tmp_path / "parts.xsd").write_text(PARTS)
    return read_schema(tmp_path / "order.xsd")


def test_a_node_is_found_in_the_file_that_declares_it(order: Schema) -> None:
    sources = Sources(order.files)
    root = order.find("order")
    placed = order.find("order/placed")
    assert root is not None
    assert placed is not None
    spot = sources.spot(root.node)
    assert spot is not None
    assert (Path(spot.file).name, spot.first, spot.last) == ("order.xsd", 3, 3)
    spot = sources.spot(placed.node)
    assert spot is not None
    assert (Path(spot.file).name, spot.first, spot.last) == ("parts.xsd", 3, 5)


def test_a_line_tells_what_is_declared_there(order: Schema) -> None:
    sources = Sources(order.files)
    parts = next(file for file in order.files if file.endswith("parts.xsd"))
    for line, name in ((6, "total"), (4, "placed"), (2, "Order"), (7, "total")):
        assert next(iter(sources.declared_above(parts, line)))[0] == name
    assert list(sources.declared_above(parts, 1)) == []


def test_a_file_that_has_gone_has_no_lines(order: Schema) -> None:
    Path(order.files[1]).unlink()
    node = order.find("order/placed")
    assert node is not None
    assert Sources(order.files).spot(node.node) is None


@pytest.mark.parametrize(("text", "line", "name"), [
    ('{"type": "object",\n "properties": {\n  "city": {"type": "string"}}}', 3, "city"),
    ("weft: schema/1\nrecords:\n  row:\n    fields:\n      city: text\n", 5, "city"),
    ("<!ELEMENT order (line+)>\n<!ATTLIST order id CDATA #REQUIRED>\n", 2, "order"),
])  # fmt: skip
def test_other_notations_are_told_too(tmp_path: Path, text: str, line: int, name: str) -> None:
    file = tmp_path / "some.txt"
    file.write_text(text)
    assert next(iter(Sources([str(file)]).declared_above(str(file), line)))[0] == name


def test_nearly_every_node_of_a_real_set_is_found(shared: Path) -> None:
    """UBL: an invoice over fourteen files; the declarations found hold the nodes' names."""
    file = next((shared / "corpora" / "xsd" / "ubl-2.1").rglob("UBL-Invoice-2.1.xsd"))
    schema = read_schema(file)
    sources = Sources(schema.files)
    place = schema.root("Invoice")
    assert place is not None
    kids = list(place.flat_children())
    kids += [inner for kid in kids[:20] for inner in kid.flat_children()]
    spots = [(kid, sources.spot(kid.node)) for kid in kids if kid.node.line is not None]
    named = [
        kid for kid, spot in spots
        if spot is not None and kid.node.name in " ".join(sources.lines(spot.file)[spot.first - 1 : spot.last])
    ]  # fmt: skip
    assert len(kids) > 100
    assert len(named) == len(spots)
    assert len({spot.file for _kid, spot in spots if spot}) >= 3
