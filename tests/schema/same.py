"""Whether two trees are the same: names, kinds, occurrences and bases, compared type by type, never expanded."""

from __future__ import annotations

from collections.abc import Iterator

from studio.schema.model import Kind, Node, Schema, Type


def differences(one: Schema, other: Schema, *, types: bool = True) -> Iterator[str]:
    """Where the trees differ, each pair of types looked at once; without `types`, bases are not compared."""
    theirs = {(root.namespace, root.name): root for root in other.roots}
    seen: set[tuple[Type, Type]] = set()
    for root in one.roots:
        found = theirs.get((root.namespace, root.name))
        if found is None:
            yield f"{root.name}: no such root"
            continue
        yield from _nodes(root.name, root, found, seen, types)


def _nodes(path: str, one: Node, other: Node, seen: set[tuple[Type, Type]], types: bool) -> Iterator[str]:
    waiting = [(path, one, other)]
    while waiting:
        path, one, other = waiting.pop()
        told = _said(one, types and not one.unresolved), _said(other, types and not one.unresolved)
        if told[0] != told[1]:
            yield f"{path}: {told[0]} is {told[1]}"
        if (one.type, other.type) in seen or one.kind is Kind.ANY or one.unresolved:
            continue
        seen.add((one.type, other.type))
        left, right = _ordered(one.type), _ordered(other.type)
        if len(left) != len(right):
            names = [node.name for node in left], [node.name for node in right]
            yield f"{path}: {names[0][:12]} are {names[1][:12]}"
        waiting += [(f"{path}/{a.name}"[-120:], a, b) for a, b in zip(left, right, strict=False)]


def _ordered(kind: Type) -> list[Node]:
    """Attributes have no order, wildcards stand behind them; what is not there and has no name is left out."""
    nodes = [node for node in kind.children if not (node.unresolved and node.kind is Kind.ANY)]
    attributes = sorted(
        (node for node in nodes if node.attribute), key=lambda node: (node.name == "*", node.name)
    )
    return attributes + [node for node in nodes if not node.attribute]


def _said(node: Node, types: bool) -> tuple[object, ...]:
    base = node.value.base if node.value is not None and types else None
    return node.name, node.kind, str(node.occurs), base
