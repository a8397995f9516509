"""Loops that scripts steer: SetInstances, SortInstances and CountSourceRecords (S48)."""

from __future__ import annotations

import html
import re

import pytest

from studio.base.errors import Severity
from studio.engine.explain import explain
from tests.engine.build import both, json_items, plan, run, xml

SOURCE = xml(
    {
        "orders": {
            "title": "text",
            "order*": {"@id": "text", "skus": "text", "line*": {"@sku": "text", "qty": "integer"}},
        }
    }
)
TARGET = xml(
    {
        "out": {
            "name?": "text",
            "order*": {
                "id": "text",
                "n?": "text",
                "line*": {"sku": "text", "qty?": "text", "part*": {"p": "text"}},
            },
        }
    }
)
DOCUMENT = """<orders><title>x,y</title>
<order id="1"><skus>A,B</skus><line sku="c"><qty>2</qty></line><line sku="a"><qty>9</qty></line></order>
<order id="2"><skus></skus></order>
<order id="3"><skus>C</skus><line sku="b"><qty>5</qty></line><line sku="b"><qty>10</qty></line></order>
</orders>"""
ORDERS = {"out/order": {"loop": "orders/order"}, "out/order/id": "[@id]"}


def shown(text: str) -> str:
    """The output without layout: `1(A B)` is an order with two lines."""
    orders = re.findall(r"<order>(.*?)</order>", text, re.DOTALL)
    return " ".join(
        f"{''.join(re.findall('<id>(.*?)<', each))}({' '.join(re.findall('<sku>(.*?)<', each))})"
        for each in orders
    )


def test_entries_given_by_the_condition_of_the_looping_parent() -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {
            "loop": "orders/order",
            "when": "SetInstances('line', Split([skus], ',')); [@id] != '3'",
        },
        "out/order/line/sku": "GetInstance() + TargetInstanceCount() + CountSourceRecords()",
    }
    made = plan(rules, SOURCE, TARGET)
    assert [problem for problem in made.problems if problem.severity is Severity.ERROR] == []
    text, failures, counts = both(made, DOCUMENT, fast=False)
    assert (failures, counts) == ([], (3, 2, 0, 1))
    assert shown(text) == "1(A12 B22) 2()"
    assert "SetInstances('line', …)" in explain(made)


@pytest.mark.parametrize("name", ["line", "out/order/line", "Out$Order.line.", "order/line[1]"])
def test_names_of_nodes_in_every_notation(name: str) -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {"loop": "orders/order", "when": f"SetInstances('{name}', [line/@sku]); true"},
        "out/order/line/sku": "GetInstance()",
    }
    assert shown(both(plan(rules, SOURCE, TARGET), DOCUMENT, fast=False)[0]) == "1(c a) 2() 3(b b)"


def test_what_one_instance_was_given_is_not_that_of_the_next() -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {
            "loop": "orders/order",
            "when": "If([@id] == '1', SetInstances('line', {'only'})); true",
        },
        "out/order/line/sku": "IfNull(GetInstance(), 'none')",
    }
    assert shown(both(plan(rules, SOURCE, TARGET), DOCUMENT, fast=False)[0]) == "1(only) 2(none) 3(none)"


def test_entries_of_entries() -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {
            "loop": "orders/order",
            "when": "SetInstances('line', {{'a', 'b'}, {'c'}}); [@id] == '1'",
        },
        "out/order/line": {"when": "SetInstances('part', GetInstance()); true"},
        "out/order/line/sku": "Length(GetInstance())",
        "out/order/line/part/p": "GetInstance()",
    }
    text = both(plan(rules, SOURCE, TARGET), DOCUMENT, fast=False)[0]
    assert shown(text) == "1(2 1)"
    assert re.findall("<p>(.*?)<", text) == ["a", "b", "c"]


def test_records_made_from_an_array_that_the_root_gives() -> None:
    """S48"""
    rules = {
        "out": {"when": "SetInstances('order', Split([orders/title], ',')); true"},
        "out/order/id": "GetInstance()",
    }
    made = plan(rules, SOURCE, TARGET)
    text, failures, counts = both(made, DOCUMENT, fast=False)
    assert (failures, counts) == ([], (2, 2, 0, 0))
    assert shown(text) == "x() y()"


def test_the_order_of_an_inner_loop() -> None:
    """S48"""
    lines = ORDERS | {
        "out/order/line": {"loop": "line"},
        "out/order/line/sku": "[@sku] + [qty]",
    }
    for keys, wanted in (
        ("[line/@sku]", "1(a9 c2) 2() 3(b5 b10)"),
        ("[line/@sku], true, [line/qty], false", "1(a9 c2) 2() 3(b10 b5)"),
        ("[line/qty]", "1(c2 a9) 2() 3(b5 b10)"),
        ("[line/qty], false", "1(a9 c2) 2() 3(b10 b5)"),
    ):
        condition = {"loop": "orders/order", "when": f"SortInstances('line', {keys}); true"}
        made = plan(lines | {"out/order": condition}, SOURCE, TARGET)
        text, failures, _counts = both(made, DOCUMENT, fast=False)
        assert failures == []
        assert shown(text) == wanted


def test_the_order_of_the_records() -> None:
    """S48"""
    rules = ORDERS | {"out": {"when": "SortInstances('order', [orders/order/@id], false); true"}}
    made = plan(rules, SOURCE, TARGET)
    assert made.passes == "whole"
    assert shown(both(made, DOCUMENT, fast=False)[0]) == "3() 2() 1()"


def test_how_many_source_records_there_are() -> None:
    """S48"""
    rules = ORDERS | {"out/order/n": "RecordCount() + '/' + CountSourceRecords()"}
    made = plan(rules, SOURCE, TARGET)
    assert made.passes == "whole"
    assert re.findall("<n>(.*?)<", both(made, DOCUMENT, fast=False)[0]) == ["1/3", "2/3", "3/3"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("SetInstances('lime', {1})", "SetInstances: no mapped node called lime"),
        ("SetInstances($x, {1})", "SetInstances: no mapped node called null"),
        (
            "SortInstances('line', {1, 2})",
            "SortInstances: no node called line below has a loop over the source.",
        ),
    ],
)
def test_names_that_lead_nowhere_fail_the_record(script: str, reason: str) -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {"loop": "orders/order", "when": f"{script}; true"},
        "out/order/line/sku": "Eval(GetInstance(), '')",
    }
    made = plan(rules, SOURCE, TARGET)
    _text, failures, counts = run(made, DOCUMENT, "interpret")
    assert counts == (3, 0, 3, 0)
    assert all(reason in html.unescape(each[2]) for each in failures)
    if "lime" in script:
        assert [problem.path for problem in made.problems] == ["out/order"]


def test_keys_must_fit_the_instances() -> None:
    """S48"""
    rules = ORDERS | {
        "out/order": {"loop": "orders/order", "when": "SortInstances('line', {1}); true"},
        "out/order/line": {"loop": "line"},
        "out/order/line/sku": "[@sku]",
    }
    _text, failures, counts = both(plan(rules, SOURCE, TARGET), DOCUMENT, fast=False)
    assert counts == (3, 0, 3, 0)
    assert failures[0][2] == "SortInstances has 1 keys for the 2 instances of line."


def test_other_maps_stream_as_before() -> None:
    """S48"""
    made = plan(ORDERS, SOURCE, TARGET)
    assert made.passes == "stream"
    both(made, DOCUMENT)
    lines = json_items({"a": "text"}, form="lines")
    assert plan({"item": {"loop": "item"}, "item/a": "[a]"}, lines, lines).passes == "stream"
