"""Shapes as the nodes of a schema tree, by the rules of JSON samples: fields, elements, `item` for entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from studio.schema.json_sample import ITEM
from studio.schema.json_schema.keywords import text_of
from studio.schema.json_schema.registry import Resource
from studio.schema.json_schema.shapes import NOTHING_SAID, Shape, Shapes, Sub
from studio.schema.json_schema.values import Values
from studio.schema.json_schema.views import SCALARS, Choice, Member, Members, Views
from studio.schema.model import (
    ANY_NAME,
    MANY,
    ONCE,
    OPTIONAL,
    TEXT,
    WILDCARD,
    Kind,
    Node,
    Occurs,
    Type,
    ValueType,
)

_LONGEST_NAME = 60
_LONGEST_FACT = 500
_FLAGS = ("readOnly", "writeOnly", "deprecated")
# Lines of a larger file are looked up only when something else has asked for them.
_LINES_AT_ONCE = 600_000


# Tells an entry of an array from a member that is called so.
_ENTRY = {"entry": "true"}


def _any_member() -> tuple[Node, ...]:
    return (Node(ANY_NAME, Kind.ANY, WILDCARD, MANY),)


# A value nothing is said about: a scalar, or any members below it.
ANYTHING = Type("", value=TEXT, children=_any_member)


class Trees:
    """Nodes and types of one registry's schemas; types are shared by all nodes of the same shape."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.views = Views(shapes)
        self.values = Values(self.views)
        self._types: dict[Shape, Type] = {}
        self._fields: dict[Shape, Type] = {}

    def root(self, value: Any, resource: Resource) -> Node:
        """The root of documents of a schema: unnamed, or `item` where they are arrays."""
        sub = self.shapes.sub(value, resource)
        shape = self.shapes.shape(sub)
        if self.views.kinds(shape) - {"null"} == {"array"}:
            least, most = self.views.counts(shape)
            items = self.views.items(shape)
            return self._entry(items, _several(least, most), (sub,))
        return self.node("", Member(shape, (sub,), required=True))

    def named(self, name: str, value: Any, resource: Resource) -> Node:
        """A root for a definition: the name is the definition's, not one that stands in documents."""
        sub = self.shapes.sub(value, resource)
        sub.called = sub.called or name
        node = self.node(name, Member(self.shapes.shape(sub), (sub,), required=True))
        return _with_facts(node, {"root": "type"})

    def member(self, name: str, sub: Sub, *, required: bool = False) -> Node:
        """The node of a value with a name, as a parameter or a body has one."""
        return self.node(name, Member(self.shapes.shape(sub), (sub,), required))

    def node(self, name: str, member: Member) -> Node:
        """The node of a member: a field for scalars (repeating for arrays of them), else an element."""
        shape = member.shape
        kinds = self.views.kinds(shape)
        occurs = ONCE if member.required else OPTIONAL
        if self.views.anything(shape):
            return self._made(name, Kind.ELEMENT, ANYTHING, occurs, member)
        if "object" not in kinds:
            if "array" not in kinds:
                return self._made(name, Kind.FIELD, self._field(shape), occurs, member)
            items = self.views.items(shape)
            if self._only_scalars(items):
                least, most = self.views.counts(shape)
                sure = member.required and not kinds & (SCALARS | {"null"})
                return self._made(
                    name, Kind.FIELD, self._field(items), _several(least if sure else 0, most), member
                )
        return self._made(name, Kind.ELEMENT, self._type(shape), occurs, member)

    def _only_scalars(self, shape: Shape) -> bool:
        return not self.views.anything(shape) and not self.views.kinds(shape) & {"object", "array"}

    def _entry(self, shape: Shape, occurs: Occurs, notes: tuple[Sub, ...] = ()) -> Node:
        """The node of an array's entries."""
        member = Member(shape, notes)
        if self._only_scalars(shape):
            return _with_facts(self._made(ITEM, Kind.FIELD, self._field(shape), occurs, member), _ENTRY)
        if self.views.kinds(shape) == {"array"} and self._only_scalars(self.views.items(shape)):
            inner = self.views.items(shape)
            field = self._made(ITEM, Kind.FIELD, self._field(inner), Occurs(0, None), member)
            return _with_facts(field, {"entry": "array"})
        kind = ANYTHING if self.views.anything(shape) else self._type(shape)
        return self._made(ITEM, Kind.ELEMENT, kind, occurs, member)

    def _field(self, shape: Shape) -> Type:
        known = self._fields.get(shape)
        if known is None:
            value = self.values.of(shape) or TEXT
            known = self._fields[shape] = Type(self._called(shape) or value.name, value=value)
        return known

    def _type(self, shape: Shape) -> Type:
        known = self._types.get(shape)
        if known is None:
            known = self._types[shape] = Type(
                self._called(shape),
                value=lambda: self._value(shape),
                children=lambda: self._children(shape),
                documentation=_documentation(shape.parts) if len(shape.parts) == 1 else "",
            )
        return known

    def _called(self, shape: Shape) -> str:
        """The name of a shape that is one schema: that of its definition, else its title."""
        if len(shape.parts) != 1 or shape.groups:
            return self.shapes.called.get(shape, "")
        part = shape.parts[0]
        title = part.value.get("title") if isinstance(part.value, dict) else None
        if part.called:
            return part.called
        return title if isinstance(title, str) and len(title) <= _LONGEST_NAME else ""

    def _value(self, shape: Shape) -> ValueType | None:
        return self.values.of(shape) if self.views.kinds(shape) & SCALARS else None

    def _children(self, shape: Shape) -> tuple[Node, ...]:
        kinds = self.views.kinds(shape)
        nodes: list[Node] = []
        lost = dict.fromkeys(one for part in shape.parts for one in self._lost_inside(part))
        members = self.views.members(shape) if "object" in kinds else Members()
        sure = kinds == {"object"}
        for name, member in members.named.items():
            nodes.append(self.node(name, member if sure else _maybe(member)))
        nodes += (self._choice(choice, sure) for choice in members.choices)
        if "array" in kinds and ITEM not in members.every():
            least, most = self.views.counts(shape)
            nodes.append(
                self._entry(self.views.items(shape), _several(least if kinds == {"array"} else 0, most))
            )
        nodes += self._others(members)
        nodes += (Node("?", Kind.ANY, WILDCARD, OPTIONAL, unresolved=reason) for reason in lost)
        return tuple(nodes)

    def _lost_inside(self, part: Sub) -> Iterable[str]:
        return (lost.reason for lost in self.shapes.flat(part).lost)

    def _others(self, members: Members) -> Iterable[Node]:
        if members.others is None:
            return
        facts = {"pattern": "\n".join(members.patterns)} if members.patterns else {}
        kind = WILDCARD
        if members.others != NOTHING_SAID:
            inner = self.node(ANY_NAME, Member(members.others))
            kind = inner.type
            if inner.occurs.repeats:
                facts["repeats"] = "true"
        yield Node(ANY_NAME, Kind.ANY, kind, MANY, facts=facts)

    def _choice(self, choice: Choice, sure: bool) -> Node:
        def inside() -> tuple[Node, ...]:
            return tuple(
                _with_facts(
                    self.node(name, member),
                    {"alternative": " ".join(map(str, member.alternatives))} if member.alternatives else {},
                )
                for name, member in choice.members.items()
            )

        return Node("", Kind.CHOICE, Type(children=inside), OPTIONAL if choice.optional or not sure else ONCE)

    def _made(self, name: str, kind: Kind, type: Type, occurs: Occurs, member: Member) -> Node:
        notes = [note for sub in member.notes for note in self.shapes.flat(sub).notes]
        said = [note.value for note in notes if isinstance(note.value, dict)]
        # What only one of several alternatives says is not said of the value.
        sure = [part.said for part in member.shape.parts]
        fixed = next((text_of(one["const"]) for one in sure if "const" in one), None)
        told = sure if member.shape.groups else said
        default = next((one["default"] for one in told if "default" in one), None)
        return Node(
            name,
            kind,
            type,
            occurs,
            default=text_of(default),
            fixed=fixed,
            nillable=self._nillable(member.shape),
            documentation=_documentation(notes),
            unresolved=self._lost(member),
            line=self._line(member.notes),
            facts=self._facts(said, member, default),
        )

    def _nillable(self, shape: Shape) -> bool:
        return "null" in (self.views.declared(shape) or ())

    def _lost(self, member: Member) -> str | None:
        """Why nothing is known of a value: its only reference leads nowhere."""
        if not self.views.anything(member.shape):
            return None
        lost = [one for sub in member.notes for one in self.shapes.flat(sub).lost]
        return lost[0].reason if lost else None

    def _line(self, notes: Iterable[Sub]) -> int | None:
        for sub in notes:
            document = sub.resource.document
            if document.located or len(document.text) < _LINES_AT_ONCE:
                line = document.line(sub.value)
                if line is not None:
                    return line
        return None

    def _facts(self, said: list[dict[str, Any]], member: Member, default: Any) -> dict[str, str]:
        facts: dict[str, str] = {}
        for one in said:
            for word in _FLAGS:
                if one.get(word) is True:
                    facts[word] = "true"
            format = one.get("format")
            if isinstance(format, str) and format:
                facts.setdefault("format", format[:_LONGEST_FACT])
        if isinstance(default, dict | list):
            facts["default"] = repr(default)[:_LONGEST_FACT]
        if "array" in self.views.kinds(member.shape) and not self.views.anything(member.shape):
            least, most = self.views.counts(member.shape)
            if least:
                facts["minItems"] = str(least)
            if most is not None:
                facts["maxItems"] = str(most)
        if any(one.said.get("additionalProperties") is False for one in member.shape.parts):
            facts["closed"] = "true"
        return facts


def _several(least: int, most: int | None) -> Occurs:
    """The occurrence of an array's entries; an array of one entry at most is still an array."""
    return Occurs(min(least, most) if most is not None else least, most if most is None or most > 1 else None)


def _maybe(member: Member) -> Member:
    return Member(member.shape, member.notes, required=False)


def _documentation(notes: Iterable[Sub]) -> str:
    """The nearest description, with its title before it where that says more."""
    for note in notes:
        value = note.value if isinstance(note.value, dict) else {}
        title, text = value.get("title"), value.get("description")
        title = title.strip() if isinstance(title, str) else ""
        text = text.strip() if isinstance(text, str) else ""
        if title or text:
            return f"{title}: {text}" if title and text and title not in text else text or title
    return ""


def _with_facts(node: Node, facts: dict[str, str]) -> Node:
    return replace(node, facts={**node.facts, **facts}) if facts else node
