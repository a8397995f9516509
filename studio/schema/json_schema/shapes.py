"""What schemas say together: references and allOf followed, alternatives kept apart, all of it only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from studio.schema.json_schema.keywords import MEANING, dict_of, list_of
from studio.schema.json_schema.registry import Lost, Registry, Resource, Target

_LEGACY = 7
# Beside a reference the older drafts count nothing; members are shown all the same, as writers mean them.
_BESIDE = ("properties", "patternProperties", "additionalProperties")
# Schemas joined by references and allOf: far beyond what people write.
_MOST_JOINED = 2000
# Alternatives within alternatives that one place may gather before they are no longer told apart.
_DEEPEST = 8

Scope = tuple[Resource, ...]


class Sub:
    """One schema where it stands. There is one Sub for each schema and dynamic scope, so identity tells them apart."""

    __slots__ = ("called", "resource", "said", "scope", "value")

    def __init__(self, value: Any, resource: Resource, scope: Scope) -> None:
        self.value = value
        self.resource = resource
        self.scope = scope
        # The last word of the first reference that led here.
        self.called = ""
        self.said = said_by(dict_of(value), resource.draft)


@dataclass(frozen=True)
class Shape:
    """Schemas that all count (`parts`), and groups of shapes of which one each counts."""

    parts: tuple[Sub, ...] = ()
    groups: tuple[tuple[Shape, ...], ...] = ()

    @cached_property
    def hashed(self) -> int:
        """The hash, kept: shapes are looked up again and again."""
        return hash((self.parts, self.groups))

    def __hash__(self) -> int:
        return self.hashed

    @cached_property
    def depth(self) -> int:
        """Alternatives within alternatives."""
        return max((1 + one.depth for group in self.groups for one in group), default=0)


NOTHING_SAID = Shape()


@dataclass(frozen=True)
class Flat:
    """A schema with what it refers to: parts that mean something, all parts in the order read, and what was lost."""

    parts: tuple[Sub, ...]
    notes: tuple[Sub, ...]
    lost: tuple[Lost, ...]
    never: bool = False


def said_by(value: dict[str, Any], draft: int) -> dict[str, Any]:
    """The words of a schema that count: all of them, or beside a reference of the older drafts only members."""
    if draft <= _LEGACY and isinstance(value.get("$ref"), str):
        return {key: value[key] for key in _BESIDE if key in value}
    return value


class Shapes:
    """Makes subs and shapes from the values in a registry; each is made once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._subs: dict[tuple[int, Resource, Scope], Sub] = {}
        self._flat: dict[Sub, Flat] = {}
        self._shape: dict[Sub, Shape] = {}
        # Names of shapes that are no single schema.
        self.called: dict[Shape, str] = {}
        self._groups: dict[Shape, tuple[tuple[Shape, ...], ...]] = {}

    def sub(self, value: Any, resource: Resource, scope: Scope = ()) -> Sub:
        """The sub of a schema that stands in `resource`."""
        owner = self._registry.owner(value, resource)
        scope = self._entered(owner, scope)
        key = (id(value), owner, scope)
        known = self._subs.get(key)
        if known is None:
            known = self._subs[key] = Sub(value, owner, scope)
        return known

    def inner(self, value: Any, sub: Sub) -> Sub:
        """The sub of a schema written inside another one."""
        return self.sub(value, sub.resource, sub.scope)

    def _entered(self, owner: Resource, scope: Scope) -> Scope:
        """Only resources that a dynamic reference can end in are kept, so there are few scopes."""
        if not self._registry.dynamic or owner in scope or not (owner.dynamic or owner.recursive):
            return scope
        return (*scope, owner)

    def flat(self, sub: Sub) -> Flat:
        """The sub with everything its references and allOf add."""
        known = self._flat.get(sub)
        if known is None:
            known = self._flat[sub] = self._flatten(sub)
        return known

    def shape(self, sub: Sub) -> Shape:
        """The shape of one sub; one that only offers alternatives is the same wherever they are the same."""
        known = self._shape.get(sub)
        if known is None:
            # A schema that is its own alternative finds this one.
            known = self._shape[sub] = Shape(self.flat(sub).parts)
            group = self._only_group(known)
            if group is not None:
                known = self._shape[sub] = self.either(group)
                name = next((one.called for one in self.flat(sub).notes if one.called), "")
                if name:
                    self.called.setdefault(known, name)
        return known

    def _flatten(self, start: Sub) -> Flat:
        parts: dict[Sub, None] = {}
        notes: dict[Sub, None] = {}
        lost: list[Lost] = []
        never = False
        waiting = [start]
        while waiting and len(notes) < _MOST_JOINED:
            sub = waiting.pop()
            if sub in notes:
                continue
            notes[sub] = None
            never = never or sub.value is False
            if not isinstance(sub.value, dict):
                continue
            if not MEANING.isdisjoint(sub.said) or isinstance(sub.value.get("type"), list):
                parts[sub] = None
            before = len(lost)
            waiting += reversed(list(self._joined(sub, lost)))
            if len(lost) > before:
                parts[sub] = None
        return Flat(tuple(parts), tuple(notes), tuple(lost), never)

    def _joined(self, sub: Sub, lost: list[Lost]) -> Iterator[Sub]:
        value = sub.value
        for word in ("$ref", "$recursiveRef", "$dynamicRef"):
            reference = value.get(word)
            if isinstance(reference, str):
                target = self._registry.resolve(reference, sub.resource)
                if isinstance(target, Lost):
                    lost.append(target)
                else:
                    yield self._led_to(word, reference, target, sub)
        for word in ("allOf", "extends"):
            inside = sub.said.get(word)
            for one in inside if isinstance(inside, list) else [inside]:
                if isinstance(one, dict | bool):
                    yield self.inner(one, sub)

    def _led_to(self, word: str, reference: str, target: Target, sub: Sub) -> Sub:
        scope = self._entered(sub.resource, sub.scope)
        value, resource = target
        if word == "$dynamicRef":
            name = reference.partition("#")[2]
            if resource.dynamic.get(name) is value:
                resource = next((one for one in scope if name in one.dynamic), resource)
                value = resource.dynamic[name]
        elif word == "$recursiveRef" and resource.recursive:
            resource = next((one for one in scope if one.recursive), resource)
            value = resource.root
        found = self.sub(value, resource, scope)
        if not found.called:
            found.called = _last_word(reference)
        return found

    def groups(self, shape: Shape) -> tuple[tuple[Shape, ...], ...]:
        """All groups of alternatives of a shape: its own and those its parts write."""
        known = self._groups.get(shape)
        if known is None:
            written = (group for part in shape.parts for group in self._written(part))
            known = self._groups[shape] = (*shape.groups, *(self._spliced(group) for group in written))
        return known

    def _written(self, part: Sub) -> Iterator[tuple[Shape, ...]]:
        said = part.said
        for word in ("oneOf", "anyOf"):
            alternatives = list_of(said.get(word))
            if alternatives:
                yield tuple(self._shapes(alternatives, part))
        if "if" in said:
            yield self._conditional(said, part)
        for word in ("dependentSchemas", "dependencies"):
            for one in dict_of(said.get(word)).values():
                if isinstance(one, dict):
                    yield (*self._shapes([one], part), NOTHING_SAID)
        if any(isinstance(one, dict) for one in list_of(said.get("type"))):
            # Draft 3: schemas among the types.
            types = said["type"]
            yield tuple(
                self._shapes([one if isinstance(one, dict) else {"type": one} for one in types], part)
            )

    def _conditional(self, said: dict[str, Any], part: Sub) -> tuple[Shape, ...]:
        """What holds with the condition, the condition itself included, and what holds without it."""
        condition, then = (self._shapes([said.get(word, True)], part) for word in ("if", "then"))
        both = [self.both(one, other) for one in condition for other in then]
        return (*both, *self._shapes([said.get("else", True)], part))

    def _shapes(self, values: Iterable[Any], part: Sub) -> Iterator[Shape]:
        """The shapes of alternatives; one that can never be is left out."""
        for value in values:
            if isinstance(value, dict | bool):
                sub = self.inner(value, part)
                if not self.flat(sub).never:
                    yield self.shape(sub)

    def _spliced(self, group: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """An alternative that only offers alternatives adds its own; equal ones count once."""
        result: dict[Shape, None] = {}
        seen: set[Shape] = set()
        waiting = list(reversed(group))
        while waiting:
            shape = waiting.pop()
            if shape in seen:
                continue
            seen.add(shape)
            inner = self._only_group(shape)
            if inner is None:
                result[shape] = None
            else:
                waiting += reversed(inner)
        return tuple(result)

    def _only_group(self, shape: Shape) -> tuple[Shape, ...] | None:
        if not shape.parts and len(shape.groups) == 1:
            return shape.groups[0]
        if len(shape.parts) == 1 and not shape.groups:
            part = shape.parts[0]
            words = [word for word in part.said if word in MEANING]
            if words in (["oneOf"], ["anyOf"]) and not self._also_joins(part):
                return tuple(self._shapes(list_of(part.said[words[0]]), part))
        return None

    def _also_joins(self, part: Sub) -> bool:
        return any(
            word in part.value for word in ("$ref", "$dynamicRef", "$recursiveRef", "allOf", "extends")
        )

    def both(self, one: Shape, other: Shape) -> Shape:
        """Both count."""
        if one == other or other == NOTHING_SAID:
            return one
        if one == NOTHING_SAID:
            return other
        parts = dict.fromkeys((*one.parts, *other.parts))
        return Shape(tuple(parts), tuple(dict.fromkeys((*one.groups, *other.groups))))

    def either(self, shapes: Iterable[Shape]) -> Shape:
        """One of them counts."""
        group = self._spliced(tuple(shapes))
        if len(group) <= 1:
            return group[0] if group else NOTHING_SAID
        return Shape((), (group,))

    def refined(self, base: Shape, alternatives: Iterable[Shape]) -> Shape:
        """The base, and one of the alternatives besides; those that say nothing new change nothing."""
        group = self._spliced(tuple(alternatives))
        telling = [one for one in group if one not in (NOTHING_SAID, base)]
        if not telling:
            return base
        if base == NOTHING_SAID:
            return self.either(group)
        made = Shape(base.parts, tuple(dict.fromkeys((*base.groups, group))))
        return made if made.depth <= _DEEPEST else base


def _last_word(reference: str) -> str:
    address, _hash, fragment = reference.partition("#")
    word = (fragment or address).rstrip("/").rpartition("/")[2]
    return word.replace("~1", "/").replace("~0", "~") if fragment else word.split(".")[0]
