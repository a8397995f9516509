"""A read schema as one compact file that loads lazily: the agent reads the schema, the window opens the file."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec

from studio.base import atomic
from studio.base.errors import BadInput, Problem, TooLarge
from studio.base.i18n import _, language
from studio.schema.index import Index
from studio.schema.model import Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.read import read_schema, with_root_first

_MAGIC = b"weft-schema-3\n"
_LENGTH = struct.Struct("<Q")
# What a type graph of any schema met so far stays far below.
_MOST_NODES = 3_000_000

# Looked up by the thousand.
_KINDS = {kind.value: kind for kind in Kind}

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

# Fields of a value type after its name and base, in the order written; trailing defaults are left out.
_VALUE_FIELDS = tuple(field.name for field in fields(ValueType) if field.name not in ("name", "base"))
_VALUE_DEFAULTS = tuple(getattr(ValueType(), name) for name in _VALUE_FIELDS)


def read_cached(
    path: Path, folder: Path, *, kind: str | None = None, root: str | None = None, within: Path | None = None
) -> Schema:
    """`read_schema` through a cache file in `folder`, written anew when a file of the schema has changed."""
    cached = cache_file(path, folder, kind)
    schema = load_fresh(cached)
    if schema is None:
        write_cache(read_schema(path, kind=kind, within=within), cached)
        schema = load_cache(cached)
    return with_root_first(schema, root, path) if root else schema


def cache_file(path: Path, folder: Path, kind: str | None = None) -> Path:
    """Where the cache of a schema file lies: its name and a digest of its full path, kind and the language of its texts."""
    about = f"{path.resolve()}\n{kind or ''}\n{language()}"
    digest = hashlib.sha256(about.encode()).hexdigest()[:16]
    return folder / f"{path.stem[:40]}-{digest}.schema"


def load_fresh(path: Path) -> Schema | None:
    """The cached schema if its files are as they were when it was written, else None (also for a damaged cache)."""
    try:
        schema = load_cache(path)
    except BadInput:
        return None
    stamps = [line.split("|", 2) for line in schema.facts.get("stamps", "").splitlines()]
    for size, time, name in stamps:
        if _stamp(Path(name)) != (size, time):
            return None
    return schema


def write_cache(schema: Schema, path: Path) -> None:
    """Write the whole type graph of a schema, each type once, and the problems of a look at every declaration.

    Takes time in proportion to the files, never to the expanded tree. Raises TooLarge beyond three million nodes.
    """
    writer = _Writer()
    roots = [writer.node(node) for node in schema.roots]
    further = schema.others() if schema.others else ()
    others = [writer.node(node) for node in further]
    writer.run()
    parts = [
        _encode(others),
        *writer.lists,
        *writer.types,
        Index.of(replace(schema, others=lambda: further)).to_bytes(),
    ]
    header = {
        "kind": schema.kind,
        "roots": roots,
        "files": list(schema.files),
        "problems": msgspec.to_builtins(schema.problems),
        "inspected": msgspec.to_builtins(schema.inspect() if schema.inspect else ()),
        "namespaces": dict(schema.namespaces),
        "facts": {**schema.facts, "stamps": "\n".join(_stamps(schema))},
        "lists": len(writer.lists),
        "sizes": [len(part) for part in parts],
    }
    head = _encode(header)
    atomic.write_bytes(path, b"".join((_MAGIC, _LENGTH.pack(len(head)), head, *parts)))


def load_cache(path: Path) -> Schema:
    """The schema in a cache file; types are decoded when first shown. Raises BadInput where it is no cache of ours."""
    try:
        data = path.read_bytes()
        if not data.startswith(_MAGIC):
            raise ValueError
        at = len(_MAGIC) + _LENGTH.size
        size = _LENGTH.unpack_from(data, len(_MAGIC))[0]
        header = _decode(memoryview(data)[at : at + size])
        if at + size + sum(header["sizes"]) != len(data):
            raise ValueError
        return _schema(header, _Reader(data, at + size, header))
    except (OSError, ValueError, KeyError, TypeError, struct.error, msgspec.DecodeError) as error:
        raise BadInput(
            _("This is not a schema cache of this version."),
            file=path,
            next_step=_("Delete it; it will be made again."),
        ) from error


def _schema(header: dict[str, Any], reader: _Reader) -> Schema:
    inspected = msgspec.convert(header["inspected"], tuple[Problem, ...])
    return Schema(
        header["kind"],
        tuple(reader.node(record) for record in header["roots"]),
        files=tuple(header["files"]),
        problems=msgspec.convert(header["problems"], tuple[Problem, ...]),
        namespaces=header["namespaces"],
        facts=header["facts"],
        others=reader.others,
        inspect=lambda: inspected,
        index=reader.index,
    )


class _Writer:
    """Numbers types and lists of substitutes as they are met, and encodes each once."""

    def __init__(self) -> None:
        self.types: list[bytes] = []
        self.lists: list[bytes] = []
        self._numbers: dict[Type, int] = {}
        self._waiting: list[Type] = []
        self._lists: dict[tuple[Node, ...], int] = {}
        self._functions: dict[Callable[[], tuple[Node, ...]], int] = {}
        self._pending: list[tuple[Node, ...]] = []
        self._records: dict[Node, list[Any]] = {}
        self._count = 0

    def run(self) -> None:
        done = 0
        while done < len(self._waiting) or len(self.lists) < len(self._pending):
            while done < len(self._waiting):
                self._type(self._waiting[done])
                done += 1
            while len(self.lists) < len(self._pending):
                self.lists.append(_encode([self.node(node) for node in self._pending[len(self.lists)]]))

    def number(self, kind: Type) -> int:
        known = self._numbers.get(kind)
        if known is None:
            known = self._numbers[kind] = len(self._waiting)
            self._waiting.append(kind)
        return known

    def node(self, node: Node) -> list[Any]:
        self._count += 1
        known = self._records.get(node)
        if known is None:
            known = self._records[node] = self._record(node)
        return known

    def _record(self, node: Node) -> list[Any]:
        if self._count > _MOST_NODES:
            raise TooLarge(
                _("The schema has more than {limit} nodes even with shared types.").format(limit=_MOST_NODES),
                next_step=_("Read a smaller part of it: a schema of one message."),
            )
        record = [
            node.name,
            node.kind.value,
            self.number(node.type),
            node.occurs.min,
            -1 if node.occurs.max is None else node.occurs.max,
            node.namespace,
            node.documentation,
            dict(node.facts) or None,
            node.line,
            node.prefix,
            node.nillable,
            -1 if node.substitutes is None else self._list(node.substitutes),
            node.unresolved,
            node.default,
            node.fixed,
        ]
        return _trimmed(record, _NODE_DEFAULTS)

    def _list(self, function: Callable[[], tuple[Node, ...]]) -> int:
        known = self._functions.get(function)
        if known is None:
            nodes = function()
            known = self._lists.get(nodes)
            if known is None:
                known = self._lists[nodes] = len(self._pending)
                self._pending.append(nodes)
            self._functions[function] = known
        return known

    def _type(self, kind: Type) -> None:
        head = [kind.name, kind.namespace, kind.documentation, kind.abstract, kind.mixed, kind.leaf]
        self._count += len(kind.derived)
        body = [[self.node(node) for node in kind.children], [self.number(one) for one in kind.derived]]
        self.types += (
            _encode(_trimmed(head, _TYPE_DEFAULTS)),
            _encode(_value_record(kind.value) or []),
            _encode(body),
        )


class _Reader:
    """Decodes the parts of a cache when they are asked for."""

    def __init__(self, data: bytes, start: int, header: dict[str, Any]) -> None:
        self._data = memoryview(data)
        self._starts = [start]
        for size in header["sizes"]:
            self._starts.append(self._starts[-1] + size)
        self._first_type = 1 + header["lists"]
        self._types: dict[int, Type] = {}
        self._lists: dict[int, tuple[Node, ...]] = {}

    def others(self) -> tuple[Node, ...]:
        return tuple(self.node(record) for record in self._part(0))

    def index(self) -> bytes:
        return bytes(self._data[self._starts[-2] : self._starts[-1]])

    def node(self, record: list[Any]) -> Node:
        values = [*record, *_NODE_DEFAULTS[len(record) :]]
        (
            name,
            kind,
            number,
            least,
            most,
            namespace,
            said,
            facts,
            line,
            prefix,
            nillable,
            others,
            lost,
            default,
            fixed,
        ) = values
        return Node(
            name,
            _KINDS.get(kind) or Kind(kind),
            self.type(number),
            _occurs(least, most),
            namespace=namespace,
            default=default,
            fixed=fixed,
            nillable=nillable,
            documentation=said,
            unresolved=lost,
            substitutes=None if others < 0 else lambda: self._list(others),
            line=line,
            facts=facts or {},
            prefix=prefix,
        )

    def type(self, number: int) -> Type:
        known = self._types.get(number)
        if known is None:
            at = self._first_type + 3 * number
            head = self._part(at)
            name, namespace, said, abstract, mixed, leaf = [*head, *_TYPE_DEFAULTS[len(head) :]]
            known = self._types[number] = Type(
                name,
                value=lambda: _value(self._part(at + 1) or None),
                children=None
                if leaf
                else lambda: tuple(self.node(record) for record in self._part(at + 2)[0]),
                derived=lambda: tuple(self.type(one) for one in self._part(at + 2)[1]),
                namespace=namespace,
                abstract=abstract,
                mixed=mixed,
                documentation=said,
            )
        return known

    def _list(self, number: int) -> tuple[Node, ...]:
        if number not in self._lists:
            self._lists[number] = tuple(self.node(record) for record in self._part(1 + number))
        return self._lists[number]

    def _part(self, number: int) -> list[Any]:
        part: list[Any] = _decode(self._data[self._starts[number] : self._starts[number + 1]])
        return part


# Name, kind and type are always written; from the occurrence on these are left out at the end of a record.
_NODE_DEFAULTS: tuple[Any, ...] = (
    "",
    "element",
    0,
    1,
    1,
    "",
    "",
    None,
    None,
    "",
    False,
    -1,
    None,
    None,
    None,
)
_TYPE_DEFAULTS: tuple[Any, ...] = ("", "", "", False, False, False)


def _trimmed(record: list[Any], defaults: tuple[Any, ...]) -> list[Any]:
    end = len(record)
    while end and record[end - 1] == defaults[end - 1]:
        end -= 1
    return record[:end]


def _occurs(least: int, most: int) -> Occurs:
    return Occurs(least, None if most < 0 else most)


def _value_record(value: ValueType | None) -> list[Any] | None:
    if value is None:
        return None
    rest: list[Any] = [getattr(value, name) for name in _VALUE_FIELDS]
    at_item, at_members = _VALUE_FIELDS.index("item"), _VALUE_FIELDS.index("members")
    rest[at_item] = _value_record(value.item)
    rest[at_members] = tuple(_value_record(member) for member in value.members)
    return [value.name, value.base.value, *_trimmed(rest, _VALUE_DEFAULTS)]


def _value(record: list[Any] | None) -> ValueType | None:
    if record is None:
        return None
    given = dict(zip(_VALUE_FIELDS, record[2:], strict=False))
    given["enumeration"] = tuple(given.get("enumeration", ()))
    given["item"] = _value(given.get("item"))
    given["members"] = tuple(_value(member) for member in given.get("members", ()))
    return ValueType(record[0], Base(record[1]), **given)


def _stamps(schema: Schema) -> Iterable[str]:
    looked_for = schema.facts.get("looked_for", "").splitlines()
    for name in (*schema.files, *looked_for):
        size, time = _stamp(Path(name))
        yield f"{size}|{time}|{Path(name).absolute()}"


def _stamp(path: Path) -> tuple[str, str]:
    """Size and time of a file; dashes for one that is not there, so that a missing file appearing is noticed."""
    try:
        state = path.stat()
    except OSError:
        return "-", "-"
    return str(state.st_size), str(state.st_mtime_ns)
