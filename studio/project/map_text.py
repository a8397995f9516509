"""A transformation as the text of its file, both ways: where each rule stands, what an edited text makes of the map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from studio.base.errors import BadInput
from studio.base.yaml_read import Node, comment_line, parse, parsing
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, Transformation
from studio.project.layout import file_of
from studio.project.objects import read_transformation
from studio.project.texts import value_text

_SECTIONS = ("map", "parked")
_HEADS = tuple(f"{section}:" for section in _SECTIONS)


@dataclass(frozen=True)
class Extent:
    """The lines of one rule, both from 1, the last one included."""

    path: str
    first: int
    last: int


@dataclass(frozen=True)
class Reading:
    """What a text means: the transformation where it could be read, else the error; the first comment's line if any.

    `extents` says where the rules stand in it.
    """

    value: Transformation | None = None
    error: BadInput | None = None
    comment: int | None = None
    extents: tuple[Extent, ...] = ()


def map_text(ref: str, value: Transformation) -> str:
    """The text of the file of the transformation `ref` (`transformations/name`), as the next save writes it."""
    return value_text(ref, value)


def read_map(ref: str, text: str, before: Transformation) -> Reading:
    """What an edited text makes of `before`; rules that say the same stay the very same objects."""
    found = None
    for found in reading(ref, text, before):  # noqa: B007
        pass
    assert found is not None
    return found


def reading(ref: str, text: str, before: Transformation) -> Iterator[Reading | None]:
    """`read_map` in steps between which a window can breathe; what comes last is the result."""
    node = None
    try:
        for node in parsing(text, file=file_of(ref)):  # noqa: B007
            yield None
        assert node is not None
        value = read_transformation(node, ref.rpartition("/")[2])
    except BadInput as error:
        yield Reading(error=error)
        return
    yield None
    mapping = Map(
        _kept(before.mapping.rules, value.mapping.rules), _kept(before.mapping.parked, value.mapping.parked)
    )
    if mapping == before.mapping:
        mapping = before.mapping
    value = replace(value, mapping=mapping)
    same = before if value == before else value
    yield None
    yield Reading(same, comment=comment_line(text), extents=_extents(node, text))


def extents(text: str) -> tuple[Extent, ...]:
    """Where the rules stand in a text, from top to bottom; none where it cannot be read."""
    try:
        return _extents(parse(text), text)
    except BadInput:
        return ()


def written_extents(text: str, value: Transformation) -> tuple[Extent, ...]:
    """`extents` of what `map_text` wrote for `value`, without reading it again."""
    lines = text.split("\n")
    paths = [rule.path for rules in (value.mapping.rules, value.mapping.parked) for rule in rules]
    starts = [number for number, line in enumerate(lines, 1) if _begins(line)]
    section = [number for number in starts if not lines[number - 1].startswith(" ")]
    firsts: list[int] = []
    for number in section:
        if lines[number - 1].rstrip() in _HEADS:
            end = next((other for other in section if other > number), len(lines) + 1)
            firsts += [start for start in starts if number < start < end]
    named = zip(firsts, paths, strict=False)
    if (
        not paths
        or len(firsts) != len(paths)
        or not all(_names(lines[first - 1], path) for first, path in named)
    ):
        return extents(text)
    following = dict(pairwise([*starts, len(lines) + 1]))
    return tuple(
        Extent(path, first, _last(lines, first, following[first]))
        for first, path in zip(firsts, paths, strict=True)
    )


def _begins(line: str) -> bool:
    """A section, or an entry of one: what stands further in belongs to an entry."""
    return bool(line) and (line[0] not in " #" or (line[:2] == "  " and line[2:3] not in ("", " ", "#", "-")))


def _names(line: str, path: str) -> bool:
    # A path in quotes may be escaped; that there are as many as rules has to do.
    return line[2:3] in ("'", '"', "?") or line.startswith(path, 2)


def _extents(document: Node, text: str) -> tuple[Extent, ...]:
    members = document.members()
    found = [
        (node.line, path)
        for section in _SECTIONS
        if section in members
        for path, node in members[section].members().items()
    ]
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
