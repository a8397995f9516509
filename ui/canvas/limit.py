"""Which rows of a tree a view or a page lets through, besides what a filter finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from studio.mapping import address
from studio.schema.model import Kind, Node, Place
from ui.canvas.shape import Row, RowKind


@dataclass(frozen=True)
class Limit:
    """What is let through: addresses with all above them, what is mandatory, or some subtrees; all that is said holds.

    `paths` are the addresses (None: any), `tops` the subtrees (None: the whole tree). `mandatory` lets through what must
    occur, what a document must have once the map makes the nodes in `made`, and nodes with such children. `unfold`: the
    rows are unfolded down to the addresses whatever the person has folded before.
    """

    paths: frozenset[str] | None = None
    above: frozenset[str] = frozenset()
    tops: frozenset[str] | None = None
    mandatory: bool = False
    made: frozenset[str] = frozenset()
    unfold: bool = False

    def shows(self, row: Row) -> bool:
        """The row itself is let through, or leads to what is."""
        if row.kind is RowKind.INSTEAD:
            return False
        if row.kind is RowKind.CHOICE and row.place is not None:
            must = not self.mandatory or row.place.node.occurs.min > 0
            return must and any(self._shows(path, None) for path in row.inside)
        if row.kind is RowKind.WRAPPER and row.place is not None:
            return any(self._shows(path, row.place) for path in row.inside)
        return self._shows(row.path, row.place)

    def _shows(self, path: str, place: Place | None) -> bool:
        if self.paths is not None and path not in self.paths and path not in self.above:
            return False
        if self.tops is not None and not self._on_page(path, self.tops):
            return False
        return not self.mandatory or place is None or self._mandatory(place)

    def leads(self, row: Row) -> bool:
        """Something below the row is let through by its address."""
        if self.paths is None or row.kind is RowKind.INSTEAD:
            return False
        if row.kind in (RowKind.CHOICE, RowKind.WRAPPER) or row.inside:
            # The addresses of alternatives stand below the choice in the tree, not in their text.
            return any(self._shows(path, None) for path in row.inside)
        return row.path in self.above and (self.tops is None or self._on_page(row.path, self.tops))

    def narrowed(self, keep: Callable[[str], bool]) -> Limit:
        """The limit with only those of its addresses that `keep` accepts, and what stands above them."""
        if self.paths is None:
            return self
        return limited_to((path for path in self.paths | self.above if keep(path)), like=self)

    def _on_page(self, path: str, tops: frozenset[str]) -> bool:
        if path in tops or any(up in tops for up in address.ancestors(path)):
            return True
        return any(path in (top, *address.ancestors(top)) for top in tops)

    def _mandatory(self, place: Place) -> bool:
        if place.required or place.parent is None or place.parent.node.kind is Kind.CHOICE:
            return True  # of a choice one alternative must be
        if place.node.type.leaf:
            return False
        return place.path in self.made or any(_must(node) for node in place.node.type.children)


def _must(node: Node) -> bool:
    return node.occurs.min > 0 and node.kind is not Kind.CHOICE


def limited_to(paths: Iterable[str], like: Limit | None = None, *, unfold: bool = True) -> Limit:
    """A limit to these addresses and what stands above them; its other parts as in `like`."""
    found = frozenset(paths)
    above = frozenset(_above(found))
    if like is None:
        return Limit(found, above, unfold=unfold)
    return Limit(found, above, like.tops, like.mandatory, like.made, like.unfold)


def _above(paths: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        for up in address.ancestors(path):
            if up in seen:
                break
            seen.add(up)
            yield up


def joined(view: Limit | None, tops: frozenset[str] | None) -> Limit | None:
    """What a view lets through of a page."""
    if tops is None:
        return view
    found = view or Limit()
    return Limit(found.paths, found.above, tops, found.mandatory, found.made, found.unfold)
