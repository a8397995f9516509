"""Patterns of JSON Schema: those of JavaScript, with Unicode properties, and never longer than a second on one text."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import regex

_SECONDS = 1.0


def with_patterns(kind: Any) -> Any:
    """The validator class with our way of looking for patterns: Python's own lacks properties and a limit."""
    extend = importlib.import_module("jsonschema.validators").extend
    return extend(
        kind,
        {"pattern": _pattern, "patternProperties": _properties, "additionalProperties": _additional},
    )


def _found(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, flags=regex.ASCII, timeout=_SECONDS) is not None
    except TimeoutError:
        # Nobody knows; what cannot be judged is let pass.
        return True


def _pattern(validator: Any, wanted: str, value: Any, _schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "string") and not _found(wanted, value):
        error = importlib.import_module("jsonschema.exceptions").ValidationError
        yield error(f"{value!r} does not match {wanted!r}")


def _properties(validator: Any, wanted: dict[str, Any], value: Any, _schema: Any) -> Iterator[Any]:
    if validator.is_type(value, "object"):
        for pattern, schema in wanted.items():
            for key, one in value.items():
                if _found(pattern, key):
                    yield from validator.descend(one, schema, path=key, schema_path=pattern)


def _additional(validator: Any, wanted: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not validator.is_type(value, "object"):
        return
    patterns = schema.get("patternProperties", {})
    extra = [
        key
        for key in value
        if key not in schema.get("properties", {}) and not any(_found(one, key) for one in patterns)
    ]
    if wanted is False and extra:
        error = importlib.import_module("jsonschema.exceptions").ValidationError
        yield error(f"{extra!r} not allowed")
    elif isinstance(wanted, dict):
        for key in extra:
            yield from validator.descend(value[key], wanted, path=key)
