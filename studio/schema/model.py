"""The shape of a document: nodes with shared types, children made when first asked for, recursion by reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from studio.base.errors import Problem
from studio.schema.path import Step, format_steps, parse_path


class Kind(StrEnum):
    """What a node is in its document. CHOICE groups alternatives and has no step of its own in a path."""

    ELEMENT = "element"
    ATTRIBUTE = "attribute"
    FIELD = "field"
    SEGMENT = "segment"
    CHOICE = "choice"
    ANY = "any"
    OPERATION = "operation"
    MESSAGE = "message"


class Base(StrEnum):
    """What a value is to a script, whatever the schema calls it."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BINARY = "binary"


@dataclass(frozen=True)
class Occurs:
    """How often a node may stand in its parent; `max` None is unbounded."""

    min: int = 1
    max: int | None = 1

    @property
    def repeats(self) -> bool:
        """More than one instance is allowed."""
        return self.max is None or self.max > 1

    def __str__(self) -> str:
        """`1`, `0..1`, `1..n`."""
        top = "n" if self.max is None else str(self.max)
        return top if str(self.min) == top else f"{self.min}..{top}"


ONCE = Occurs(1, 1)
OPTIONAL = Occurs(0, 1)
MANY = Occurs(0, None)


@dataclass(frozen=True)
class ValueType:
    """The type of a text value: the schema's own name for it, its base and its facets."""

    name: str = "string"
    base: Base = Base.TEXT
    enumeration: tuple[str, ...] = ()
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    format: str | None = None


TEXT = ValueType()


class Type:
    """A type shared by every node declared with it.

    `value` is the type of the text content, None where there is none. `children` (attributes first, then content in
    schema order) and `derived` (types that may stand instead, by xsi:type) are made by the given functions on first
    use and kept.
    """

    def __init__(
        self,
        name: str = "",
        *,
        value: ValueType | None = None,
        children: Callable[[], tuple[Node, ...]] | None = None,
        derived: Callable[[], tuple[Type, ...]] | None = None,
        namespace: str = "",
        abstract: bool = False,
        mixed: bool = False,
        documentation: str = "",
    ) -> None:
        self.name = name
        self.value = value
        self.namespace = namespace
        self.abstract = abstract
        self.mixed = mixed
        self.documentation = documentation
        self._children = children
        self._derived = derived

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """The nodes directly inside."""
        return self._children() if self._children else ()

    @cached_property
    def derived(self) -> tuple[Type, ...]:
        """The types that extend or restrict this one."""
        return self._derived() if self._derived else ()

    @property
    def leaf(self) -> bool:
        """Declared without children (does not expand anything)."""
        return self._children is None

    def __repr__(self) -> str:
        return f"Type({self.name!r})"


@dataclass(frozen=True, eq=False)
class Node:
    """A declaration at one place of one type. Shared: its position in a tree is a Place.

    `unresolved` tells why the declaration could not be found (a missing import); `substitutes` are the nodes that may
    stand instead (substitution group); `facts` hold what a format knows beyond this model (a Salesforce field's
    `createable`, a fixed-width field's `width`), as text.
    """

    name: str
    kind: Kind
    type: Type
    occurs: Occurs = ONCE
    namespace: str = ""
    default: str | None = None
    fixed: str | None = None
    nillable: bool = False
    documentation: str = ""
    unresolved: str | None = None
    substitutes: Callable[[], tuple[Node, ...]] | None = None
    line: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def value(self) -> ValueType | None:
        """The type of its text, None where it holds none."""
        return self.type.value


@dataclass(frozen=True)
class Place:
    """A node's position in a tree: what a row of a schema tree shows. Two places are equal when their paths are."""

    node: Node = field(compare=False)
    parent: Place | None = field(default=None, compare=False, repr=False)
    path: str = ""

    @staticmethod
    def root(node: Node) -> Place:
        """The place of a schema's root."""
        return Place(node, None, format_steps(_steps(node)) if node.name else "")

    def children(self) -> tuple[Place, ...]:
        """The places below, made anew on each call; keep them if identity matters."""
        return tuple(self.child(node) for node in self.node.type.children)

    def child(self, node: Node) -> Place:
        """The place of one of this node's children."""
        if node.kind is Kind.CHOICE:
            return Place(node, self, self.path)
        return Place(node, self, f"{self.path}/{format_steps(_steps(node))}")

    def flat_children(self) -> Iterator[Place]:
        """The places one step below, looking through choices."""
        for place in self.children():
            if place.node.kind is Kind.CHOICE:
                yield from place.flat_children()
            else:
                yield place

    @property
    def repeats(self) -> bool:
        """It, or a choice around it, may occur more than once."""
        if self.node.occurs.repeats:
            return True
        return self.parent is not None and self.parent.node.kind is Kind.CHOICE and self.parent.repeats

    @property
    def required(self) -> bool:
        """Its parent cannot be without it."""
        inside_choice = self.parent is not None and self.parent.node.kind is Kind.CHOICE
        return self.node.occurs.min > 0 and not inside_choice

    @property
    def recursive(self) -> bool:
        """An ancestor has the same type, so expanding further only repeats."""
        if self.node.type.leaf:
            return False
        return any(place.node.type is self.node.type for place in self.ancestors())

    def ancestors(self) -> Iterator[Place]:
        """From the parent up to the root."""
        place = self.parent
        while place is not None:
            yield place
            place = place.parent


@dataclass(frozen=True, eq=False)
class Schema:
    """The roots of a document kind: `kind` is `xsd`, `wsdl`, `delimited`, `json`, `salesforce` …

    `files` are those it was read from, first the one asked for; `problems` what is wrong or missing in them;
    `namespaces` prefixes (as in the files) to addresses.
    """

    kind: str
    roots: tuple[Node, ...]
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def root(self, name: str | None = None) -> Place | None:
        """The place of the root called `name`, or of the first one."""
        for node in self.roots:
            if name in (None, "", node.name):
                return Place.root(node)
        return None

    def find(self, path: str, root: str | None = None) -> Place | None:
        """The place at a path (indexes ignored, choices looked through), None where there is none."""
        return find_place(self.root(root), path)


def find_place(root: Place | None, path: str) -> Place | None:
    """The place at `path`, which starts with the root's own step (none for an unnamed root)."""
    from_root = [step for step in parse_path(path) if step.name or step.attribute]
    if root is None:
        return None
    place: Place | None = root
    if root.node.name:
        if not from_root or from_root[0].name != root.node.name:
            return None
        from_root = from_root[1:]
    for step in from_root:
        place = _step_down(place, step) if place else None
    return place


def _step_down(place: Place, step: Step) -> Place | None:
    for child in place.flat_children():
        node = child.node
        if node.name == step.name and (node.kind is Kind.ATTRIBUTE) == step.attribute:
            return child
    return None


def _steps(node: Node) -> tuple[Step, ...]:
    return (Step(node.name, attribute=node.kind is Kind.ATTRIBUTE),)


