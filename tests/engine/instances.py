"""Random documents that fit a schema, from a seed: XML, JSON and rows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from studio.schema.model import Base, Kind, Node, Place, Schema, Type, ValueType

XSI = "http://www.w3.org/2001/XMLSchema-instance"
TEXTS = (
    "", "a", "Ana", "b a b", " out ", "Ünïcode", "a<b>&\"'", "x,y", "1", "007", "long enough to be cut somewhere", "na\u00efve",
)  # fmt: skip
_DEEPEST = 9


class Instances:
    """Makes documents of a schema, each from its own seed; `blank` texts are left out where readers differ over them."""

    def __init__(self, schema: Schema, root: str, seed: int) -> None:
        self.schema = schema
        self.root = schema.root(root)
        self.draw = random.Random(seed)

    # Values

    def value(self, kind: ValueType) -> str:
        """A text that fits a type."""
        draw = self.draw
        if kind.enumeration:
            return draw.choice(kind.enumeration)
        if kind.base is Base.INTEGER:
            return str(draw.choice((0, 1, 2, 3, 5, 8, 12, 40)))
        if kind.base in (Base.DECIMAL, Base.FLOAT):
            return draw.choice(("0", "1", "0.5", "0.05", "2.50", "10.25", "19.99", "100.125", "33.3333"))
        if kind.base is Base.BOOLEAN:
            return draw.choice(("true", "false"))
        if kind.base is Base.DATE:
            return f"{draw.randint(2023, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        if kind.base is Base.DATETIME:
            return f"{draw.randint(2023, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}T{draw.randint(0, 23):02}:30:00"
        return draw.choice(TEXTS)

    def count(self, node: Node, depth: int) -> int:
        """How many instances to make."""
        low, high = node.occurs.min, node.occurs.max
        if depth > _DEEPEST:
            return low
        if high is None:
            return max(low, self.draw.choice((0, 1, 1, 2, 3, 4)))
        return self.draw.randint(low, high)

    # XML

    def xml(self) -> str:
        """An XML document."""
        assert self.root is not None
        return self._element(self.root.node, 0, f' xmlns:xsi="{XSI}"')

    def _element(self, node: Node, depth: int, more: str = "") -> str:
        node, kind, hint = self._chosen(node)
        more += hint + (f' xmlns="{node.namespace}"' if node.namespace or depth else "")
        if node.nillable and self.draw.random() < 0.3:
            return f'<{node.name}{more}{self._attributes(kind)} xsi:nil="true"/>'
        inside = "".join(self._content(kind, depth))
        return f"<{node.name}{more}{self._attributes(kind)}>{inside}</{node.name}>"

    def _chosen(self, node: Node) -> tuple[Node, Type, str]:
        """The element that stands, its type and what tells it: a substitute, or a derived type."""
        substitutes = [
            one for one in (node.substitutes() if node.substitutes else ()) if not one.type.abstract
        ]
        if substitutes:
            head = [] if node.facts.get("abstract") == "true" else [node]
            node = self.draw.choice([*head, *substitutes])
        kinds = [one for one in (node.type, *node.type.derived) if not one.abstract]
        kind = self.draw.choice(kinds)
        if kind is node.type:
            return node, kind, ""
        return (
            node,
            kind,
            f' xmlns:q="{kind.namespace}" xsi:type="q:{kind.name}"'
            if kind.namespace
            else f' xsi:type="{kind.name}"',
        )

    def _attributes(self, kind: Type) -> str:
        found = [node for node in kind.children if node.kind is Kind.ATTRIBUTE]
        return "".join(
            f" {node.name}={quoteattr(self.value(node.value))}"
            for node in found
            if node.value is not None and self.count(node, 0)
        )

    def _content(self, kind: Type, depth: int) -> Iterator[str]:
        if kind.value is not None and not any(n.kind is Kind.ELEMENT for n in kind.children):
            yield escape(self.value(kind.value))
            return
        for node in kind.children:
            if kind.mixed:
                yield escape(self.draw.choice(("", "", " ", "word ", "a & b")))
            yield from self._below(node, depth + 1)
        if kind.mixed:
            yield escape(self.draw.choice(TEXTS))

    def _below(self, node: Node, depth: int) -> Iterator[str]:
        for _instance in range(self.count(node, depth)):
            if node.kind is Kind.CHOICE:
                yield from self._below(self.draw.choice(node.type.children), depth)
            elif node.kind is Kind.ELEMENT:
                yield self._element(node, depth)

    # JSON and rows

    def json(self) -> str:
        """A JSON document."""
        assert self.root is not None
        return json.dumps(self._value(self.root, 0), ensure_ascii=False)

    def _value(self, place: Place, depth: int) -> Any:
        if place.node.value is not None:
            text = self.value(place.node.value)
            base = place.node.value.base
            if base in (Base.INTEGER, Base.DECIMAL, Base.FLOAT):
                return json.loads(text)
            return text == "true" if base is Base.BOOLEAN else text
        children = place.children()
        if len(children) == 1 and children[0].node.name == "item":
            return [
                self._value(children[0], depth + 1) for _each in range(self.count(children[0].node, depth))
            ]
        found: dict[str, Any] = {}
        for child in children:
            times = self.count(child.node, depth)
            if child.node.occurs.repeats:
                found[child.node.name] = [self._value(child, depth + 1) for _each in range(times)]
            elif times:
                found[child.node.name] = self._value(child, depth + 1)
        return found

    def rows(self) -> str:
        """A delimited document with its header."""
        assert self.root is not None
        fields = [child.node for child in self.root.children()]
        lines = [",".join(node.name for node in fields)]
        for _row in range(self.draw.randint(0, 9)):
            lines.append(",".join(self._cell(node) for node in fields))
        return "\n".join(lines) + "\n"

    def _cell(self, node: Node) -> str:
        if node.value is None or self.draw.random() < 0.15:
            return ""
        text = self.value(node.value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text
