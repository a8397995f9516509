"""The JSON Schema test suite as cases, and what a valid document proves about the tree of its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import validators
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY, specification_with

from studio.schema.model import Base, Place, Schema
from studio.schema.path import quote

DRAFTS = {
    "draft3": "http://json-schema.org/draft-03/schema#",
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
_LISTS = ("items", "prefixItems", "additionalItems", "unevaluatedItems")
_ASIDE = ("not", "if", "contains", "propertyNames", "disallow", "dependencies", "dependentSchemas")

_TYPED = ("type", "enum", "const")
_TYPE = "\0type"

Judged = set[tuple[int, str | None]]


class Text(str):
    """A text with an identity of its own."""


class Whole(int):
    """A number with an identity of its own."""


class Real(float):
    """A number with an identity of its own."""


def distinct(value: Any) -> Any:
    """The same document with every value an object of its own, so that a validator's account tells them apart."""
    if isinstance(value, dict):
        return {name: distinct(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [distinct(inner) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    return {str: Text, int: Whole, float: Real}[type(value)](value)


class Case(NamedTuple):
    """One schema of the suite and its valid documents, each value of them distinct."""

    name: str
    schema: Any
    documents: list[Any]


def cases(suite: Path, draft: str) -> Iterator[Case]:
    """Every schema of a draft with the documents it admits; its draft is named in it where it did not say."""
    for path in sorted((suite / "tests" / draft).glob("*.json")):
        for group in json.loads(path.read_text(encoding="utf-8")):
            schema = group["schema"]
            if isinstance(schema, dict):
                schema = {"$schema": DRAFTS[draft], **schema}
            valid = [distinct(test["data"]) for test in group["tests"] if test["valid"]]
            yield Case(f"{draft}/{path.stem}: {group['description']}", schema, valid)


def remotes(suite: Path, draft: str) -> Registry[Any]:
    """The files the suite's references mean, by their addresses."""
    registry = EMPTY_REGISTRY
    specification = specification_with(DRAFTS[draft].rstrip("#"))
    for path in (suite / "remotes").rglob("*.json"):
        address = f"http://localhost:1234/{path.relative_to(suite / 'remotes').as_posix()}"
        value = json.loads(path.read_text(encoding="utf-8"))
        registry = registry.with_resource(address, specification.create_resource(value))
    return registry


def judged(case: Case, document: Any, registry: Registry[Any]) -> Judged:
    """Members (object, name) and entries (array, None) some schema was applied to, by an independent validator."""
    found: Judged = set()
    if not isinstance(case.schema, dict):
        return found
    base = validator_for(case.schema, default=Draft202012Validator)

    def noting(keyword: str, function: Any) -> Any:
        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            if keyword not in _ASIDE:
                found.update(_named(keyword, value, instance, schema))
                yield from function(validator, value, instance, schema) or ()

        return check

    kind = validators.extend(base, {name: noting(name, each) for name, each in base.VALIDATORS.items()})
    try:
        list(kind(case.schema, registry=registry).iter_errors(document))
    except (TypeError, Unresolvable, re.error):
        # The validator stumbles over true and false where older drafts have no such schemas, and over foreign patterns.
        return found
    return found


def _named(keyword: str, value: Any, instance: Any, schema: Any) -> Iterator[tuple[int, str | None]]:
    if keyword in _TYPED:
        yield id(instance), _TYPE
    if isinstance(instance, list) and keyword in _LISTS and instance:
        yield id(instance), None
    if not isinstance(instance, dict):
        return
    if keyword == "properties":
        yield from ((id(instance), name) for name in value if name in instance)
    elif keyword == "patternProperties":
        yield from (
            (id(instance), name) for name in instance if any(map(_search, value, [name] * len(value)))
        )
    elif keyword == "required" and isinstance(value, list):
        yield from ((id(instance), name) for name in value)
    elif keyword == "additionalProperties" and isinstance(value, dict):
        others = set(instance) - set(schema.get("properties", ()))
        yield from ((id(instance), name) for name in others)


def _search(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


class Facts:
    """Counts what documents imply about a tree, and keeps what does not hold."""

    def __init__(self, schema: Schema, told: Judged) -> None:
        self.count = 0
        self.wrong: list[str] = []
        self._schema = schema
        self._told = told

    def check(self, document: Any) -> None:
        """Look at a whole document."""
        root = self._schema.roots[0]
        place = Place.root(root)
        if root.name == "item" and isinstance(document, list):
            if (id(document), None) in self._told:
                for entry in document:
                    self._value(place, entry, entry=True)
        elif not root.name:
            self._value(place, document)

    def _say(self, holds: bool, place: Place, what: str) -> None:
        self.count += 1
        if not holds:
            self.wrong.append(f"{place.path or '/'}: {what}")

    def _value(self, place: Place, value: Any, *, entry: bool = False) -> None:
        node = place.node
        typed = (id(value), _TYPE) in self._told
        if isinstance(value, dict):
            if typed:
                self._say(not node.type.leaf, place, "an object has members")
            self._members(place, value)
        elif isinstance(value, list):
            self._entries(place, value, entry)
        elif value is None and typed:
            self._say(node.nillable or node.type.value is not None, place, "null has its place")
        elif typed:
            self._scalar(place, value)

    def _members(self, place: Place, value: dict[str, Any]) -> None:
        for name, inner in value.items():
            if (id(value), name) in self._told:
                found = self._schema.find(f"{place.path}/{quote(name)}")
                self._say(found is not None, place, f"{name} is a member")
                if found is not None:
                    self._value(found, inner)
        for child in place.children():
            if child.required and child.node.name not in ("", "*"):
                self._say(child.node.name in value, place, f"{child.node.name} is not required")

    def _entries(self, place: Place, value: list[Any], entry: bool) -> None:
        if (id(value), None) not in self._told:
            return
        node = place.node
        if node.type.leaf:
            # Arrays of scalars repeat their field; inside another array both are one.
            self._say(node.occurs.repeats or "wildcard" in node.facts, place, "a field repeats")
            inner: Place | None = place
        else:
            inner = self._schema.find(f"{place.path}/item")
            self._say(inner is not None, place, "an array has entries")
        for one in value:
            if inner is not None:
                self._value(inner, one, entry=True)

    def _scalar(self, place: Place, value: Any) -> None:
        kind = place.node.value
        self._say(kind is not None, place, f"{value!r} has its place")
        if kind is None:
            return
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        fits = {
            Base.INTEGER: isinstance(value, int | float) and float(value).is_integer(),
            Base.DECIMAL: isinstance(value, int | float),
            Base.FLOAT: isinstance(value, int | float),
            Base.BOOLEAN: isinstance(value, bool),
        }
        self._say(fits.get(kind.base, True), place, f"{value!r} is no {kind.base}")
        if kind.enumeration:
            self._say(
                text in kind.enumeration or _same_number(value, kind.enumeration), place, f"{text} is listed"
            )
        if kind.max_length is not None and isinstance(value, str):
            self._say(len(value) <= kind.max_length, place, "its length fits")


def _same_number(value: Any, listed: tuple[str, ...]) -> bool:
    if isinstance(value, str):
        return False
    return any(one.replace(".", "", 1).lstrip("-").isdigit() and float(one) == value for one in listed)
