"""Workbooks (.xlsx) in: the rows of one sheet, cells by the names in its header, each as the text of its value."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import python_calamine

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.excel_guard import looked_at, part_of
from studio.engine.formats.nested import Data, Misplaced, Part
from studio.engine.formats.typed_values import text_of
from studio.engine.forms import Form
from studio.engine.plan import Document, Shape
from studio.schema.delimited import column_names
from studio.schema.excel_parts import OLE
from studio.schema.flat.layout import number
from studio.schema.model import Base
from studio.schema.workbooks import reading

# A title may stand above the header.
_TITLE_ROWS = 60
# What stands for the value of a cell that holds an error, in the data of a row that is spoiled by it.
ERROR: Data = {"error": "#N/A"}
_MIDNIGHT = datetime.time()


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> ExcelParts:
    """The rows of a stream called `name` in messages."""
    return ExcelParts(document, shape, stream, name)


class ExcelParts:
    """The rows of a sheet; blank ones are passed over. See nested.Parts."""

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self._form = document.forms[0]
        self._shape = None if shape is None else shape.at((self._form.name,)) or Shape("")
        self._stream = stream
        self._name = name

    def __iter__(self) -> Iterator[Part | Misplaced]:
        if self._stream.read(len(OLE)) == OLE:
            raise BadInput(
                _("This workbook is locked with a password or of the old form (.xls)."),
                file=self._name,
                next_step=_("Save it as .xlsx without a password."),
            )
        self._stream.seek(0)
        errors = looked_at(self._stream, self._name)
        self._stream.seek(0)
        sheet = self._sheet()
        wrong = errors.get(part_of(self._stream, sheet.name), frozenset())
        rows = enumerate(sheet.iter_rows(), start=1)
        # Empty columns at the left are left out of the rows; cells with errors are counted from the sheet's edge.
        left = sheet.start[1] if sheet.start else 0
        takers = self._takers(rows)
        for line, row in rows:
            if all(cell == "" for cell in row):
                continue
            data: Data = {}
            spoiled = ""
            for title, at, take in takers:
                if (line, left + at + 1) in wrong:
                    spoiled = spoiled or _("Field {name}: {reason}").format(
                        name=title, reason=_("the cell holds an error")
                    )
                    data[title] = ERROR
                    continue
                data[title] = take(row[at]) if at < len(row) else None
            yield Misplaced(spoiled, line, data) if spoiled else Part((self._form.name,), 1, data, line)

    def _sheet(self) -> Any:
        with reading(self._name):
            book = python_calamine.CalamineWorkbook.from_filelike(self._stream)
            wanted = self._form.facts.get("sheet", "")
            names = book.sheet_names
            if wanted not in names and (self._form.name != "row" or not names):
                raise BadInput(
                    _("The workbook has no sheet called {name}; it has: {names}.").format(
                        name=wanted, names=", ".join(names[:20]) or "–"
                    ),
                    file=self._name,
                    next_step=_("Give a workbook with that sheet, or mend the schema."),
                )
            return book.get_sheet_by_name(wanted if wanted in names else names[0])

    def _used(self) -> list[Form]:
        shape = self._shape
        return [
            form
            for form in self._form.children
            if shape is None or shape.whole or form.name in shape.children
        ]

    def _takers(
        self, rows: Iterator[tuple[int, list[Any]]]
    ) -> list[tuple[str, int, Callable[[Any], str | None]]]:
        """The fields in use: name, place in the row, and what makes text of a cell; goes past the header."""
        used = self._used()
        if self._form.facts.get("header", "true") != "true":
            places = {form.name: number(form.facts.get("position")) - 1 for form in self._form.children}
            first = number(self._form.facts.get("first_row")) or 1
            for _skipped in range(first - 1):
                next(rows, None)
            return [(form.name, places[form.name], _taker(form)) for form in used]
        titles = self._header(rows, [form.name for form in used])
        return [(form.name, titles.index(form.name), _taker(form)) for form in used if form.name in titles]

    def _header(self, rows: Iterator[tuple[int, list[Any]]], wanted: list[str]) -> list[str]:
        best: list[str] = []
        for _line, row in rows:
            if _line > _TITLE_ROWS:
                break
            if all(cell == "" for cell in row):
                continue
            titles = column_names([cell if isinstance(cell, str) else text_of(cell) or "" for cell in row])
            if all(name in titles for name in wanted):
                return titles
            best = max(best, titles, key=lambda each: sum(name in each for name in wanted))
        missing = next((name for name in wanted if name not in best), "")
        if not missing:
            return best
        raise BadInput(
            _("The column {name} is missing; the file has: {names}.").format(
                name=missing, names=", ".join(best[:40])
            ),
            file=self._name,
            next_step=_("Give a file with that column, or mend the schema."),
        )


def _taker(form: Form) -> Callable[[Any], str | None]:
    """A cell → its text, by the field's type; an empty cell is null."""
    base = form.value.base if form.value is not None else Base.TEXT

    def take(cell: Any) -> str | None:
        if cell == "":
            return None
        if isinstance(cell, datetime.datetime):
            if base is Base.DATE and cell.time() == _MIDNIGHT:
                return cell.date().isoformat()
        elif isinstance(cell, datetime.date) and base is Base.DATETIME:
            return f"{cell.isoformat()}T00:00:00"
        return text_of(cell)

    return take
