"""Avro container files in: each record as nested data, by the schema in the file itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import fastavro

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.nested import Data, Misplaced, Part
from studio.engine.formats.typed_values import text_of
from studio.engine.items import keep
from studio.engine.plan import Document, Shape

# What the library raises for bytes that are no container, or one that is cut or changed.
_DAMAGED = (ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError, AttributeError, MemoryError)


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> AvroParts:
    """The records of a stream called `name` in messages."""
    return AvroParts(document, shape, stream, name)


class AvroParts:
    """The records of a container. See nested.Parts."""

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self._root = document.root
        self._shape = None if shape is None else shape.at((document.root,)) or Shape("")
        self._stream = stream
        self._name = name

    def __iter__(self) -> Iterator[Part | Misplaced]:
        number = 0
        try:
            reader: Any = fastavro.reader(self._stream, return_named_type=True)
            reading = _Reading(reader.writer_schema)
            for record in reader:
                number += 1
                if not number % 256:
                    self.taken = self._stream.tell()
                value = record[1] if isinstance(record, tuple) else record
                yield Part((self._root,), 1, reading.record(value, self._shape), number)
        except _DAMAGED as error:
            raise BadInput(
                _("The Avro file is damaged after {count} records: {reason}.").format(
                    count=number, reason=(str(error) or type(error).__name__).rstrip(".")[:200]
                ),
                file=self._name,
                next_step=_("Get the file again; it may be cut off."),
            ) from None
        self.taken = self._stream.tell()


class _Reading:
    """Values of a schema as nested data."""

    def __init__(self, schema: Any) -> None:
        self._named: dict[str, Any] = {}
        self._top = schema
        self._note(schema)

    def _note(self, schema: Any) -> None:
        """Remember every named type, by its full name."""
        waiting = [schema]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, Mapping):
                if one.get("name"):
                    self._named[str(one["name"])] = one
                waiting += [field["type"] for field in one.get("fields", ())]
                waiting += [one[key] for key in ("items", "values") if key in one]
                if isinstance(one.get("type"), (list, dict)):
                    waiting.append(one["type"])

    def record(self, value: Any, shape: Shape | None, schema: Any = None) -> Data:
        """The data of a record, pruned to a shape."""
        schema = self.resolved(schema if schema is not None else self._top)
        if isinstance(schema, list):
            schema = next(one for one in map(self.resolved, schema) if _word(one) in ("record", "error"))
        data: Data = {}
        for field in schema["fields"]:
            wanted, inside = keep(shape, field["name"])
            if wanted:
                data[field["name"]] = self._value(value.get(field["name"]), field["type"], inside)
        return data

    def resolved(self, schema: Any) -> Any:
        """The declaration a name stands for."""
        return self._named.get(schema, schema) if isinstance(schema, str) else schema

    def _value(self, value: Any, schema: Any, shape: Shape | None) -> Any:
        schema = self.resolved(schema)
        if isinstance(schema, list):
            return self._union(value, schema, shape)
        if isinstance(value, tuple):
            value = value[1]
        word = _word(schema)
        if value is None:
            return None
        if word in ("record", "error"):
            return self.record(value, shape, schema)
        if word == "array":
            return self._array(value, schema["items"], shape)
        if word == "map":
            inside = shape.children.get("entry") if shape is not None else None
            below = inside.children.get("value") if inside is not None else None
            return {
                "entry": [
                    {"key": key, "value": self._value(each, schema["values"], below)}
                    for key, each in value.items()
                ]
            }
        return text_of(value)

    def _array(self, values: Any, items: Any, shape: Shape | None) -> Any:
        inside = shape.children.get("item") if shape is not None else None
        if _is_plain(self.resolved(items), self):
            return [self._value(value, items, shape) for value in values]
        return {"item": [self._value(value, items, inside) for value in values]}

    def _union(self, value: Any, schema: list[Any], shape: Shape | None) -> Any:
        others = [one for one in schema if one != "null"]
        if value is None:
            return None
        if len(others) == 1:
            return self._value(value, others[0], shape)
        if _is_plain(schema, self):
            return text_of(value[1] if isinstance(value, tuple) else value)
        branch = self._branch(value, others)
        name = _word(branch) if not isinstance(branch, Mapping) else str(branch.get("name", _word(branch)))
        name = name.rpartition(".")[2]
        inside = shape.children.get(name) if shape is not None else None
        return {name: self._value(value, branch, inside)}

    def _branch(self, value: Any, schemas: list[Any]) -> Any:
        known = [self.resolved(one) for one in schemas]
        if isinstance(value, tuple):
            named = (one for one in known if isinstance(one, Mapping) and one.get("name") == value[0])
            return next(named, known[0])
        wanted = {
            dict: ("map",),
            list: ("array",),
            bool: ("boolean",),
            int: ("int", "long"),
            bytes: ("bytes",),
        }
        words = wanted.get(type(value), ("float", "double") if isinstance(value, float) else ("string",))
        return next((one for one in known if _word(one) in words), known[0])


def _word(schema: Any) -> str:
    if isinstance(schema, Mapping):
        return _word(schema.get("type"))
    return schema if isinstance(schema, str) else "union"


def _is_plain(schema: Any, reading: _Reading) -> bool:
    """It has single values, no parts."""
    if isinstance(schema, list):
        return all(_is_plain(reading.resolved(one), reading) for one in schema)
    return _word(schema) not in ("record", "error", "array", "map", "union")
