"""Avro schemas: `.avsc` texts and the header of container files; named types are shared, recursion by reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.json_text import Number, parse_json, whole_text
from studio.schema.model import MANY, Base, Kind, Node, Schema, Type, ValueType
from studio.schema.recognise_typed import AVRO
from studio.schema.source import is_there, read_head
from studio.schema.typed import shapes

# The header of a container holds the schema; a larger one is no header.
_HEADER = 16 * 1024 * 1024

_PLAIN = {
    "null": Base.TEXT,
    "boolean": Base.BOOLEAN,
    "int": Base.INTEGER,
    "long": Base.INTEGER,
    "float": Base.FLOAT,
    "double": Base.FLOAT,
    "bytes": Base.BINARY,
    "string": Base.TEXT,
}
_LOGICAL = {
    "date": Base.DATE,
    "time-millis": Base.TIME,
    "time-micros": Base.TIME,
    "timestamp-millis": Base.DATETIME,
    "timestamp-micros": Base.DATETIME,
    "timestamp-nanos": Base.DATETIME,
    "local-timestamp-millis": Base.DATETIME,
    "local-timestamp-micros": Base.DATETIME,
    "local-timestamp-nanos": Base.DATETIME,
    "uuid": Base.TEXT,
    "duration": Base.BINARY,
}
_NAMED = ("record", "error", "enum", "fixed")


def read_avro(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema in an `.avsc` file or at the head of a container; raises BadInput where there is none.

    Types that are not declared in it are looked for in `NAME.avsc` files beside it.
    """
    facts: dict[str, str] = {}
    if read_head(path, len(AVRO)) == AVRO:
        head = _header(read_head(path, _HEADER), path)
        text = head.get("avro.schema", "")
        facts = {"codec": head.get("avro.codec", "null"), "container": "true"}
    else:
        text = whole_text(path, encoding=encoding)
    avro = _Avro(path, within)
    roots = avro.roots(parse_json(text, path))
    if not roots:
        raise BadInput(
            _("This Avro schema declares no record."),
            file=path,
            next_step=_("Give the schema of a record."),
        )
    problems = (*avro.problems, *(() if avro.problems else _doubts(text, path)))
    facts["declaration"] = avro.whole(parse_json(text, path)) if avro.files else text
    return Schema("avro", roots, files=(str(path), *avro.files), problems=problems, facts=facts)


def _doubts(text: str, path: Path) -> tuple[Problem, ...]:
    """What the Avro library has against the schema."""
    try:
        fastavro.parse_schema(json.loads(text))
    except UnknownType:
        # Told where it is used.
        return ()
    except (SchemaParseException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = _("Avro would not accept this schema: {reason}").format(reason=error)
        return (Problem(Severity.WARNING, message, str(path), mend=_("Ask who made it for a valid one.")),)
    return ()


class _Avro:
    """Makes nodes of declarations; named types are known from the place of their declaration on."""

    def __init__(self, path: Path, within: Path | None) -> None:
        self.problems: list[Problem] = []
        self.files: list[str] = []
        self._path, self._within = path, within
        self._types: dict[str, Node] = {}
        self._declared: dict[str, tuple[Any, str]] = {}
        self._lost: set[str] = set()
        self._told: set[str] = set()
        self._used: list[tuple[str, str]] = []

    def roots(self, schema: Any) -> tuple[Node, ...]:
        """A root for each record; `row` where there is one."""
        self._declare(schema)
        for word, space in self._used:
            if word not in _PLAIN and self._find(word, space) is None:
                self._tell(word)
        tops = schema if isinstance(schema, list) else [schema]
        records = [self.node("row", one, "") for one in tops if _word(one) in ("record", "error")]
        records = [replace(node, kind=Kind.SEGMENT, occurs=MANY) for node in records]
        if len(records) > 1:
            records = [replace(node, name=node.type.name) for node in records]
        return tuple(records)

    def whole(self, schema: Any) -> str:
        """The text of a declaration with the types that stand in other files put in where they are used first."""
        return json.dumps(_with_numbers(self._with_others(schema, "", set())))

    def _with_others(self, schema: Any, space: str, done: set[str]) -> Any:
        if isinstance(schema, str):
            found = None if schema in _PLAIN or schema in done else self._find(schema, space)
            return self._with_others(found[0], found[1], done) if found is not None else schema
        if isinstance(schema, list):
            return [self._with_others(one, space, done) for one in schema]
        if not isinstance(schema, Mapping):
            return schema
        made = dict(schema)
        if schema.get("type") in _NAMED:
            full, space = _full_name(schema, space)
            if full in done:
                return full
            done.update((full, full.rpartition(".")[2]))
        for key in ("items", "values"):
            if key in made:
                made[key] = self._with_others(made[key], space, done)
        if isinstance(made.get("type"), list | Mapping):
            made["type"] = self._with_others(made["type"], space, done)
        if isinstance(made.get("fields"), list):
            made["fields"] = [
                {**one, "type": self._with_others(one.get("type"), space, done)} for one in made["fields"]
            ]
        return made

    def node(self, name: str, schema: Any, space: str) -> Node:
        """The node of a type under a field's name."""
        if isinstance(schema, list):
            return self._union(name, schema, space)
        if isinstance(schema, str):
            return self._called(name, schema, space)
        if not isinstance(schema, Mapping):
            return self._unknown(name, json.dumps(schema)[:80])
        word = schema.get("type")
        if isinstance(word, list | Mapping) and not isinstance(word, str):
            return self.node(name, word, space)
        if word == "array":
            return shapes.listed(self.node(name, schema.get("items", "null"), space))
        if word == "map":
            key = shapes.value_node("key", ValueType())
            return shapes.mapped(name, key, lambda: self.node("value", schema.get("values", "null"), space))
        if word in _NAMED:
            return self._named(name, schema, space)
        return self._called(name, str(word), space, schema)

    def _called(self, name: str, word: str, space: str, said: Mapping[str, Any] | None = None) -> Node:
        if word in _PLAIN:
            node = shapes.value_node(name, _value(word, said or {}))
            return shapes.nullable(node) if word == "null" else node
        found = self._find(word, space)
        return self._unknown(name, word) if found is None else self._named(name, *found)

    def _find(self, word: str, space: str) -> tuple[Any, str] | None:
        """The declaration a name means and the namespace it stands in."""
        full = word if "." in word or not space else f"{space}.{word}"
        for candidate in (full, word):
            if candidate in self._declared or self._found_beside(candidate):
                return self._declared[candidate]
        return None

    def _named(self, name: str, schema: Mapping[str, Any], space: str) -> Node:
        full, inner = _full_name(schema, space)
        known = self._types.get(full)
        if known is None:
            known = self._types[full] = self._make(schema, full, inner)
        return replace(known, name=name)

    def _make(self, schema: Mapping[str, Any], full: str, space: str) -> Node:
        short, said = full.rpartition(".")[2], str(schema.get("doc") or "")
        facts = {"full name": full} if full != short else {}
        if aliases := schema.get("aliases"):
            facts["aliases"] = " ".join(map(str, aliases))
        value: ValueType | None = None
        if schema.get("type") == "enum":
            value = ValueType(short, Base.TEXT, enumeration=tuple(map(str, schema.get("symbols") or ())))
        elif schema.get("type") == "fixed":
            size = _whole(schema.get("size"))
            value = replace(_value("fixed", schema), min_length=size, max_length=size)
        if value is not None:
            kind = Type(short, value=value, namespace=space, documentation=said)
            return Node("", Kind.FIELD, kind, documentation=said, facts=facts)

        def children() -> tuple[Node, ...]:
            fields = schema.get("fields")
            return tuple(self._field(one, space) for one in (fields if isinstance(fields, list) else ()))

        kind = Type(short, children=children, namespace=space, documentation=said)
        return Node("", Kind.ELEMENT, kind, documentation=said, facts=facts)

    def _field(self, field: Any, space: str) -> Node:
        if not isinstance(field, Mapping):
            return self._unknown("?", json.dumps(field)[:80])
        name = str(field.get("name") or "?")
        node = self.node(name, field.get("type", "null"), space)
        facts = dict(node.facts)
        if aliases := field.get("aliases"):
            facts["aliases"] = " ".join(map(str, aliases))
        default = None
        if "default" in field:
            given = field["default"]
            default = None if given is None else str(given) if isinstance(given, str) else json.dumps(given)
        said = str(field.get("doc") or "") or node.documentation
        return replace(node, documentation=said, default=default, facts=facts)

    def _union(self, name: str, members: list[Any], space: str) -> Node:
        """With null it may be absent; several plain values are one value of several types; else one of branches."""
        others = [one for one in members if _word(one) != "null"]
        if not others:
            return self._called(name, "null", space)
        if len(others) == 1:
            node = self.node(name, others[0], space)
        else:
            branches = [self.node(self._branch(one), one, space) for one in others]
            if all(one.kind is Kind.FIELD and not one.occurs.repeats for one in branches):
                values = tuple(one.value for one in branches if one.value is not None)
                label = " | ".join(value.name for value in values)
                node = shapes.value_node(name, ValueType(label, _common(values), members=values))
            else:
                node = shapes.chosen(name, lambda: tuple(branches))
        return shapes.nullable(node) if len(others) < len(members) else node

    def _branch(self, schema: Any) -> str:
        """What Avro's JSON calls a branch: the type's name."""
        if isinstance(schema, Mapping) and schema.get("type") in _NAMED:
            return str(schema.get("name") or "?").rpartition(".")[2]
        return _word(schema).rpartition(".")[2]

    def _declare(self, schema: Any) -> None:
        """Note every named type, wherever it is declared."""
        waiting: list[tuple[Any, str]] = [(schema, "")]
        while waiting:
            one, space = waiting.pop()
            if isinstance(one, str):
                self._used.append((one, space))
            elif isinstance(one, list):
                waiting += [(member, space) for member in one]
            elif isinstance(one, Mapping):
                if one.get("type") in _NAMED and one.get("name"):
                    full, inner = _full_name(one, space)
                    self._declared.setdefault(full, (one, space))
                    space = inner
                fields = one.get("fields")
                for inside in fields if isinstance(fields, list) else ():
                    waiting.append((inside.get("type") if isinstance(inside, Mapping) else None, space))
                waiting += [(one.get(key), space) for key in ("items", "values")]
                if one.get("type") not in (*_NAMED, "array", "map"):
                    waiting.append((one.get("type"), space))

    def _found_beside(self, name: str) -> bool:
        """The type is in a file of its name in the same folder."""
        if name in self._lost:
            return False
        for label in dict.fromkeys((name, name.rpartition(".")[2])):
            if "/" in label or "\\" in label or "\0" in label:
                continue
            file = self._path.parent / f"{label}.avsc"
            if is_there(file) and (
                self._within is None or file.resolve().is_relative_to(self._within.resolve())
            ):
                self.files.append(str(file))
                try:
                    self._declare(parse_json(whole_text(file), file))
                except BadInput as error:
                    self.problems.append(
                        Problem(Severity.ERROR, error.message, str(file), error.line, error.column)
                    )
                if name in self._declared:
                    return True
        self._lost.add(name)
        return False

    def _unknown(self, name: str, word: str) -> Node:
        return Node(name, Kind.ELEMENT, Type(word), unresolved=self._tell(word))

    def _tell(self, word: str) -> str:
        """Why a name means nothing; told once as a problem."""
        reason = _("No type called {name} is declared.").format(name=word)
        if word not in self._told:
            self._told.add(word)
            mend = _("Put its file beside the schema, named after it.")
            self.problems.append(Problem(Severity.WARNING, reason, str(self._path), mend=mend))
        return reason


def _with_numbers(value: Any) -> Any:
    """The same with numbers where their texts stand."""
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, Mapping):
        return {key: _with_numbers(one) for key, one in value.items()}
    return [_with_numbers(one) for one in value] if isinstance(value, list) else value


def _value(word: str, said: Mapping[str, Any]) -> ValueType:
    logical = said.get("logicalType")
    if logical == "decimal" and word in ("bytes", "fixed"):
        return shapes.decimal_type("decimal", _whole(said.get("precision")), _whole(said.get("scale")))
    if isinstance(logical, str) and logical in _LOGICAL:
        return ValueType(logical, _LOGICAL[logical])
    return ValueType(word, _PLAIN.get(word, Base.BINARY))


def _common(values: tuple[ValueType, ...]) -> Base:
    bases = {value.base for value in values}
    if len(bases) == 1:
        return bases.pop()
    return Base.FLOAT if bases <= {Base.INTEGER, Base.FLOAT} else Base.TEXT


def _word(schema: Any) -> str:
    if isinstance(schema, Mapping):
        return _word(schema.get("type"))
    return schema if isinstance(schema, str) else "union"


def _full_name(schema: Mapping[str, Any], space: str) -> tuple[str, str]:
    """The full name of a declaration and the namespace inside it."""
    name = str(schema.get("name") or "?")
    if "." in name:
        return name, name.rpartition(".")[0]
    own = schema.get("namespace")
    space = str(own) if own is not None else space
    return (f"{space}.{name}" if space else name), space


def _whole(value: Any) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 <= number < 2**31 else None


def _header(data: bytes, path: Path) -> dict[str, str]:
    """The texts in the header of a container file; raises BadInput where it is cut off or makes no sense."""
    found: dict[str, str] = {}
    at = len(AVRO)
    try:
        while True:
            count, at = _long(data, at)
            if count == 0:
                return found
            if count < 0:
                count = -count
                _size, at = _long(data, at)
            for _entry in range(count):
                key, at = _text(data, at)
                found[key], at = _text(data, at)
    except (IndexError, ValueError):
        raise BadInput(
            _("The header of this Avro file is damaged or cut off."),
            file=path,
            next_step=_("Get the file again, or give the schema alone (.avsc)."),
        ) from None


def _long(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
    raise ValueError


def _text(data: bytes, at: int) -> tuple[str, int]:
    size, at = _long(data, at)
    if size < 0 or at + size > len(data):
        raise ValueError
    return data[at : at + size].decode("utf-8", "replace"), at + size
