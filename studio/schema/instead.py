"""What may stand in a document instead of an element: members of its substitution group, derived types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.schema.model import Kind, Node


def let_in(wildcard: Node) -> Iterator[Node]:
    """The known elements that a wildcard admits, made one by one where there may be thousands."""
    known = wildcard.substitutes
    if known is None:
        return iter(())
    found: Iterable[Node] = getattr(known, "one_by_one", known)()
    return iter(found)


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
