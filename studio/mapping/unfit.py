"""Where a record of a sample has not what its schema says must be there: the schema or the sample is of another day."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studio.mapping.evidence import Seen
from studio.schema.model import Kind, Place

# Schemas that say what must be there of documents that name all they have.
HELD = ("xsd", "xml", "json", "dtd")
# So many are told; one is enough to know.
_MOST = 3


@dataclass(frozen=True)
class Unfit:
    """Mandatory nodes that a record does not have, and nodes beside them that the schema does not have: addresses."""

    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing)


def unfit(root: Place, seen: Mapping[str, Seen]) -> Unfit:
    """What the record's nodes (`seen`, by source address) have against the schema below `root`.

    Only what is missing from all instances of its parent counts: where there are several, one may have it.
    """
    missing: list[str] = []
    known: dict[str, frozenset[str]] = {}
    for parent, place in _absent(root, seen):
        missing.append(place.path)
        if not any(child.node.kind is Kind.ANY or child.node.substitutes for child in parent.flat_children()):
            known[parent.path] = frozenset(child.path for child in parent.flat_children())
        if len(missing) == _MOST:
            break
    unknown = [path for path in seen if _beside(path, known)] if missing else []
    return Unfit(tuple(missing), tuple(unknown[:_MOST]))


def _absent(root: Place, seen: Mapping[str, Seen]) -> Iterator[tuple[Place, Place]]:
    """The mandatory nodes that are not there, each after its parent, which is."""
    waiting = deque([root] if seen else [])
    while waiting:
        parent = waiting.popleft()
        if _varies(parent):
            continue
        for place in parent.flat_children():
            if place.path in seen:
                waiting.append(place)
            elif place.required and _plain(place):
                yield parent, place


def _varies(place: Place) -> bool:
    """What is inside depends on what the document says."""
    return bool(place.node.type.derived) or place.node.nillable


def _plain(place: Place) -> bool:
    """It is to be seen under its own name; an array may be there without entries, and null is no value."""
    node = place.node
    if node.kind is Kind.ANY or node.nillable or node.substitutes or node.prefix or node.unresolved:
        return False
    return node.type.leaf or [child.node.name for child in place.flat_children()] != ["item"]


def _beside(path: str, known: Mapping[str, frozenset[str]]) -> bool:
    parent = path.rpartition("/")[0]
    return parent in known and path not in known[parent]
