"""Rules carried away and put down elsewhere lead where they led, in this map and in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.mapping import clip, edits
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from tests.mapping.orders import invoices_map, orders_and_invoices, tree_of
from tests.mapping.test_edits import TARGETS, mappings

TREES = orders_and_invoices()
ORDER, INVOICE = "orders/order", "invoices/invoice"
SALES = """
sales
  sale 0..n
    @id
    placed date
    client
      name
"""


def _reads(mapping: Mapping, trees: Trees, top: str) -> set[tuple[str, str]]:
    return {
        (line.source, line.target.removeprefix(top))
        for line in draw(mapping, trees).lines
        if line.target.startswith(top)
    }


def test_a_fragment_is_readable_by_itself() -> None:
    mapping = Mapping(
        (Rule(INVOICE, loop=ORDER), Rule(f"{INVOICE}/issueDate", script="[placed] + [../rate/@code]"))
    )
    found = clip.copy(mapping, [f"{INVOICE}/issueDate"], TREES.source)
    assert [rule.script for rule in found.rules] == ["[orders/order/placed] + [orders/rate/@code]"]
    assert clip.from_text(clip.as_text(found)) == found


def test_paste_gives_the_path_of_the_new_place() -> None:
    mapping = Mapping((Rule(INVOICE, loop=ORDER), Rule(f"{INVOICE}/issueDate", script="[placed]")))
    found = clip.copy(mapping, [f"{INVOICE}/issueDate"], TREES.source)
    goal = f"{INVOICE}/dueDate"
    pasted = clip.paste(mapping, found, {f"{INVOICE}/issueDate": goal}, TREES)
    assert pasted.mapping.by_path[goal].script == "[placed]"
    assert (pasted.paths, pasted.lost) == ((goal,), ())
    without = clip.paste(Mapping(), found, {f"{INVOICE}/issueDate": goal}, TREES)
    assert without.mapping.by_path[goal].script == "[orders/order/placed]"


def test_a_loop_is_carried_with_all_that_is_in_it() -> None:
    mapping = invoices_map()
    found = clip.copy(mapping, [INVOICE], TREES.source)
    pasted = clip.paste(Mapping(), found, {INVOICE: INVOICE}, TREES)
    inside = Mapping(tuple(rule for rule in mapping.rules if rule.path.startswith(INVOICE)))
    assert _reads(pasted.mapping, TREES, INVOICE) == _reads(inside, TREES, INVOICE)


def test_another_map_of_another_source_takes_what_has_the_same_name() -> None:
    other = Trees(tree_of(SALES), TREES.target)
    mapping = Mapping((Rule(INVOICE, loop=ORDER), Rule(f"{INVOICE}/issueDate", script="[placed]"),
                       Rule(f"{INVOICE}/currency", script="[currency]")))  # fmt: skip
    tops = [f"{INVOICE}/issueDate", f"{INVOICE}/currency"]
    found = clip.copy(mapping, tops, TREES.source)
    here = Mapping((Rule(INVOICE, loop="sales/sale"),))
    pasted = clip.paste(here, found, dict(zip(tops, tops, strict=True)), other).mapping
    assert pasted.by_path[f"{INVOICE}/issueDate"].script == "[placed]"
    # What this source does not have keeps saying where it came from.
    assert pasted.by_path[f"{INVOICE}/currency"].script == "[/orders/order/currency]"


def test_several_go_in_order_or_into_the_node_that_has_them() -> None:
    fragment = Mapping(
        (Rule(f"{INVOICE}/seller/name", script="1"), Rule(f"{INVOICE}/seller/city", script="2"))
    )
    buyer = f"{INVOICE}/buyer"
    assert clip.places_for(fragment, [buyer], TREES) == {f"{INVOICE}/seller/name": f"{buyer}/name"}
    assert clip.places_for(fragment, [f"{buyer}/email"], TREES) == {f"{INVOICE}/seller/name": f"{buyer}/name"}
    goals = [f"{INVOICE}/currency", f"{INVOICE}/@number"]
    assert list(clip.places_for(fragment, goals, TREES).values()) == goals


def test_rules_for_which_there_is_no_node_are_told() -> None:
    fragment = Mapping((Rule("a/b", script="1"), Rule("a/b/c", script="2")))
    pasted = clip.paste(Mapping(), fragment, {"a/b": f"{INVOICE}/currency"}, TREES)
    assert pasted.paths == (f"{INVOICE}/currency",)
    assert pasted.lost == ("a/b/c",)


@pytest.mark.parametrize("text", ["- 1", "a b c: {", "map", "x: {loop: {a: 1}}", "[1]: 2\n[: 3"])
def test_a_text_that_is_no_rules_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        clip.from_text(text)


@given(mappings(), st.sampled_from(TARGETS))
def test_copied_and_pasted_in_place_reads_the_same(mapping: Mapping, top: str) -> None:
    found = clip.copy(mapping, [top], TREES.source)
    assert clip.from_text(clip.as_text(found)) == found or not found.rules
    places = {each: each for each in clip.tops_of(found)}
    pasted = clip.paste(mapping, found, places, TREES)
    assert _reads(pasted.mapping, TREES, top) == _reads(mapping, TREES, top)
    assert len(pasted.mapping) == len(mapping)


@given(mappings(), st.integers(1, 4), st.integers(1, 4))
def test_instances_change_places_and_back(mapping: Mapping, one: int, other: int) -> None:
    base = f"{INVOICE}/party" if TREES.target.find(f"{INVOICE}/party") else f"{INVOICE}/line"
    for number in range(1, 5):
        mapping = edits.put(mapping, Rule(f"{base}[{number}]/note", script=str(number)), TREES.target)
    mapping = edits.remove(mapping, [base], TREES.target)
    before = edits.instances(mapping, base)
    if {one, other} <= set(before):
        moved = edits.reorder(mapping, f"{base}[{one}]", other, TREES.target)
        assert edits.instances(moved, base) == before
        assert moved.by_path[f"{base}[{other}]/note"].script == str(one)
        assert edits.reorder(moved, f"{base}[{other}]", one, TREES.target) == mapping
