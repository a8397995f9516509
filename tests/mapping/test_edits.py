"""Edits keep the order of the schema and what every script leads to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import edits
from studio.mapping.context import Contexts, reference
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from studio.schema.model import Place
from tests.mapping.orders import invoices_map, orders_and_invoices

TREES = orders_and_invoices()
LOOP = "invoices/invoice"


def _all(place: Place) -> list[Place]:
    return [place, *(below for child in place.flat_children() for below in _all(child))]


def _paths(trees: Trees) -> tuple[list[str], list[str]]:
    assert trees.source.root is not None
    assert trees.target.root is not None
    return [p.path for p in _all(trees.source.root)], [p.path for p in _all(trees.target.root)]


SOURCES, TARGETS = _paths(TREES)
REPEATING = ["orders/order", "orders/order/lines/line", "orders/order/customer/phone", "orders/rate"]


def _reads(mapping: Mapping, trees: Trees) -> set[tuple[str, str]]:
    """What every node reads, loops themselves left out."""
    return {(line.source, line.target) for line in draw(mapping, trees).lines if line.kind != "loop"}


@st.composite
def mappings(draw_: st.DrawFn) -> Mapping:
    mapping = Mapping()
    for _ in range(draw_(st.integers(0, 12))):
        target = draw_(st.sampled_from(TARGETS))
        source = draw_(st.sampled_from(SOURCES))
        kind = draw_(st.sampled_from(["script", "loop", "when", "copy"]))
        if kind == "loop":
            mapping = edits.set_loop(mapping, target, draw_(st.sampled_from(REPEATING)), TREES)
        elif kind == "copy" and mapping.rules:
            mapping = edits.duplicate(mapping, draw_(st.sampled_from(mapping.rules)).path, TREES.target)
        else:
            operand = reference(source, Contexts(mapping, TREES.source).of(target))
            edit = edits.set_when if kind == "when" else edits.set_script
            mapping = edit(mapping, target, f"{operand} == 1", TREES.target)
    return mapping


@given(mappings())
def test_rules_stay_in_schema_order_with_parents_first(mapping: Mapping) -> None:
    orders = [TREES.target.order(rule.path) for rule in mapping.rules]
    assert orders == sorted(orders)
    assert len(mapping.by_path) == len(mapping.rules)
    assert not any(rule.empty for rule in mapping.rules)


@given(mappings(), st.sampled_from(TARGETS), st.sampled_from(REPEATING))
def test_a_new_loop_changes_no_path_below_it(mapping: Mapping, target: str, source: str) -> None:
    assert _reads(edits.set_loop(mapping, target, source, TREES), TREES) == _reads(mapping, TREES)


@given(mappings(), st.sampled_from(TARGETS))
def test_a_loop_taken_away_changes_no_path_below_it(mapping: Mapping, target: str) -> None:
    assert _reads(edits.set_loop(mapping, target, None, TREES), TREES) == _reads(mapping, TREES)


@given(mappings(), st.sampled_from(TARGETS))
def test_unmapping_a_node_leaves_the_others_as_they_were(mapping: Mapping, target: str) -> None:
    before = {pair for pair in _reads(mapping, TREES) if pair[1] != target}
    after = edits.unmap(mapping, [target], TREES)
    assert after.get(target) is None
    assert _reads(after, TREES) == before


@given(mappings())
def test_a_copy_taken_away_gives_the_map_before(mapping: Mapping) -> None:
    paths = {rule.path for rule in mapping.rules if "[" not in rule.path}
    for path in paths:
        copied = edits.duplicate(mapping, path, TREES.target)
        assert edits.remove(copied, [f"{path}[2]"], TREES.target) == mapping


def test_loop_off_and_on_again_gives_the_very_same_map() -> None:
    mapping = invoices_map()
    off = edits.set_loop(mapping, LOOP, None, TREES)
    assert off.by_path["invoices/invoice/@number"].script == "[orders/order/@id]"
    assert edits.set_loop(off, LOOP, "orders/order", TREES) == mapping


def test_an_inner_loop_is_written_from_the_outer_one() -> None:
    mapping = edits.set_loop(Mapping(), "invoices/invoice/line", "orders/order/lines/line", TREES)
    assert mapping.by_path["invoices/invoice/line"].loop == "orders/order/lines/line"
    mapping = edits.set_loop(mapping, LOOP, "orders/order", TREES)
    assert mapping.by_path["invoices/invoice/line"].loop == "lines/line"


def test_a_loop_as_written_may_filter() -> None:
    mapping = edits.set_loop_text(invoices_map(), LOOP, "orders/order[[@status] == 'open']", TREES)
    assert mapping.by_path[LOOP].loop == "orders/order[[@status] == 'open']"
    assert mapping.by_path["invoices/invoice/@number"].script == "[@id]"


def test_removing_a_node_takes_everything_below() -> None:
    mapping = edits.remove(invoices_map(), [LOOP], TREES.target)
    assert mapping.rules == ()


def test_later_instances_move_up() -> None:
    target = TREES.target
    mapping = edits.set_script(Mapping(), "invoices/party/name", "'a'", target)
    mapping = edits.set_script(Mapping(), "invoices/invoice/party/name", "'a'", target)
    mapping = edits.duplicate(mapping, "invoices/invoice/party", target)
    mapping = edits.duplicate(mapping, "invoices/invoice/party[1]", target)
    mapping = edits.set_script(mapping, "invoices/invoice/party[3]/name", "'c'", target)
    assert edits.instances(mapping, "invoices/invoice/party") == (1, 2, 3)
    mapping = edits.remove(mapping, ["invoices/invoice/party[2]"], target)
    assert [(rule.path, rule.script) for rule in mapping.rules] == [
        ("invoices/invoice/party[1]/name", "'a'"),
        ("invoices/invoice/party[2]/name", "'c'"),
    ]


def test_moving_rules_to_another_node_keeps_what_they_read() -> None:
    mapping = invoices_map()
    moved = edits.move_rules(mapping, "invoices/invoice/buyer", "invoices/invoice/seller", TREES)
    assert moved.by_path["invoices/invoice/seller/name"].script == "[customer/name]"
    assert moved.get("invoices/invoice/buyer/name") is None
    out = edits.move_rules(mapping, "invoices/invoice/line/quantity", "invoices/invoice/total", TREES)
    assert out.by_path["invoices/invoice/total"].script == "[lines/line/qty]"


def test_copied_rules_read_what_the_originals_read() -> None:
    mapping = invoices_map()
    copied = edits.copy_rules(mapping, "invoices/invoice/buyer", "invoices/invoice/seller", TREES)
    assert copied.by_path["invoices/invoice/seller/name"].script == "[customer/name]"
    assert all(copied.get(rule.path) == rule for rule in mapping.rules)
    out = edits.copy_rules(mapping, "invoices/invoice/line/quantity", "invoices/invoice/total", TREES)
    assert out.by_path["invoices/invoice/total"].script == "[lines/line/qty]"
    assert out.by_path["invoices/invoice/line/quantity"].script == "[qty]"


def test_an_edit_that_changes_nothing_gives_the_same_object() -> None:
    mapping = invoices_map()
    assert edits.set_script(mapping, "invoices/invoice/@number", "[@id]", TREES.target) is mapping
    assert edits.put(mapping, Rule("invoices/invoice/note"), TREES.target) is mapping
