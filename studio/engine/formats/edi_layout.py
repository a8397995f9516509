"""The segments, loops and elements of an EDI schema as plain data: what readers and writers of messages go by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from studio.base.records import dataclass
from studio.schema.flat.tell import has_fields
from studio.schema.model import Base, Kind, Node, Type, ValueType

_IMPLIED = re.compile(r"N([1-9])")
_DEEPEST = 40
# A definition that unfolds to more than this is not one of a message.
_MOST = 200_000


@dataclass(frozen=True)
class Field:
    """An element or component: its place (from 1), its type and sizes (0 for any), its own components.

    `form` tells how its text is written: `N2` (decimals that are meant), a picture of digits such as `yyyymmdd`.
    """

    name: str
    position: int
    base: Base = Base.TEXT
    form: str = ""
    required: bool = False
    repeats: bool = False
    least: int = 0
    most: int = 0
    codes: frozenset[str] = frozenset()
    parts: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Part:
    """A segment (it has a `code`), a loop, or a level of the envelope (it `opens` and `closes` with segments).

    It occurs `least` to `most` times (None for any number). Parts of the same `pos` come in any order. `tell` is the
    element and component whose text tells it from others of its code, with those texts.
    """

    name: str
    code: str = ""
    least: int = 0
    most: int | None = 1
    pos: str = ""
    fields: tuple[Field, ...] = ()
    parts: tuple[Part, ...] = ()
    tell: tuple[int, int, frozenset[str]] | None = None
    opens: str = ""
    closes: str = ""

    @property
    def repeats(self) -> bool:
        """It may occur several times."""
        return self.most is None or self.most > 1

    @cached_property
    def places(self) -> Mapping[int, Field]:
        """Its elements by position."""
        return {field.position: field for field in self.fields}

    @cached_property
    def children(self) -> Mapping[str, Part | Field]:
        """What is below it by name."""
        return {**{part.name: part for part in self.parts}, **{field.name: field for field in self.fields}}

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """For each part below, the first of the same position, with which it may come in any order."""
        found: list[int] = []
        for at, part in enumerate(self.parts):
            alike = at and part.pos and self.parts[at - 1].pos == part.pos
            found.append(found[-1] if alike else at)
        return tuple(found)

    @cached_property
    def entries(self) -> Mapping[str, tuple[tuple[int, tuple[Part, ...]], ...]]:
        """By code: which of the parts below it may begin, each with the way down to the segment itself."""
        found: dict[str, list[tuple[int, tuple[Part, ...]]]] = {}
        for at, part in enumerate(self.parts):
            for way in part.ways:
                found.setdefault(way[-1].code, []).append((at, way))
        return {code: tuple(ways) for code, ways in found.items()}

    @cached_property
    def ways(self) -> tuple[tuple[Part, ...], ...]:
        """The ways from it to the segments that may begin it, in their order."""
        if self.code:
            return ((self,),)
        found: list[tuple[Part, ...]] = []
        for part in self.parts:
            found += [(self, *way) for way in part.ways]
            if part.least:
                break
        return tuple(found)

    @cached_property
    def needed(self) -> bool:
        """It must be there: a loop only where something inside it must be."""
        return self.least > 0 and (bool(self.code) or any(part.needed for part in self.parts))

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of all segments in it."""
        return frozenset([self.code] if self.code else ()).union(*(part.codes for part in self.parts))


def layout_of(root: Node) -> Part:
    """The layout of one root of an EDI schema."""
    return _Maker().part(root, 0)


def levels_in(layout: Part) -> tuple[Part, ...]:
    """The levels of the envelope from the outermost to that of the message; the message alone where there is none."""
    found = [layout]
    while inner := next((part for part in found[-1].parts if part.opens), None):
        found.append(inner)
    return tuple(found)


def is_opening(layout: Part | None, chain: tuple[str, ...], depth: int) -> bool:
    """The way down `chain` goes through the segment that opens the level at a depth."""
    levels = levels_in(layout) if layout is not None else ()
    if not 0 < depth <= len(levels) or depth >= len(chain) or not levels[depth - 1].opens:
        return False
    found = levels[depth - 1].children.get(chain[depth])
    return isinstance(found, Part) and found.code == levels[depth - 1].opens


def form_of(kind: ValueType | None) -> str:
    """How a value of a type is written (see Field.form)."""
    if kind is None:
        return ""
    if kind.base is Base.DECIMAL and _IMPLIED.fullmatch(kind.name):
        return kind.name
    if kind.base in (Base.DATE, Base.TIME, Base.DATETIME) and kind.format:
        return kind.format.lower()
    return ""


class _Maker:
    def __init__(self) -> None:
        self._count = 0
        # Segments of one type have the same elements; the type is kept, so that its id stays its own.
        self._fields: dict[int, tuple[Type, tuple[Field, ...]]] = {}

    def part(self, node: Node, depth: int) -> Part:
        self._count += 1
        facts = node.facts
        inside = node.type.children if depth < _DEEPEST and self._count < _MOST else ()
        fields = self._of_type(node)
        return Part(
            node.name,
            facts.get("code", node.name) if has_fields(node) else "",
            node.occurs.min,
            node.occurs.max,
            facts.get("pos", ""),
            fields,
            tuple(self.part(child, depth + 1) for child in inside if child.kind is Kind.SEGMENT),
            _tell(fields, facts),
            facts.get("opens", ""),
            facts.get("closes", ""),
        )

    def _of_type(self, node: Node) -> tuple[Field, ...]:
        known = self._fields.get(id(node.type))
        if known is None:
            found = _fields([child for child in node.type.children if child.kind is not Kind.SEGMENT], 0)
            known = self._fields[id(node.type)] = node.type, found
        return known[1]


def _fields(nodes: list[Node], depth: int) -> tuple[Field, ...]:
    found: list[Field] = []
    at = 0
    for node in nodes:
        at = _whole(node.facts.get("position"), at + 1)
        value = node.value
        parts = _fields(list(node.type.children), depth + 1) if depth < 3 else ()
        found.append(
            Field(
                node.name,
                at,
                value.base if value is not None else Base.TEXT,
                form_of(value),
                node.occurs.min > 0,
                node.occurs.max is None or node.occurs.max > 1,
                (value.min_length or 0) if value is not None else 0,
                (value.max_length or 0) if value is not None else 0,
                frozenset(value.enumeration) if value is not None else frozenset(),
                parts,
            )
        )
    return tuple(found)


def _tell(fields: tuple[Field, ...], facts: Mapping[str, str]) -> tuple[int, int, frozenset[str]] | None:
    name = facts.get("tell_field")
    if not name:
        return None
    texts = frozenset(facts.get("tell_text", "").split("\n"))
    for field in fields:
        if field.name == name:
            return field.position, 1, texts
        for part in field.parts:
            if part.name == name:
                return field.position, part.position, texts
    return None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else otherwise
