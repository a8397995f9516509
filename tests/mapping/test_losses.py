"""Schemas that change under a map: what was lost is named, found again and followed, and nothing of a rule is lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.follow import follow_source
from studio.mapping.lines import draw
from studio.mapping.losses import SOURCE, TARGET, Fact, Lost, apply, facts, follow, losses
from studio.mapping.model import Mapping, Rule
from studio.mapping.remap import fit
from studio.mapping.tree import Tree, Trees
from tests.mapping.orders import INVOICES, ORDERS, invoices_map, tree_of
from tests.mapping.test_edits import TREES, mappings


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


def trees(source: str = ORDERS, target: str = INVOICES) -> Trees:
    return Trees(tree_of(source), tree_of(target))


def reads(mapping: Mapping, at: Trees) -> set[tuple[str, str, str]]:
    """Every link: what each rule reads and visits."""
    return {(line.source, line.target, str(line.kind)) for line in draw(mapping, at).lines}


def known(mapping: Mapping) -> dict[str, Fact]:
    return dict(facts(mapping, TREES, draw(mapping, TREES)))


# The old address, the new one, and the schema text in which it stands there.
MOVES = [
    ("orders/order/placed", "orders/order/placedOn", [("    placed date", "    placedOn date")]),
    ("orders/order/customer", "orders/order/buyer", [("    customer\n", "    buyer\n")]),
    ("orders/order", "orders/purchase", [("  order 0..n", "  purchase 0..n")]),
    ("orders/order/lines/line", "orders/order/lines/item", [("      line 1..n", "      item 1..n")]),
    ("orders/order/currency", "orders/order/customer/currency",
     [("    currency\n", ""), ("      terms integer\n", "      terms integer\n      currency\n")]),
    ("orders/order/lines/line/product/@sku", "orders/order/lines/line/@sku",
     [("          @sku\n", ""), ("        product\n", "        @sku\n        product\n")]),
    ("orders", "export", [("orders\n", "export\n")]),
    ("orders/rate", "orders/order/rate",
     [("  rate 0..n\n    @code\n    value decimal\n", ""), ("    lines\n", "    rate 0..n\n      @code\n      value decimal\n    lines\n")]),
]  # fmt: skip


@given(mappings(), st.sampled_from(MOVES))
def test_after_a_move_every_rule_reads_what_it_read(
    mapping: Mapping, move: tuple[str, str, list[tuple[str, str]]]
) -> None:
    old, new, changes = move
    at = trees(changed(ORDERS, *changes))
    before = reads(mapping, TREES)
    after = reads(follow_source(mapping, at, old, new), at)

    def goal(source: str) -> str:
        return new + source[len(old) :] if source == old or source.startswith(old + "/") else source

    assert after == {(goal(source), target, kind) for source, target, kind in before}


@given(mappings(), st.sampled_from(MOVES))
def test_there_and_back_is_the_same_links(
    mapping: Mapping, move: tuple[str, str, list[tuple[str, str]]]
) -> None:
    old, new, changes = move
    at = trees(changed(ORDERS, *changes))
    there = follow_source(mapping, at, old, new)
    assert reads(follow_source(there, TREES, new, old), TREES) == reads(mapping, TREES)


def test_filters_numbers_and_functions_stay_with_their_steps() -> None:
    rules = (
        Rule("invoices/invoice", loop="orders/order[[customer/terms] > 3]", when="[lines/line[[qty] > 1][2]/price] > 0"),
        Rule("invoices/invoice/line", loop="lines/line"),
        Rule("invoices/invoice/line/quantity", script="Sum([../line/qty]) + Count([/orders/order[1]/lines/line/qty])"),
    )  # fmt: skip
    mapping = Mapping(rules)
    source = changed(ORDERS, ("        qty integer", "        amount\n          qty integer"))
    at = trees(source)
    moved = follow_source(mapping, at, "orders/order/lines/line/qty", "orders/order/lines/line/amount/qty")
    assert moved.rules[0].when == "[lines/line[[amount/qty] > 1][2]/price] > 0"
    assert (
        moved.rules[2].script == "Sum([../line/amount/qty]) + Count([/orders/order[1]/lines/line/amount/qty])"
    )
    renamed = follow_source(moved, at, "orders/order/customer", "orders/order/buyer")
    assert renamed.rules[0].loop == "orders/order[[buyer/terms] > 3]"


def test_a_filter_on_a_step_that_is_no_more_is_not_lost() -> None:
    rule = Rule("invoices/invoice/line/quantity", script="[/orders/order/lines/line[[qty] > 1]/product/name]")
    mapping = Mapping((rule,))
    assert follow_source(mapping, TREES, "orders/order/lines/line/product", "orders/order/product") == mapping


def test_a_renamed_source_field_is_found_and_followed() -> None:
    mapping = invoices_map()
    at = trees(changed(ORDERS, ("    placed date", "    placedOn date")))
    [lost] = losses(mapping, at, known=known(mapping))
    assert (lost.side, lost.path) == (SOURCE, "orders/order/placed")
    assert lost.candidates[0].path == "orders/order/placedOn"
    assert lost.likely == "orders/order/placedOn"
    assert not losses(apply(mapping, at, [(lost, lost.likely)]), at)


def test_a_record_that_moved_is_followed_with_all_in_it() -> None:
    mapping = invoices_map()
    lines = ORDERS[ORDERS.index("    lines\n") : ORDERS.index("  rate 0..n")]
    deeper = "    body\n" + re.sub(r"(?m)^", "  ", lines).rstrip(" ")
    at = trees(ORDERS.replace(lines, deeper))
    [lost] = losses(mapping, at)
    assert lost.path == "orders/order/lines"
    assert lost.likely == "orders/order/body/lines"
    after = apply(mapping, at, [(lost, lost.likely)])
    assert not losses(after, at)
    assert len(draw(after, at).lines) == len(draw(mapping, TREES).lines)


def test_a_target_that_moved_takes_its_parked_rules_along() -> None:
    mapping = invoices_map()
    at = trees(target=changed(INVOICES, ("    seller\n", "    vendor\n"), ("    buyer\n", "    customer\n")))
    parked = fit(mapping, at)
    assert parked.parked
    found = losses(parked, at, known=known(mapping))
    assert {lost.path for lost in found} <= {"invoices/invoice/seller", "invoices/invoice/buyer"}
    for lost in found:
        goal = lost.path.replace("seller", "vendor").replace("buyer", "customer")
        assert goal in [candidate.path for candidate in lost.candidates[:2]]
        parked = follow(parked, at, lost, goal)
    assert not parked.parked
    assert len(parked.rules) == len(mapping.rules)
    assert {rule.script for rule in parked.rules} == {rule.script for rule in mapping.rules}


def test_a_rule_is_never_lost_where_the_place_is_taken() -> None:
    rules = (Rule("invoices/invoice", loop="orders/order"), Rule("invoices/invoice/total", script="1"))
    gone = Rule("invoices/invoice/sum", script="2")
    mapping = Mapping(rules, (gone,))
    [lost] = losses(mapping, TREES)
    assert lost.side == TARGET
    assert "invoices/invoice/total" not in [candidate.path for candidate in lost.candidates]
    assert follow(mapping, TREES, lost, "invoices/invoice/total").parked == (gone,)


def test_nothing_is_lost_to_a_schema_that_cannot_be_read() -> None:
    mapping = invoices_map()
    assert not losses(mapping, Trees(Tree(None), TREES.target))
    assert not losses(mapping, TREES)


def test_numbers_of_instances_stay() -> None:
    rules = (
        Rule("invoices/invoice/payer[2]/name", script="'x'"),
        Rule("invoices/invoice/payer[1]/name", script="'y'"),
    )
    mapping = fit(Mapping(rules), TREES)
    [lost] = losses(mapping, TREES)
    assert lost == Lost(TARGET, "invoices/invoice/payer", lost.used, lost.rules)
    target = changed(INVOICES, ("    party 0..n\n", "    party 0..n\n      name\n"))
    after = follow(mapping, trees(target=target), lost, "invoices/invoice/party")
    assert {rule.path: rule.script for rule in after.rules} == {
        "invoices/invoice/party[2]/name": "'x'",
        "invoices/invoice/party[1]/name": "'y'",
    }
