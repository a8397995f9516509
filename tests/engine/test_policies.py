"""What becomes of records that fail: set aside, written without the field, or the end of the run; one meaning for all back ends."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.base.yaml_read import parse
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import Stats, transform
from studio.project.objects import read_transformation, write_transformation
from tests.engine.build import body, json_items, plan, rows, xml

ORDERS = xml({"orders": {"order*": {"@id": "text", "qty": "integer", "price?": "integer", "tag*": "text"}}})
OUT = {"@id": "text", "n": "integer", "m?": "integer", "z!": "decimal", "t*": "integer"}
BILLS = xml({"bills": {"bill*": OUT}})
RULES = {
    "bills/bill": {"loop": "orders/order", "when": "10 / [qty] > 0"},
    "bills/bill/@id": "[@id]",
    "bills/bill/n": "[qty] + 1",
    "bills/bill/m": "[price]",
    "bills/bill/z": "a = 1;\n  6 / [price]",
    "bills/bill/t": "[tag]",
}


def order(number: int, qty: str, price: str, *tags: str) -> str:
    inside = "".join(f"<tag>{tag}</tag>" for tag in tags)
    return f'<order id="{number}"><qty>{qty}</qty><price>{price}</price>{inside}</order>'


GIVEN = f"<orders>{order(1, '5', '3', '1')}{order(2, '5', 'x', '7', 'y', '8')}{order(3, '0', '3')}{order(4, '5', '0')}</orders>"


def told(made: Plan, given: str, engine: str, **more: Any) -> tuple[str, list[Failure], Stats]:
    """The output, all that is told of failures, and what was counted."""
    out, failures = io.BytesIO(), list[Failure]()
    stats = transform(made, io.BytesIO(given.encode()), out, engine=engine, failures=failures.append, **more)
    return out.getvalue().decode(), failures, stats


@pytest.mark.parametrize("engine", ["interpret", "rows"])
def test_a_field_whose_rule_fails_is_left_without_a_value(engine: str) -> None:
    """S49, S20: optional, required, nillable fields and entries; the condition of the loop sets aside."""
    text, failures, stats = told(plan(RULES, ORDERS, BILLS, on_failure="null-field"), GIVEN, engine)
    assert body(text) == (
        '<bills xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        '  <bill id="1">\n    <n>6</n>\n    <m>3</m>\n    <z>2</z>\n    <t>1</t>\n  </bill>\n'
        '  <bill id="2">\n    <n>6</n>\n    <z xsi:nil="true"/>\n    <t>7</t>\n    <t>8</t>\n  </bill>\n'
        '  <bill id="4">\n    <n>6</n>\n    <m>0</m>\n    <z xsi:nil="true"/>\n  </bill>\n'
        "</bills>\n"
    )
    assert [(each.record, each.path, each.nulled, each.nodes) for each in failures] == [
        (2, "bills/bill/m", True, (2,)),
        (2, "bills/bill/z", True, (2,)),
        (2, "bills/bill/t", True, (2,)),
        (3, "bills/bill", False, (3,)),
        (4, "bills/bill/z", True, (4,)),
    ]
    assert (failures[1].line, failures[1].column) == (2, 3)
    counts = stats.records_in, stats.records_out, stats.failed, stats.filtered, stats.nulled
    assert counts == (4, 3, 1, 0, 4)
    assert stats.engine == engine


def test_the_option_of_the_run_is_above_that_of_the_transformation() -> None:
    """S49, S39, S41: the same map under each policy."""
    made = plan(RULES, ORDERS, BILLS, on_failure="null-field")
    _text, failures, stats = told(made, GIVEN, "rows", policy="set-aside")
    assert (stats.records_out, stats.failed, stats.nulled) == (1, 3, 0)
    assert [(each.record, each.path) for each in failures] == [
        (2, "bills/bill/m"),
        (3, "bills/bill"),
        (4, "bills/bill/z"),
    ]
    for options in ({"policy": "stop"}, {"strict": True}):
        with pytest.raises(BadInput, match="Record 2 failed"):
            told(made, GIVEN, "rows", **options)
    with pytest.raises(BadInput, match="Record 2 failed"):
        told(plan(RULES, ORDERS, BILLS, on_failure="stop"), GIVEN, "auto")
    with pytest.raises(BadInput, match="no policy ignore"):
        told(made, GIVEN, "rows", policy="ignore")


def test_without_a_loop_the_document_is_the_record() -> None:
    """S49: outside records a rule that fails ends the run whatever the policy."""
    one = xml({"orders": {"n?": "integer", "order*": {"qty": "text"}}})
    target = xml({"bills": {"sum": "decimal", "bill*": {"n": "text"}}})
    only = plan({"bills/sum": "1 / [orders/n]"}, one, target, on_failure="null-field")
    text, failures, stats = told(only, "<orders><n>0</n></orders>", "auto")
    assert body(text) == "<bills>\n  <sum/>\n</bills>\n"
    assert [(each.record, each.path, each.nulled) for each in failures] == [(1, "bills/sum", True)]
    assert (stats.records_in, stats.records_out, stats.nulled) == (1, 1, 1)
    rules = {"bills/sum": "1 / [orders/n]", "bills/bill": {"loop": "orders/order"}, "bills/bill/n": "[qty]"}
    with pytest.raises(BadInput, match="by 0"):
        told(plan(rules, one, target, on_failure="null-field"), "<orders><n>0</n></orders>", "auto")


def test_rows_lines_and_groups() -> None:
    """S49: cells and members without a value, a line that cannot be read, a group's members."""
    target = json_items({"k": "text", "v?": "decimal"}, "lines")
    rules: dict[str, Any] = {"item": {"loop": "row"}, "item/k": "[k]", "item/v": "1 / [v]"}
    made = plan(rules, rows({"k": "text", "v": "integer"}), target, on_failure="null-field")
    given = "k,v\na,1\nb,0\nc,2,3,4\nd,x\n"
    for engine in ("interpret", "rows"):
        text, failures, stats = told(made, given, engine)
        assert text == '{"k":"a","v":1}\n{"k":"b"}\n{"k":"d"}\n'
        assert [(each.record, each.nulled, each.nodes) for each in failures] == [
            (2, True, (2,)), (3, False, (3,)), (4, True, (4,)),
        ]  # fmt: skip
        assert (stats.records_in, stats.records_out, stats.failed, stats.nulled) == (4, 3, 1, 2)
    rules["item"] = {"loop": "row[[v] != 5]", "group": {"by": ["[k]"]}}
    grouped = plan(rules, rows({"k": "text", "v": "integer"}), target)
    _text, failures, _stats = told(grouped, "k,v\na,1\nz,5\nb,0\na,3\nb,9\n", "auto")
    assert [(each.record, each.nodes) for each in failures] == [(2, (3, 5))]


def test_source_nodes_are_counted_whatever_the_path_passes_over() -> None:
    """S40, S49: numbers of records leave out what the filter of the path does, those of nodes do not."""
    source = xml({"orders": {"shop*": {"@no": "text", "order*": {"qty": "integer"}}}})
    target = xml({"bills": {"bill*": {"n": "text", "s": "text"}}})
    rules = {"bills/bill": {"loop": "orders/shop/order[[qty] != 5]"}, "bills/bill/n": "1 / [qty]"}
    given = (
        "<orders><shop no='a'><order><qty>5</qty></order><order><qty>0</qty></order></shop>"
        "<shop no='b'/><shop no='c'><order><qty>1</qty></order><order><qty>0</qty></order></shop></orders>"
    )
    above = {**rules, "bills/bill/s": "[../extra] + [../@no]"}
    wide = xml({"orders": {"shop*": {"@no": "text", "order*": {"qty": "integer"}, "extra?": "text"}}})
    for made in (plan(rules, source, target), plan(above, wide, target)):
        for engine in ("interpret", "rows"):
            failures = told(made, given, engine)[1]
            assert [(each.record, each.nodes) for each in failures] == [(1, (2,)), (3, (4,))]
    assert plan(above, wide, target).tops[0].gathers
    sorted_ = {
        **rules,
        "bills/bill": {"loop": "orders/shop/order", "sort": ({"by": "[qty]", "order": "desc"},)},
    }
    failures = told(plan(sorted_, source, target), given, "auto")[1]
    assert [(each.record, each.nodes) for each in failures] == [(2, (2,)), (4, (4,))]


def test_the_policy_is_kept_in_the_file_and_a_wrong_one_is_refused() -> None:
    """S49: with the keys this version does not know."""
    text = "weft: transformation/1\nname: m\nsource: {schema: a.xsd}\non_failure: null-field\ntarget: {schema: b.xsd}\nx-mine: 7\n"
    found = read_transformation(parse(text), "m")
    assert found.on_failure == "null-field"
    again = write_transformation(found)
    assert read_transformation(parse(again), "m") == found
    assert "on_failure: null-field\n" in again
    assert "x-mine: 7\n" in again
    assert "on_failure" not in write_transformation(
        read_transformation(parse(text.replace("null-field", '""')), "m")
    )
    with pytest.raises(BadInput, match="no policy ignore") as caught:
        read_transformation(parse(text.replace("null-field", "ignore")), "m")
    assert caught.value.line == 4


@pytest.mark.parametrize("whole", [False, True])
def test_the_error_that_ends_a_run_names_the_line_of_the_record(tmp_path: Path, whole: bool) -> None:
    """S41: also of a record in a loop that sorts, which is not the first of those that would fail."""
    source = rows({"k": "text", "v": "integer"})
    loop: dict[str, Any] = {"loop": "row"} | ({"sort": [{"by": "[k]"}]} if whole else {})
    made = plan({"row": loop, "row/k": "[k]", "row/v": "12 / [v]"}, source, source)
    given = tmp_path / "in.csv"
    given.write_text('k,v\n"d\nd",2\nc,0\nb,1\na,0\n')
    with pytest.raises(BadInput, match="failed: ") as caught:
        transform(made, given, tmp_path / "out.csv", strict=True)
    assert (caught.value.file, caught.value.line) == (str(given), 6 if whole else 4)


def test_a_header_with_another_mark_is_recognised(tmp_path: Path) -> None:
    made = plan(
        {"row": {"loop": "row"}, "row/k": "[k]"}, rows({"k": "text", "v": "text"}), rows({"k": "text"})
    )
    given = tmp_path / "in.csv"
    for mark, word in ((";", "separated by ;"), ("\t", "separated by tabs")):
        given.write_text(f"k{mark}v\n1{mark}2\n")
        with pytest.raises(BadInput, match="is missing") as caught:
            transform(made, given, tmp_path / "out.csv")
        assert word in caught.value.next_step
    given.write_text("a;b,v\n1,2\n")
    with pytest.raises(BadInput, match="is missing") as caught:
        transform(made, given, tmp_path / "out.csv")
    assert "separated" not in caught.value.next_step
