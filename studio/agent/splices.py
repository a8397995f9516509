"""What differs between two sequences, as pieces to put into the older one: an edit of a long map is a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Splice = tuple[int, int, Sequence[T]]


def splices_of(old: Sequence[T], new: Sequence[T]) -> list[Splice[T]]:
    """Pieces (from, to, what stands there now) that make `new` of `old`; places are those of `old`, in order.

    Equal lengths are compared place by place; otherwise what differs is one piece between the common ends.
    """
    if len(old) == len(new):
        return _replaced(old, new)
    most = min(len(old), len(new))
    start = next((at for at in range(most) if not _same(old[at], new[at])), most)
    end = next((n for n in range(most - start) if not _same(old[-1 - n], new[-1 - n])), most - start)
    return [(start, len(old) - end, new[start : len(new) - end])]


def _replaced(old: Sequence[T], new: Sequence[T]) -> list[Splice[T]]:
    found: list[Splice[T]] = []
    changed = [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if not _same(one, other)]
    first = last = -1
    for at in changed:
        if at != last:
            if last >= 0:
                found.append((first, last, new[first:last]))
            first = at
        last = at + 1
    if last >= 0:
        found.append((first, last, new[first:last]))
    return found


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(one == other)


def spliced(old: Sequence[T], splices: Iterable[Splice[T]]) -> list[T]:
    """The newer sequence. Raises ValueError for pieces that are not of this one."""
    made: list[T] = []
    at = 0
    for start, end, items in splices:
        if not at <= start <= end <= len(old):
            raise ValueError("not of this sequence")
        made += old[at:start]
        made += items
        at = end
    made += old[at:]
    return made


def length_of(splices: Iterable[Splice[T]]) -> int:
    """How many items the pieces hold."""
    return sum(len(items) for _start, _end, items in splices)
