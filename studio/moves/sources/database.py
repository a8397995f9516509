"""A table, a view or a query of a database as rows: through a connection, or from a SQLite or DuckDB file that is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import sqlalchemy

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.engine.address import Address
from studio.moves.places import Place, file_of
from studio.moves.sources.cells import cell_text
from studio.moves.sources.kinds import Pick, Row, Table
from studio.moves.sources.parquet import duck_rows
from studio.schema.model import Base, Schema
from studio.schema.recognise_typed import DUCKDB
from studio.schema.source import check_file, read_head
from studio.schema.typed import duck
from studio.schema.typed.database import (
    connected,
    database_schema,
    engine_of,
    query_schema,
    read_database,
    told,
)

_BATCH = 1000


@contextmanager
def opened(place: Place, pick: Pick) -> Iterator[Table]:
    """The rows of the table or the query asked for; of the only table where none is."""
    try:
        file = file_of(place)
        if file is not None:
            check_file(file)
        if file is not None and read_head(file, 16)[8:12] == DUCKDB:
            with _duck_table(file, pick) as table:
                yield table
            return
        with connected(_engine(place)) as connection:
            with told():
                yield _table(connection, pick)
            # What a query may have changed is nobody's wish.
            connection.rollback()
    except WeftError as error:
        error.file = error.file or str(place)
        raise


def _engine(place: Place) -> sqlalchemy.Engine:
    file = file_of(place)
    if file is None:
        assert isinstance(place, Address)
        return engine_of(place.url)
    return sqlalchemy.create_engine(
        f"sqlite:///file:{quote(str(file.absolute()))}?mode=ro&uri=true", poolclass=sqlalchemy.NullPool
    )


def _table(connection: sqlalchemy.Connection, pick: Pick) -> Table:
    names: tuple[str, ...] = ()
    if pick.query:
        schema = query_schema(connection, pick.query)
        name, shown, query = "", _("query of a database"), pick.query.strip().rstrip(";")
    else:
        names = _names(database_schema(connection))
        name = chosen(names, pick)
        schema = database_schema(connection, table=name)
        shown, query = _("table {name}").format(name=name), ""
    streaming = connection.execution_options(stream_results=True, yield_per=_BATCH)
    result = streaming.exec_driver_sql(query) if query else streaming.execute(_select(schema, name))
    header = tuple(result.keys())
    bases = {node.name: node.type.value.base for node in _columns(schema) if node.type and node.type.value}
    takers = [_taker(bases.get(column, Base.TEXT)) for column in header]

    def rows() -> Iterator[Row]:
        for row in result:
            yield [take(value) for take, value in zip(takers, row, strict=True)], ""

    return Table(header, rows(), shown, names, name)


def _columns(schema: Schema) -> list[Any]:
    return list(schema.roots[0].type.children)


def _names(schema: Schema) -> tuple[str, ...]:
    return tuple(root.facts.get("table") or root.name for root in schema.roots)


def _select(schema: Schema, name: str) -> Any:
    """All columns, in the order of the key where there is one: a table read again gives the same order."""
    space, _dot, plain = name.rpartition(".")
    nodes = _columns(schema)
    keys: list[Any] = [
        sqlalchemy.column(node.name) for node in nodes if node.facts.get("primary key") == "true"
    ]
    table = sqlalchemy.table(plain, schema=space or None)
    select: Any = sqlalchemy.select(*[sqlalchemy.column(node.name) for node in nodes]).select_from(table)
    return select.order_by(*keys) if keys else select


def chosen(names: tuple[str, ...], pick: Pick) -> str:
    """The table asked for, or the only one; raises BadInput with the names there are."""
    wanted = pick.table
    if wanted in names:
        return wanted
    if not wanted and names and (pick.first or len(names) == 1):
        return names[0]
    shown = ", ".join(names[:12]) or "–"
    if wanted:
        raise BadInput(
            _("The database has no table or view called {name}.").format(name=wanted),
            next_step=_("It has: {names}.").format(names=shown),
        )
    raise BadInput(
        _("The database has several tables, and none was chosen."),
        next_step=_("Choose one with --table, or write a --query. It has: {names}.").format(names=shown),
    )


def _taker(base: Base) -> Callable[[Any], str]:
    if base is Base.DATETIME:
        return _moment
    if base is Base.BOOLEAN:
        return lambda value: {0: "false", 1: "true"}.get(value, cell_text(value)) if value is not None else ""
    return cell_text


def _moment(value: Any) -> str:
    """A date and time, which SQLite keeps as text with a blank."""
    text = cell_text(value)
    text = text.replace(" ", "T", 1) if text[10:11] == " " else text
    return text.removesuffix(".000000")


@contextmanager
def _duck_table(place: Any, pick: Pick) -> Iterator[Table]:
    names: tuple[str, ...] = ()
    try:
        with duck.connect(str(place)) as connection:
            connection.execute("SET enable_external_access = false")
            if pick.query:
                relation, name = f"({pick.query.strip().rstrip(';')}) AS asked", ""
                shown = _("query of a database")
            else:
                names = _names(read_database(place))
                name = chosen(names, pick)
                relation = ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
                shown = _("table {name}").format(name=name)
            header, rows = duck_rows(connection, relation, [])
            yield Table(header, rows, shown, names, name)
    except duck.Failure as error:
        raise BadInput(
            _("The database answers: {reason}").format(reason=duck.reason(error)),
            file=place,
            next_step=_("Check the name or the query, and that you may read it."),
        ) from None
