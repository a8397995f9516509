"""Source nodes put small: plain tuples of what a plan uses of them, to keep many of or to write to disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.engine.generate.layout import Chain, Row
from studio.engine.items import Item
from studio.engine.plan import Shape

Packed = Any
"""A leaf is its text, or (text, type); any other node (text, type, what is below by the shape's keys), where a single
leaf stands as its text, nothing as None, and other instances in a tuple. A node kept whole is
(key, text, type, those below in order). marshal can write it."""


def pack(item: Item, shape: Shape) -> Packed:
    """A node as far as the shape uses it."""
    if shape.whole:
        return _whole(item)
    if not shape.children:
        return item.text if item.type is None else (item.text, item.type)
    below = tuple(_instances(item.children.get(key), child) for key, child in shape.children.items())
    return item.text, item.type, below


def _instances(items: list[Item] | None, shape: Shape) -> Packed:
    if not items:
        return None
    if len(items) == 1:
        packed = pack(items[0], shape)
        if type(packed) is str:
            return packed
        return (packed,)
    return tuple(pack(item, shape) for item in items)


def unpack(packed: Packed, shape: Shape, parent: Item | None = None) -> Item:
    """The node again, with nothing above it."""
    if shape.whole:
        return _restored(packed, parent)
    text, type_, below = parts(packed, shape)
    item = Item(shape.key, parent, text, type_)
    for (key, child), found in zip(shape.children.items(), below, strict=False):
        if found is not None:
            item.children[key] = [unpack(each, child, item) for each in instances(found)]
    return item


def _whole(item: Item) -> Packed:
    return item.key, item.text, item.type, tuple(map(_whole, (*item.attributes(), *item.elements())))


def _restored(packed: Packed, parent: Item | None) -> Item:
    key, text, type_, below = packed
    item = Item(key, parent, text, type_)
    for each in below:
        child = _restored(each, item)
        item.children.setdefault(child.key, []).append(child)
        if not child.key.startswith("@"):
            item.in_order(child)
    return item


def parts(packed: Packed, shape: Shape) -> tuple[str | None, str | None, tuple[Packed, ...]]:
    """Text, type and what is below."""
    if shape.children:
        text, type_, below = packed
        return text, type_, below
    if type(packed) is tuple:
        return packed[0], packed[1], ()
    return packed, None, ()


def instances(found: Packed) -> tuple[Packed, ...]:
    """The instances of a child."""
    return (found,) if type(found) is str else found


def keeps_whole(shape: Shape) -> bool:
    """Some node of it is kept whole."""
    return shape.whole or any(keeps_whole(child) for child in shape.children.values())


def filler(row: Row) -> Callable[[Packed], tuple[Any, ...]]:
    """What turns a packed node into the tuple that generated code reads (see generate.layout)."""
    width = len(row.index)
    plain = _plain(row)
    if plain is not None:
        return plain
    inner = {chain: filler(below) for chain, below in row.rows.items()}

    def fill(packed: Packed) -> tuple[Any, ...]:
        slots: list[Any] = [None] * width
        for (kind, _chain), place in row.index.items():
            if kind == "list":
                slots[place] = []
        _visit(row, inner, slots, (row.shape, row.chain), packed)
        return tuple(slots)

    return fill


def _visit(
    row: Row, inner: dict[Chain, Any], slots: list[Any], here: tuple[Shape, Chain], packed: Packed
) -> None:
    shape, chain = here
    text, type_, below = parts(packed, shape)
    if shape.text:
        slots[row.index["text", chain]] = text
    if shape.present:
        slots[row.index["present", chain]] = None if text is None else ""
    if shape.typed:
        slots[row.index["type", chain]] = type_
    for (key, child), found in zip(shape.children.items(), below, strict=False):
        if found is None:
            continue
        under = (*chain, key)
        if child.repeats:
            slots[row.index["list", under]] = [inner[under](each) for each in instances(found)]
        else:
            _visit(row, inner, slots, (child, under), instances(found)[0])


def _plain(row: Row) -> Callable[[Packed], tuple[Any, ...]] | None:
    """The quick way for rows that hold nothing but single leaves, in the order of the shape."""
    shape = row.shape
    leaves = [("text", (*row.chain, key)) for key in shape.children]
    if list(row.index) != leaves:
        return None

    def fill(packed: Packed) -> tuple[Any, ...]:
        found: tuple[Any, ...] = packed[2]
        for each in found:
            if type(each) is tuple:
                return tuple(_first(each) for each in found)
        return found

    return fill


def _first(found: Packed) -> str | None:
    """The text of the first instance of a leaf."""
    if type(found) is not tuple:
        return None if found is None else str(found)
    first = found[0]
    text: str | None = first[0] if type(first) is tuple else first
    return text
