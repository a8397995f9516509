"""What the words of a JSON Schema mean for reading it: which hold schemas, which name places, which draft counts."""

from __future__ import annotations

import re
from typing import Any

# Members are names, each with a schema.
MAPS = frozenset(
    (
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "dependencies",
        "schemas",
        "parameters",
        "responses",
        "headers",
    )
)
# What stands there is data, whatever it looks like.
DATA = frozenset(("enum", "const", "default", "example", "examples"))

OBJECT_WORDS = frozenset(
    (
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "required",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
    )
)
ARRAY_WORDS = frozenset(
    (
        "items",
        "prefixItems",
        "additionalItems",
        "unevaluatedItems",
        "contains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minContains",
        "maxContains",
    )
)
TEXT_WORDS = frozenset(
    ("pattern", "minLength", "maxLength", "format", "contentEncoding", "contentMediaType", "contentSchema")
)
NUMBER_WORDS = frozenset(
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "divisibleBy")
)
# Whatever says something about values; a schema with none of these only describes or refers.
MEANING = (
    OBJECT_WORDS
    | ARRAY_WORDS
    | TEXT_WORDS
    | NUMBER_WORDS
    | frozenset(("type", "enum", "const", "oneOf", "anyOf", "if", "not", "nullable", "discriminator"))
)
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

_DRAFT = re.compile(r"json-schema\.org/(?:draft-0([3-7])|draft/(2019|2020)|(v1))")
LATEST = 20


def draft_of(address: Any, default: int = LATEST) -> int:
    """3, 4, 6, 7, 19 (2019-09) or 20 (2020-12 and later), from what `$schema` says."""
    match = _DRAFT.search(address) if isinstance(address, str) else None
    if match is None:
        return default
    if match[1]:
        return 6 if match[1] == "5" else int(match[1])
    return 19 if match[2] == "2019" else LATEST


def dict_of(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value where it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """A scalar as the text a document would hold; None for null, objects and arrays."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def whole_of(value: Any) -> int | None:
    """A number from 0 as an integer (`2`, `2.0`), None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
