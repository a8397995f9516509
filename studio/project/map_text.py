"""A transformation as the text of its file, both ways: where each rule stands, what an edited text makes of the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from studio.base.errors import BadInput
from studio.base.yaml_read import comment_line, parse
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation
from studio.project.texts import parsed, value_text

_SECTIONS = ("map", "parked")


@dataclass(frozen=True)
class Extent:
    """The lines of one rule, both from 1, the last one included."""

    path: str
    first: int
    last: int


@dataclass(frozen=True)
class Reading:
    """What a text means: the transformation where it could be read, else the error; the first comment's line if any."""

    value: Transformation | None = None
    error: BadInput | None = None
    comment: int | None = None


def map_text(ref: str, value: Transformation) -> str:
    """The text of the file of the transformation `ref` (`transformations/name`), as the next save writes it."""
    return value_text(ref, value)


def read_map(ref: str, text: str, before: Transformation) -> Reading:
    """What an edited text makes of `before`; rules that say the same stay the very same objects."""
    try:
        value = parsed(ref, text.encode("utf-8", "replace"))
    except BadInput as error:
        return Reading(error=error)
    assert isinstance(value, Transformation)
    mapping = Map(
        _kept(before.mapping.rules, value.mapping.rules), _kept(before.mapping.parked, value.mapping.parked)
    )
    if mapping == before.mapping:
        mapping = before.mapping
    value = replace(value, mapping=mapping)
    return Reading(before if value == before else value, comment=comment_line(text))


def extents(text: str) -> tuple[Extent, ...]:
    """Where the rules stand in a text, from top to bottom; none where it cannot be read."""
    try:
        members = parse(text).members()
        found = [
            (node.line, path)
            for section in _SECTIONS
            if section in members
            for path, node in members[section].members().items()
        ]
    except BadInput:
        return ()
    lines = text.split("\n")
    ends = sorted(node.line for node in members.values())
    starts = sorted({line for line, _path in found} | set(ends) | {len(lines) + 1})
    following = dict(pairwise(starts))
    return tuple(Extent(path, line, _last(lines, line, following[line])) for line, path in sorted(found))


def extent_at(found: Iterable[Extent], line: int) -> Extent | None:
    """The rule that stands at a line, counted from 1."""
    return next((extent for extent in found if extent.first <= line <= extent.last), None)


def by_path(found: Iterable[Extent]) -> Mapping[str, Extent]:
    """The extents by the path of their rule; a parked rule gives way to one of the map."""
    places: dict[str, Extent] = {}
    for extent in found:
        places.setdefault(extent.path, extent)
    return places


def _kept(before: tuple[Rule, ...], now: tuple[Rule, ...]) -> tuple[Rule, ...]:
    known = {rule.path: rule for rule in before}
    return tuple(rule if known.get(rule.path) != rule else known[rule.path] for rule in now)


def _last(lines: list[str], first: int, following: int) -> int:
    last = following - 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return last
