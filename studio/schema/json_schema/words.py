"""Telling a JSON Schema or an interface description from other JSON and YAML by the words at its top."""

from __future__ import annotations

import re

# One of them is in every schema and description; where none is, the text need not be looked through.
SCHEMA_WORDS = (
    *('"openapi"', '"swagger"', '"$schema"', '"$ref"', '"$defs"', '"definitions"'),
    *('"properties"', '"oneOf"', '"anyOf"', '"allOf"', '"items"'),
)
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[\[\]{}]')
_YAML_KEY = re.compile(r"^[\"']?([$\w.-]+)[\"']?\s*:[ \t]*([^\r\n]*)", re.MULTILINE)
_TYPE_NAMES = ("object", "array", "string", "number", "integer", "boolean", "null")
_STRUCTURE = frozenset(("$defs", "definitions", "properties", "oneOf", "anyOf", "allOf", "items"))
# What a schema has at its top; a document with many other members is no schema, whatever it has besides.
_WORDS = _STRUCTURE | frozenset(
    (
        *("$schema", "$id", "id", "$ref", "$anchor", "$comment", "$vocabulary", "type", "title"),
        *("description", "required", "additionalProperties", "patternProperties", "default", "examples"),
        *("enum", "const", "minItems", "maxItems", "uniqueItems", "if", "then", "else", "not", "format"),
    )
)


def top_words(text: str) -> dict[str, str]:
    """The members of the object a JSON text starts with: name → its value's first mark or text."""
    found: dict[str, str] = {}
    depth = 0
    name: str | None = None
    for match in _TOKEN.finditer(text):
        mark = match[0][0]
        if mark in "{[":
            if depth == 1 and name is not None:
                found[name], name = mark, None
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and match[2]:
            name = match[1]
            found.setdefault(name, "")
        elif depth == 1 and name is not None:
            found[name], name = match[1], None
    return found


def yaml_words(text: str) -> dict[str, str]:
    """The same of a YAML text, by the keys at the beginnings of its lines."""
    return {
        match[1]: match[2].strip().strip("\"'") or "{" for match in reversed(list(_YAML_KEY.finditer(text)))
    }


def kind_of_words(words: dict[str, str]) -> str:
    """`openapi`, `json-schema`, or nothing."""
    if words.get("openapi", "").startswith("3") or words.get("swagger", "").startswith("2"):
        return "openapi"
    if "json-schema.org" in words.get("$schema", ""):
        return "json-schema"
    structure = {word for word in _STRUCTURE & words.keys() if words[word] in "{["}
    if not structure or ("type" in words and words["type"] not in (*_TYPE_NAMES, "[")):
        return ""
    foreign = [word for word in words if word not in _WORDS and not word.startswith("x-")]
    sure = "type" in words or "$defs" in words or "$id" in words
    # Data may well have a member called items or properties; a schema has little besides its own words.
    if len(foreign) > len(words) // 2 or (not sure and (foreign or structure == {"items"})):
        return ""
    return "json-schema"
