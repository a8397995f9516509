"""Three-way merges: what one side changed is taken, what both changed is a conflict, nothing else is touched."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.mapping.model import Mapping, Rule
from studio.project import edits
from studio.project.merge import decided, merge
from studio.project.model import Project
from studio.project.texts import objects_differing
from tests.project.examples import project, random_edit, texts

SEEDS = st.integers(0, 10**6)


def edited(start: Project, seed: int, count: int) -> Project:
    chance = random.Random(seed)
    for _edit in range(count):
        start = random_edit(start, chance)[1]
    return start


@given(SEEDS, st.integers(0, 6), SEEDS, st.integers(0, 6))
def test_one_sided_changes_are_taken_whole(seed: int, count: int, other: int, more: int) -> None:
    base = edited(project(), other, more)
    changed = edited(base, seed, count)
    assert texts(merge(base, changed, base).project) == texts(changed)
    assert texts(merge(base, base, changed).project) == texts(changed)
    assert merge(base, base, changed).taken == objects_differing(base, changed)
    same = merge(base, changed, changed)
    assert texts(same.project) == texts(changed)
    assert same.conflicts == ()


@given(SEEDS, SEEDS, st.integers(0, 5))
def test_objects_only_one_side_changed_come_from_that_side(one: int, other: int, count: int) -> None:
    base = project()
    mine, theirs = edited(base, one, count), edited(base, other, count)
    merged = merge(base, mine, theirs)
    ours, others = objects_differing(base, mine), objects_differing(base, theirs)
    found, left, right, start = (texts(value) for value in (merged.project, mine, theirs, base))
    for id in start.keys() | left.keys() | right.keys():
        if id not in others:
            assert found.get(id) == left.get(id)
        elif id not in ours:
            assert found.get(id) == right.get(id)
    assert {conflict.object for conflict in merged.conflicts} <= ours & others


@given(SEEDS, SEEDS, st.integers(0, 5))
def test_without_conflicts_it_does_not_matter_who_is_who(one: int, other: int, count: int) -> None:
    base = project()
    mine, theirs = edited(base, one, count), edited(base, other, count)
    first, second = merge(base, mine, theirs), merge(base, theirs, mine)
    assert len(first.conflicts) == len(second.conflicts)
    if not first.conflicts:
        assert _unordered(first.project) == _unordered(second.project)


def _unordered(value: Project) -> dict[str, object]:
    """Objects without the order of rules, in which two additions at one place may differ."""
    found: dict[str, object] = {"project": (value.name, value.description, dict(value.variables))}
    for id in value.objects():
        if id.startswith("transformations/"):
            held = value.get(id)
            mapping = held.mapping
            found[id] = (
                replace(held, mapping=Mapping()),
                set(map(repr, mapping.rules)),
                set(map(repr, mapping.parked)),
            )
    return found | {id: text for id, text in texts(value).items() if id not in found}


def _with_rules(value: Project, *rules: Rule) -> Project:
    old = value.transformations["orders-to-invoices"]
    return edits.put(value, "transformations/orders-to-invoices", replace(old, mapping=Mapping(rules)))


def _rules(value: Project) -> dict[str, str | None]:
    return {rule.path: rule.script for rule in value.transformations["orders-to-invoices"].mapping.rules}


A, B, C, D, E = (Rule(name, script=name) for name in "abcde")


def test_rules_are_merged_one_by_one_and_keep_their_places() -> None:
    base = _with_rules(project(), A, C, E)
    mine = _with_rules(base, A, B, C, E)
    theirs = _with_rules(base, A, C, D, replace(E, script="changed"))
    merged = merge(base, mine, theirs)
    assert list(_rules(merged.project).items()) == [
        ("a", "a"),
        ("b", "b"),
        ("c", "c"),
        ("d", "d"),
        ("e", "changed"),
    ]
    assert merged.conflicts == ()


def test_a_rule_both_changed_is_a_conflict_and_mine_stays() -> None:
    base = _with_rules(project(), A, B)
    mine = _with_rules(base, A, replace(B, script="mine"))
    theirs = _with_rules(base, replace(A, script="theirs"), replace(B, script="theirs"))
    merged = merge(base, mine, theirs)
    assert _rules(merged.project) == {"a": "theirs", "b": "mine"}
    (conflict,) = merged.conflicts
    assert (conflict.object, conflict.path) == ("transformations/orders-to-invoices", ("map", "b"))
    assert (conflict.base, conflict.mine, conflict.theirs) == ("b", "mine", "theirs")


def test_a_change_weighs_more_than_a_deletion() -> None:
    base = _with_rules(project(), A, B)
    changed, gone = _with_rules(base, A, replace(B, script="new")), _with_rules(base, A)
    for mine, theirs in ((changed, gone), (gone, changed)):
        merged = merge(base, mine, theirs)
        assert _rules(merged.project)["b"] == "new"
        assert len(merged.conflicts) == 1
    removed = edits.remove(base, "transformations/orders-to-invoices")
    for mine, theirs in ((changed, removed), (removed, changed)):
        merged = merge(base, mine, theirs)
        assert _rules(merged.project)["b"] == "new"
        assert merged.conflicts[0].path == ()


def test_variables_are_merged_by_name() -> None:
    base = replace(project(), variables={"a": "1", "b": "2"})
    merged = merge(
        base, replace(base, variables={"a": "1", "b": "3"}), replace(base, variables={"a": "9", "b": "2"})
    )
    assert merged.project.variables == {"a": "9", "b": "3"}
    assert merged.conflicts == ()


def test_a_script_both_changed_is_one_conflict() -> None:
    base = project()
    mine, theirs = (edits.put(base, "scripts/mark/sent", text) for text in ("mine", "theirs"))
    merged = merge(base, mine, theirs)
    assert merged.project.scripts["mark/sent"] == "mine"
    assert merged.conflicts[0].theirs == "theirs"


def test_a_conflict_is_decided_for_either_side_or_anew() -> None:
    base = _with_rules(project(), A, B)
    changed, gone = _with_rules(base, A, replace(B, script="new")), _with_rules(base, A)
    merged = merge(base, changed, gone)
    (conflict,) = merged.conflicts
    assert _rules(decided(merged.project, conflict, conflict.mine)) == {"a": "a", "b": "new"}
    assert _rules(decided(merged.project, conflict, conflict.theirs)) == {"a": "a"}
    assert _rules(decided(merged.project, conflict, "third")) == {"a": "a", "b": "third"}
    removed = edits.remove(base, "transformations/orders-to-invoices")
    # Deleted once the conflict was there: no half of an object is made of one rule.
    assert decided(removed, conflict, None) is removed
    with pytest.raises(BadInput, match="was deleted here since"):
        decided(removed, conflict, "third")
    (whole,) = merge(base, changed, removed).conflicts
    assert "orders-to-invoices" not in decided(changed, whole, None).transformations
    assert _rules(decided(removed, whole, whole.mine)) == {"a": "a", "b": "new"}
