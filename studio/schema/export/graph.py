"""What an export walks: the types below some roots, each once, with a name of its own."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.schema.model import Kind, Node, Occurs, Type

MOST_NODES = 300_000

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_NAMES = re.compile(r"[^\w.\-]")


class Graph:
    """The structured types below roots, in the order met, and unique names for them."""

    def __init__(self, roots: Iterable[Node]) -> None:
        self.types: list[Type] = []
        self._names: dict[Type, str] = {}
        self._taken: set[str] = set()
        self._walk(tuple(roots))

    def name(self, kind: Type) -> str:
        """The unique name of a structured type."""
        return self._names[kind]

    def _walk(self, roots: tuple[Node, ...]) -> None:
        waiting = deque(roots)
        left = MOST_NODES
        while waiting:
            node = waiting.popleft()
            left -= 1
            if left < 0:
                raise TooLarge(
                    _("The schema has more than {limit} nodes, too many to export.").format(limit=MOST_NODES),
                    next_step=_("Export one root of it, with --root."),
                )
            kind = node.type
            if kind.leaf or kind in self._names:
                continue
            if node.kind is not Kind.CHOICE:
                self.types.append(kind)
                self._names[kind] = self._unique(kind.name or node.name or "root")
            else:
                # Choices are written where they stand; they are noted so that one within itself ends.
                self._names[kind] = ""
            waiting.extend(kind.children)

    def _unique(self, wanted: str) -> str:
        wanted = xml_name(wanted)
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


def xml_name(name: str) -> str:
    """The name as XML allows it: other characters become underscores."""
    name = _NOT_IN_NAMES.sub("_", name) or "_"
    return name if name[0].isalpha() or name[0] == "_" else f"_{name}"


def escape(text: str) -> str:
    """The text as an attribute value or text of XML; characters XML cannot hold are left out."""
    return html.escape(_NOT_IN_XML.sub("", text)).replace("\n", "&#10;").replace("\t", "&#9;")


def alternatives(choice: Node) -> list[list[Node]]:
    """The members of a CHOICE by the alternative they belong to; one without a number is an alternative alone.

    What several alternatives share is as optional as in the loosest one; where that would leave an alternative of a
    choice that must be made without anything required, its first member is.
    """
    found: dict[str, list[Node]] = {}
    for at, node in enumerate(choice.type.children):
        for number in node.facts.get("alternative", "").split() or [f"alone {at}"]:
            found.setdefault(number, []).append(node)
    groups = list(found.values())
    return [_required(group) for group in groups] if choice.occurs.min else groups


def _required(group: list[Node]) -> list[Node]:
    first = group[0]
    if any(node.occurs.min for node in group) or first.kind in (Kind.CHOICE, Kind.ANY):
        return group
    if " " not in first.facts.get("alternative", ""):
        return group
    return [replace(first, occurs=Occurs(1, first.occurs.max)), *group[1:]]


def told_apart(groups: list[list[Node]]) -> bool:
    """The first element of a document tells which alternative it has, as XML Schema demands."""
    seen: set[tuple[str, str]] = set()
    for group in groups:
        first = _first(group)
        if not first.isdisjoint(seen):
            return False
        seen |= first
    return True


def _first(nodes: list[Node]) -> set[tuple[str, str]]:
    """The names a sequence may begin with."""
    found: set[tuple[str, str]] = set()
    for node in nodes:
        if node.kind is Kind.CHOICE:
            found |= {name for group in alternatives(node) for name in _first(group)}
        else:
            found.add((node.namespace, node.name))
        if node.occurs.min:
            break
    return found


def anything(kind: Type) -> bool:
    """The type admits whatever one likes."""
    if kind.name == "anyType" or kind.leaf or kind.value is None:
        return kind.name == "anyType"
    inside = kind.children
    return len(inside) == 1 and all(
        node.kind is Kind.ANY
        and node.occurs.max is None
        and "namespace" not in node.facts
        and node.type.leaf
        and node.type.value is None
        and not node.unresolved
        for node in inside
    )
