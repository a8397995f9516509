"""The shape of a document: nodes with shared types, children made when first asked for, recursion by reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from enum import StrEnum
from functools import cached_property, lru_cache

from studio.base.errors import Problem
from studio.base.records import dataclass
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
    """The type of a text value: the schema's own name for it, its base and its facets.

    `minimum` and `maximum` are allowed values, `above` and `below` the first ones that are not; `format` is a date or
    number picture; `item` is the type of each word of a list, `members` are the alternatives of a union.
    """

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
    above: str | None = None
    below: str | None = None
    item: ValueType | None = None
    members: tuple[ValueType, ...] = ()


TEXT = ValueType()


class Type:
    """A type shared by every node declared with it.

    `value` is the type of the text content, None where there is none. `children` (attributes first, then content in
    schema order) and `derived` (all types that may stand instead, by xsi:type, whatever the number of steps between)
    are made by the given functions on first use and kept; so is `value` where it is given as a function.
    """

    def __init__(
        self,
        name: str = "",
        *,
        value: ValueType | Callable[[], ValueType | None] | None = None,
        children: Callable[[], tuple[Node, ...]] | None = None,
        derived: Callable[[], tuple[Type, ...]] | None = None,
        namespace: str = "",
        abstract: bool = False,
        mixed: bool = False,
        documentation: str = "",
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.abstract = abstract
        self.mixed = mixed
        self.documentation = documentation
        self._value = value
        self._children = children
        self._derived = derived

    @cached_property
    def value(self) -> ValueType | None:
        """The type of the text content."""
        return self._value() if callable(self._value) else self._value

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """The nodes directly inside."""
        return self._children() if self._children else ()

    @cached_property
    def derived(self) -> tuple[Type, ...]:
        """The types that extend or restrict this one, at any distance; abstract ones are left out."""
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

    `prefix` is set only where a sibling has the same name in another namespace. `unresolved` tells why the declaration
    could not be found (a missing import); `substitutes` are the nodes that may stand instead (substitution group; for
    an ANY node the known elements its rule admits); `facts` hold what a format knows beyond this model (a Salesforce
    field's `createable`, a fixed-width field's `width`), as text. A CHOICE has no name, an ANY node is called `*`.
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
    prefix: str = ""

    @property
    def attribute(self) -> bool:
        """Its step in a path starts with @: an attribute, or a wildcard for attributes."""
        return self.kind is Kind.ATTRIBUTE or (
            self.kind is Kind.ANY and self.facts.get("attribute") == "true"
        )

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
        return Place(node, None, _step_text(node.name, node.attribute, node.prefix) if node.name else "")

    def children(self) -> tuple[Place, ...]:
        """The places below, made anew on each call; keep them if identity matters."""
        return tuple(self.child(node) for node in self.node.type.children)

    def child(self, node: Node) -> Place:
        """The place of one of this node's children."""
        if node.kind is Kind.CHOICE:
            return Place(node, self, self.path)
        return Place(node, self, f"{self.path}/{_step_text(node.name, node.attribute, node.prefix)}")

    def flat_children(self) -> Iterator[Place]:
        """The places one step below, looking through choices."""
        for place in self.children():
            if place.node.kind is Kind.CHOICE:
                yield from place.flat_children()
            else:
                yield place

    def picked(self, name: str) -> Place | None:
        """The place with the derived type or substitute called `name` standing here (`order~SpecialOrder`)."""
        step = Step(self.node.name, self.node.attribute, self.node.prefix or None, type=name)
        lead = self.path[
            : len(self.path) - len(_step_text(self.node.name, self.node.attribute, self.node.prefix))
        ]
        node = _pick(self.node, name)
        return Place(node, self.parent, lead + format_steps((step,))) if node else None

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
        if self.node.type.leaf or self.node.kind is Kind.CHOICE:
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
    """The roots of a document kind: `kind` is `xsd`, `wsdl`, `delimited`, `json`, `xml`, `salesforce` …

    `files` are those it was read from, first the one asked for; `problems` what is wrong or missing in them at first
    sight; `namespaces` prefixes (as in the files) to addresses. `others` gives roots a document may have too but
    rarely does (elements of imported namespaces); `inspect` finds what only a look at every declaration shows;
    `index` are the tables of a search as a cache holds them.
    """

    kind: str
    roots: tuple[Node, ...]
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    others: Callable[[], tuple[Node, ...]] | None = None
    inspect: Callable[[], tuple[Problem, ...]] | None = None
    index: Callable[[], bytes] | None = None

    def root(self, name: str | None = None) -> Place | None:
        """The place of the root called `name` (or `prefix:name`), or of the first one.

        A file that holds several kinds of records has them all below a root without a name.
        """
        if not name and self._mixes_records:
            return Place.root(self._document)
        if not name:
            return Place.root(self.roots[0]) if self.roots else None
        # The others are made only for a name that is not among the roots: there may be thousands.
        found = _called(name, self.roots) or _called(name, self.others() if self.others else ())
        return Place.root(found) if found else None

    @property
    def _mixes_records(self) -> bool:
        return self.kind in ("fixed", "delimited") and len(self.roots) > 1

    @cached_property
    def _document(self) -> Node:
        return Node("", Kind.ELEMENT, Type(children=lambda: self.roots))

    def find(self, path: str, root: str | None = None) -> Place | None:
        """The place at a path (indexes ignored, choices looked through), None where there is none."""
        if not root and not path.startswith("/"):
            first = next(iter(parse_path(path)), Step(""))
            root = f"{first.prefix}:{first.name}" if first.prefix else first.name
        return find_place(self.root(root), path)

    def all_problems(self) -> tuple[Problem, ...]:
        """`problems` and those that only a look at every declaration shows; takes time on a large schema."""
        return self.problems + (self.inspect() if self.inspect else ())


def _called(name: str, nodes: Iterable[Node]) -> Node | None:
    for node in nodes:
        if name == node.name or (node.prefix and name == f"{node.prefix}:{node.name}"):
            return node
    return None


def find_place(root: Place | None, path: str) -> Place | None:
    """The place at `path`, which starts with the root's own step (none for an unnamed root).

    A step a schema does not name is found where the schema admits anything there.
    """
    steps = list(parse_path(path))
    if root is None:
        return None
    place: Place | None = root
    if root.node.name:
        if not steps or not _is(root.node, steps[0]):
            return None
        place = _typed(root, steps.pop(0))
    for step in steps:
        place = _step_down(place, step) if place else None
    return place


def open_node(name: str, *, attribute: bool = False) -> Node:
    """A node the schema says nothing about, admitted by a wildcard: text, and anything below an element."""
    if attribute:
        return Node(name, Kind.ATTRIBUTE, _ANY_TEXT, OPTIONAL, facts={"wildcard": "true"})
    return Node(name, Kind.ELEMENT, ANYTHING, MANY, facts={"wildcard": "true"})


def _step_down(place: Place, step: Step) -> Place | None:
    wildcard: Place | None = None
    found: Place | None = None
    for child in place.flat_children():
        if _is(child.node, step):
            if child.node.prefix == (step.prefix or ""):
                return _typed(child, step)
            found = found or child
        elif child.node.kind is Kind.ANY and child.node.attribute == step.attribute:
            wildcard = wildcard or child
    if found is None and wildcard is not None:
        found = _admitted(place, wildcard.node, step)
    return _typed(found, step) if found else None


def _admitted(place: Place, wildcard: Node, step: Step) -> Place:
    for node in wildcard.substitutes() if wildcard.substitutes else ():
        if _is(node, step):
            return place.child(node)
    if wildcard.type.leaf and wildcard.type.value is None:
        return place.child(open_node(step.name, attribute=step.attribute))
    # Any name, but the schema says what stands there.
    kind = Kind.FIELD if wildcard.type.leaf else Kind.ELEMENT
    occurs = MANY if "repeats" in wildcard.facts else OPTIONAL
    facts = {**wildcard.facts, "wildcard": "true"}
    return place.child(replace(wildcard, name=step.name, kind=kind, occurs=occurs, facts=facts))


def _is(node: Node, step: Step) -> bool:
    same = node.name == step.name and node.attribute == step.attribute
    return same and (not node.prefix or step.prefix in (None, node.prefix))


def _typed(place: Place, step: Step) -> Place | None:
    return place.picked(step.type) if step.type else place


def _pick(node: Node, name: str) -> Node | None:
    for substitute in node.substitutes() if node.substitutes else ():
        if substitute.name == name:
            return replace(substitute, occurs=node.occurs)
    if node.type.name == name:
        return node
    if node.kind is not Kind.ELEMENT:
        return None
    found = next((kind for kind in node.type.derived if kind.name == name), None)
    return replace(node, type=found) if found else None


@lru_cache(maxsize=20_000)
def _step_text(name: str, attribute: bool, prefix: str) -> str:
    return str(Step(name, attribute=attribute, prefix=prefix or None))


ANY_NAME = "*"
_ANY_TEXT = Type("anySimpleType", value=TEXT)
# A wildcard itself holds nothing: what it admits are nodes of their own.
WILDCARD = Type("any")


def _anything() -> tuple[Node, ...]:
    return (
        Node(ANY_NAME, Kind.ANY, WILDCARD, MANY, facts={"attribute": "true"}),
        Node(ANY_NAME, Kind.ANY, WILDCARD, MANY),
    )


# The type of an element that may hold whatever it likes.
ANYTHING = Type("anyType", value=TEXT, mixed=True, children=_anything)
