"""Prefixes for namespaces, as the files write them, used in addresses only where names collide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.schema.model import Kind, Node, Type

XML = "http://www.w3.org/XML/1998/namespace"


class Prefixes:
    """Gives every namespace one prefix: the first one that a file gave it and no other namespace has."""

    def __init__(self) -> None:
        self.spaces: dict[str, str] = {"xml": XML}
        self._names: dict[str, str] = {XML: "xml"}

    def learn(self, declared: Mapping[str | None, str], leave_out: Iterable[str] = ()) -> None:
        """Take over prefixes as declared at an element."""
        for prefix, namespace in declared.items():
            if prefix and namespace not in self._names and namespace not in leave_out:
                self._put(namespace, prefix)

    def of(self, namespace: str) -> str:
        """The prefix of a namespace; empty for no namespace."""
        if not namespace:
            return ""
        if namespace not in self._names:
            self._put(namespace, f"ns{len(self._names)}")
        return self._names[namespace]

    def told_apart(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        """The children of one type, with prefixes on those that share a name, also inside choices."""
        nodes = tuple(nodes)
        spaces: dict[tuple[str, bool], set[str]] = {}
        for node in _flat(nodes):
            spaces.setdefault((node.name, node.attribute), set()).add(node.namespace)
        colliding = {key for key, found in spaces.items() if len(found) > 1}
        return self._prefixed(nodes, colliding) if colliding else nodes

    def _prefixed(self, nodes: tuple[Node, ...], colliding: set[tuple[str, bool]]) -> tuple[Node, ...]:
        result: list[Node] = []
        for node in nodes:
            if node.kind is Kind.CHOICE:
                inner = self._prefixed(node.type.children, colliding)
                result.append(replace(node, type=Type(children=lambda kept=inner: kept)))  # type: ignore[misc]
            elif (node.name, node.attribute) in colliding:
                result.append(replace(node, prefix=self.of(node.namespace)))
            else:
                result.append(node)
        return tuple(result)

    def _put(self, namespace: str, wanted: str) -> None:
        prefix, number = wanted, 1
        while prefix in self.spaces:
            number += 1
            prefix = f"{wanted}{number}"
        self.spaces[prefix] = namespace
        self._names[namespace] = prefix


def _flat(nodes: Iterable[Node]) -> Iterable[Node]:
    for node in nodes:
        if node.kind is Kind.CHOICE:
            yield from _flat(node.type.children)
        else:
            yield node
