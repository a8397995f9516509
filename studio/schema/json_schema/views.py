"""What a shape admits: which kinds of value, which members, which items. Alternatives count one level at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from studio.schema.json_schema.keywords import (
    ARRAY_WORDS,
    NUMBER_WORDS,
    OBJECT_WORDS,
    TEXT_WORDS,
    TYPES,
    dict_of,
    list_of,
    whole_of,
)
from studio.schema.json_schema.shapes import NOTHING_SAID, Shape, Shapes, Sub

Kinds = frozenset[str]

SCALARS = frozenset(("string", "number", "integer", "boolean"))
EVERY = frozenset(TYPES)
# Alternatives inside alternatives looked through for one list of members.
_DEEPEST = 12


@dataclass(frozen=True)
class Member:
    """A member of an object: what its value is, whether it must be there, and where its descriptions stand."""

    shape: Shape
    notes: tuple[Sub, ...] = ()
    required: bool = False
    alternatives: tuple[int, ...] = ()


@dataclass
class Choice:
    """Members of which an object has those of one alternative; `optional`: or none of them."""

    members: dict[str, Member] = field(default_factory=dict)
    optional: bool = False
    count: int = 0


@dataclass
class Members:
    """What an object may hold: members by name, choices, and what any other member is (None: nothing is said)."""

    named: dict[str, Member] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    others: Shape | None = None
    patterns: tuple[str, ...] = ()
    closed: bool = False

    def every(self) -> dict[str, Member]:
        """All named members, those of choices as optional ones."""
        found = dict(self.named)
        for choice in self.choices:
            for name, member in choice.members.items():
                found.setdefault(name, replace(member, required=False, alternatives=()))
        return found


class Views:
    """Answers about shapes, each found once."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._kinds: dict[Shape, Kinds | None] = {}
        self._hints: dict[Shape, Kinds] = {}
        self._members: dict[Shape, Members] = {}
        self._items: dict[Shape, Shape] = {}
        self._open: set[tuple[str, Shape]] = set()

    def kinds(self, shape: Shape) -> Kinds:
        """The kinds of value a document is meant to have here: as declared, else as the words used suggest.

        All kinds where nothing is said at all.
        """
        declared = self.declared(shape)
        if declared is not None:
            return declared
        return self.hints(shape) or EVERY

    def declared(self, shape: Shape) -> Kinds | None:
        """The kinds of value that types, constants and alternatives leave; None where they leave all."""
        if shape not in self._kinds:
            # A schema that is an alternative of itself finds this entry.
            self._kinds[shape] = None
            self._kinds[shape] = self._declared(shape)
        return self._kinds[shape]

    def _declared(self, shape: Shape) -> Kinds | None:
        found: Kinds | None = None
        for part in shape.parts:
            found = _meet(found, _types(part.said))
        for group in self.shapes.groups(shape):
            each = [self.declared(one) for one in group]
            if group and all(one is not None for one in each):
                found = _meet(found, frozenset().union(*(one for one in each if one is not None)))
        return found

    def hints(self, shape: Shape) -> Kinds:
        """The kinds that the words used are about; empty where they are about none."""
        if shape not in self._hints:
            self._hints[shape] = frozenset()
            found: set[str] = set()
            for part in shape.parts:
                found |= _about(part.said)
            for group in self.shapes.groups(shape):
                for one in group:
                    found |= self.declared(one) or self.hints(one)
                if NOTHING_SAID in group and found and found <= SCALARS:
                    found.add("string")
            self._hints[shape] = frozenset(found)
        return self._hints[shape]

    def anything(self, shape: Shape) -> bool:
        """Nothing is said about the value at all."""
        return self.declared(shape) is None and not self.hints(shape)

    def members(self, shape: Shape) -> Members:
        """What an object of this shape may hold."""
        known = self._members.get(shape)
        if known is None:
            known = self._members[shape] = self._find_members(shape, 0)
        return known

    def _find_members(self, shape: Shape, depth: int) -> Members:
        found = Members()
        for part in shape.parts:
            self._add_members(part, found)
        required = {name for part in shape.parts for name in _required(part)}
        mark = ("members", shape)
        if depth < _DEEPEST and mark not in self._open:
            self._open.add(mark)
            for group in self.shapes.groups(shape):
                self._add_group([self._alternative(one, depth) for one in group], found)
            self._open.discard(mark)
        for name in required:
            self._require(name, found)
        return found

    def _alternative(self, shape: Shape, depth: int) -> Members:
        kinds = self.declared(shape)
        if kinds is not None and "object" not in kinds:
            return Members()
        known = self._members.get(shape)
        return known if known is not None else self._find_members(shape, depth + 1)

    def _add_members(self, part: Sub, found: Members) -> None:
        said = part.said
        for name, value in dict_of(said.get("properties")).items():
            if isinstance(value, dict | bool):
                self._add_member(name, self.shapes.inner(value, part), found)
        patterns = dict_of(said.get("patternProperties"))
        for pattern, value in patterns.items():
            if isinstance(value, dict | bool) and value is not False:
                self._add_others(self.shapes.inner(value, part), found)
                found.patterns = (*found.patterns, pattern)
        for word in ("additionalProperties", "unevaluatedProperties"):
            value = said.get(word)
            if value is False:
                found.closed = True
            elif isinstance(value, dict) or value is True:
                self._add_others(self.shapes.inner(value, part), found)

    def _add_member(self, name: str, sub: Sub, found: Members) -> None:
        if self.shapes.flat(sub).never:
            return
        shape, before = self.shapes.shape(sub), found.named.get(name)
        if before is not None:
            shape = self.shapes.both(before.shape, shape)
        notes = (*(before.notes if before else ()), sub)
        found.named[name] = Member(shape, notes, required=sub.said.get("required") is True)

    def _add_others(self, sub: Sub, found: Members) -> None:
        shape = self.shapes.shape(sub)
        before = found.others
        found.others = shape if before is None else self.shapes.either((before, shape))

    def _add_group(self, alternatives: list[Members], found: Members) -> None:
        for one in alternatives:
            if one.others is not None:
                both = (found.others, one.others) if found.others is not None else (one.others,)
                found.others = self.shapes.either(both)
                found.patterns = tuple(dict.fromkeys((*found.patterns, *one.patterns)))
        found.closed = found.closed or (bool(alternatives) and all(one.closed for one in alternatives))
        every = [one.every() for one in alternatives]
        for name in dict.fromkeys(name for each in every for name in each):
            self._refine(name, every, found)
        new = [{name: each[name] for name in each if not _known(name, found)} for each in every]
        telling = [each for each in new if each]
        if len(telling) == 1:
            only = alternatives[new.index(telling[0])]
            _add_only(only, telling[0], found, sure=len(new) == 1)
        elif telling:
            found.choices.append(self._choice(new))

    def _refine(self, name: str, every: list[dict[str, Member]], found: Members) -> None:
        """A member that is known already is one thing more: what an alternative says of it."""
        for known in (found.named, *(choice.members for choice in found.choices)):
            member = known.get(name)
            if member is not None:
                said = [each[name].shape if name in each else NOTHING_SAID for each in every]
                notes = tuple(note for each in every if name in each for note in each[name].notes)
                shape = self.shapes.refined(member.shape, said)
                known[name] = replace(
                    member, shape=shape, notes=tuple(dict.fromkeys((*member.notes, *notes)))
                )

    def _choice(self, alternatives: list[dict[str, Member]]) -> Choice:
        choice = Choice(count=len(alternatives))
        choice.optional = any(not any(one.required for one in each.values()) for each in alternatives)
        several = {at for at, each in enumerate(alternatives, 1) if len(each) > 1}
        for name in dict.fromkeys(name for each in alternatives for name in each):
            at = tuple(number for number, each in enumerate(alternatives, 1) if name in each)
            here = [alternatives[number - 1][name] for number in at]
            choice.members[name] = Member(
                self.shapes.either(one.shape for one in here),
                tuple(dict.fromkeys(note for one in here for note in one.notes)),
                required=all(one.required for one in here),
                alternatives=at if len(at) > 1 or several.intersection(at) else (),
            )
        return choice

    def _require(self, name: str, found: Members) -> None:
        member = found.named.get(name)
        if member is not None:
            found.named[name] = replace(member, required=True)
        elif not _known(name, found):
            found.named[name] = Member(found.others or NOTHING_SAID, required=True)

    def items(self, shape: Shape) -> Shape:
        """What each entry of an array of this shape may be; nothing said where anything may be."""
        if shape not in self._items:
            self._items[shape] = NOTHING_SAID
            self._items[shape] = self._find_items(shape)
        return self._items[shape]

    def _find_items(self, shape: Shape) -> Shape:
        found = NOTHING_SAID
        for part in shape.parts:
            said = self._said_of_items(part)
            if said:
                found = self.shapes.both(found, self.shapes.either(said))
        for group in self.shapes.groups(shape):
            each = [self.items(one) for one in group if "array" in (self.declared(one) or EVERY)]
            if each:
                found = self.shapes.refined(found, each)
        for part in shape.parts:
            # Entries that nothing else was said about.
            rest = part.said.get("unevaluatedItems")
            if isinstance(rest, dict):
                sub = self.shapes.shape(self.shapes.inner(rest, part))
                found = sub if found == NOTHING_SAID else self.shapes.either((found, sub))
        return found

    def _said_of_items(self, part: Sub) -> list[Shape]:
        """The alternatives for an entry that one schema gives."""
        said = part.said
        first, rest = list_of(said.get("prefixItems")), said.get("items")
        if isinstance(rest, list):
            first, rest = rest, said.get("additionalItems")
        values = [*first, rest if rest is not None else True] if first else [rest]
        if rest is None and not first and isinstance(said.get("contains"), dict):
            values = [said["contains"], True]
        subs = [self.shapes.inner(one, part) for one in values if isinstance(one, dict | bool)]
        return [self.shapes.shape(sub) for sub in subs if not self.shapes.flat(sub).never]

    def counts(self, shape: Shape) -> tuple[int, int | None]:
        """How many entries an array must and may have."""
        least, most = 0, None
        for part in shape.parts:
            low, high = whole_of(part.said.get("minItems")), whole_of(part.said.get("maxItems"))
            least = max(least, low or 0)
            if high is not None:
                most = high if most is None else min(most, high)
        return least, most


def _add_only(only: Members, new: dict[str, Member], found: Members, *, sure: bool) -> None:
    """The one alternative that has members: they are there, or none of them."""
    for name, member in only.named.items():
        if name in new:
            found.named[name] = replace(member, required=sure and member.required, alternatives=())
    for choice in only.choices:
        members = {name: member for name, member in choice.members.items() if name in new}
        if members:
            found.choices.append(Choice(members, choice.optional or not sure, choice.count))


def _known(name: str, found: Members) -> bool:
    return name in found.named or any(name in choice.members for choice in found.choices)


def _required(part: Sub) -> Iterator[str]:
    for name in list_of(part.said.get("required")):
        if isinstance(name, str):
            yield name


def _types(said: dict[str, Any]) -> Kinds | None:
    """The kinds one schema's own words leave."""
    found: Kinds | None = None
    word = said.get("type")
    words = [word] if isinstance(word, str) else [one for one in list_of(word) if isinstance(one, str)]
    if words and "any" not in words and len(words) == len(word if isinstance(word, list) else words):
        # Swagger 2 calls an upload a file.
        found = frozenset("string" if one == "file" else one for one in words) & EVERY or None
        if found is not None and said.get("nullable") is True:
            found |= {"null"}
    constants = [said["const"]] if "const" in said else list_of(said.get("enum"))
    if constants:
        found = _meet(found, frozenset(map(_kind_of, constants)))
    return found


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, dict | list):
        return "object" if isinstance(value, dict) else "array"
    if type(value) is str:
        return "string"
    text = str(value)
    return "number" if any(one in text for one in ".eE") else "integer"


def _meet(one: Kinds | None, other: Kinds | None) -> Kinds | None:
    if one is None or other is None:
        return other if one is None else one
    both = set(one & other)
    if ("number" in one and "integer" in other) or ("integer" in one and "number" in other):
        both.add("integer")
    # Types that exclude each other leave nothing; the first ones are shown then.
    return frozenset(both) or one


def _about(said: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    if not OBJECT_WORDS.isdisjoint(said) and said.get("required") is not False:
        found.add("object")
    if not ARRAY_WORDS.isdisjoint(said):
        found.add("array")
    if not TEXT_WORDS.isdisjoint(said):
        found.add("string")
    if not NUMBER_WORDS.isdisjoint(said):
        found.add("number")
    return found
