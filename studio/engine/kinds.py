"""The kinds of source nodes that a map tells apart: types and members picked, or read by scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from studio.engine.items import Item
from studio.engine.resolve import Use
from studio.mapping.further import SOURCE
from studio.mapping.model import Rule, Transformation
from studio.schema.path import format_steps, parse_path

Kinds = Mapping[str, Sequence[tuple[str, str]]]
"""By the address where they stand: the address of a kind and the xsi:type it wants ("" for a member of that name)."""


def kinds_of(given: Transformation, uses: Callable[[], Iterable[Use]]) -> tuple[str, ...]:
    """The addresses (`orders/party~Company`) of the kinds that the source of a map tells apart.

    `uses` gives what its scripts read; it is asked only where some script names a kind.
    """
    found = {_without_number(path): None for path in given.picks.get(SOURCE, ()) if _picked(path)}
    if any(map(_names_kinds, given.mapping.rules)):
        found |= {place.path: None for use in uses() for place in use.places if _picked(place.path)}
    return tuple(found)


def _picked(path: str) -> bool:
    return "~" in path and bool(parse_path(path)[-1].type)


def _names_kinds(rule: Rule) -> bool:
    texts = (rule.script, rule.loop, rule.when, rule.each)
    return any(text is not None and "~" in text for text in texts)


def _without_number(path: str) -> str:
    lead = "/" if path.startswith("/") else ""
    return lead + format_steps(tuple(replace(step, index=None) for step in parse_path(path)))


def by_place(kinds: Iterable[str]) -> Kinds:
    """The kinds by the address of the nodes that may be of one, as the sample shows them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in kinds:
        steps = parse_path(path)
        lead = "/" if path.startswith("/") else ""
        name = steps[-1].type or ""
        declared = replace(steps[-1], type=None)
        member = replace(declared, name=name, prefix=None)
        found.setdefault(lead + format_steps((*steps[:-1], declared)), []).append((path, name))
        found.setdefault(lead + format_steps((*steps[:-1], member)), []).append((path, ""))
    return found


def of_kind(items: Sequence[Item], wanted: str) -> list[Item]:
    """Those of the xsi:type; all of them where a member's name says enough."""
    return [each for each in items if not wanted or each.type == wanted]
