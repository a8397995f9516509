"""Reads without conditions, made ready once: what the judge's `value` gives, in a fifth of its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from studio.engine.items import Item
from studio.engine.plan import Hop, Read
from studio.script.tree import Value
from studio.script.values import typed


class Here(Protocol):
    """The current instance of a frame."""

    item: Item


Reader = Callable[[Sequence[Here]], Value]
"""Gives a value in the current frames."""


def reader_of(read: Read) -> Reader | None:
    """What reads it; None where conditions, types, groups or joins say what is read."""
    if (
        read.members
        or read.joined
        or any(hop.filter is not None or hop.type is not None for hop in read.hops)
    ):
        return None
    level, up, base, holds_text = read.level, read.up, read.base, read.holds_text
    spread, rest = read.hops[: read.spread], _places(read.hops[read.spread :])

    def leaf(item: Item) -> Value:
        for key, place in rest:
            found = item.children.get(key)
            if found is None or len(found) <= place:
                return None
            item = found[place]
        if holds_text:
            return typed(item.text, base)
        return None if item.text is None else ""

    def one(frames: Sequence[Here]) -> Value:
        item = frames[level].item
        return leaf(item.above(up) if up else item)

    def many(frames: Sequence[Here]) -> Value:
        items = [frames[level].item.above(up)]
        for hop in spread:
            items = [found for item in items for found in _step(item, hop)]
        return [leaf(item) for item in items]

    return many if read.array else one


def _places(hops: Sequence[Hop]) -> tuple[tuple[str, int], ...]:
    return tuple((hop.key, (hop.index or 1) - 1) for hop in hops)


def _step(item: Item, hop: Hop) -> Sequence[Item]:
    found = item.children.get(hop.key, ())
    if hop.every:
        return found
    place = (hop.index or 1) - 1
    return found[place : place + 1]
