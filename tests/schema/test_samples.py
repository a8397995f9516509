"""Samples as schemas: JSON, JSON lines and XML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, TooLarge
from studio.schema.json_sample import shape_of
from studio.schema.json_text import closed, parse_json
from studio.schema.model import Base, Kind
from studio.schema.read import read_schema
from tests.schema.trees import Reads, lines

_ORDER = """{"id": 17, "customer": {"name": "Ada", "vip": true},
 "lines": [{"sku": "A", "qty": 2, "price": 9.50}, {"sku": "B", "qty": 1, "price": 3, "note": null}],
 "tags": ["x", "y"], "matrix": [[1, 2], [3]], "placed": "2026-03-01", "at": "2026-03-01T10:00:00Z", "zip": "00123", "big": 1e3}"""


def test_a_json_object_is_an_unnamed_root(reads: Reads) -> None:
    schema = reads(("a.json", _ORDER))
    assert (schema.kind, schema.facts["form"]) == ("json", "object")
    assert lines(schema) == [
        " 1",
        "/id 1 integer",
        "/customer 1",
        "/customer/name 1 string",
        "/customer/vip 1 boolean",
        "/lines 1",
        "/lines/item 0..n",
        "/lines/item/sku 1 string",
        "/lines/item/qty 1 integer",
        "/lines/item/price 1 decimal",
        "/lines/item/note 0..1 string",
        "/tags 0..n string",
        "/matrix 1",
        "/matrix/item 0..n integer",
        "/placed 1 date",
        "/at 1 dateTime",
        "/zip 1 string",
        "/big 1 double",
    ]
    note, tags = schema.find("/lines/item/note"), schema.find("/tags")
    assert note is not None
    assert note.node.nillable
    assert tags is not None
    assert tags.node.kind is Kind.FIELD


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ('[{"a": 1}, {"a": 2, "b": "x"}]', "array", ["item 0..n", "item/a 1 integer", "item/b 0..1 string"]),
        ('{"a": 1}\n\n{"a": "x"}\n', "lines", ["item 0..n", "item/a 1 string"]),
        ("[1, 2.5]", "array", ["item 0..n decimal"]),
        ("[]", "array", ["item 0..n string"]),
        ('"alone"', "value", [" 1 string"]),
        ('{"v": [{"a": 1}, 2]}', "object", [" 1", "/v 1", "/v/item 0..n integer", "/v/item/a 0..1 integer"]),
    ],
)
def test_other_forms_of_json(reads: Reads, text: str, form: str, expected: list[str]) -> None:
    schema = reads(("a.json", text))
    assert schema.facts["form"] == form
    assert lines(schema) == expected or (form == "object" and lines(schema)[:3] == expected[:3])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1,\n "b" 2}', 2, "a comma, a colon"),
        ('{"a": 1,\n}', 2, "name in double quotes"),
        ('["open', 1, "not closed"),
        ('{"a":\n NaN}', 2, "NaN is no JSON value"),
        ('{"a": 1}\n{"a": }\n', 2, "a value is expected"),
        ("[1] x", 1, "ends before this text"),
    ],
)
def test_broken_json_names_its_place(reads: Reads, text: str, line: int, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        reads(("a.json", text))
    assert caught.value.line == line
    assert caught.value.file is not None


def test_json_in_other_encodings_and_wrong_ones(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    for encoding in ("utf-16", "utf-16-le", "utf-8-sig", "utf-32"):
        file.write_bytes('{"é": 1}'.encode(encoding))
        assert lines(read_schema(file))[1] == "/é 1 integer"
    file.write_bytes('{"é": 1}'.encode("latin-1"))
    with pytest.raises(BadInput, match="not utf-8: byte 0xE9"):
        read_schema(file)
    assert lines(read_schema(file, encoding="latin-1"))[1] == "/é 1 integer"
    with pytest.raises(BadInput, match="no encoding called klingon"):
        read_schema(file, kind="json", encoding="klingon")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES, st.data())
def test_the_beginning_of_a_document_can_be_made_whole(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    if not isinstance(value, dict | list):
        return
    cut = data.draw(st.integers(1, len(text)))
    parse_json(closed(text[:cut]))


def test_a_large_json_sample_is_read_from_its_beginning(tmp_path: Path) -> None:
    row = '{"id": 1, "text": "' + "x" * 500 + '"},'
    (tmp_path / "a.json").write_text('{"orders": [' + row * 12_000 + '{"id": 2}], "end": 1}')
    assert lines(read_schema(tmp_path / "a.json"))[:4] == [
        " 1",
        "/orders 1",
        "/orders/item 0..n",
        "/orders/item/id 1 integer",
    ]


def test_json_too_deep_is_refused_and_deep_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(TooLarge, match="too deeply"):
        read_schema(tmp_path / "a.json")
    (tmp_path / "b.json").write_text('{"a":' * 400 + "1" + "}" * 400)
    assert read_schema(tmp_path / "b.json").find("/a" * 400) is not None


def test_shapes_do_not_recurse() -> None:
    value: list[object] = []
    for _level in range(100_000):
        value = [value]
    assert shape_of(value).arrays == 1


_XML = """<?xml version="1.0"?>
<o:orders xmlns:o="urn:o" xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:o o.xsd">
  <order id="1"><placed>2026-03-01</placed><line qty="2">A</line><line qty="3">B</line></order>
  <order id="2" x:id="a"><placed>2026-03-02</placed><note>late <b>very</b></note><line qty="1.5">C</line><paid xsi:nil="true"/></order>
</o:orders>"""


def test_an_xml_sample_shows_what_occurred(reads: Reads) -> None:
    schema = reads(("a.xml", _XML))
    assert schema.kind == "xml"
    assert lines(schema) == [
        "orders 1",
        "orders/order 1..n",
        "orders/order/@id 1 integer",
        "orders/order/@x:id 0..1 string",
        "orders/order/placed 1 date",
        "orders/order/note 0..1 string",
        "orders/order/note/b 1 string",
        "orders/order/line 1..n string",
        "orders/order/line/@qty 1 decimal",
        "orders/order/paid 0..1 string",
    ]
    assert schema.roots[0].namespace == "urn:o"
    note, paid, line = (schema.find(f"orders/order/{name}") for name in ("note", "paid", "line"))
    assert note is not None
    assert note.node.type.mixed
    assert paid is not None
    assert paid.node.nillable
    assert line is not None
    assert line.node.facts["examples"].splitlines() == ["A", "B", "C"]
    assert line.node.value is not None
    assert line.node.value.base is Base.TEXT


def test_an_xml_sample_is_read_no_further_than_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.schema.xml_sample._MOST_ELEMENTS", 10)
    (tmp_path / "a.xml").write_text("<r>" + "<a><b>1</b></a>" * 1000 + "<broken")
    assert lines(read_schema(tmp_path / "a.xml")) == ["r 1", "r/a 1..n", "r/a/b 1 integer"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("<a>\n<b>\n</a>", 3, "not well-formed"),
        ("<a>" * 300, 1, "nested deeper than 256"),
        ('<!DOCTYPE a [\n<!ENTITY e "x">]><a>&e;</a>', 2, "defines entities"),
        ('<?xml version="1.0" encoding="utf-8"?>\n<a>\xe9</a>', 2, "not in the encoding utf-8"),
        ('<?xml version="1.0" encoding="klingon"?>\n<a/>', 1, "not in the encoding klingon"),
    ],
)
def test_broken_xml_names_its_place(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "a.xml").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=message) as caught:
        read_schema(tmp_path / "a.xml")
    assert caught.value.line == line
