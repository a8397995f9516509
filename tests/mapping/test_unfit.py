"""A record held to what its schema says must be there: only what nobody can take for a way of writing is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.mapping.evidence import Seen
from studio.mapping.unfit import Unfit, unfit
from studio.schema.model import Place
from studio.schema.read import read_schema

XSD = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="Party"><xs:sequence><xs:element name="name"/></xs:sequence></xs:complexType>
  <xs:complexType name="Company"><xs:complexContent><xs:extension base="Party"><xs:sequence>
    <xs:element name="taxNumber"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:element name="note" type="xs:string"/>
  <xs:element name="memo" substitutionGroup="note" type="xs:string"/>
  <xs:element name="orders"><xs:complexType><xs:sequence>
    <xs:element name="order" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="placed" type="xs:date"/>
      <xs:choice><xs:element name="cash"/><xs:element name="card"/></xs:choice>
      <xs:element ref="note"/>
      <xs:element name="buyer" type="Party"/>
      <xs:element name="address" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="city"/></xs:sequence></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="id" use="required"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
FITS = ("orders", "orders/order", "orders/order/@id", "orders/order/placed", "orders/order/cash",
        "orders/order/memo", "orders/order/buyer", "orders/order/buyer/taxNumber")  # fmt: skip


def root(folder: Path, name: str, text: str) -> Place:
    file = folder / name
    file.write_text(text)
    found = read_schema(file).root("orders" if name.endswith("xsd") else None)
    assert found is not None
    return found


def against(place: Place, *paths: str) -> Unfit:
    return unfit(place, {path: Seen("") for path in paths})


@pytest.mark.parametrize(
    ("without", "beside", "missing", "unknown"),
    [
        ("", "", (), ()),
        ("", "orders/order/more", (), ()),
        ("orders/order/placed", "orders/order/placedOn", ("orders/order/placed",), ()),
        ("orders/order/buyer", "orders/buyer", ("orders/order/buyer",), ()),
        ("orders/order", "orders/orderLine", ("orders/order",), ("orders/orderLine",)),
        ("orders/order/@id", "", ("orders/order/@id",), ()),
        ("orders/order/cash", "", (), ()),
        ("orders/order/memo", "", (), ()),
        ("orders/order/buyer/taxNumber", "", (), ()),
        ("", "orders/order/address", ("orders/order/address/city",), ()),
    ],
    ids=["fits", "more", "renamed beside a substitute", "moved", "renamed", "attribute", "choice", "substitute", "derived", "inside"],
)  # fmt: skip
def test_what_must_be_there(
    tmp_path: Path, without: str, beside: str, missing: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    paths = [
        path for path in (*FITS, beside) if path and not (without and f"{path}/".startswith(f"{without}/"))
    ]
    assert against(root(tmp_path, "orders.xsd", XSD), *paths) == Unfit(missing, unknown)


def test_a_member_of_json_may_be_null_and_an_array_empty(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "required": ["id", "note", "lines"],
        "properties": {
            "id": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "lines": {
                "type": "array",
                "items": {"type": "object", "properties": {"qty": {"type": "integer"}}},
            },
        },
    }
    place = root(
        tmp_path,
        "order.schema.json",
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema),
    )
    assert against(place, "/id") == Unfit()
    assert against(place, "/ids") == Unfit(("/id",), ("/ids",))


def test_a_record_that_nothing_is_known_of_is_not_held_to_anything(tmp_path: Path) -> None:
    assert not against(root(tmp_path, "orders.xsd", XSD))
