"""Where values come from: nodes with their numbers, turns of loops and places in scripts, in every format."""

from __future__ import annotations

import io
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine.plan import Plan
from studio.engine.trace import Origin, Traced, TurnOf, trace
from tests.engine.build import json_items, json_object, plan, rows, xml

ORDERS = xml(
    {
        "o": {
            "@day": "text",
            "order*": {"@id": "text", "tax?": "decimal", "line*": {"n": "integer", "p?": "decimal"}},
        }
    }
)
BILLS = xml(
    {
        "b": {
            "day?": "text",
            "bill*": {
                "id": "text",
                "row*": {"net?": "decimal", "at*": "text"},
                "sum?": "decimal",
                "who?": "text",
            },
        }
    }
)
RULES = {
    "b/day": "[o/@day]",
    "b/bill": {"loop": "o/order"},
    "b/bill/id": "[@id]",
    "b/bill/row": {"loop": "line"},
    "b/bill/row/net": "a = [n];\n  if([p] > 0, a * [p] + [../tax], a)",
    "b/bill/sum": "Sum([line[[n] > 1]/p])",
}
GIVEN = (
    '<o day="mon"><order id="A"><tax>1</tax><line><n>2</n><p>3</p></line></order>'
    '<order id="B"><tax>5</tax><line><n>1</n><p>7</p></line><line><n>4</n><p>0</p></line><line><n>3</n><p>9</p></line></order></o>'
)


def traced(made: Plan, given: str, path: str, **more: Any) -> list[Traced]:
    """What trace() tells."""
    assert made.errors == (), made.errors
    found: list[Traced] = []
    trace(made, io.BytesIO(given.encode()), path, found.append, **more)
    return found


def test_a_value_of_a_nested_loop() -> None:
    """S13, S15: the record's number, both turns, and which path at which place read what."""
    found = traced(plan(RULES, ORDERS, BILLS), GIVEN, "b/bill/row/net")
    assert [(each.record, each.value) for each in found] == [(1, "7"), (2, "12"), (2, "4"), (2, "32")]
    last = found[3]
    assert last.turns == (
        TurnOf("b/bill", 2, ("o/order[2]",)),
        TurnOf("b/bill/row", 3, ("o/order[2]/line[3]",)),
    )
    assert last.sources == (
        Origin("o/order[2]/line[3]/n", "3", "[n]", 1, 5),
        Origin("o/order[2]/line[3]/p", "9", "[p]", 2, 6),
        Origin("o/order[2]/line[3]/p", "9", "[p]", 2, 19),
        Origin("o/order[2]/tax", "5", "[../tax]", 2, 25),
    )
    assert [origin.read for origin in found[2].sources] == ["[n]", "[p]"]


def test_only_one_record_and_the_first() -> None:
    """Nothing after the record that was asked for is read."""
    made = plan(RULES, ORDERS, BILLS)
    assert [each.value for each in traced(made, GIVEN, "b/bill/row/net", record=2)] == ["12", "4", "32"]
    assert [each.value for each in traced(made, GIVEN, "b/bill/id", first=True)] == ["A"]
    broken = GIVEN.removesuffix("</o>") + "<order>" * 3 + " " * 500_000 + "</"
    stream = plan({path: given for path, given in RULES.items() if path != "b/day"}, ORDERS, BILLS)
    assert [each.value for each in traced(stream, broken, "b/bill/id", record=1)] == ["A"]
    with pytest.raises(BadInput, match="broken"):
        traced(stream, broken, "b/bill/id", record=7)
    with pytest.raises(BadInput, match="There is no record 7; the input has 2"):
        traced(made, GIVEN, "b/bill/id", record=7)
    (day,) = traced(made, GIVEN, "b/day", first=True)
    assert (day.record, day.turns, day.sources) == (0, (), (Origin("o/@day", "mon", "[o/@day]", 1, 1),))


def test_conditions_inside_paths() -> None:
    """S8: what a condition looked at, with the place in its own script."""
    (first, second) = traced(plan(RULES, ORDERS, BILLS), GIVEN, "b/bill/sum")
    assert first.value == "3"
    assert second.value == "9"
    assert Origin("o/order[2]/line[3]/p", "9", "[line[[n] > 1]/p]", 1, 5) in second.sources
    assert Origin("o/order[2]/line[1]/n", "1", "[n]", 1, 11, "[n] > 1") in second.sources
    assert not any(origin.path == "o/order[2]/line[1]/p" for origin in second.sources)


def test_rules_that_fail_and_records_that_do() -> None:
    """S39: another field that fails does not hide the one looked at; a condition that fails does."""
    rules = {**RULES, "b/bill/id": "1 / 0"}
    found = traced(plan(rules, ORDERS, BILLS), GIVEN, "b/bill/sum")
    assert [(each.value, each.problem) for each in found] == [("3", ""), ("9", "")]
    found = traced(plan(rules, ORDERS, BILLS), GIVEN, "b/bill/id")
    assert [(each.record, each.value, each.problem) for each in found] == [
        (1, None, "Division by 0."),
        (2, None, "Division by 0."),
    ]
    rules["b/bill"] = {"loop": "o/order", "when": "1 / ([tax] - 1) > 0"}  # type: ignore[assignment]
    found = traced(plan(rules, ORDERS, BILLS), GIVEN, "b/bill/sum")
    assert [(each.record, each.value, each.problem) for each in found] == [
        (1, None, "b/bill: Division by 0."),
        (2, "9", ""),
    ]


def test_groups_arrays_and_nodes_around() -> None:
    """S32, S34: the members of a group, the entries of an array, several nodes around the records."""
    rules: dict[str, Any] = {
        "b/bill": {
            "loop": "o/order/line",
            "group": {"by": ["[n] > 2"]},
            "sort": ({"by": "[n]", "order": "desc"},),
        },
        "b/bill/id": "[../@id]",
        "b/bill/sum": "Sum([members()/p])",
        "b/bill/row": {"each": "Split([../@id] + ',x', ',')"},
        "b/bill/row/at": "GetInstance()",
    }
    made = plan(rules, ORDERS, BILLS)
    (high, low) = traced(made, GIVEN, "b/bill/sum")
    assert high.turns == (TurnOf("b/bill", 1, ("o/order[2]/line[2]", "o/order[2]/line[3]")),)
    assert [(origin.path, origin.text) for origin in low.sources] == [
        ("o/order[1]/line/p", "3"),
        ("o/order[2]/line[1]/p", "7"),
    ]
    found = traced(made, GIVEN, "b/bill/row/at")
    assert [(each.value, each.turns[1].number, each.turns[1].entry) for each in found] == [
        ("B", 1, "B"), ("x", 2, "x"), ("A", 1, "A"), ("x", 2, "x"),
    ]  # fmt: skip
    around = plan({"b/bill": {"loop": "o/order/line"}, "b/bill/id": "[../@id] + [n]"}, ORDERS, BILLS)
    assert [each.sources[0].path + " " + each.sources[1].path for each in traced(around, GIVEN, "b/bill/id")][2:] == [
        "o/order[2]/@id o/order[2]/line[2]/n", "o/order[2]/@id o/order[2]/line[3]/n",
    ]  # fmt: skip


def test_every_format() -> None:
    """JSON, JSON lines and rows, a rule of a path alone."""
    lines = plan({"b/bill": {"loop": "item"}, "b/bill/id": "[k]"}, json_items({"k": "text"}, "lines"), BILLS)
    found = traced(lines, '{"k": "a"}\n{oops\n{"k": "c"}\n', "b/bill/id")
    assert [(each.record, each.value) for each in found] == [(1, "a"), (2, None), (3, "c")]
    assert found[2].sources == (Origin("item[3]/k", "c", "[k]", 1, 1),)
    json = plan(
        {"b/bill": {"loop": "/list/item"}, "b/bill/id": "[k] + [/head]"},
        json_object({"head": "text", "list[]": {"k": "text"}}),
        BILLS,
    )
    (_one, two) = traced(json, '{"list": [{"k": "a"}, {"k": "b"}], "head": "h"}', "b/bill/id")
    assert [(origin.path, origin.text) for origin in two.sources] == [("list/item[2]/k", "b"), ("head", "h")]
    csv = plan({"b/bill": {"loop": "row"}, "b/bill/id": "[k]"}, rows({"k": "text", "v": "text"}), BILLS)
    found = traced(csv, "k,v\n" + "".join(f"r{n},{n}\n" for n in range(1, 900)), "b/bill/id", record=800)
    assert found == [
        Traced(800, "b/bill/id", "r800", "[k]", (Origin("row[800]/k", "r800", "[k]", 1, 1),), turns=(TurnOf("b/bill", 800, ("row[800]",)),))
    ]  # fmt: skip


def test_a_path_that_no_rule_makes() -> None:
    with pytest.raises(BadInput, match="No rule makes b/bill/suma") as caught:
        traced(plan(RULES, ORDERS, BILLS), GIVEN, "b/bill/suma")
    assert "b/bill/sum" in caught.value.next_step
