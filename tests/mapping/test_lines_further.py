"""The links of further documents: paths by their name, joined rows, the fields joins match, filters, loops over them."""

from __future__ import annotations

from studio.mapping.lines import Line, LineKind, Linker, draw
from studio.mapping.model import Join, Mapping, Rule
from studio.mapping.tree import Tree, Trees
from tests.mapping.orders import INVOICES, ORDERS, tree_of

INVOICE = "invoices/invoice"
RATES = """
row 0..n
  status
  rate decimal
"""
BASES = """
base
  code
  list
    entry 0..n
      code
      factor decimal
"""


def _named(name: str, text: str) -> Tree:
    return Tree(tree_of(text).root, name=name)


def trees() -> Trees:
    """Orders with two further sources, invoices with a further target."""
    source = Tree(tree_of(ORDERS).root, {"rates": _named("rates", RATES), "bases": _named("bases", BASES)})
    return Trees(source, Tree(tree_of(INVOICES).root, {"audit": _named("audit", "row 0..n\n  who")}))


def _lines(*rules: Rule, at: str) -> list[tuple[str, LineKind]]:
    return [(line.source, line.kind) for line in draw(Mapping(rules), trees()).lines if line.target == at]


JOINED = Rule(
    INVOICE, loop="orders/order", join={"rate": Join("rates::row", {"status": "[@status]"}, "left")}
)


def test_a_join_draws_the_fields_it_matches() -> None:
    assert _lines(JOINED, at=INVOICE) == [
        ("orders/order", LineKind.LOOP),
        ("orders/order/@status", LineKind.CONDITION),
        ("rates::row/status", LineKind.CONDITION),
    ]


def test_a_joined_row_is_read_by_the_name_of_the_join() -> None:
    rule = Rule(f"{INVOICE}/total", script="[freight] * [rate::rate]")
    assert _lines(JOINED, rule, at=rule.path) == [
        ("orders/order/freight", LineKind.VALUE),
        ("rates::row/rate", LineKind.VALUE),
    ]


def test_a_further_source_is_read_by_its_own_name_and_its_filters_are_conditions() -> None:
    script = "[bases::base/list/entry[[code] == [/orders/order/currency]]/factor] + [bases::base/code]"
    rule = Rule(f"{INVOICE}/total", script=script)
    assert _lines(Rule(INVOICE, loop="orders/order"), rule, at=rule.path) == [
        ("bases::base/list/entry/factor", LineKind.VALUE),
        ("bases::base/code", LineKind.VALUE),
        ("bases::base/list/entry/code", LineKind.CONDITION),
        ("orders/order/currency", LineKind.CONDITION),
    ]


def test_loops_over_further_sources_into_further_targets() -> None:
    loop = Rule("audit::row", loop="rates::row", when="[rate] > 1")
    who = Rule("audit::row/who", script="[status]")
    lines = draw(Mapping((loop, who)), trees()).lines
    assert lines == (
        Line("rates::row", "audit::row", LineKind.LOOP, 0),
        Line("rates::row/rate", "audit::row", LineKind.CONDITION, 0, True),
        Line("rates::row/status", "audit::row/who", LineKind.VALUE, 0),
    )


def test_what_a_source_does_not_have_is_not_known() -> None:
    rule = Rule(f"{INVOICE}/total", script="[rates::row/gone] + [nothing::row/rate]")
    found = [line for line in draw(Mapping((rule,)), trees()).lines if line.target == rule.path]
    assert [(line.source, line.known) for line in found] == [("rates::row/gone", False)]


def test_another_join_moves_the_links_of_the_rules_inside() -> None:
    linker = Linker(trees())
    rule = Rule(f"{INVOICE}/total", script="[rate::code]")
    other = Rule(INVOICE, loop="orders/order", join={"rate": Join("bases::base/list/entry", {})})
    first = linker.draw(Mapping((JOINED, rule))).lines[-1]
    second = linker.draw(Mapping((other, rule))).lines[-1]
    assert (first.source, second.source) == ("rates::row/code", "bases::base/list/entry/code")
