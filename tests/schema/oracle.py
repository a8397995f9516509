"""The oracle for a schema's tree: every element and attribute of a valid document must have its place in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from studio.schema.model import Kind, Node, Place, Schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def split(tag: str) -> tuple[str, str]:
    """`{namespace}name` as a pair."""
    return (tag[1:].split("}", 1)[0], tag.split("}", 1)[1]) if tag.startswith("{") else ("", tag)


def root_place(schema: Schema, element: Any) -> Place | None:
    """The place of the document's root element; of its type, where only types are declared and it names one."""
    kind = element.get(f"{{{XSI}}}type")
    if kind is not None:
        prefix, _colon, local = kind.strip().rpartition(":")
        wanted = (element.nsmap.get(prefix or None) or "", local)
        for node in schema.roots:
            if node.facts.get("root") == "type" and (node.namespace, node.name) == wanted:
                return Place.root(node)
    name = split(element.tag)
    for nodes in (lambda: schema.roots, schema.others or (lambda: ())):
        for node in nodes():
            if (node.namespace, node.name) == name:
                return Place.root(node)
    return None


def unexplained(root: Place, document: Any) -> Iterator[str]:
    """The addresses in a document that its schema's tree does not have, or not as often as they stand there."""
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
        level = _level(actual, element)
        if level.wrong and "alternatives" in actual.node.facts:
            # XSD 1.1: which type it is depends on a test of the attributes; one of them must fit.
            others = [actual.picked(kind.name) for kind in actual.node.type.derived]
            levels = [_level(other, element) for other in others if other is not None]
            level = next((one for one in levels if not one.wrong), level)
        yield from level.wrong
        waiting += level.below


class _Level(NamedTuple):
    wrong: list[str]
    below: list[tuple[Place, Any]]


def _level(place: Place, element: Any) -> _Level:
    """What of an element and its attributes and children has no place, and the places of its children."""
    children = list(place.flat_children())
    level = _Level([], [])
    for name in element.attrib:
        space, local = split(name)
        if space != XSI and not _attribute(children, space, local):
            level.wrong.append(f"{place.path}/@{name}")
    times: Counter[int] = Counter()
    for child in element:
        if not isinstance(child.tag, str):
            continue
        found, slot = _child(children, *split(child.tag), times)
        if found is None:
            level.wrong.append(f"{place.path}/{child.tag}")
            continue
        times[id(slot)] += 1
        if found.node.kind is not Kind.ANY:
            level.below.append((found, child))
    if element.get(f"{{{XSI}}}nil") not in ("true", "1"):
        level.wrong.extend(_misfits(children, times, set(map(split, element.attrib))))
    return level


def _misfits(children: list[Place], times: Counter[int], attributes: set[tuple[str, str]]) -> Iterator[str]:
    """Nodes that stand there more often than they may, or not at all although they must."""
    wild = any(place.node.kind is Kind.ANY for place in children)
    for place in children:
        node = place.node
        if node.kind is Kind.ATTRIBUTE:
            if node.occurs.min and (node.namespace, node.name) not in attributes:
                yield f"{place.path} must be there"
        elif node.kind is Kind.ELEMENT:
            count = times[id(place)]
            most = _most(place)
            if most is not None and count > most and not wild:
                yield f"{place.path} is there {count} times of at most {most}"
            # Instances of a wildcard's known elements are counted for those, so it may stand in for a missing one.
            if place.required and count < node.occurs.min and not wild:
                yield f"{place.path} is there {count} times of at least {node.occurs.min}"


def _most(place: Place) -> int | None:
    most: int | None = 1
    at: Place | None = place
    while at is not None and (at is place or at.node.kind is Kind.CHOICE):
        most = None if most is None or at.node.occurs.max is None else most * at.node.occurs.max
        at = at.parent
    return most


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


def _child(
    children: list[Place], space: str, local: str, times: Counter[int]
) -> tuple[Place | None, Place | None]:
    """The place of a child element, and the one it is counted for: a substitute for what it stands in for."""
    wildcard = None
    elements = [place for place in children if place.node.kind is Kind.ELEMENT]
    for place in elements:
        if (place.node.namespace, place.node.name) == (space, local):
            return place, place
    heads = [
        place
        for place in elements
        if place.node.substitutes and _among(place.node.substitutes(), space, local)
    ]
    if heads:
        # XSD 1.1: it may stand in for several; then for the one that still has room.
        head = next((one for one in heads if (most := _most(one)) is None or times[id(one)] < most), heads[0])
        return head.picked(local), head
    for place in children:
        if place.node.kind is Kind.ANY and not place.node.attribute:
            wildcard = place
    if wildcard is not None and wildcard.node.substitutes:
        known = _among(wildcard.node.substitutes(), space, local)
        if known is not None and wildcard.node.facts.get("process") != "skip":
            assert wildcard.parent is not None
            return wildcard.parent.child(known), wildcard
    return wildcard, wildcard


def _among(nodes: tuple[Node, ...], space: str, local: str) -> Node | None:
    return next((node for node in nodes if (node.namespace, node.name) == (space, local)), None)
