"""Finding names below types nobody has expanded: a walk over the type graph, in slices, recursion included."""

from __future__ import annotations

import time
from collections.abc import Iterator

from studio.schema.model import Node, Place, Type
from studio.schema.search import Query

# How long the window is kept from breathing, in seconds.
_SLICE = 0.008
# A graph larger than this is searched in part; the rows already expanded are always searched.
_MOST_TYPES = 200_000


class Search:
    """Which names match a filter, and which types have a match somewhere below.

    `a/b` or `a b` matches nodes named like b below nodes named like a, `@a` attributes only. Pump `work` until it is
    done; until then everything counts as not found.
    """

    def __init__(self, text: str, *roots: Place) -> None:
        self.text = text.strip().casefold()
        self.query = Query.of(text)
        self.done = False
        self._roots = roots
        self._above: set[Type] = set()

    def hit(self, place: Place) -> bool:
        """The node itself matches."""
        return self.query.matches(place.node) and self.query.fits_above(place)

    def span(self, name: str) -> tuple[int, int]:
        """Where in a name the match stands: start and length, length 0 where it does not."""
        word = self.query.words[-1] if self.query.words else ""
        at = name.casefold().find(word)
        return (at, len(word)) if word and at >= 0 else (0, 0)

    def below(self, node: Node) -> bool:
        """Somewhere below the node a name matches."""
        return node.type in self._above

    def work(self) -> Iterator[None]:
        """Walk the types; yields now and then."""
        parents: dict[Type, list[Type]] = {}
        waiting = list(dict.fromkeys(root.node.type for root in self._roots))
        seen = set(waiting)
        found: list[Type] = []
        until = time.perf_counter() + _SLICE
        while waiting and len(seen) < _MOST_TYPES:
            kind = waiting.pop()
            hit = False
            for node in kind.children:
                hit = hit or self.query.matches(node)
                parents.setdefault(node.type, []).append(kind)
                if node.type not in seen and not node.type.leaf:
                    seen.add(node.type)
                    waiting.append(node.type)
            if hit:
                found.append(kind)
            if time.perf_counter() > until:
                yield
                until = time.perf_counter() + _SLICE
        while found:
            kind = found.pop()
            if kind not in self._above:
                self._above.add(kind)
                found += parents.get(kind, [])
        self.done = True
