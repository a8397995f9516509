"""The oracle for a schema's tree: every element and attribute of a valid document must have its place in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.schema.model import Kind, Node, Place, Schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def split(tag: str) -> tuple[str, str]:
    """`{namespace}name` as a pair."""
    return (tag[1:].split("}", 1)[0], tag.split("}", 1)[1]) if tag.startswith("{") else ("", tag)


def root_place(schema: Schema, element: Any) -> Place | None:
    """The place of the document's root element."""
    name = split(element.tag)
    for nodes in (schema.roots, schema.others() if schema.others else ()):
        for node in nodes:
            if (node.namespace, node.name) == name:
                return Place.root(node)
    return None


def unexplained(root: Place, document: Any) -> Iterator[str]:
    """The addresses in a document that its schema's tree does not have."""
    waiting = [(root, document)]
    while waiting:
        place, element = waiting.pop()
        actual = _typed(place, element)
        if actual is None:
            yield f"{place.path}~{element.get(f'{{{XSI}}}type')}"
            continue
        if actual.node.unresolved:
            yield f"{place.path}: {actual.node.unresolved}"
            continue
        children = list(actual.flat_children())
        for name in element.attrib:
            space, local = split(name)
            if space != XSI and not _attribute(children, space, local):
                yield f"{actual.path}/@{name}"
        for child in element:
            if not isinstance(child.tag, str):
                continue
            found = _child(children, *split(child.tag))
            if found is None:
                yield f"{actual.path}/{child.tag}"
            elif found.node.kind is not Kind.ANY:
                waiting.append((found, child))


def _typed(place: Place, element: Any) -> Place | None:
    name = element.get(f"{{{XSI}}}type")
    if name is None:
        return place
    local = name.strip().rpartition(":")[2]
    if place.node.type.leaf and not place.node.type.derived:
        return place  # a simple type restricted to another simple one adds nothing to the tree
    return place.picked(local) or (place if place.node.type.leaf else None)


def _attribute(children: list[Place], space: str, local: str) -> bool:
    for place in children:
        node = place.node
        if node.kind is Kind.ATTRIBUTE and (node.namespace, node.name) == (space, local):
            return True
    return any(place.node.kind is Kind.ANY and place.node.attribute for place in children)


def _child(children: list[Place], space: str, local: str) -> Place | None:
    wildcard = None
    for place in children:
        node = place.node
        if node.kind is Kind.ELEMENT:
            if (node.namespace, node.name) == (space, local):
                return place
            if node.substitutes and _among(node.substitutes(), space, local):
                return place.picked(local)
        elif node.kind is Kind.ANY and not node.attribute:
            wildcard = place
    if wildcard is not None and wildcard.node.substitutes:
        known = _among(wildcard.node.substitutes(), space, local)
        if known is not None and wildcard.node.facts.get("process") != "skip":
            assert wildcard.parent is not None
            return wildcard.parent.child(known)
    return wildcard


def _among(nodes: tuple[Node, ...], space: str, local: str) -> Node | None:
    return next((node for node in nodes if (node.namespace, node.name) == (space, local)), None)
