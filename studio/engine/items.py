"""Item: one instance of a source node, whatever the format; what the judge reads."""

from __future__ import annotations

from collections.abc import Iterator

from studio.engine.plan import Shape


class Item:
    """An instance: its key (see plan.Hop), its own text and the instances below by key, in document order.

    `text` is None where there is none (JSON null, an empty cell, an element of a type without text); `type` is the
    local name of xsi:type. `order` are the elements below in document order, where an XML node is kept whole.
    """

    __slots__ = ("children", "key", "order", "parent", "text", "type")

    def __init__(
        self, key: str, parent: Item | None = None, text: str | None = None, type: str | None = None
    ) -> None:
        self.key = key
        self.parent = parent
        self.text = text
        self.type = type
        self.children: dict[str, list[Item]] = {}
        self.order: list[Item] | None = None

    def add(self, key: str, text: str | None = None) -> Item:
        """A new last child."""
        child = Item(key, self, text)
        self.children.setdefault(key, []).append(child)
        return child

    def first(self, key: str) -> Item | None:
        """The first child called `key`."""
        found = self.children.get(key)
        return found[0] if found else None

    def attributes(self) -> Iterator[Item]:
        """Its attributes."""
        return (item for key, same in self.children.items() if key.startswith("@") for item in same)

    def elements(self) -> Iterator[Item]:
        """The nodes below that are no attributes, in document order where that is known, else name by name."""
        if self.order is not None:
            return iter(self.order)
        return (item for key, same in self.children.items() if not key.startswith("@") for item in same)

    def in_order(self, child: Item) -> None:
        """Remember that `child`, added already, comes next."""
        if self.order is None:
            self.order = []
        self.order.append(child)

    def walk(self) -> Iterator[Item]:
        """It and everything below, depth first."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            yield here
            for same in reversed(list(here.children.values())):
                waiting.extend(reversed(same))

    def number(self) -> int:
        """Which of its siblings of the same key it is, from 1."""
        if self.parent is None:
            return 1
        return next(
            (n for n, item in enumerate(self.parent.children.get(self.key, ()), start=1) if item is self), 1
        )

    def above(self, up: int) -> Item:
        """The parent `up` levels higher."""
        here = self
        for _level in range(up):
            if here.parent is None:
                return here
            here = here.parent
        return here


def keep(shape: Shape | None, key: str) -> tuple[bool, Shape | None]:
    """Whether a child is wanted, and its shape: everything is where no shape is given, or a whole node's."""
    if shape is None:
        return True, None
    inside = shape.children.get(key)
    return inside is not None or shape.whole, inside
