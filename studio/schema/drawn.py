"""Nodes that a person has drawn where a schema admits anything: put into its tree, at the place of the wildcard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily
from studio.base.patterns import pattern
from studio.base.records import dataclass
from studio.schema.instead import let_in
from studio.schema.model import OPTIONAL, Base, Kind, Node, Occurs, Type, ValueType
from studio.schema.path import Step, format_steps, parse_path

if TYPE_CHECKING:
    from studio.schema.xsd import attributes
else:
    attributes = Lazily("studio.schema.xsd.attributes")

# The types a drawn node may have, by what people call them.
TYPES: Mapping[str, ValueType] = {
    "text": ValueType("string"),
    **{base.value: ValueType(base.value, base) for base in Base if base is not Base.TEXT},
}
FACT = "drawn"
_OCCURS = pattern(r"(?P<min>[0-9]{1,9})(?:\.\.(?P<max>[0-9]{1,9}|n))?")


@dataclass(frozen=True)
class Drawn:
    """A drawn node: the `type` of its text (empty: none, or whatever the wildcard says), how often it occurs.

    `namespace` None is that of the drawn node around it; `extra` keeps keys this version does not know.
    """

    type: str = ""
    namespace: str | None = None
    occurs: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def occurs_of(text: str) -> Occurs | None:
    """`1`, `0..1`, `1..n` as a number of instances; optional where nothing is said, None for anything else."""
    if not text:
        return OPTIONAL
    found = _OCCURS.fullmatch(text)
    if found is None:
        return None
    low, high = int(found["min"]), found["max"] or found["min"]
    if high == "n":
        return Occurs(low, None)
    return Occurs(low, int(high)) if int(high) >= max(low, 1) else None


def with_drawn(root: Node, drawn: Mapping[str, Drawn], *, fields: bool = False) -> Node:
    """A root with the drawn nodes, by their address; itself where there are none.

    `fields`: documents are JSON, where a node that holds a value alone is a field. What stands where the schema admits
    nothing is not there.
    """
    if not drawn:
        return root
    top = _Branch(Step(root.name))
    for path, each in drawn.items():
        here = top
        for step in _below_root(path, root):
            here = here.child(step)
        here.drawn = each
    return _Grower(fields).node(root, top)


def lost(root: Node, drawn: Mapping[str, Drawn], *, fields: bool = False) -> Iterator[tuple[str, bool]]:
    """The drawn nodes that the schema has no place for; whether a wildcard is there that keeps their namespace out."""
    for path in drawn:
        grower = _Grower(fields)
        top = _Branch(Step(root.name))
        for each, said in drawn.items():
            if path == each or path.startswith(each + "/"):
                here = top
                for step in _below_root(each, root):
                    here = here.child(step)
                here.drawn = said
        if not _reached(grower.node(root, top), tuple(_below_root(path, root))):
            yield path, grower.refused


def _below_root(path: str, root: Node) -> Iterable[Step]:
    steps = parse_path(path)
    return steps[1:] if root.name else steps


def _reached(node: Node | None, steps: tuple[Step, ...]) -> bool:
    for step in steps:
        if node is None:
            return False
        node = next((each for each in _flat(node.type.children) if _is(each, step)), None)
        if node is not None and step.type:
            node = _variant(node, step.type)
    return node is not None


def _variant(node: Node, name: str) -> Node | None:
    for each in node.substitutes() if node.substitutes else ():
        if each.name == name:
            return each
    if node.type.name == name:
        return node
    found = next((kind for kind in node.type.derived if kind.name == name), None)
    return replace(node, type=found) if found else None


class _Branch:
    """A step on the way to drawn nodes: what is drawn there, and below; `types` where a type or member is picked."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.drawn: Drawn | None = None
        self.below: dict[Step, _Branch] = {}
        self.types: dict[str, _Branch] = {}

    def child(self, step: Step) -> _Branch:
        plain = replace(step, type=None, index=None)
        here = self.below.get(plain)
        if here is None:
            here = self.below[plain] = _Branch(plain)
        if step.type:
            here = here.types.setdefault(step.type, _Branch(plain))
        return here


class _Grower:
    """Makes the nodes on the way anew, and only those: all others stay shared."""

    def __init__(self, fields: bool) -> None:
        self._fields = fields
        self.refused = False

    def node(self, node: Node, branch: _Branch, space: str = "") -> Node:
        """A declared node with what is drawn below it."""
        kind, substitutes = node.type, node.substitutes
        changed = self._type(kind, branch, space or node.namespace)
        if branch.types and substitutes is not None:
            members = substitutes
            return replace(node, type=changed, substitutes=lambda: self._members(members(), branch))
        return replace(node, type=changed)

    def _members(self, members: tuple[Node, ...], branch: _Branch) -> tuple[Node, ...]:
        types = branch.types
        return tuple(self.node(each, types[each.name]) if each.name in types else each for each in members)

    def _type(self, kind: Type, branch: _Branch, space: str) -> Type:
        def derived() -> tuple[Type, ...]:
            types = branch.types
            return tuple(
                self._type(each, types[each.name], space) if each.name in types else each
                for each in kind.derived
            )

        own = branch.types.get(kind.name) if branch.types else None
        below = dict(branch.below) | (own.below if own is not None else {})
        return Type(
            kind.name,
            value=lambda: kind.value,
            children=(lambda: self._children(kind, below, space)) if below or not kind.leaf else None,
            derived=derived,
            namespace=kind.namespace,
            abstract=kind.abstract,
            mixed=kind.mixed,
            documentation=kind.documentation,
        )

    def _children(self, kind: Type, below: Mapping[Step, _Branch], space: str) -> tuple[Node, ...]:
        known = [node for node in _flat(kind.children) if node.kind is not Kind.ANY]
        waiting = {
            step: each for step, each in below.items() if not any(_declares(node, each) for node in known)
        }
        placed = _Placed(waiting, space)
        found = tuple(self._placed(kind.children, below, placed))
        self.refused = self.refused or (bool(placed.waiting) and placed.wild)
        return found

    def _placed(
        self, nodes: tuple[Node, ...], below: Mapping[Step, _Branch], placed: _Placed
    ) -> Iterator[Node]:
        for node in nodes:
            if node.kind is Kind.CHOICE:
                inside = tuple(self._placed(node.type.children, below, placed))
                same = all(one is other for one, other in zip(inside, node.type.children, strict=False))
                same = same and len(inside) == len(node.type.children)
                yield node if same else replace(node, type=Type(children=_given(inside)))
            elif node.kind is Kind.ANY:
                yield from self._admitted(node, placed)
                yield node
            else:
                branch = next((each for each in below.values() if _declares(node, each)), None)
                yield self.node(node, branch) if branch is not None else node

    def _admitted(self, wildcard: Node, placed: _Placed) -> Iterator[Node]:
        """What is drawn, or picked of the known elements, at a wildcard."""
        placed.wild = True
        for step, branch in list(placed.waiting.items()):
            if step.attribute != wildcard.attribute:
                continue
            node = self._drawn(branch, placed.space, wildcard) or self._known(branch, wildcard)
            if node is not None:
                del placed.waiting[step]
                yield node

    def _known(self, branch: _Branch, wildcard: Node) -> Node | None:
        """A known element that the wildcard admits and something is drawn in."""
        for node in let_in(wildcard):
            if _is(node, branch.step):
                return self.node(replace(node, facts={**node.facts, "wildcard": "true"}), branch)
        return None

    def _drawn(self, branch: _Branch, space: str, wildcard: Node | None = None) -> Node | None:
        """A drawn node; None where nothing is drawn, or the wildcard keeps its namespace out."""
        drawn, step = branch.drawn, branch.step
        if drawn is None:
            return None
        own = "" if step.attribute or wildcard is not None else space
        own = own if drawn.namespace is None else drawn.namespace
        if (
            wildcard is not None
            and "namespace" in wildcard.facts
            and not attributes.admits(wildcard.facts, (own, step.name))
        ):
            return None
        value = TYPES.get(drawn.type)
        facts = {FACT: "true"}
        if wildcard is not None and value is None and not branch.below and not _says_nothing(wildcard):
            kind = Kind.FIELD if wildcard.type.leaf else Kind.ELEMENT
            occurs = occurs_of(drawn.occurs) or OPTIONAL
            return replace(
                wildcard, name=step.name, kind=kind, occurs=occurs, facts={**wildcard.facts, **facts}
            )
        if value is None and not branch.below:
            value = TYPES["text"]
        below = branch.below
        return Node(
            step.name,
            self._kind(step, bool(below)),
            Type("", value=value, children=(lambda: self._inside(below, own)) if below else None),
            occurs_of(drawn.occurs) or OPTIONAL,
            namespace=own,
            prefix=step.prefix or "",
            facts=facts,
        )

    def _inside(self, below: Mapping[Step, _Branch], space: str) -> tuple[Node, ...]:
        ordered = sorted(below.values(), key=lambda each: not each.step.attribute)
        return tuple(node for each in ordered if (node := self._drawn(each, space)) is not None)

    def _kind(self, step: Step, holds: bool) -> Kind:
        if step.attribute:
            return Kind.ATTRIBUTE
        return Kind.FIELD if self._fields and not holds else Kind.ELEMENT


class _Placed:
    """What still waits for a wildcard among the children of one type; `wild`: there is one."""

    def __init__(self, waiting: dict[Step, _Branch], space: str) -> None:
        self.waiting = waiting
        self.space = space
        self.wild = False


def _says_nothing(wildcard: Node) -> bool:
    """The wildcard is one of XML's, or of JSON's that admits any value: it has no type to be taken over."""
    return wildcard.type.leaf and wildcard.type.value is None


def _declares(node: Node, branch: _Branch) -> bool:
    """A node of the schema is what a step means: a drawn one with a prefix of its own is another."""
    return _is(node, branch.step) and not (
        branch.drawn is not None and branch.step.prefix and not node.prefix
    )


def _is(node: Node, step: Step) -> bool:
    same = node.name == step.name and node.attribute == step.attribute
    return (
        same
        and node.kind not in (Kind.ANY, Kind.CHOICE)
        and (not node.prefix or step.prefix in (None, node.prefix))
    )


def _flat(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        if node.kind is Kind.CHOICE:
            yield from _flat(node.type.children)
        else:
            yield node


def _given(nodes: tuple[Node, ...]) -> Callable[[], tuple[Node, ...]]:
    return lambda: nodes


def plain_address(path: str) -> str:
    """The address of a drawn node: numbers say nothing of where it is drawn, picked types do."""
    if "[" not in path:
        return path
    lead = "/" if path.startswith("/") else ""
    return lead + format_steps(tuple(replace(step, index=None) for step in parse_path(path)))
