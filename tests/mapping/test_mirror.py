"""A target made like its source carries every field over, and keeps rules that still fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.compile import compile_plan
from studio.engine.run import transform
from studio.mapping.mirror import mirrored
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.schema.read import read_schema

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="orders"><xs:complexType><xs:sequence>
 <xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
  <xs:element name="placed" type="xs:date"/>
  <xs:element name="line" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
   <xs:attribute name="sku"/></xs:complexType></xs:element>
 </xs:sequence><xs:attribute name="id" use="required"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
SAMPLE = """<orders><order id="1"><placed>2026-03-01</placed><line sku="a"/><line sku="b"/></order>
<order id="2"><placed>2026-03-02</placed></order></orders>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.xsd").write_text(XSD)
    (tmp_path / "orders.xml").write_text(SAMPLE)
    return tmp_path


def start(*rules: Rule) -> Transformation:
    return Transformation("Orders", SchemaUse("orders.xsd", "orders"), SchemaUse("other.xsd"), Mapping(rules))


def test_a_document_comes_out_as_it_went_in(folder: Path) -> None:
    schema = read_schema(folder / "orders.xsd")
    made = mirrored(start(), schema)
    assert made.target == made.source
    plan = compile_plan(made, schema, schema)
    stats = transform(plan, folder / "orders.xml", folder / "out.xml")
    assert stats.failed == 0
    text = (folder / "out.xml").read_text()
    assert text.count("<order ") == 2
    assert text.count("<line ") == 2
    assert "2026-03-02" in text


def test_rules_stay_where_they_fit_and_are_parked_elsewhere(folder: Path) -> None:
    schema = read_schema(folder / "orders.xsd")
    kept, lost = Rule("orders/order/@id", script="'7'"), Rule("invoices/invoice", loop="orders/order")
    made = mirrored(start(kept, lost), schema)
    found = made.mapping.get("orders/order/@id")
    assert found is not None
    assert found.script == "'7'"
    assert [rule.path for rule in made.mapping.parked] == ["invoices/invoice"]
