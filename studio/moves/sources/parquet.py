"""Parquet files as rows, through DuckDB: structures as columns with a dot, moments with a zone as UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.places import Place
from studio.moves.sources.cells import cell_text, plain_number
from studio.moves.sources.kinds import Pick, Row, Table
from studio.schema.typed import duck

_BATCH = 1000


@contextmanager
def opened(place: Place, pick: Pick) -> Iterator[Table]:
    """The file as a table, a row group at a time."""
    del pick
    assert isinstance(place, Path)
    with duck.connect() as connection:
        try:
            # Read ahead, a row group's columns would be in memory whole.
            connection.execute("SET disable_parquet_prefetching = true")
            header, rows = duck_rows(connection, "read_parquet(?)", [str(place)])
            yield Table(header, rows, "Parquet")
        except duck.Failure as error:
            raise BadInput(
                _("This Parquet file cannot be read: {reason}.").format(
                    reason=duck.reason(error).rstrip(".")
                ),
                file=place,
                next_step=_("Get the file again; it may be cut off."),
            ) from None


def duck_rows(connection: Any, relation: str, given: list[str]) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The columns and the rows of what can stand behind FROM; nothing but texts and plain values leaves DuckDB."""
    connection.execute("SET TimeZone = 'UTC'")
    described = connection.execute(f"SELECT * FROM {relation} LIMIT 0", given).description
    columns = [part for name, kind, *_more in described for part in _parts(str(name), _quoted(name), kind)]
    chosen = ", ".join(expression for _name, expression, _kind in columns)
    connection.execute(f"SELECT {chosen} FROM {relation}", given)
    takers = [_taker(kind) for _name, _expression, kind in columns]

    def rows() -> Iterator[Row]:
        while batch := connection.fetchmany(_BATCH):
            for row in batch:
                yield [take(value) for take, value in zip(takers, row, strict=True)], ""

    return tuple(name for name, _expression, _kind in columns), rows()


def _parts(name: str, given: str, kind: Any) -> Iterator[tuple[str, str, str]]:
    """A column's name, expression and type; a structure's parts as columns of their own."""
    if kind.id == "struct":
        for child, inside in kind.children:
            yield from _parts(f"{name}.{child}", f"struct_extract({given}, {_text(child)})", inside)
        return
    shown = str(kind)
    if shown == "TIMESTAMP WITH TIME ZONE":
        given = f"CAST({given} AS TIMESTAMP)"
    elif shown in ("FLOAT", "TIME WITH TIME ZONE", "TIMESTAMP_NS", "INTERVAL"):
        # As a number of twice the width 1.1 would be 1.10000002384.
        given = f"CAST({given} AS VARCHAR)"
    yield name, given, shown


def _taker(kind: str) -> Any:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return lambda value: "" if value is None else f"{cell_text(value)}Z"
    if kind == "FLOAT":
        return lambda value: "" if value is None else plain_number(value)
    if kind == "TIMESTAMP_NS":
        return lambda value: "" if value is None else value.replace(" ", "T", 1)
    return cell_text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
