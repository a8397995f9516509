"""What typed formats have in common: lists, maps and values as nodes, arranged as those of JSON are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Occurs, Type, ValueType

# Names of the nodes a list of structures and a map consist of.
ITEM, ENTRY, KEY, VALUE = "item", "entry", "key", "value"


def value_node(name: str, value: ValueType, occurs: Occurs = ONCE) -> Node:
    """A field holding one value."""
    return Node(name, Kind.FIELD, Type(value.name, value=value), occurs)


def structure_node(name: str, kind: Type, occurs: Occurs = ONCE) -> Node:
    """A field holding a structure."""
    return Node(name, Kind.ELEMENT, kind, occurs)


def listed(node: Node, *, least: int = 0) -> Node:
    """A list of what `node` describes, under its name: a list of values repeats, one of structures holds items."""
    if node.kind is Kind.FIELD and not node.occurs.repeats:
        return replace(node, occurs=Occurs(least, None))
    item = replace(node, name=ITEM, occurs=MANY, documentation="")
    return replace(
        node,
        kind=Kind.ELEMENT,
        type=Type(f"{node.type.name}[]", children=lambda: (item,)),
        occurs=ONCE,
        nillable=False,
        facts={},
    )


def mapped(name: str, key: Node, value: Callable[[], Node], kind: str = "map") -> Node:
    """A map: entries of a key and a value."""

    def parts() -> tuple[Node, ...]:
        return replace(key, name=KEY, occurs=ONCE), replace(value(), name=VALUE)

    entry = Node(ENTRY, Kind.ELEMENT, Type(ENTRY, children=parts), MANY)
    return Node(name, Kind.ELEMENT, Type(kind, children=lambda: (entry,)))


def chosen(name: str, branches: Callable[[], tuple[Node, ...]], occurs: Occurs = ONCE) -> Node:
    """A structure holding exactly one of its branches."""

    def inside() -> tuple[Node, ...]:
        one = Type("", children=lambda: tuple(replace(node, occurs=ONCE) for node in branches()))
        return (Node("", Kind.CHOICE, one, ONCE),)

    return Node(name, Kind.ELEMENT, Type("union", children=inside), occurs)


def nullable(node: Node) -> Node:
    """It may be null, hence absent too."""
    occurs = Occurs(0, node.occurs.max) if node.occurs.min else node.occurs
    return replace(node, nillable=True, occurs=occurs if node.occurs != ONCE else OPTIONAL)


def decimal_type(name: str, digits: int | None, scale: int | None) -> ValueType:
    """A decimal of a number of digits, some of them behind the point."""
    return ValueType(name, Base.DECIMAL, total_digits=digits, fraction_digits=scale or 0)
