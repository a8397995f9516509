"""JSON Schema files as schemas: the documents they describe, and their definitions as further roots."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.json_schema.document import Document, read_document
from studio.schema.json_schema.keywords import MAPS, TYPES, dict_of, list_of
from studio.schema.json_schema.registry import Registry, Resource
from studio.schema.json_schema.shapes import Shapes
from studio.schema.json_schema.tree import Trees
from studio.schema.model import Node, Schema

_DEFINITIONS = ("$defs", "definitions")
_MOST_PROBLEMS = 200


def read_json_schema(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema in a JSON Schema file (JSON or YAML) of any draft, with every file it refers to.

    `within` is the folder no reference may leave; nothing is fetched. Raises BadInput when the file itself cannot be
    used; what is missing elsewhere is among the schema's problems and marked in the tree.
    """
    document = read_document(path, encoding)
    if not isinstance(document.value, dict | bool):
        raise BadInput(
            _("This is not a JSON Schema: it is neither an object nor true or false."),
            file=path,
            next_step=_("Give the schema, or read this file as a sample."),
        )
    registry = Registry(within)
    resource = registry.start(document)
    trees = Trees(Shapes(registry))
    roots = definitions(trees, resource) if _only_definitions(document.value) else ()
    return Schema(
        "json-schema",
        roots or (trees.root(document.value, resource),),
        files=tuple(map(str, registry.files)),
        problems=tuple(registry.problems),
        facts=schema_facts(registry),
        others=(lambda: ()) if roots else (lambda: definitions(trees, resource)),
        inspect=lambda: inspect(document),
    )


def schema_facts(registry: Registry) -> dict[str, str]:
    """What a cache must know: the files that were looked for and are not there."""
    looked_for = dict.fromkeys(map(str, registry.looked_for))
    return {"looked_for": "\n".join(looked_for)} if looked_for else {}


def definitions(trees: Trees, resource: Resource) -> tuple[Node, ...]:
    """The definitions of a schema as named roots."""
    root = dict_of(resource.root)
    return tuple(
        trees.named(name, value, resource)
        for word in _DEFINITIONS
        for name, value in dict_of(root.get(word)).items()
        if isinstance(value, dict)
    )


def _only_definitions(value: Any) -> bool:
    """Written to be referred to: it says nothing about a document of its own."""
    words = {word for word in value if not word.startswith("$")} if isinstance(value, dict) else {""}
    telling = words - {"definitions", "title", "description", "id", "type"}
    return not telling and "$ref" not in value and any(word in value for word in _DEFINITIONS)


def inspect(document: Document) -> tuple[Problem, ...]:
    """What a look at every schema shows: words whose values make no sense, each with its line."""
    found: list[Problem] = []
    for holder, message in _wrong(document.value):
        found.append(
            Problem(
                Severity.WARNING,
                message,
                document.file,
                document.line(holder),
                mend=_("Correct it; the tree leaves it out."),
            )
        )
        if len(found) >= _MOST_PROBLEMS:
            break
    return tuple(found)


def _wrong(root: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects with a word that has a wrong value, walked as schemas as far as the words say so."""
    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if not isinstance(value, dict) or id(value) in seen:
            continue
        seen.add(id(value))
        for word, inner in value.items():
            message = _wrong_word(word, inner)
            if message:
                yield value, message
            elif word in ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"):
                waiting += reversed(dict_of(inner).values())
            elif word not in MAPS and isinstance(inner, dict):
                waiting += [inner] if word in _SINGLE else []
            elif word in _LISTS:
                waiting += reversed(list_of(inner))


_SINGLE = frozenset(
    (
        *("items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"),
        *("contains", "propertyNames", "not", "if", "then", "else", "contentSchema"),
    )
)
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))


def _wrong_word(word: str, value: Any) -> str:
    if word == "type":
        words = [value] if isinstance(value, str) else list_of(value)
        if not words:
            return _("The value of type is no name of a type.")
        unknown = [one for one in words if isinstance(one, str) and one not in (*TYPES, "any")]
        return _("There is no type called {name}.").format(name=unknown[0]) if unknown else ""
    if word in ("properties", "patternProperties", "$defs", "definitions") and not isinstance(value, dict):
        return _("{word} must be an object whose members are schemas.").format(word=word)
    if word in ("allOf", "anyOf", "oneOf", "prefixItems", "enum") and not isinstance(value, list):
        return _("{word} must be an array.").format(word=word)
    if word == "required" and not isinstance(value, list | bool):
        return _("{word} must be an array.").format(word=word)
    return ""
