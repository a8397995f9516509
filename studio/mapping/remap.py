"""What a changed schema does to a map: rules that lost their node are parked, and come back when it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.mapping import address
from studio.mapping.edits import move_rules, put_all, with_rules
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees


def fit(mapping: Mapping, trees: Trees, known: set[str] | None = None) -> Mapping:
    """The mapping as it fits its target schema: lost rules parked, parked ones whose node is back in force again.

    Target paths with prefixes that no name needs are written as the tree writes them.

    Without a target tree nothing moves, for a further target neither: a schema that cannot be read must not park a
    whole map. `known` keeps between calls with the same trees the paths that fit as they are written.
    """
    if trees.target.root is None:
        return mapping
    if known and not mapping.parked and _all_known(mapping, known):
        return mapping
    fitting: dict[str, Rule] = {}
    parked: list[Rule] = []
    # What is in force now goes before what was parked, should both want one node.
    for rule in (*mapping.rules, *mapping.parked):
        place = trees.target.find(rule.path)
        tree = trees.target.of(rule.path)
        if place is None and tree is not None and tree.root is None and rule.path not in fitting:
            fitting[rule.path] = rule
        elif place is None or place.path in fitting:
            parked.append(rule)
        else:
            fitting[place.path] = rule if rule.path == place.path else replace(rule, path=place.path)
    if known is not None:
        known.update(rule.path for rule in mapping.rules if fitting.get(rule.path) is rule)
    if tuple(parked) == mapping.parked and tuple(fitting.values()) == mapping.rules:
        return mapping
    return replace(with_rules(mapping, fitting.values(), trees.target), parked=tuple(parked))


def look_up(mapping: Mapping, trees: Trees) -> Iterator[None]:
    """Find the nodes of a large map little by little before it is first fitted; pump it between events."""
    if trees.target.root is None:
        return
    for number, rule in enumerate((*mapping.rules, *mapping.parked)):
        trees.target.find(rule.path)
        if number % 50 == 49:
            yield


def _all_known(mapping: Mapping, known: set[str]) -> bool:
    return len(mapping.by_path) == len(mapping.rules) and known.issuperset(mapping.by_path)


def attach(mapping: Mapping, parked: Rule, path: str, trees: Trees) -> Mapping:
    """Put a parked rule on a node of the schema, replacing what is there; parked rules below it come along."""
    moving = [rule for rule in mapping.parked if address.within(rule.path, parked.path)]
    ids = {id(rule) for rule in moving}
    left = tuple(rule for rule in mapping.parked if id(rule) not in ids)
    placed: list[Rule] = []
    for rule in moving:
        goal = address.moved(rule.path, parked.path, path)
        if trees.target.find(goal) is None:
            left = (*left, rule)
        else:
            placed.append(replace(rule, path=goal))
    return put_all(replace(mapping, parked=left), placed, trees.target)


def discard(mapping: Mapping, parked: Iterable[Rule]) -> Mapping:
    """Give up parked rules for good."""
    gone = {id(rule) for rule in parked}
    return replace(mapping, parked=tuple(rule for rule in mapping.parked if id(rule) not in gone))


def remap(mapping: Mapping, old: str, new: str, trees: Trees) -> Mapping:
    """Move rules from a node to another with everything below, then park what finds no node there."""
    return fit(move_rules(mapping, old, new, trees), trees)


def shown_under(rule: Rule, trees: Trees) -> str | None:
    """The nearest node of the schema above a parked rule's lost one: where the window shows it."""
    for up in address.ancestors(rule.path):
        if trees.target.find(up) is not None:
            return up
    root = trees.target.root
    return root.path if root is not None else None
