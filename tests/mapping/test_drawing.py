"""Nodes of another schema, taken as drawn nodes: with all below, once where they hold themselves, in the namespaces they have."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from studio.mapping.drawing import of_place
from studio.schema.drawn import Drawn
from studio.schema.model import ANY_NAME, MANY, WILDCARD, Kind, Node, Place, Schema, Type
from studio.schema.read import read_schema
from tests.engine.build import both, rows
from tests.engine.open_maps import open_plan

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:tree" elementFormDefault="qualified"
  xmlns="urn:tree"><xs:element name="branch" type="Branch"/>
  <xs:complexType name="Branch"><xs:sequence><xs:element name="leaf" type="xs:decimal" maxOccurs="unbounded"/>
    <xs:choice><xs:element name="bird" type="xs:string"/><xs:element name="nest" type="xs:string" form="unqualified"/></xs:choice>
    <xs:element name="branch" type="Branch" minOccurs="0"/><xs:any namespace="##other" minOccurs="0"/></xs:sequence><xs:attribute name="id"/></xs:complexType>
</xs:schema>"""


def branch(folder: Path) -> Place:
    """The element of the schema."""
    file = folder / "tree.xsd"
    file.write_text(XSD)
    found = read_schema(file).root("branch")
    assert found is not None
    return found


def test_an_element_of_another_schema_is_drawn_with_all_below(tmp_path: Path) -> None:
    assert of_place(branch(tmp_path), "doc") == {
        "doc/branch": Drawn("", "urn:tree", "1"),
        "doc/branch/@id": Drawn("text"),
        "doc/branch/leaf": Drawn("decimal", None, "1..n"),
        "doc/branch/bird": Drawn("text", None, "1"),
        "doc/branch/nest": Drawn("text", "", "1"),
    }


def test_what_is_written_of_it_is_what_its_own_schema_wants(tmp_path: Path) -> None:
    drawn = of_place(branch(tmp_path), "doc")
    inside = Type("doc", children=lambda: (Node(ANY_NAME, Kind.ANY, WILDCARD, MANY),))
    target = Schema("xsd", (Node("doc", Kind.ELEMENT, inside),), files=("open.xsd",))
    rules = {"doc/branch/@id": "'x'", "doc/branch/leaf": "[row[1]/amount]", "doc/branch/nest": "'two eggs'"}
    made = open_plan(rows({"amount": "decimal"}), target, rules, write=drawn)
    text, failures, _counts = both(made, "amount\n12.50\n")
    assert failures == []
    (found,) = etree.fromstring(text.encode())
    etree.XMLSchema(etree.fromstring(XSD)).assertValid(found)
