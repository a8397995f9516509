"""Parquet files in, through DuckDB: rows in batches, only the columns in use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.nested import Misplaced, Part
from studio.engine.formats.paths import path_of
from studio.engine.formats.typed_values import text_of
from studio.engine.forms import Form
from studio.engine.plan import Document, Shape
from studio.schema.typed import duck

_BATCH = 1000


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> ParquetParts:
    """The rows of a stream called `name` in messages."""
    return ParquetParts(document, shape, stream, name)


class ParquetParts:
    """The rows of a file. See nested.Parts."""

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self._form = document.forms[0]
        self._shape = None if shape is None else shape.at((self._form.name,)) or Shape("")
        self._stream = stream
        self._name = name

    def __iter__(self) -> Iterator[Part | Misplaced]:
        with contextlib.ExitStack() as stack:
            path = path_of(self._stream, stack)
            connection = stack.enter_context(duck.connect())
            number = 0
            try:
                names = self._asked(connection, path)
                forms = [self._form.child(name) for name in names]
                while rows := connection.fetchmany(_BATCH):
                    for row in rows:
                        number += 1
                        values = zip(names, forms, row, strict=True)
                        data = {name: nested(value, form) for name, form, value in values}
                        yield Part((self._form.name,), 1, data, number)
                    self.taken += 1
            except duck.Failure as error:
                raise BadInput(
                    _("This Parquet file cannot be read: {reason}.").format(
                        reason=duck.reason(error).rstrip(".")
                    ),
                    file=self._name,
                    next_step=_("Get the file again; it may be cut off."),
                ) from None

    def _asked(self, connection: Any, path: str) -> list[str]:
        """Ask for the columns in use, times in UTC; gives their names."""
        connection.execute("SET TimeZone = 'UTC'")
        # Read ahead, a row group's columns would be in memory whole.
        connection.execute("SET disable_parquet_prefetching = true")
        there = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
        kinds = {str(row[0]): str(row[1]) for row in there}
        wanted = [name for name in kinds if self._is_used(name)]
        missing = [
            one.name for one in self._form.children if self._is_used(one.name) and one.name not in kinds
        ]
        if missing and self._shape is not None:
            raise BadInput(
                _("The column {name} is missing; the file has: {names}.").format(
                    name=missing[0], names=", ".join(list(kinds)[:40])
                ),
                file=self._name,
                next_step=_("Give a file with that column, or mend the schema."),
            )
        chosen = ", ".join(_column(name, kinds[name]) for name in wanted) or "1"
        connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [path])
        return wanted or ["1"]

    def _is_used(self, name: str) -> bool:
        return self._shape is None or self._shape.whole or name in self._shape.children


def _column(name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    plain = kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMP")
    return quoted if plain == kind else f"CAST({quoted} AS {plain})"


def nested(value: Any, form: Form | None) -> Any:
    """A value of a column as nested data: structures by name, lists of structures below `item`, maps as entries."""
    if value is None:
        return None
    if form is None or (not form.children and not isinstance(value, list)):
        zone = form is not None and form.value is not None and "TIME ZONE" in form.value.name
        text = text_of(value)
        return f"{text}Z" if zone and text is not None and text[-1:] != "Z" else text
    if not form.children:
        return [text_of(each) for each in value]
    item = form.child("item")
    if isinstance(value, list):
        return {"item": [nested(each, item) for each in value]}
    entry = form.child("entry")
    if entry is not None and entry.occurs.repeats:
        within = entry.child("value")
        return {
            "entry": [{"key": text_of(key), "value": nested(each, within)} for key, each in value.items()]
        }
    return {name: nested(each, form.child(name)) for name, each in value.items()}
