"""Prefixes for namespaces, as the files write them, used in addresses only where names collide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studio.schema.model import Kind, Node, Type
from studio.schema.xsd.names import XML, XSD_NAMESPACES
from studio.schema.xsd.symbols import Document


class Prefixes:
    """Gives every namespace one prefix. Documents may be added after this was made."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents
        self._done = 0
        self.spaces: dict[str, str] = {"xml": XML}
        self._names: dict[str, str] = {XML: "xml"}

    def of(self, namespace: str) -> str:
        """The prefix of a namespace; empty for no namespace."""
        if not namespace:
            return ""
        self._read()
        if namespace not in self._names:
            self._put(namespace, f"ns{len(self._names)}")
        return self._names[namespace]

    def all(self) -> dict[str, str]:
        """Prefix to namespace, target namespaces included."""
        self._read()
        for document in self._documents:
            self.of(document.namespace)
        return dict(self.spaces)

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

    def _read(self) -> None:
        for document in self._documents[self._done :]:
            for prefix, namespace in document.schema.nsmap.items():
                if prefix and namespace not in XSD_NAMESPACES and namespace not in self._names:
                    self._put(namespace, prefix)
        self._done = len(self._documents)

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
