"""Parquet schemas: the footer of a file through DuckDB, no data read; lists and maps without their wrappings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.model import MANY, ONCE, Kind, Node, Schema, Type
from studio.schema.source import check_file
from studio.schema.typed import duck, shapes

_QUERY = (
    "select name, type, coalesce(type_length, ''), repetition_type, num_children, converted_type, logical_type,"
    " duckdb_type, precision, scale from parquet_schema(?)"
)


class _Row(NamedTuple):
    """One element of the footer's flat list: `parts` is how many children it has, None for a column of values."""

    name: str
    physical: str | None
    length: str
    repetition: str
    parts: int | None
    converted: str | None
    logical: str | None
    duck: str
    precision: int | None
    scale: int | None


class _Part(NamedTuple):
    row: _Row
    children: tuple[_Part, ...]


def read_parquet(path: Path) -> Schema:
    """The schema in a Parquet file's footer: one root `row`; raises BadInput where there is none to be had."""
    check_file(path)
    try:
        rows = _rows(path)
        top = _tree(iter(rows))
    except (duck.Failure, StopIteration, OverflowError) as error:
        why = duck.reason(error) if isinstance(error, duck.Failure) else _("its parts do not fit together")
        raise BadInput(
            _("This Parquet file cannot be read: {reason}.").format(reason=why.rstrip(".")),
            file=path,
            next_step=_("Get the file again; it may be cut off."),
        ) from None
    nodes = tuple(_node(part) for part in top.children)
    row = Node("row", Kind.SEGMENT, Type("row", children=lambda: nodes), MANY)
    return Schema("parquet", (row,), files=(str(path),))


def _rows(path: Path) -> list[_Row]:
    with duck.connect() as connection, tempfile.TemporaryDirectory() as folder:
        file = path
        if set("*?[{") & set(str(path)):
            # DuckDB takes these for patterns of several files.
            file = Path(folder) / "file.parquet"
            file.symlink_to(path.resolve())
        return [_Row(*row) for row in connection.execute(_QUERY, [str(file)]).fetchall()]


def _tree(rows: Iterator[_Row]) -> _Part:
    """The flat list, each element followed by its children, as a tree; without recursion, whatever its depth."""
    top: list[_Part] = []
    open_parts: list[tuple[_Row, list[_Part]]] = []
    while True:
        row = next(rows)
        open_parts.append((row, []))
        while open_parts and len(open_parts[-1][1]) == (open_parts[-1][0].parts or 0):
            done, children = open_parts.pop()
            (open_parts[-1][1] if open_parts else top).append(_Part(done, tuple(children)))
        if top:
            return top[0]


def _node(part: _Part) -> Node:
    row = part.row
    node = _shape(part)
    if row.repetition == "OPTIONAL":
        node = shapes.nullable(node)
    elif row.repetition == "REPEATED":
        node = shapes.listed(node)
    return node


def _shape(part: _Part) -> Node:
    row = part.row
    if row.parts is None:
        return _column(row)
    logical = (row.logical or "") + (row.converted or "")
    if "LIST" in logical.upper() and len(part.children) == 1:
        return _list(row.name, part.children[0])
    pair = part.children[0].children if len(part.children) == 1 else ()
    if "MAP" in logical.upper() and len(pair) == 2:
        key, value = pair
        return shapes.mapped(row.name, _node(key), lambda: _node(value))
    return Node(row.name, Kind.ELEMENT, Type(row.name, children=lambda: _nodes(part)))


def _nodes(part: _Part) -> tuple[Node, ...]:
    return tuple(_node(child) for child in part.children)


def _list(name: str, repeated: _Part) -> Node:
    """A list: `list` and `element` are wrappings, unless older writers left one of them out."""
    old = len(repeated.children) != 1 or repeated.row.name in ("array", f"{name}_tuple")
    inner = _shape(repeated) if repeated.row.parts is None or old else _node(repeated.children[0])
    return shapes.listed(replace(inner, name=name))


def _column(row: _Row) -> Node:
    value = duck.value_type(row.duck or row.physical or "BLOB")
    facts = {"stored as": row.physical or "", "converted type": row.converted or "", "width": row.length}
    return Node(
        row.name,
        Kind.FIELD,
        Type(value.name, value=value),
        ONCE,
        facts={key: text for key, text in facts.items() if text},
    )
