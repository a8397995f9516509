"""Workbooks (.xlsx) out: one sheet, row by row; numbers that a cell holds exactly are numbers, others keep their text."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.record_lines import LineEncoder, records
from studio.engine.formats.typed_values import half_character
from studio.engine.forms import Form
from studio.engine.lexical import FLOAT, Unwritable, Writer, plain_writer
from studio.engine.plan import Document, Target
from studio.schema.model import Base
from studio.script.tree import Value
from studio.script.values import iso_date

_LONGEST = 32_767
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
# What a workbook says of when it was made: the same records give the same bytes.
_MADE = datetime.datetime(2000, 1, 1)
_FIRST_YEAR = 1900


def encoder(document: Document) -> ExcelEncoder:
    """The encoder of a target."""
    return ExcelEncoder(document)


class ExcelEncoder(LineEncoder):
    """Rows of a sheet; an error among the values (excel_read.ERROR) is one in its cell."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.convert = self._written

    def leaf(self, target: Target) -> Writer:
        """The text of a cell."""
        write = plain_writer(target.value, self.document.declared)

        def checked(value: Value) -> str | None:
            text = write(value)
            if text is not None:
                half_character(text)
                if len(text) > _LONGEST:
                    raise Unwritable(
                        _("The text has {found} characters; a cell holds {most}.").format(
                            found=len(text), most=_LONGEST
                        )
                    )
            return text

        return checked

    def _written(self, lines: BinaryIO, output: BinaryIO) -> None:
        form = self.document.forms[0]
        if len(form.children) > _MOST_COLUMNS:
            raise BadInput(_("A sheet has no room for so many columns."), next_step=_("Write CSV instead."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "made.xlsx"
            options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False}
            with xlsxwriter.Workbook(str(path), options) as book:
                book.set_properties({"created": _MADE})
                self._sheet(book, form, lines)
            with path.open("rb") as made:
                shutil.copyfileobj(made, output, 1 << 20)

    def _sheet(self, book: Any, form: Form, lines: BinaryIO) -> None:
        sheet = book.add_worksheet(form.facts.get("sheet") or None)
        at = 0
        if form.facts.get("header", "true") == "true":
            for place, child in enumerate(form.children):
                sheet.write_string(0, place, child.name)
            at = 1
        puts = [(place, child.name, _put(child, sheet, book)) for place, child in enumerate(form.children)]
        for record in records(lines):
            if at >= _MOST_ROWS:
                raise BadInput(
                    _("A sheet has room for {count:,} rows, and there are more.").format(count=_MOST_ROWS),
                    next_step=_("Write CSV instead, or split the input."),
                )
            for place, name, put in puts:
                text = record.get(name)
                if isinstance(text, dict):
                    sheet.write_formula(at, place, "=NA()", None, text["error"])
                elif text is not None and text != "":
                    put(at, place, text)
            at += 1


def _put(form: Form, sheet: Any, book: Any) -> Callable[[int, int, str], object]:
    """What writes a column's cells."""
    base = form.value.base if form.value is not None else Base.TEXT
    if base in (Base.INTEGER, Base.DECIMAL, Base.FLOAT):
        return lambda row, place, text: (
            sheet.write_number(row, place, float(text))
            if _is_exact(text)
            else sheet.write_string(row, place, text)
        )
    if base is Base.BOOLEAN:
        return lambda row, place, text: (
            sheet.write_boolean(row, place, text == "true")
            if text in ("true", "false")
            else sheet.write_string(row, place, text)
        )
    if base in (Base.DATE, Base.DATETIME):
        shown = book.add_format({"num_format": "yyyy-mm-dd" + (" hh:mm:ss" if base is Base.DATETIME else "")})
        return lambda row, place, text: _date(sheet, row, place, text, shown)
    return lambda row, place, text: sheet.write_string(row, place, text)


def _is_exact(text: str) -> bool:
    """A cell's floating number says the same as the digits do."""
    return FLOAT.match(text) is not None and len(text.lstrip("+-").replace(".", "").strip("0")) <= 15


def _date(sheet: Any, row: int, place: int, text: str, shown: Any) -> object:
    moment = iso_date(text)
    if moment is None or moment.year < _FIRST_YEAR or moment.microsecond or text[-1:] == "Z" or "+" in text:
        return sheet.write_string(row, place, text)
    return sheet.write_datetime(row, place, moment.replace(tzinfo=None), shown)
