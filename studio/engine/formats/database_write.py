"""Rows into a table, all in one transaction; without a database a delimited file of the same columns."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

import sqlalchemy
from sqlalchemy import types

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.address import Address, AddressStream
from studio.engine.formats.database_read import table_of
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.formats.nested import Data
from studio.engine.formats.record_lines import LineEncoder, records
from studio.engine.formats.typed_values import bytes_of, date_of, float_of
from studio.engine.forms import Form
from studio.engine.lexical import Unwritable
from studio.engine.plan import Document
from studio.schema.model import Base
from studio.schema.typed.database import connected, engine_of, reason_of, told

_BATCH = 1000


def encoder(document: Document) -> DatabaseEncoder:
    """The encoder of a target."""
    return DatabaseEncoder(document)


class DatabaseEncoder(LineEncoder):
    """Rows of a table. Columns that no rule fills are left to the database."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.convert = self._written

    def check(self, form: Form, data: Data) -> None:
        """What must not be null is there, and fits its column."""
        for child in form.children:
            text = data.get(child.name)
            most = child.value.max_length if child.value is not None else None
            if text is None and child.occurs.min and child.name in data:
                if child.value is None or child.value.base is not Base.TEXT:
                    raise Unwritable(_("The field {name} must have a value.").format(name=child.name))
                data[child.name] = ""
            elif isinstance(text, str) and most is not None and len(text) > most:
                raise Unwritable(
                    _("{value} has {found} characters; the field {name} takes {width}.").format(
                        value=repr(text[:60]), found=len(text), name=child.name, width=most
                    )
                )

    def _written(self, lines: BinaryIO, output: BinaryIO) -> None:
        form = self.document.forms[0]
        stream: Any = output
        if isinstance(stream, AddressStream):
            self._insert(lines, stream.address, form)
        else:
            self._cells(lines, output, form)

    def _insert(self, lines: BinaryIO, address: Address, form: Form) -> None:
        engine = engine_of(address.url)
        made = records(lines)
        done = 0
        with connected(engine) as connection, connection.begin():
            columns = self._columns(connection, form)
            while batch := list(islice(made, _BATCH)):
                try:
                    self._rows(connection, columns, form, batch)
                except (sqlalchemy.exc.SQLAlchemyError, OverflowError, ArithmeticError, Unwritable) as error:
                    raise BadInput(
                        _("The database refuses rows {first} to {last}: {reason}").format(
                            first=done + 1, last=done + len(batch), reason=reason_of(error, engine.url)
                        ),
                        file=str(address),
                        next_step=_("Mend the map or the table; nothing was written."),
                    ) from None
                done += len(batch)

    def _columns(self, connection: Any, form: Form) -> dict[str, Any]:
        """The types of the table's columns, as the database has them."""
        table = table_of(form, self.document.facts)
        with told():
            found = sqlalchemy.inspect(connection).get_columns(table.name, schema=table.schema)
        known = {str(one["name"]): one["type"] for one in found}
        missing = next((child.name for child in form.children if child.name not in known), "")
        if missing:
            raise BadInput(
                _("The table {table} has no column {name}.").format(table=table.name, name=missing),
                next_step=_("Mend the schema, or add the column to the table."),
            )
        return known

    def _rows(self, connection: Any, known: dict[str, Any], form: Form, batch: list[Any]) -> None:
        """Insert rows; those that fill the same columns go together."""
        sqlite = connection.dialect.name == "sqlite"
        table = table_of(form, self.document.facts)
        groups: dict[tuple[str, ...], list[Any]] = {}
        for record in batch:
            names = tuple(child.name for child in form.children if child.name in record)
            groups.setdefault(names, []).append(record)
        for names, rows in groups.items():
            makers = {name: _maker(known[name], sqlite) for name in names}
            columns = [sqlalchemy.column(name, _bound(known[name], sqlite)) for name in names]
            insert = sqlalchemy.table(table.name, *columns, schema=table.schema).insert()
            values = [{name: make(row[name]) for name, make in makers.items()} for row in rows]
            connection.execute(insert, values)

    def _cells(self, lines: BinaryIO, output: BinaryIO, form: Form) -> None:
        document = self.document
        names = [child.name for child in form.children]
        writer = DelimitedWriter(Document("delimited", form.name, facts=document.facts, columns=tuple(names)))
        output.write(writer.opening.encode())
        for record in records(lines):
            output.write(writer.line([record.get(name) or "" for name in names]).encode())


def _bound(kind: Any, sqlite: bool) -> Any:
    """The type a value is handed over by: SQLite knows no exact decimals, and takes their digits."""
    if sqlite and isinstance(kind, types.Numeric) and not isinstance(kind, types.Float):
        return types.String()
    return kind


def _maker(kind: Any, sqlite: bool) -> Callable[[str | None], Any]:
    """Text → what the driver of the database takes."""
    make = _of_kind(kind, sqlite)
    return lambda text: None if text is None else make(text)


def _of_kind(kind: Any, sqlite: bool) -> Callable[[str], Any]:
    makers: tuple[tuple[type[Any], Callable[[str], Any]], ...] = (
        (types.Boolean, lambda text: text in ("true", "1")),
        (types.Integer, int),
        (types.Float, float_of),
        (types.Numeric, str if sqlite else Decimal),
        (types.DateTime, lambda text: date_of(text)),
        (types.Date, lambda text: date_of(text).date()),
        (types.Time, lambda text: date_of(f"1970-01-01T{text}").time()),
        (types.LargeBinary, bytes_of),
    )
    return next((make for sort, make in makers if isinstance(kind, sort)), str)
