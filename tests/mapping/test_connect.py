"""What a connection does, and the loops it implies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import connect, edits, loops
from studio.mapping.evidence import LoopCount
from studio.mapping.lines import draw
from studio.mapping.model import Join, Mapping, Rule
from studio.schema.model import Base
from studio.script.parse import parse
from studio.script.tree import Literal
from tests.mapping.orders import invoices_map, orders_and_invoices, tree_of

TREES = orders_and_invoices()


def test_a_field_in_a_loop_is_read_from_it() -> None:
    mapping = Mapping((Rule("invoices/invoice", loop="orders/order"),))
    mapping = connect.map_field(mapping, TREES, "orders/order/customer/name", "invoices/invoice/buyer/name")
    assert mapping.by_path["invoices/invoice/buyer/name"].script == "[customer/name]"
    assert len(mapping) == 2


def test_the_first_field_of_a_repeating_node_makes_the_loop() -> None:
    mapping = connect.map_field(Mapping(), TREES, "orders/order/@id", "invoices/invoice/@number")
    assert mapping.by_path["invoices/invoice"].loop == "orders/order"
    assert mapping.by_path["invoices/invoice/@number"].script == "[@id]"


def test_two_levels_make_two_loops() -> None:
    mapping = connect.map_field(
        Mapping(), TREES, "orders/order/lines/line/qty", "invoices/invoice/line/quantity"
    )
    assert mapping.by_path["invoices/invoice"].loop == "orders/order"
    assert mapping.by_path["invoices/invoice/line"].loop == "lines/line"
    assert mapping.by_path["invoices/invoice/line/quantity"].script == "[qty]"


def test_one_target_level_loops_over_the_innermost_source_level() -> None:
    trees = type(TREES)(TREES.source, tree_of("rows\n  row 0..n\n    sku"))
    mapping = connect.map_field(Mapping(), trees, "orders/order/lines/line/product/@sku", "rows/row/sku")
    assert mapping.by_path["rows/row"].loop == "orders/order/lines/line"
    assert mapping.by_path["rows/row/sku"].script == "[product/@sku]"


def test_a_repeating_field_takes_an_array_without_a_loop() -> None:
    mapping = Mapping((Rule("invoices/invoice", loop="orders/order"),))
    mapped = connect.map_field(mapping, TREES, "orders/order/customer/phone", "invoices/invoice/buyer/phone")
    assert mapped.by_path["invoices/invoice/buyer/phone"] == Rule(
        "invoices/invoice/buyer/phone", script="[customer/phone]"
    )


def test_a_second_field_reuses_the_loops() -> None:
    mapping = invoices_map()
    more = connect.map_field(
        mapping, TREES, "orders/order/lines/line/price", "invoices/invoice/line/unitPrice"
    )
    assert len(more) == len(mapping) + 1
    assert more.by_path["invoices/invoice/line/unitPrice"].script == "[price]"


def test_replacing_a_script_keeps_the_condition() -> None:
    mapping = connect.map_field(
        invoices_map(), TREES, "orders/order/customer/name", "invoices/invoice/buyer/email"
    )
    rule = mapping.by_path["invoices/invoice/buyer/email"]
    assert (rule.script, rule.when) == ("[customer/name]", "[@status] != 'test'")


@pytest.mark.parametrize(
    ("script", "numeric", "result"),
    [
        ("[a]", False, '[a] + " " + [b]'),
        ("[a] * 2", True, "[a] * 2 + [b]"),
        ("[a] == 1", True, "([a] == 1) + [b]"),
        ("x = [a]; x;", False, 'x = [a]; x + " " + [b];'),
        ("<trans>[a]</trans>", False, '<trans>[a] + " " + [b]</trans>'),
        ("", False, "[b]"),
    ],
)
def test_appending_a_field(script: str, numeric: bool, result: str) -> None:
    assert connect.appended(script, "[b]", numeric=numeric) == result


def test_appending_onto_a_mapped_field() -> None:
    mapping = connect.append_field(invoices_map(), TREES, "orders/order/@id", "invoices/invoice/buyer/name")
    assert mapping.by_path["invoices/invoice/buyer/name"].script == '[customer/name] + " " + [@id]'
    mapping = connect.append_field(mapping, TREES, "orders/order/freight", "invoices/invoice/total")
    assert (mapping.by_path["invoices/invoice/total"].script or "").endswith(") + [freight]")


@given(st.text())
def test_a_constant_gives_its_text_back(text: str) -> None:
    found = parse(connect.literal(text)).only
    assert isinstance(found, Literal)
    assert found.value == text


def test_a_constant_for_a_number_is_a_number() -> None:
    assert connect.literal("380", Base.INTEGER) == "380"
    assert connect.literal("38o", Base.INTEGER) == '"38o"'
    assert connect.literal("007", Base.TEXT) == '"007"'
    mapping = connect.constant(Mapping(), TREES, "invoices/invoice/total", "12.50")
    assert mapping.by_path["invoices/invoice/total"].script == "12.50"


def test_same_named_children_are_offered_without_those_that_have_a_rule() -> None:
    pairs = connect.same_named(invoices_map(), TREES, "orders/order/customer", "invoices/invoice/buyer")
    assert [pair.target for pair in pairs] == ["invoices/invoice/buyer/phone"]
    pairs = connect.same_named(Mapping(), TREES, "orders/order/customer", "invoices/invoice/buyer")
    assert [pair.source for pair in pairs] == [
        "orders/order/customer/name", "orders/order/customer/email", "orders/order/customer/phone",
    ]  # fmt: skip


def test_copying_a_subtree_brings_the_loops_between() -> None:
    trees = type(TREES)(TREES.source, TREES.source)
    pairs = connect.subtree(Mapping(), trees, "orders/order", "orders/order")
    mapping = connect.apply_pairs(Mapping(), trees, pairs)
    assert mapping.by_path["orders/order"].loop == "orders/order"
    assert mapping.by_path["orders/order/lines/line"].loop == "lines/line"
    assert mapping.by_path["orders/order/lines/line/product/@sku"].script == "[product/@sku]"
    assert mapping.by_path["orders/order/customer/phone"].script == "[customer/phone]"
    values = [line for line in draw(mapping, trees).lines if line.kind == "value"]
    assert all(line.source == line.target for line in values)


def test_fields_are_mapped_in_order_and_the_rest_is_left() -> None:
    mapping = connect.map_fields(
        Mapping(), TREES, ["orders/order/@id", "orders/order/placed"],
        ["invoices/invoice/@number", "invoices/invoice/issueDate", "invoices/invoice/note"],
    )  # fmt: skip
    assert [rule.script for rule in mapping.rules if rule.script] == ["[@id]", "[placed]"]


def test_a_loop_explains_itself_with_counts() -> None:
    found = loops.explain(invoices_map(), TREES, "invoices/invoice", LoopCount(830, 512))
    assert found is not None
    assert found.sentence == "One invoice per order"
    assert found.whole == "One invoice per order where [@status] == 'open': 830 × order → 512 × invoice"
    assert found.condition == "[@status] == 'open'"
    assert found.counts == "830 × order → 512 × invoice"
    assert found.left_out == 318
    assert found.warning == ""
    assert loops.explain(invoices_map(), TREES, "invoices/invoice/total") is None


def test_a_loop_that_was_refused_does_not_come_with_its_fields() -> None:
    field = connect.Pair("orders/order/lines/line/qty", "invoices/invoice/line/quantity")
    every = connect.with_loops(Mapping(), TREES, [field])
    outer, inner = (pair for pair in every if pair.loop)
    assert (outer.target, inner.target) == ("invoices/invoice", "invoices/invoice/line")
    both = connect.apply_pairs(Mapping(), TREES, every)
    assert [rule.path for rule in both.rules if rule.loops] == [outer.target, inner.target]
    one = connect.apply_pairs(Mapping(), TREES, [outer, field], [inner])
    assert [rule.path for rule in one.rules if rule.loops] == [outer.target]
    rule = one.get(field.target)
    assert rule is not None
    assert rule.script == "[lines/line/qty]"


def test_an_unrelated_inner_loop_is_a_cartesian_product() -> None:
    mapping = edits.set_loop(invoices_map(), "invoices/invoice/party", "orders/rate", TREES)
    assert "Cartesian" in loops.cartesian(mapping, TREES, "invoices/invoice/party")
    tied = edits.set_when(mapping, "invoices/invoice/party", "[@code] == 'x'", TREES.target)
    assert loops.cartesian(tied, TREES, "invoices/invoice/party") == ""
    assert loops.cartesian(mapping, TREES, "invoices/invoice/line") == ""


def test_other_nodes_to_loop_on() -> None:
    assert loops.alternatives(invoices_map(), TREES, "invoices/invoice") == ("orders/order/lines/line",)


def test_a_loop_says_what_is_joined() -> None:
    prices = Join("prices::row", {"sku": "[sku]", "unit": "[unit]"})
    names = Join("names::row", {"id": "[@id]"}, "left")
    rule = Rule("invoices/invoice", loop="orders/order", join={"prices": prices, "names": names}, first=2)
    found = loops.explain(Mapping((rule,)), TREES, "invoices/invoice")
    assert found is not None
    assert found.sentence == (
        "One invoice per order, joined with prices on sku = [sku], unit = [unit]"
        ", joined with names on id = [@id] where there is such a row, the first 2 only"
    )
