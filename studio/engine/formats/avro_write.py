"""Avro container files out: each record by the schema that the target was described with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

import fastavro
from fastavro.write import Writer as Container

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.nested import Data
from studio.engine.formats.record_lines import LineEncoder, records
from studio.engine.formats.typed_values import bytes_of, date_of, float_of
from studio.engine.forms import Form
from studio.engine.lexical import Unwritable
from studio.engine.plan import Document


def encoder(document: Document) -> AvroEncoder:
    """The encoder of a target."""
    return AvroEncoder(document)


class AvroEncoder(LineEncoder):
    """Records of an Avro schema, which is in the document's facts."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._making = _Making(json.loads(document.facts["declaration"]), document)
        self.convert = self._written

    def check(self, form: Form, data: Data) -> None:
        """What the schema demands is there."""
        self._making.value(data, self._making.top, form.name)

    def _written(self, lines: BinaryIO, output: BinaryIO) -> None:
        making = self._making
        # The mark between blocks is usually drawn by lot; made of the schema, the same records give the same bytes.
        mark = hashlib.md5(json.dumps(making.top, sort_keys=True).encode(), usedforsecurity=False).digest()
        codec = "deflate" if self.document.facts.get("codec") not in (None, "null") else "null"
        container: Any = Container(output, making.parsed, codec=codec, sync_marker=mark)
        for record in records(lines):
            container.write(making.value(record, making.top, ""))
        container.flush()


class _Making:
    """Nested data as values of a schema."""

    def __init__(self, schema: Any, document: Document) -> None:
        named: dict[str, Any] = {}
        if isinstance(schema, list):
            wanted: list[Any] = [one for one in schema if isinstance(one, Mapping)]
            for one in wanted:
                fastavro.parse_schema(dict(one), named_schemas=named)
            schema = next((one for one in wanted if one.get("name") == document.root), wanted[-1])
        try:
            self.parsed: Any = fastavro.parse_schema(schema, named_schemas={})
        except Exception as error:
            raise BadInput(
                _("Avro would not accept this schema: {reason}").format(reason=str(error)[:200]),
                file=document.schema,
                next_step=_("Ask who made it for a valid one."),
            ) from None
        self._named: dict[str, Any] = {}
        self.top = self.parsed
        waiting: list[Any] = [self.parsed]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, Mapping):
                if one.get("name"):
                    self._named.setdefault(str(one["name"]), one)
                waiting += [field["type"] for field in one.get("fields", ())]
                waiting += [one[key] for key in ("items", "values", "type") if key in one]

    def value(self, data: Any, schema: Any, name: str) -> Any:
        """A value of a schema; raises Unwritable naming the field where there is none."""
        if isinstance(schema, str):
            schema = self._named.get(schema, schema)
        if isinstance(schema, list):
            return self._union(data, schema, name)
        word: Any = schema.get("type") if isinstance(schema, Mapping) else schema
        if isinstance(word, (list, Mapping)):
            return self.value(data, word, name)
        if word in ("record", "error"):
            return self._record(data, schema, name)
        if word == "array":
            return self._array(data, schema, name)
        if word == "map":
            entries = data.get("entry") or [] if isinstance(data, dict) else []
            return {
                str(one.get("key")): self.value(one.get("value"), schema["values"], name) for one in entries
            }
        if data is None:
            return self._nothing(word, name)
        return _plain(data, word, schema if isinstance(schema, Mapping) else {})

    def _nothing(self, word: str, name: str) -> Any:
        if word == "null":
            return None
        if word == "string":
            return ""
        raise Unwritable(_("The field {name} must have a value.").format(name=name))

    def _record(self, data: Any, schema: Any, name: str) -> Any:
        if not isinstance(data, dict):
            raise Unwritable(_("The field {name} must have a value.").format(name=name))
        made: dict[str, Any] = {}
        for field in schema["fields"]:
            given = data.get(field["name"])
            if given is None and "default" in field and field["name"] not in data:
                continue  # the writer puts the default there
            made[field["name"]] = self.value(given, field["type"], field["name"])
        return made

    def _array(self, data: Any, schema: Any, name: str) -> list[Any]:
        entries = data.get("item") if isinstance(data, dict) else data
        return [self.value(one, schema["items"], name) for one in entries or []]

    def _union(self, data: Any, schema: list[Any], name: str) -> Any:
        if data is None and "null" in schema:
            return None
        others = [one for one in schema if one != "null"]
        if len(others) == 1:
            return self.value(data, others[0], name)
        if isinstance(data, dict) and len(data) == 1:
            ((branch, inside),) = data.items()
            for one in others:
                if self._branch_name(one) == branch:
                    return self.value(inside, one, name)
        for one in others:
            try:
                return self.value(data, one, name)
            except (Unwritable, ValueError, ArithmeticError):
                continue
        raise Unwritable(_("The field {name} must have a value.").format(name=name))

    def _branch_name(self, schema: Any) -> str:
        if isinstance(schema, Mapping):
            schema = schema.get("name") or schema.get("type")
        return str(schema).rpartition(".")[2]


def _plain(text: Any, word: str, said: Mapping[str, Any]) -> Any:
    if not isinstance(text, str):
        raise Unwritable(_("{value} is no single value.").format(value=repr(text)[:60]))
    logical = str(said.get("logicalType", ""))
    if logical == "decimal":
        return Decimal(text)
    if logical == "date":
        return date_of(text).date()
    if logical.startswith(("timestamp", "local-timestamp")):
        return date_of(text)
    if logical.startswith("time-"):
        return date_of(f"1970-01-01T{text}").time()
    if word in ("int", "long"):
        return int(text)
    if word in ("float", "double"):
        return float_of(text)
    if word == "boolean":
        if text not in ("true", "false"):
            raise Unwritable(_("{value} is neither true nor false.").format(value=repr(text[:60])))
        return text == "true"
    return bytes_of(text) if word in ("bytes", "fixed") else text
