"""Rows of a table, a view or a query in, in batches; without a database a delimited file of the same columns."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import sqlalchemy

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.address import Address, AddressStream
from studio.engine.formats.delimited_read import RowUnits
from studio.engine.formats.nested import Misplaced, Part
from studio.engine.formats.paths import path_of
from studio.engine.formats.typed_values import text_of
from studio.engine.formats.units import Broken
from studio.engine.forms import Form
from studio.engine.plan import Document, Shape
from studio.schema.model import Base
from studio.schema.recognise_typed import SQLITE
from studio.schema.typed.database import connected, engine_of, told

_BATCH = 1000


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> DatabaseParts:
    """The rows behind a stream called `name` in messages."""
    return DatabaseParts(document, shape, stream, name)


class DatabaseParts:
    """The rows of a table. See nested.Parts."""

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self._form = document.forms[0]
        self._facts = document.facts
        self._shape = None if shape is None else shape.at((self._form.name,)) or Shape("")
        self._stream = stream
        self._name = name

    def __iter__(self) -> Iterator[Part | Misplaced]:
        stream: Any = self._stream
        if isinstance(stream, AddressStream):
            yield from self._rows(stream.address)
        elif stream.read(len(SQLITE)) == SQLITE:
            stream.seek(0)
            with contextlib.ExitStack() as stack:
                yield from self._rows(Address(f"sqlite:///{path_of(stream, stack)}"))
        else:
            stream.seek(0)
            yield from self._cells()

    def _used(self) -> list[Form]:
        shape = self._shape
        return [
            form
            for form in self._form.children
            if shape is None or shape.whole or form.name in shape.children
        ]

    def _rows(self, address: Address) -> Iterator[Part | Misplaced]:
        used = self._used()
        query = self._facts.get("query", "")
        with connected(engine_of(address.url)) as connection, told():
            streaming = connection.execution_options(stream_results=True, yield_per=_BATCH)
            if query:
                result = streaming.exec_driver_sql(query)
                names = list(result.keys())
                self._check(names, used)
            else:
                result = streaming.execute(self._select(used))
                names = [form.name for form in used]
            takers = [(form.name, names.index(form.name), _taker(form)) for form in used]
            for number, row in enumerate(result, start=1):
                self.taken += 1
                yield Part((self._form.name,), 1, {name: take(row[at]) for name, at, take in takers}, number)
            # What a query may have changed is nobody's wish.
            connection.rollback()

    def _check(self, names: list[str], used: list[Form]) -> None:
        missing = next((form.name for form in used if form.name not in names), "")
        if missing:
            raise BadInput(
                _("The column {name} is missing; the file has: {names}.").format(
                    name=missing, names=", ".join(names[:40])
                ),
                file=self._name,
                next_step=_("Give a file with that column, or mend the schema."),
            )

    def _select(self, used: list[Form]) -> Any:
        """The rows of the table, in the order of its key where the schema tells one."""
        table = table_of(self._form, self._facts)
        columns: list[Any] = [sqlalchemy.column(form.name) for form in used]
        keys = [form.name for form in self._form.children if form.facts.get("primary key") == "true"]
        select = sqlalchemy.select(*(columns or [sqlalchemy.literal_column("1")])).select_from(table)
        return select.order_by(*[sqlalchemy.column(key) for key in keys]) if keys else select

    def _cells(self) -> Iterator[Part | Misplaced]:
        """The rows of a delimited file."""
        columns = tuple(form.name for form in self._form.children)
        used = [(form.name, columns.index(form.name)) for form in self._used()]
        rows = RowUnits(self._stream, self._name, columns, self._facts, frozenset(name for name, _at in used))
        for number, row in enumerate(rows, start=2):
            self.taken = rows.taken
            if isinstance(row, Broken):
                yield Misplaced(row.reason, row.line)
            else:
                yield Part((self._form.name,), 1, {name: row[at] or None for name, at in used}, number)


def table_of(form: Form, facts: Any) -> Any:
    """The table that a schema describes, as far as its name goes."""
    name = form.facts.get("table") or facts.get("table") or form.name
    space, _dot, plain = name.rpartition(".")
    given = facts.get("space") or space or None
    return sqlalchemy.table(plain if given == space else name, schema=given)


def _taker(form: Form) -> Callable[[Any], str | None]:
    base = form.value.base if form.value is not None else Base.TEXT
    if base is Base.DATETIME:
        return _moment
    if base is Base.BOOLEAN:
        return lambda value: {0: "false", 1: "true"}.get(value, text_of(value)) if value is not None else None
    return text_of


def _moment(value: Any) -> str | None:
    """A date and time, which SQLite keeps as text with a blank."""
    text = text_of(value)
    if text is None or not isinstance(value, str):
        return text
    text = text.replace(" ", "T", 1) if text[10:11] == " " else text
    return text.removesuffix(".000000")
