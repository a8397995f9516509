"""The order of several objects: parents before children; where they name each other, a lookup waits for a second pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.several.model import Bound, Link, Step


def ordered(bound: Sequence[Bound]) -> tuple[tuple[Bound, ...], tuple[Step, ...]]:
    """The parts with the lookups that must wait marked, and the steps in order: first passes, then second ones.

    Among parts that are free to go the order given is kept. Raises BadInput where lookups that a record cannot be
    without name each other in a circle.
    """
    waits = {at: _parents(at, bound, lambda link: not link.weak) for at in range(len(bound))}
    firm = {at: _parents(at, bound, lambda link: link.firm and not link.weak) for at in range(len(bound))}
    order: list[int] = []
    while len(order) < len(bound):
        left = [at for at in range(len(bound)) if at not in order]
        free = [at for at in left if not (waits[at] - {at}) & set(left)]
        order.append(free[0] if free else _first_of_circle(left, waits, firm, bound))
    place = {at: number for number, at in enumerate(order)}
    marked = tuple(_marked(at, one, bound, place) for at, one in enumerate(bound))
    steps = [Step(at) for at in order]
    steps += [Step(at, second=True) for at in order if any(link.deferred for link in marked[at].links)]
    return marked, tuple(steps)


def _parents(at: int, bound: Sequence[Bound], counts: object) -> set[int]:
    assert callable(counts)
    found: set[int] = set()
    for link in bound[at].links:
        if counts(link):
            found |= _named_by(link, bound)
    return found


def _named_by(link: Link, bound: Sequence[Bound]) -> set[int]:
    objects = {target.object for target in link.targets}
    return {at for at, one in enumerate(bound) if one.object in objects}


def _first_of_circle(
    left: list[int], waits: dict[int, set[int]], firm: dict[int, set[int]], bound: Sequence[Bound]
) -> int:
    """A part of a circle that waits for nothing outside it, whose lookups into it can wait."""
    reach = {at: _reach(at, waits, set(left)) for at in left}
    bottom = [at for at in left if all(at in reach[other] for other in reach[at])]
    able = [at for at in bottom if not (firm[at] - {at}) & set(left)]
    if able:
        return min(able, key=lambda at: (len((waits[at] - {at}) & set(left)), left.index(at)))
    names = ", ".join(bound[at].object for at in bottom)
    raise BadInput(
        _("The objects {names} need each other: no one of them can be loaded first.").format(names=names),
        next_step=_("Leave one of the lookups between them out, or load them one at a time."),
    )


def _reach(at: int, waits: dict[int, set[int]], within: set[int]) -> set[int]:
    found: set[int] = set()
    open_ = [at]
    while open_:
        for parent in (waits[open_.pop()] & within) - found:
            found.add(parent)
            open_.append(parent)
    return found


def _marked(at: int, one: Bound, bound: Sequence[Bound], place: dict[int, int]) -> Bound:
    links = []
    for link in one.links:
        later = not link.weak and any(place[parent] >= place[at] for parent in _named_by(link, bound))
        if later and link.firm:
            raise BadInput(
                _("{object} needs {field} at once, and it names rows that are loaded later.").format(
                    object=one.object, field=link.field
                ),
                next_step=_("Load these rows in moves of their own, parents first."),
            )
        links.append(replace(link, deferred=later))
    return replace(one, links=tuple(links))
