"""An answer as a workbook: numbers a cell holds exactly are numbers, dates are dates, moments keep their zone as text."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from studio.base import atomic
from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.moves.places import Place
from studio.moves.sources.cells import plain_number
from studio.moves.targets.kinds import Answer, Column, Sort

_MOST_ROWS = 1_048_576
_LONGEST = 32_767
_PIECE = 1 << 20


def write(answer: Answer, place: Place, table: str) -> None:
    """Write one sheet, named as the table where one is; row by row, so memory stays flat."""
    assert isinstance(place, Path)
    if answer.count >= _MOST_ROWS:
        raise TooLarge(
            _("A sheet has room for {count:,} rows, and there are more.").format(count=_MOST_ROWS - 1),
            file=place,
            next_step=_("Export to CSV or Parquet instead, or ask for fewer rows."),
        )
    with atomic.writing(place) as output, tempfile.TemporaryDirectory(dir=place.parent) as folder:
        made = Path(folder) / "made.xlsx"
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False}
        try:
            with xlsxwriter.Workbook(str(made), options) as book:
                _fill(book, answer, table, place)
        except xlsxwriter.exceptions.XlsxWriterException as error:
            raise BadInput(
                _("The workbook cannot be written: {reason}.").format(reason=str(error).rstrip(".")),
                file=place,
                next_step=_("Choose another name for the sheet."),
            ) from None
        with made.open("rb") as file:
            while piece := file.read(_PIECE):
                output.write(piece)


def _fill(book: Any, answer: Answer, table: str, place: Path) -> None:
    sheet = book.add_worksheet(table or None)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, column in enumerate(answer.columns):
        sheet.write_string(0, at, column.name)
    puts = [_put(column, sheet, day) for column in answer.columns]
    for line, row in enumerate(answer.rows(), 1):
        for at, text in enumerate(row):
            if len(text) > _LONGEST:
                raise BadInput(
                    _(
                        "Row {row}, column {column}: the text has {found} characters; a cell holds {most}."
                    ).format(row=line, column=answer.columns[at].name, found=len(text), most=_LONGEST),
                    file=place,
                    next_step=_("Export to CSV or Parquet instead."),
                )
            if text:
                puts[at](line, at, text)


def _put(column: Column, sheet: Any, day: Any) -> Callable[[int, int, str], object]:
    if column.sort in (Sort.WHOLE, Sort.NUMBER):
        return lambda line, at, text: _number(sheet, line, at, text)
    if column.sort is Sort.BOOLEAN:
        return lambda line, at, text: (
            sheet.write_boolean(line, at, text == "true")
            if text in ("true", "false")
            else sheet.write_string(line, at, text)
        )
    if column.sort is Sort.DATE:
        return lambda line, at, text: _date(sheet, line, at, text, day)
    return lambda line, at, text: sheet.write_string(line, at, text)


def _number(sheet: Any, line: int, at: int, text: str) -> object:
    plain = plain_number(text)
    digits = plain.lstrip("-").replace(".", "")
    if digits.isdigit() and len(digits.strip("0")) <= 15:
        return sheet.write_number(line, at, float(plain))
    return sheet.write_string(line, at, text)


def _date(sheet: Any, line: int, at: int, text: str, day: Any) -> object:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return sheet.write_string(line, at, text)
    # Before March of 1900 a spreadsheet counts a day that never was.
    return (
        sheet.write_datetime(line, at, found, day)
        if found.year > 1900
        else sheet.write_string(line, at, text)
    )
