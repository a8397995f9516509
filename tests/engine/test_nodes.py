"""Functions that look at whole source nodes, in every format and however the input is read (S47)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.plan import Shape
from studio.engine.preview import Previews
from tests.engine.build import both, json_items, plan, rows, xml

ORDERS = xml(
    {
        "orders": {
            "@shop": "text",
            "head": {"when": "text"},
            "order*": {
                "@id": "text",
                "@state?": "text",
                "customer": "text",
                "note?!": "text",
                "line*": {"@sku": "text", "qty": "integer"},
                "price": "decimal",
            },
        }
    }
)
TARGET = xml({"out": {"row*": {"a": "text", "b?": "text", "c?": "text"}}})
DOCUMENT = """<orders shop="S"><head><when>now</when></head>
  <order id="7" state="new">
    <line sku="A"><qty>2</qty></line>
    <customer>Ada &amp; Co</customer><!-- a comment -->
    <note xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>
    <line sku="B"><qty>5</qty></line>
    <price>9.50</price>
  </order>
  <order id="8"><customer>Bo</customer><price>1</price></order>
</orders>"""


def rules(a: str, **more: str) -> dict[str, object]:
    """A map of rows, one for each order."""
    made: dict[str, object] = {"out/row": {"loop": "orders/order"}, "out/row/a": a}
    made.update({f"out/row/{name}": text for name, text in more.items()})
    return made


def cells(text: str, name: str = "a") -> list[str]:
    """What the output holds in its elements called so."""
    return [html.unescape(each) for each in re.findall(f"<{name}>(.*?)</{name}>", text)]


def test_names_and_values_of_attributes_and_simple_children() -> None:
    """S47"""
    made = plan(
        rules(
            "String(GetSourceAttrNames([.])) + String(GetSourceElementNames([.]))",
            b="String(GetSourceInstanceArray([.])) + String(GetSourceInstanceElementArray([.]))",
            c="d = GetSourceInstanceElementMap([/orders/order]); d['price'] + GetSourceInstanceMap([line])['sku']",
        ),
        ORDERS,
        TARGET,
    )
    assert made.passes == "stream"
    text, failures, counts = both(made, DOCUMENT, fast=False)
    assert (failures, counts) == ([], (2, 2, 0, 0))
    assert cells(text) == ["{id,state}{customer,note,price}", "{id}{customer,price}"]
    assert cells(text, "b") == ["{7,new}{Ada & Co,null,9.50}", "{8}{Bo,1}"]
    assert cells(text, "c") == ["9.50A", "1"]


def test_a_node_as_xml_keeps_the_order_of_its_elements() -> None:
    """S47"""
    made = plan(
        rules("GetXMLString([.])", b="GetNodeName([@state]) + GetInputString([price])", c="IsNil([note])"),
        ORDERS,
        TARGET,
    )
    text = both(made, DOCUMENT, fast=False)[0]
    first, second = cells(text)
    assert second == '<order id="8"><customer>Bo</customer><price>1</price></order>'
    found = [first.index(piece) for piece in ('sku="A"', "Ada &amp; Co", "nil=", 'sku="B"', "9.50")]
    assert found == sorted(found)
    assert cells(text, "b") == ["state9.50", "1"]
    assert cells(text, "c") == ["1", "0"]


@pytest.mark.parametrize(
    ("script", "passes", "value"),
    [
        ("SelectSingleNode([/orders/head], 'when')", "head", "<when>now</when>"),
        ("String(GetSourceInstanceMap([..]))", "twice", '[shop=>"S"]'),
        ("String(Length(SelectNodes([/orders], 'order/line')))", "twice", "2"),
    ],
)
def test_nodes_outside_the_record(script: str, passes: str, value: str) -> None:
    """S47, S38"""
    made = plan(rules(script), ORDERS, TARGET)
    assert made.passes == passes
    assert cells(both(made, DOCUMENT, fast=False)[0]) == [value, value]


def test_nodes_in_filters_and_in_the_current_turn_of_an_inner_loop() -> None:
    """S47, S15"""
    inner = {"out/row": {"loop": "orders/order/line"}, "out/row/a": "GetNodeValue([qty]) + GetNodeName([..])"}
    made = plan(inner, ORDERS, TARGET)
    assert cells(both(made, DOCUMENT, fast=False)[0]) == ["2order", "5order"]
    filtered = plan(rules("[line[GetSourceInstanceMap([.])['sku'] == 'B'][1]/qty]"), ORDERS, TARGET)
    assert cells(both(filtered, DOCUMENT, fast=False)[0]) == ["5"]


def test_nodes_of_json_and_of_rows() -> None:
    """S47"""
    source = json_items({"id": "integer", "who": {"name": "text"}, "tags*": "text"})
    target = rows({"a": "text", "b": "text"})
    made = plan(
        {
            "row": {"loop": "item"},
            "row/a": "String(GetSourceInstanceElementMap([.]))",
            "row/b": "GetXMLString([who])",
        },
        source,
        target,
    )
    text, failures, _counts = both(made, '[{"id": 1.50, "who": {"name": "A<"}, "more": null}]', fast=False)
    assert failures == []
    assert text == 'a,b\n"[id=>""1.50"",more=>""null""]",<who><name>A&lt;</name></who>\n'
    cols = plan(
        {
            "row": {"loop": "row"},
            "row/a": "GetSourceElementNames([.])[1]",
            "row/b": "GetSourceInstanceElementArray([.])[1]",
        },
        rows({"x": "text", "y": "integer"}),
        target,
    )
    assert both(cols, "x,y\n1,007\n", fast=False)[0] == "a,b\ny,007\n"


def test_what_cannot_be_xml_fails_its_record() -> None:
    """S47"""
    source = json_items({"id": "integer"}, form="lines")
    made = plan({"row": {"loop": "item"}, "row/a": "GetXMLString([.])"}, source, rows({"a": "text"}))
    lines = '{"a b": 1}\n{"a": "\\u0001"}\n' + '{"a":' * 300 + "1" + "}" * 300 + "\n" + '{"a": 1}\n'
    text, failures, counts = both(made, lines, fast=False)
    assert text == "a\n<item><a>1</a></item>\n"
    assert counts == (4, 1, 3, 0)
    assert all("cannot be written as XML" in reason or "too deeply" in reason for _n, _p, reason in failures)


def test_a_place_where_nothing_is() -> None:
    """S47"""
    made = plan(rules("String(GetSourceAttrNames([line])) + GetInputString([note])"), ORDERS, TARGET)
    assert cells(both(made, DOCUMENT, fast=False)[0]) == ["{sku}", "{}"]


def test_other_maps_do_not_keep_nodes_whole() -> None:
    """S47"""
    made = plan(rules("[customer]"), ORDERS, TARGET)
    assert not any(shape.whole for shape in shapes(made.shape))
    both(made, DOCUMENT)
    whole = plan(rules("GetXMLString([line])"), ORDERS, TARGET)
    line = whole.shape.at(("orders", "order", "line"))
    assert line is not None
    assert line.whole
    assert [shape.key for shape in shapes(whole.shape) if shape.whole] == ["line"]


def shapes(shape: Shape) -> Iterator[Shape]:
    """It and all below."""
    yield shape
    for child in shape.children.values():
        yield from shapes(child)


def test_the_preview_shows_them(tmp_path: Path) -> None:
    """S47"""
    sample = tmp_path / "orders.xml"
    sample.write_text(DOCUMENT, "utf-8")
    made = plan(rules("GetXMLString([line])", b="GetSourceElementNames([.])[1]"), ORDERS, TARGET)
    evidence = Previews().evidence(made, sample, 1)
    assert evidence.problems == ()
    assert evidence.target["out/row/a"].text == '<line sku="A"><qty>2</qty></line>'
    assert evidence.target["out/row/b"].text == "note"
