"""An answer as a table of a database: made anew with the fields' types, filled in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import sqlalchemy
from sqlalchemy import types

from studio.base.atomic import make_folder
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.address import Address
from studio.moves.places import Place, file_of
from studio.moves.targets.kinds import Answer, Column, Sort, table_is_there
from studio.schema.typed.database import connected, engine_of, told

_BATCH = 500


def write(answer: Answer, place: Place, table: str) -> None:
    """Make the table and fill it; one of the name is replaced, which `check` has allowed or an export cut off has left."""
    engine = _engine(place)
    plain = engine.dialect.name == "sqlite"
    pairs = [_kept(column, plain) for column in answer.columns]
    space, _dot, name = table.rpartition(".")
    columns = [
        sqlalchemy.Column(column.name, kind, nullable=True)
        for column, (kind, _take) in zip(answer.columns, pairs, strict=True)
    ]
    made = sqlalchemy.Table(name, sqlalchemy.MetaData(), *columns, schema=space or None)
    with connected(engine) as connection, told(), connection.begin():
        made.drop(connection, checkfirst=True)
        made.create(connection)
        rows = answer.rows()
        while batch := list(islice(rows, _BATCH)):
            connection.execute(made.insert(), [_record(answer.columns, pairs, row) for row in batch])


def check(place: Place, table: str, replace: bool) -> None:
    """Raise BadInput where the table is there and is not to be replaced, NotReachable where no connection is."""
    file = file_of(place)
    if file is not None and not file.exists():
        return
    space, _dot, name = table.rpartition(".")
    with connected(_engine(place)) as connection, told():
        there = sqlalchemy.inspect(connection).has_table(name, schema=space or None)
    if there and not replace:
        raise table_is_there(place, table)


def _engine(place: Place) -> sqlalchemy.Engine:
    file = file_of(place)
    if file is None:
        assert isinstance(place, Address)
        return engine_of(place.url)
    make_folder(file.parent)
    return sqlalchemy.create_engine(
        sqlalchemy.URL.create("sqlite", database=str(file)), poolclass=sqlalchemy.NullPool
    )


Take = Callable[[str], Any]


def _kept(column: Column, plain: bool) -> tuple[Any, Take]:
    """The type of a column and what makes a value of a text; SQLite knows neither decimals nor zones."""
    if column.sort is Sort.BOOLEAN:
        return types.Boolean(), lambda text: text == "true"
    if column.sort is Sort.WHOLE:
        return types.BigInteger(), lambda text: int(Decimal(text))
    if column.sort is Sort.NUMBER:
        if plain:
            return types.Float(), float
        return types.Numeric(column.digits or 38, column.places), Decimal
    if column.sort is Sort.DATE:
        return types.Date(), date.fromisoformat
    if column.sort is Sort.MOMENT and not plain:
        return types.DateTime(timezone=True), datetime.fromisoformat
    return types.Text(), str


def _record(columns: tuple[Column, ...], pairs: list[tuple[Any, Take]], row: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column, (_kind, take), text in zip(columns, pairs, row, strict=True):
        try:
            made[column.name] = take(text) if text else None
        except (ValueError, InvalidOperation):
            raise BadInput(
                _("{value} in {column} does not fit the column's type.").format(
                    value=repr(text[:60]), column=column.name
                ),
                next_step=_("Export to CSV instead."),
            ) from None
    return made
