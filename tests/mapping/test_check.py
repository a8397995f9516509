"""Problems of a map, parking of rules whose node has gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import Severity
from studio.mapping import check, edits, missing_loops, remap
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Kind, Node, Occurs, Place, Type, ValueType
from tests.mapping.orders import INVOICES, invoices_map, orders_and_invoices, tree_of

TREES = orders_and_invoices()
INVOICE = "invoices/invoice"


def _problems(*rules: Rule) -> list[tuple[Severity, str, str]]:
    base = Rule(INVOICE, loop="orders/order")
    mapping = edits.put_all(Mapping(), (base, *rules), TREES.target)
    found = check.problems(mapping, TREES, object="transformations/t")
    assert all(problem.object == "transformations/t" for problem in found)
    return [(p.severity, p.path or "", p.message) for p in found if "mandatory" not in p.message]


def test_mandatory_nodes_without_a_rule() -> None:
    assert [path.removeprefix(INVOICE) for path in check.missing(invoices_map(), TREES)] == [
        "/currency", "/seller/name", "/paymentTerms", "/line/item/@sku", "/line/item/name", "/line/unitPrice",
    ]  # fmt: skip


def test_an_optional_parent_asks_for_its_fields_once_something_is_inside() -> None:
    mapping = edits.set_script(invoices_map(), f"{INVOICE}/party[1]/role", "'x'", TREES.target)
    assert f"{INVOICE}/party[1]/name" in check.missing(mapping, TREES)
    assert f"{INVOICE}/party/name" not in check.missing(invoices_map(), TREES)


def test_an_empty_map_is_not_scolded() -> None:
    assert check.missing(Mapping(), TREES) == ()


def test_a_choice_without_an_alternative() -> None:
    found = [p.message for p in check.problems(invoices_map(), TREES) if "None of" in p.message]
    assert found == ["None of delivery, collection is mapped, and one of them is mandatory."]
    mapped = edits.set_script(invoices_map(), f"{INVOICE}/collection/shop", "'x'", TREES.target)
    assert not [p for p in check.problems(mapped, TREES) if "None of" in p.message]


@pytest.mark.parametrize(
    ("rule", "severity", "words"),
    [
        (Rule(f"{INVOICE}/note", script="[customer/gone]"), "error", "no field [customer/gone]"),
        (Rule(f"{INVOICE}/note", script="Sum([a]"), "error", "has no end"),
        (Rule(f"{INVOICE}/note", script="[lines/line/qty]"), "error", "several values"),
        (Rule(f"{INVOICE}/note", script="ToUpper([lines/line/product/name])"), "warning", "at once"),
        (Rule(f"{INVOICE}/note", script="x = 1; [lines/line/price] * x"), "warning", "at once"),
        (Rule(f"{INVOICE}/note", script="If([lines/line/qty] > 1, 'a', 'b')"), "warning", "at once"),
        (Rule(f"{INVOICE}/note", script="'x'", when="[lines/line/qty] > 1"), "warning", "at once"),
        (Rule(f"{INVOICE}/note", script="[customer]"), "warning", "no text of its own"),
        (Rule(f"{INVOICE}/total", script="[placed]"), "warning", "wants decimal"),
        (Rule(f"{INVOICE}/buyer", script="[customer/name]"), "error", "cannot take a value"),
        (Rule(f"{INVOICE}/gone", script="1"), "error", "no node invoices/invoice/gone"),
        (Rule(f"{INVOICE}/buyer", loop="lines/line"), "warning", "may occur once"),
        (Rule(f"{INVOICE}/party", loop="/orders/rate"), "warning", "Cartesian"),
        (Rule(f"{INVOICE}/party", loop="lines/nowhere"), "error", "does not have"),
        (Rule(f"{INVOICE}/party", loop="lines/["), "error", ""),
    ],
)
def test_what_is_wrong_with_a_rule(rule: Rule, severity: str, words: str) -> None:
    found = _problems(rule)
    assert [(one, path) for one, path, _words in found if words in _words and one == severity] == [
        (Severity(severity), rule.path)
    ]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(f"{INVOICE}/total", script="Sum([lines/line/qty])"),
        Rule(f"{INVOICE}/total", script="Sum([lines/line/qty] * [lines/line/price])"),
        Rule(f"{INVOICE}/note", script="names = [lines/line/product/name]; ToUpper(names[0])"),
        Rule(f"{INVOICE}/note", script="ToUpper([/orders/order/customer/name])"),
        Rule(f"{INVOICE}/note", script="If(Count([lines/line/@no]) > 1, 'many', 'one')"),
        Rule(f"{INVOICE}/buyer/phone", script="[customer/phone] + '!'"),
        Rule(f"{INVOICE}/note", script="[lines/line[1]/product/name]"),
        Rule(f"{INVOICE}/buyer/phone", script="[customer/phone]"),
        Rule(f"{INVOICE}/note", script="[.]"),
        Rule(f"{INVOICE}/note", script="[prices::row/x]"),
        Rule(f"{INVOICE}/party", loop="lines/line"),
        Rule(f"{INVOICE}/buyer", loop="lines/line", first=1),
        Rule(f"{INVOICE}/note", script="[freight]"),
    ],
)
def test_what_is_right(rule: Rule) -> None:
    assert [found for found in _problems(rule) if found[0] is Severity.ERROR or "once" in found[2]] == []


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([Rule(f"{INVOICE}/note", script="ToUpper([/orders/order/currency])")], [(INVOICE, "orders/order")]),
        ([Rule(f"{INVOICE}/note", script="[/orders/order/currency]")], [(INVOICE, "orders/order")]),
        (
            [
                Rule(INVOICE, loop="orders/order"),
                Rule(f"{INVOICE}/line/item/name", script="Trim([lines/line/@no])"),
            ],
            [(f"{INVOICE}/line", "orders/order/lines/line")],
        ),
        ([Rule(INVOICE, loop="orders/order"), Rule(f"{INVOICE}/note", script="Trim([lines/line/@no])")], []),
        ([Rule(f"{INVOICE}/note", script="Sum([/orders/order/freight])")], []),
    ],
)
def test_the_loops_that_a_rule_misses_mend_it(rules: list[Rule], wanted: list[tuple[str, str]]) -> None:
    mapping = edits.put_all(Mapping(), rules, TREES.target)
    path = rules[-1].path
    assert list(missing_loops.missing(mapping, TREES, path)) == wanted
    mended = missing_loops.add(mapping, TREES, path)
    told = [p.message for p in check.problems(mended, TREES) if p.path == path and "several" in p.message]
    assert bool(told) == (not wanted and "Sum" not in (rules[-1].script or ""))


def test_a_problem_in_a_script_has_line_and_column() -> None:
    mapping = Mapping((Rule(f"{INVOICE}/note", script='"x" +\n  [orders/gone]'),))
    problem = next(p for p in check.problems(mapping, TREES) if "gone" in p.message)
    assert (problem.line, problem.column) == (2, 3)


def test_problems_are_bounded() -> None:
    many = tuple(Rule(f"invoices/x{number}", script="1") for number in range(3000))
    assert len(check.problems(Mapping(many), TREES)) == check.MOST_PROBLEMS


def test_a_recursive_mandatory_node_does_not_hang() -> None:
    kind = Type("part", value=ValueType(), children=lambda: (node,))
    node = Node("part", Kind.ELEMENT, kind, Occurs(1, 1))
    trees = Trees(TREES.source, Tree(Place.root(node)))
    assert len(check.missing(Mapping((Rule("part/part/part", script="1"),)), trees)) < 10


def test_rules_without_a_node_are_parked_and_come_back() -> None:
    smaller = Trees(TREES.source, tree_of(INVOICES.replace("    dueDate date 0..1\n", "")))
    fitted = remap.fit(invoices_map(), smaller)
    assert [rule.path for rule in fitted.parked] == [f"{INVOICE}/dueDate"]
    assert remap.fit(fitted, smaller) is fitted
    assert remap.fit(fitted, TREES) == invoices_map()
    notes = [p for p in check.problems(fitted, smaller) if p.severity is Severity.NOTE]
    assert [note.path for note in notes] == [f"{INVOICE}/dueDate"]
    assert remap.shown_under(fitted.parked[0], smaller) == INVOICE


def test_a_parked_rule_is_attached_elsewhere_or_discarded() -> None:
    lost = Rule(f"{INVOICE}/freightCharge", script="[freight]")
    mapping = Mapping(invoices_map().rules, parked=(lost,))
    attached = remap.attach(mapping, lost, f"{INVOICE}/note", TREES)
    assert attached.parked == ()
    assert attached.by_path[f"{INVOICE}/note"].script == "[freight]"
    assert remap.discard(mapping, [lost]).parked == ()


def test_without_a_schema_nothing_is_parked() -> None:
    nothing = Trees(TREES.source, Tree(None))
    assert remap.fit(invoices_map(), nothing) == invoices_map()
    assert not [p for p in check.problems(invoices_map(), nothing) if "no node" in p.message]


@given(st.sets(st.sampled_from([rule.path for rule in invoices_map().rules])))
def test_no_rule_is_ever_lost(lost: set[str]) -> None:
    """Whatever nodes vanish and return, the rules are all there in the end."""

    class Holed(Tree):
        def find(self, path: str) -> Place | None:
            return None if path in lost else super().find(path)

    holed = Trees(TREES.source, Holed(TREES.target.root))
    fitted = remap.fit(invoices_map(), holed)
    assert {rule.path for rule in fitted.parked} >= lost
    assert len(fitted.rules) + len(fitted.parked) == len(invoices_map())
    assert remap.fit(fitted, TREES) == invoices_map()


def test_a_moved_node_takes_its_rules_along() -> None:
    mapping = remap.remap(invoices_map(), f"{INVOICE}/buyer", f"{INVOICE}/party", TREES)
    assert mapping.by_path[f"{INVOICE}/party/name"].script == "[customer/name]"
    assert [rule.path for rule in mapping.parked] == [f"{INVOICE}/party/email"]


Make = Callable[[int], int]


def test_large_maps_are_checked_once_per_rule(share: Make) -> None:
    count = share(5_000)
    fields = "\n".join(f"  f{number} 0..1" for number in range(count))
    trees = Trees(tree_of(f"a\n{fields}"), tree_of(f"b\n{fields}"))
    mapping = Mapping(tuple(Rule(f"b/f{number}", script=f"[a/f{number}]") for number in range(count)))
    assert check.problems(mapping, trees) == ()
