"""A schema tree as plain data down to a depth: what `weft schema --json` prints, and what a hit of a search stands in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from studio.base.i18n import language
from studio.schema.model import Kind, Node, Place, Schema
from studio.schema.tongues import said

# No output is read beyond this; the breadth is cut fairly, as levels are filled one after the other.
MOST_NODES = 50_000
DEEPEST = 150

Outline = dict[str, Any]


def outline(schema: Schema, *, root: str | None = None, depth: int = 3) -> Outline:
    """`{"kind", "roots": [NODE]}` with the levels down to `depth` (1: the roots alone); choices count for no level.

    A node with children that are not there has `"more": true`. Beyond 50,000 nodes everything else is left out so.
    """
    place = schema.root(root) if root else None
    places = [place] if place else [Place.root(node) for node in schema.roots]
    roots = [node_data(one) for one in places]
    depth = min(depth, DEEPEST)
    waiting = deque((one, data, 1) for one, data in zip(places, roots, strict=True))
    left = MOST_NODES
    while waiting:
        one, data, level = waiting.popleft()
        if one.node.type.leaf:
            continue
        if level >= depth or data["recursive"] or left <= 0:
            if one.node.type.children:
                data["more"] = True
            continue
        for child in one.children():
            inner = node_data(child)
            data["children"].append(inner)
            left -= 1
            waiting.append((child, inner, level + (child.node.kind is not Kind.CHOICE)))
    return {"kind": schema.kind, "roots": roots}


def outline_of(schema: Schema, places: Iterable[Place]) -> Outline:
    """`{"kind", "roots", "found": [path]}`: the tree with nothing but the given places and what stands above them."""
    roots: list[Outline] = []
    known: dict[tuple[str, int], Outline] = {}
    found: list[str] = []
    for place in places:
        found.append(place.path)
        data = _kept(place, known, roots)
        data["found"] = True
    for data in known.values():
        data["more"] = True
    return {"kind": schema.kind, "roots": roots, "found": found}


def _kept(place: Place, known: dict[tuple[str, int], Outline], roots: list[Outline]) -> Outline:
    chain = [place, *place.ancestors()]
    above: Outline | None = None
    for one in reversed(chain):
        key = (one.path, id(one.node.type) if one.node.kind is Kind.CHOICE else 0)
        data = known.get(key)
        if data is None:
            data = known[key] = node_data(one)
            (roots if above is None else above["children"]).append(data)
        above = data
    assert above is not None
    return above


def node_data(place: Place) -> Outline:
    """NODE of one place, without children: the keys everybody needs first, then those that say something here."""
    node = place.node
    data: Outline = {
        "name": shown_name(node),
        "namespace": node.namespace,
        "kind": node.kind.value,
        "type": type_name(node),
        "min": node.occurs.min,
        "max": node.occurs.max,
        "path": place.path,
        "recursive": place.recursive,
        "children": [],
    }
    value = node.value
    more: Outline = {
        "base": value.base.value if value else "",
        "prefix": node.prefix,
        "nillable": node.nillable,
        "default": node.default,
        "fixed": node.fixed,
        "documentation": said(node.documentation, language()),
        "unresolved": node.unresolved,
        "values": list(value.enumeration) if value else [],
        "substitutes": [one.name for one in _substitutes(node)],
        "facts": dict(node.facts),
    }
    return data | {key: said for key, said in more.items() if said not in (None, "", False, [], {})}


def shown_name(node: Node) -> str:
    """The name people see: `fault:NotFound` for a fault's message, else the node's own."""
    return f"{node.prefix}:{node.name}" if node.kind is Kind.MESSAGE and node.prefix else node.name


def type_name(node: Node) -> str:
    """The name of its type: the schema's own, else what its text is, else nothing."""
    if node.type.name:
        return node.type.name
    return node.value.name if node.value else ""


def _substitutes(node: Node) -> tuple[Node, ...]:
    return node.substitutes() if node.substitutes is not None and node.kind is not Kind.ANY else ()
