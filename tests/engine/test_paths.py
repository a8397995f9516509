"""Rules S1 to S16 of docs/semantics.md: paths and their context."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.build import body, both, json_items, plan, rows, run, xml

ORDERS = xml(
    {
        "orders": {
            "@day?": "date",
            "note?": "text",
            "order*": {
                "@id": "text",
                "customer": {"name": "text", "@vip?": "boolean"},
                "lines?": {
                    "line*": {"@no?": "integer", "qty?": "integer", "price?": "decimal", "tag*": "text"}
                },
            },
        }
    }
)
OUT = xml({"out": {"v*": "text", "row*": {"v*": "text", "a?": "text", "b?": "text", "sub*": {"c?": "text"}}}})
DATA = """<orders day="2026-03-01"><note>n</note>
<order id="1"><customer vip="true"><name>Ann</name></customer><lines>
  <line no="1"><qty>2</qty><price>1.50</price><tag>x</tag><tag>y</tag></line>
  <line no="2"><price>4</price></line></lines></order>
<order id="2"><customer><name>Bob</name></customer></order>
<order id="3"><customer><name>Cid</name></customer><lines><line no="1"><qty>5</qty><price>2</price><tag>z</tag>
</line></lines></order></orders>"""


def values(script: str, *, loop: str | None = None, fast: bool | None = None) -> list[str]:
    """What a script gives: once for the document, or for each turn of a loop."""
    rules: dict[str, Any] = {"out/v": f"String({script})"}
    if loop is not None:
        rules = {"out/row": {"loop": loop}, "out/row/a": f"String({script})"}
    made = plan(rules, ORDERS, OUT)
    text = both(made, DATA, fast=fast if fast is not None else loop is not None)[0]
    return [line.strip()[3:-4] for line in text.splitlines() if line.strip()[1:3] in ("v>", "a>")]


def test_a_wrong_step_is_found_before_the_run() -> None:
    """S1"""
    made = plan({"out/row": {"loop": "orders/order"}, "out/row/a": "[custumer/name]"}, ORDERS, OUT)
    (problem,) = made.errors
    assert problem.path == "out/row/a"
    assert (problem.line, problem.column) == (1, 2)
    assert "custumer" in problem.message
    assert "customer" in problem.mend


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("[customer/name]", ["Ann", "Bob", "Cid"]),
        ("[@id]", ["1", "2", "3"]),
        ("[customer/@vip]", ["1", "null", "null"]),
        ("[customer/name/text()]", ["Ann", "Bob", "Cid"]),
    ],
)
def test_names_attributes_and_text(script: str, expected: list[str]) -> None:
    """S1 S3"""
    assert values(script, loop="orders/order") == expected


def test_prefixes_tell_names_apart() -> None:
    """S2"""
    from dataclasses import replace

    source = xml({"r{urn:a}": {"x{urn:a}": "text", "x{urn:b}": "text"}})
    one, two = source.roots[0].type.children
    children = (replace(one, prefix="a"), replace(two, prefix="b"))
    root = source.roots[0]
    root = replace(root, type=type(root.type)(children=lambda: children))
    source = replace(source, roots=(root,), namespaces={"a": "urn:a", "b": "urn:b"})
    made = plan({"out/v": "[r/a:x] + [r/b:x]"}, source, OUT)
    data = '<r xmlns="urn:a" xmlns:q="urn:b"><x>1</x><q:x>2</q:x></r>'
    assert body(both(made, data, fast=False)[0]) == "<out>\n  <v>12</v>\n</out>\n"


def test_own_text() -> None:
    """S4"""
    source = xml({"r": {"p*": {"plain": "text", "mixed~": {"#": "text", "b?": "text"}}}})
    data = """<r><p><plain>a<!-- no -->b<?no?>c<![CDATA[<&]]></plain><mixed>one <b>two</b> three</mixed></p></r>"""
    made = plan({"out/row": {"loop": "r/p"}, "out/row/a": "[plain]", "out/row/b": "[mixed]"}, source, OUT)
    assert body(both(made, data)[0]) == (
        "<out>\n  <row>\n    <a>abc&lt;&amp;</a>\n    <b>one  three</b>\n  </row>\n</out>\n"
    )


def test_the_first_of_what_should_be_single() -> None:
    """S5"""
    data = "<orders><order id='1'><customer><name>A</name><name>B</name></customer></order></orders>"
    made = plan({"out/row": {"loop": "orders/order"}, "out/row/a": "[customer/name]"}, ORDERS, OUT)
    assert "<a>A</a>" in both(made, data)[0]


def test_arrays_line_up() -> None:
    """S6"""
    assert values("[lines/line/qty]", loop="orders/order") == ["{2,null}", "{}", "{5}"]
    assert values("[lines/line/qty] * [lines/line/price]", loop="orders/order") == ["{3,0}", "{}", "{10}"]
    assert values("[lines/line/tag]", loop="orders/order") == ["{x,y}", "{}", "{z}"]
    assert values("[orders/order/lines/line/qty]") == ["{2,null,5}"]


def test_one_by_number() -> None:
    """S7"""
    assert values("[lines/line[2]/@no]", loop="orders/order") == ["2", "null", "null"]
    assert values("[orders/order/lines/line[1]/qty]") == ["{2,null,5}"]
    assert values("[orders/order[3]/lines/line/tag[1]]") == ["{z}"]


def test_filters() -> None:
    """S8"""
    assert values("[lines/line[[qty] > 1]/@no]", loop="orders/order") == ["{1}", "{}", "{1}"]
    assert values("[lines/line[[price] > 1][2]/@no]", loop="orders/order") == ["2", "null", "null"]
    assert values("[customer[[name] == 'Bob']/name]", loop="orders/order") == ["null", "Bob", "null"]
    assert values("[orders/order[[customer/name] == 'Cid'][1]/@id]") == ["3"]
    assert values("[lines/line[Count([tag]) > 1]/@no]", loop="orders/order") == ["{1}", "{}", "{}"]


def test_all_instances() -> None:
    """S9 S38"""
    assert values("[/orders/order[*]/@id]", loop="orders/order") == ["{1,2,3}"] * 3
    assert values("Count([/orders/order[*]/lines/line])", loop="orders/order") == ["3"] * 3


def test_document_parents_and_self() -> None:
    """S10"""
    assert values("[/orders/note]", loop="orders/order") == ["n"] * 3
    assert values("[../../customer/name]", loop="orders/order/lines/line") == ["Ann", "Ann", "Cid"]
    assert values("[../@day]", loop="orders/order") == ["2026-03-01"] * 3
    assert values("[.]", loop="orders/order/lines/line/tag") == ["x", "y", "z"]


def test_going_up_too_far_is_an_error() -> None:
    """S10"""
    made = plan({"out/row": {"loop": "orders/order"}, "out/row/a": "[../../../x]"}, ORDERS, OUT)
    assert "further than the document" in made.errors[0].message


def test_presence() -> None:
    """S11"""
    assert values("IsNull([lines])", loop="orders/order") == ["0", "1", "0"]
    assert values("Count([lines/line])", loop="orders/order") == ["2", "0", "1"]


def test_types_in_the_source() -> None:
    """S12"""
    from studio.schema.model import Kind, Node, Occurs, Schema, Type, ValueType

    special = Type("Special", children=lambda: (Node("extra", Kind.ELEMENT, Type(value=ValueType())),))
    basic = Type("Basic", children=tuple, derived=lambda: (special,))
    item = Node("item", Kind.ELEMENT, basic, Occurs(0, None))
    source = Schema("xsd", (Node("r", Kind.ELEMENT, Type(children=lambda: (item,))),))
    made = plan({"out/v": "Sum([r/item~Special/extra])"}, source, OUT)
    data = """<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><item><extra>1</extra></item>
    <item xsi:type="Special"><extra>5</extra></item></r>"""
    assert "<v>5</v>" in both(made, data, fast=False)[0]


def test_context_and_nested_loops() -> None:
    """S13 S14"""
    rules = {
        "out/row": {"loop": "orders/order"},
        "out/row/a": "[@id]",
        "out/row/sub": {"loop": "lines/line"},
        "out/row/sub/c": "[@no] + ':' + [../../@id]",
    }
    text, failures, counts = both(plan(rules, ORDERS, OUT), DATA)
    assert [part.partition("</c>")[0] for part in text.split("<c>")[1:]] == ["1:1", "2:1", "1:3"]
    assert (failures, counts) == ([], (3, 3, 0, 0))


def test_a_loop_through_several_repeating_nodes() -> None:
    """S14"""
    assert values("[@no]", loop="orders/order/lines/line") == ["1", "2", "1"]
    assert values("[.]", loop="orders/order/lines/line/tag") == ["x", "y", "z"]


def test_the_current_instance() -> None:
    """S15"""
    rules = {
        "out/row": {"loop": "orders/order"},
        "out/row/sub": {"loop": "/orders/order/lines/line"},
        "out/row/sub/c": "[/orders/order/@id] + '-' + [/orders/order/lines/line/@no] + '-' + [../line/price]",
    }
    text = both(plan(rules, ORDERS, OUT), DATA)[0]
    assert [part.partition("</c>")[0] for part in text.split("<c>")[1:]] == ["1-1-1.50", "1-2-4", "3-1-2"]


def test_a_filter_or_number_is_not_the_current_instance() -> None:
    """S15"""
    assert values("[/orders/order[2]/@id]", loop="orders/order") == ["2"] * 3
    assert values("[/orders/order[[@id] == '3'][1]/customer/name]", loop="orders/order") == ["Cid"] * 3


def test_conditions_have_the_candidate() -> None:
    """S16"""
    rules = {"out/row": {"loop": "orders/order", "when": "[customer/name] > 'B'"}, "out/row/a": "[@id]"}
    text, _failures, counts = both(plan(rules, ORDERS, OUT), DATA)
    assert ("<a>2</a>" in text, "<a>1</a>" in text, counts) == (True, False, (3, 2, 0, 1))


def test_delimited_and_json_paths() -> None:
    """S1 S13"""
    made = plan(
        {"out/row": {"loop": "row"}, "out/row/a": "[name] + [/row/n]"},
        rows({"name": "text", "n": "integer"}),
        OUT,
    )
    assert "<a>x1</a>" in both(made, "name,n\nx,1\n")[0]
    source = json_items({"who": {"name": "text"}, "tags*": "text"})
    made = plan({"out/row": {"loop": "item"}, "out/row/v": "[tags]", "out/row/a": "[who/name]"}, source, OUT)
    assert both(made, '[{"who":{"name":"q"},"tags":["s","t"]}]')[0].count("<v>") == 2


def test_several_sources_are_declined_with_their_place() -> None:
    made = plan({"out/v": "'a' + [prices::row/price]"}, ORDERS, OUT)
    (problem,) = made.errors
    assert (problem.path, problem.column) == ("out/v", 7)
    assert "prices" in problem.message


def test_errors_stop_a_run() -> None:
    from studio.base.errors import BadInput

    made = plan({"out/v": "[orders/nothing]"}, ORDERS, OUT)
    with pytest.raises(BadInput, match="There is no nothing in orders") as caught:
        run(made, DATA)
    assert caught.value.path == "out/v"


TEXTS = xml(
    {
        "out": {
            "p*": {"#": "decimal", "@cur": "text"},
            "m?": "text",
            "mix~?": {"@k?": "text"},
            "box?": {"v?": "text"},
        }
    }
)
PRICES = xml({"r": {"i*": {"@c": "text", "n?": "text"}}})


def test_own_text_on_the_target() -> None:
    """S3"""
    rules = {
        "out/p": {"loop": "r/i"},
        "out/p/@cur": "[@c]",
        "out/p/text()": "[n]",
        "out/m/text()": "'t'",
        "out/mix/text()": "'mixed'",
    }
    data = '<r><i c="EUR"><n>1.5</n></i><i c="USD"><n>x</n></i><i c="Z"/></r>'
    text, failures, counts = both(plan(rules, PRICES, TEXTS), data)
    assert [line.strip() for line in body(text).splitlines()] == [
        "<out>", '<p cur="EUR">1.5</p>', '<p cur="Z"/>', "<m>t</m>", "<mix>mixed</mix>", "</out>"
    ]  # fmt: skip
    assert failures == [(2, "out/p", "'x' (string) is not a decimal number.")]
    assert counts == (3, 2, 1, 0)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"out/p/text()": "1", "out/p": {"script": "2", "loop": "r/i"}}, "two rules"),
        ({"out/p": "2", "out/p/text()": "1"}, "two rules"),
        ({"out/m/text()": {"script": "1", "when": "true"}}, "no loop and no condition"),
        ({"out/p/text()": {"script": "1", "loop": "r/i"}}, "no loop and no condition"),
        ({"out/box/text()": "1"}, "no node out/box/text()"),
        ({"out/p/@cur/text()": "1"}, "no node out/p/@cur/text()"),
        ({"out/m/text()/x": "1"}, "no node out/m/text()/x"),
    ],
)  # fmt: skip
def test_own_text_where_it_may_not_be(rules: dict[str, Any], message: str) -> None:
    """S3"""
    (problem,) = plan(rules, PRICES, TEXTS).errors
    assert message in problem.message
    assert problem.path in rules
