"""Finding nodes by name in a schema nobody has expanded: a walk over types, not over the tree."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from studio.schema.model import Kind, Node, Place, Schema, Type

# How often one type is gone into: a shared type is found at so many places, recursion cannot run away.
_TIMES_EACH = 8
_MOST_NODES = 400_000
# Types looked at in one step of `find_in_steps`: a few milliseconds.
_STEP = 10


@dataclass(frozen=True)
class Query:
    """What to look for: the last word in the node's own name, the words before it in the names above, in order."""

    words: tuple[str, ...]
    attribute: bool = False

    @staticmethod
    def of(text: str) -> Query:
        """`city`, `@id`, `customer/city` or `customer city`."""
        parts = text.replace("/", " ").split()
        attribute = bool(parts) and parts[-1].startswith("@")
        return Query(tuple(part.lstrip("@").casefold() for part in parts if part.lstrip("@")), attribute)

    def matches(self, node: Node) -> bool:
        """The node itself fits the last word (by name or by its label)."""
        if not self.words or node.kind is Kind.CHOICE or (self.attribute and not node.attribute):
            return False
        word = self.words[-1]
        return word in node.name.casefold() or word in node.facts.get("label", "").casefold()

    def fits_above(self, place: Place) -> bool:
        """The words before the last one are found in the names above, in order."""
        names = [above.node.name.casefold() for above in place.ancestors()]
        at = 0
        for word in reversed(self.words[:-1]):
            while at < len(names) and word not in names[at]:
                at += 1
            if at == len(names):
                return False
            at += 1
        return True


def find(schema: Schema, text: str, *, root: str | None = None, limit: int = 200) -> list[Place]:
    """Up to `limit` places whose names match, nearest to the root first; what stands behind a choice of type too.

    Looks below the root called `root`, or below all. Every declaration that matches is found at least once; one whose
    type is shared is found at several of its places. Takes time in proportion to the schema's declarations.
    """
    steps = find_in_steps(schema, text, root=root)
    return list(islice((place for found in steps for place in found), limit))


def find_in_steps(schema: Schema, text: str, *, root: str | None = None) -> Iterator[list[Place]]:
    """`find` in slices of a few milliseconds each, for a window that must stay awake; most of them are empty."""
    query = Query.of(text)
    starts = [Place.root(node) for node in schema.roots]
    if root is not None:
        place = schema.root(root)
        starts = [place] if place else []
    if not query.words:
        return
    leading: set[Type] = set()
    for _pause in _leading({place.node.type for place in starts}, query, leading):
        yield []
    found: list[Place] = []
    for at, place in enumerate(_walk(starts, leading)):
        if query.matches(place.node) and query.fits_above(place):
            found.append(place)
        if at % (_STEP * 20) == 0:
            yield found
            found = []
    yield found


def variants(node: Node) -> Iterator[Node]:
    """What may be picked instead of an element: substitutes, and itself with each type derived from a structured one.

    Types for anything (`anyType`) and for plain texts are left out: every schema has thousands of places to put one.
    """
    if node.kind is not Kind.ELEMENT:
        return
    if node.substitutes:
        yield from node.substitutes()
    if not node.type.leaf and node.type.name != "anyType":
        for kind in node.type.derived:
            yield replace(node, type=kind)


def _walk(starts: list[Place], leading: set[Type]) -> Iterator[Place]:
    """Places breadth first, going only into types below which something matches, and only so often into each."""
    waiting = deque(starts)
    times: dict[Type, int] = {}
    picked: dict[tuple[str, Type], int] = {}
    left = _MOST_NODES
    while waiting and left > 0:
        place = waiting.popleft()
        yield place
        # A place that is a pick itself offers no further ones: they stand beside it.
        if "~" not in place.path.rsplit("/", 1)[-1]:
            waiting.extend(_picks(place, leading, picked))
        kind = place.node.type
        if kind.leaf or kind not in leading or times.get(kind, 0) >= _TIMES_EACH or place.recursive:
            continue
        times[kind] = times.get(kind, 0) + 1
        for child in place.flat_children():
            left -= 1
            waiting.append(child)


def _picks(place: Place, leading: set[Type], picked: dict[tuple[str, Type], int]) -> Iterator[Place]:
    """The variants of a place worth a look: another name that may match, or a type below which something matches."""
    for variant in variants(place.node):
        renamed = variant.name != place.node.name
        key = (variant.name, variant.type)
        if picked.get(key, 0) >= _TIMES_EACH or not (renamed or variant.type in leading):
            continue
        picked[key] = picked.get(key, 0) + 1
        found = place.picked(variant.name if renamed else variant.type.name)
        if found is not None:
            yield found


def _leading(starts: set[Type], query: Query, leading: set[Type]) -> Iterator[None]:
    """Puts into `leading` the types that have a matching node somewhere below; pauses now and then."""
    users: dict[Type, list[Type]] = {}
    seen = set(starts)
    waiting = deque(starts)
    left, looked_at = _MOST_NODES, 0
    while waiting and left > 0:
        kind = waiting.popleft()
        looked_at += 1
        if looked_at % _STEP == 0:
            yield
        for child in kind.children:
            for node in (child, *variants(child)):
                left -= 1
                users.setdefault(node.type, []).append(kind)
                if query.matches(node):
                    leading.add(kind)
                if node.type not in seen and not node.type.leaf:
                    seen.add(node.type)
                    waiting.append(node.type)
    spreading = deque(leading)
    while spreading:
        for user in users.get(spreading.popleft(), ()):
            if user not in leading:
                leading.add(user)
                spreading.append(user)
