"""JSON documents and JSON lines against JSON Schema, by the jsonschema library; references stay on this computer."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.json_schema.document import Document, read_document
from studio.schema.json_schema.registry import Registry, Resource, Target
from studio.schema.json_text import Number, is_lines, parse_json, whole_text
from studio.schema.path import Step, quote
from studio.schema.validate.json_lines import first_lines
from studio.schema.validate.json_patterns import with_patterns
from studio.schema.validate.json_words import in_plain_words

Keys = tuple[str | int, ...]
_DRAFTS = {
    3: "Draft3Validator",
    4: "Draft4Validator",
    6: "Draft6Validator",
    7: "Draft7Validator",
    19: "Draft201909Validator",
    20: "Draft202012Validator",
}


def check_json(
    schema: Path, instance: Path, *, root: str | None, record: str | None, within: Path | None
) -> Iterator[Problem]:
    """The problems of a document; of JSON lines each line is a record, of an array each item."""
    document = read_document(schema)
    registry = Registry(within)
    start = registry.start(document)
    yield from (replace(one, severity=Severity.WARNING) for one in registry.problems)
    validator = _validator(document, registry, start, root)
    for value, text, first_line, number in _records(instance):
        found = list(validator.iter_errors(value))
        if not found:
            continue
        whole = number is None and isinstance(value, list)
        lines = first_lines(text, {tuple(error.absolute_path) for error in found})
        for error in sorted(found, key=lambda error: lines.get(tuple(error.absolute_path), 0)):
            keys: Keys = tuple(error.absolute_path)
            message, mend = in_plain_words(error)
            yield Problem(
                Severity.ERROR,
                message,
                str(instance),
                lines.get(keys, 1) + first_line - 1,
                path=_path(keys, whole or number is not None),
                mend=mend,
                record=_number(keys, number, whole, record),
            )


def _validator(document: Document, registry: Registry, start: Resource, root: str | None) -> Any:
    validators = importlib.import_module("jsonschema.validators")
    referencing = importlib.import_module("referencing")
    kind = validators.validator_for(
        _plain(document.value), default=getattr(validators, _DRAFTS.get(start.draft, _DRAFTS[20]))
    )
    specification = importlib.import_module("referencing.jsonschema").specification_with(
        kind.META_SCHEMA.get("$schema", kind.META_SCHEMA.get("id", ""))
    )

    def retrieve(address: str) -> Any:
        found = registry.resolve(address, start)
        if not isinstance(found, Target):
            # Told already, with its place; what it would say of the document is not known.
            return referencing.Resource.from_contents({}, default_specification=specification)
        value = found.resource.document.value
        return referencing.Resource.from_contents(_plain(value), default_specification=specification)

    main = referencing.Resource.from_contents(_plain(document.value), default_specification=specification)
    known = referencing.Registry(retrieve=retrieve).with_resource(start.base, main)
    wanted = f"{start.base}{_definition(document.value, root)}"
    return _Located(with_patterns(kind)({"$ref": wanted}, registry=known), document)


def _definition(value: Any, root: str | None) -> str:
    for word in ("$defs", "definitions"):
        named = value.get(word) if isinstance(value, dict) else None
        if root and isinstance(named, dict) and root in named:
            return f"#/{word}/" + root.replace("~", "~0").replace("/", "~1")
    return ""


class _Located:
    """A validator whose own errors (a reference that leads nowhere, a wrong keyword) are told as those of the schema."""

    def __init__(self, validator: Any, document: Document) -> None:
        self._validator = validator
        self._file = document.file

    def iter_errors(self, value: Any) -> Iterator[Any]:
        """The errors of one value."""
        try:
            yield from self._validator.iter_errors(value)
        except (AttributeError, KeyError, LookupError, TypeError, ValueError) as error:
            raise self._wrong(error) from error
        except Exception as error:
            if type(error).__module__.split(".")[0] in (
                "jsonschema",
                "referencing",
                "re",
                "regex",
                "_regex_core",
            ):
                raise self._wrong(error) from error
            raise

    def _wrong(self, error: Exception) -> BadInput:
        return BadInput(
            _("The schema cannot be used to check documents: {reason}.").format(
                reason=" ".join(str(error).split())[:200]
            ),
            file=self._file,
            next_step=_("Correct the schema first."),
        )


def _plain(value: Any) -> Any:
    """The value with its numbers as numbers."""
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _records(instance: Path) -> Iterator[tuple[Any, str, int, int | None]]:
    """The values of a document with their text and its first line; numbered where each line is one."""
    text = whole_text(instance)
    if not is_lines(text):
        yield _plain(parse_json(text, instance)), text, 1, None
        return
    number = 0
    for at, line in enumerate(text.split("\n"), 1):
        if line.strip():
            number += 1
            yield _plain(parse_json(line, instance, first_line=at)), line, at, number


def _path(keys: Keys, items: bool) -> str:
    """Our address of a place: `/lines/item[2]/qty`; the items of a root array or of lines are `item`."""
    steps: list[str] = []
    for key in keys:
        if isinstance(key, int):
            steps.append(str(Step("item", index=key + 1)))
        else:
            steps.append(quote(key))
    if items and not (keys and isinstance(keys[0], int)):
        return "/".join(["item", *steps])
    return "/".join(steps) if items else "/" + "/".join(steps)


def _number(keys: Keys, number: int | None, whole: bool, record: str | None) -> int | None:
    if number is not None:
        return number
    if whole:
        return keys[0] + 1 if keys and isinstance(keys[0], int) else None
    # Inside a document, the first array on the way holds the records, unless another is named.
    lead: list[str] = []
    wanted = record.strip("/").removesuffix("/item").split("/") if record else None
    for key in keys:
        if isinstance(key, int):
            return key + 1 if wanted in (None, lead) else None
        lead.append(quote(key))
    return None
