"""Workbooks (.xlsx, .xls, .ods) as schemas: a root per sheet, a field per column, types from the cells."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from pathlib import Path

import python_calamine

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.delimited import column_names
from studio.schema.excel_old import check_old
from studio.schema.excel_parts import OLE, small_copy
from studio.schema.infer import Guess
from studio.schema.model import MANY, OPTIONAL, Base, Kind, Node, Schema, Type
from studio.schema.rows import Row, has_header
from studio.schema.source import MEGABYTE, read_bytes
from studio.schema.workbooks import locked, reading

_LARGEST = 64 * MEGABYTE
_MOST_ROWS = 2000
_MOST_COLUMNS = 16_384
_MOST_SHEETS = 200
# A title above the header fills fewer cells than the table below it.
_TITLE_ROWS = 20

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def read_excel(path: Path, *, more: Iterable[Path] = ()) -> Schema:
    """The schema of a workbook: `row` for its first sheet with cells, the others by their names.

    With `more`, the columns and types of several workbooks' sheets of one name are put together. Only the first 2,000
    rows of a sheet are looked at. Raises BadInput for broken, encrypted or empty workbooks, TooLarge for those that
    would grow beyond reason.
    """
    files = [path, *more]
    sheets: dict[str, _Sheet] = {}
    problems: list[Problem] = []
    for file in files:
        for name, rows in _sheets(file):
            if rows:
                sheets.setdefault(name, _Sheet(name)).see(rows)
            else:
                problems.append(_empty_sheet(name, file))
    if not sheets:
        raise BadInput(
            _("The workbook has no cells with values."),
            file=path,
            next_step=_("Give a workbook with a header line or some rows."),
        )
    names = ["row", *list(sheets)[1:]]
    roots = tuple(sheet.node(name) for name, sheet in zip(column_names(names), sheets.values(), strict=True))
    first = next(iter(sheets.values()))
    facts = {"header": "true" if first.header else "false", "sheet": first.name}
    return Schema("excel", roots, files=tuple(map(str, files)), problems=tuple(problems), facts=facts)


def _empty_sheet(name: str, file: Path) -> Problem:
    return Problem(
        Severity.NOTE,
        _("The sheet {name} is empty and left out.").format(name=name),
        str(file),
        mend=_("Put a header into it if it should be read."),
    )


def _sheets(path: Path) -> list[tuple[str, list[list[Cell]]]]:
    """The name and first rows of every sheet of cells."""
    data = read_bytes(path, _LARGEST)
    if data.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise locked(path)
    if data.startswith(OLE):
        check_old(data, path)
    small = data if data.startswith(OLE) else small_copy(data, path)
    with reading(path):
        return _cells(small)


def _cells(data: bytes) -> list[tuple[str, list[list[Cell]]]]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    kinds = {one.name: one.typ for one in workbook.sheets_metadata}
    found: list[tuple[str, list[list[Cell]]]] = []
    for name in workbook.sheet_names[:_MOST_SHEETS]:
        if kinds.get(name) not in (None, python_calamine.SheetTypeEnum.WorkSheet):
            continue
        sheet = workbook.get_sheet_by_name(name)
        rows: list[list[Cell]] = sheet.to_python(skip_empty_area=True, nrows=_MOST_ROWS)
        found.append((name, [row for row in rows if any(cell != "" for cell in row)]))
    return found


class _Sheet:
    """What is seen of one sheet: its columns by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.header = True
        self.first_row = 1
        self._columns: dict[str, Guess] = {}

    def see(self, rows: list[list[Cell]]) -> None:
        """Rows of one workbook, blank ones left out."""
        start = _start(rows)
        rows = rows[start:]
        width = min(_MOST_COLUMNS, max(len(row) for row in rows))
        texts = [Row(at, tuple(_text(cell) for cell in row)) for at, row in enumerate(rows[:200], 1)]
        header = all(isinstance(cell, str) for cell in rows[0]) and has_header(texts)
        if not self._columns:
            self.header, self.first_row = header, start + 1
        cells = [_text(cell) for cell in rows[0][:width]] if header else []
        names = column_names([*cells, *[""] * (width - len(cells))])
        guesses = [self._columns.setdefault(name, Guess()) for name in names]
        for row in rows[1:] if header else rows:
            for guess, cell in zip(guesses, row, strict=False):
                guess.see(_text(cell), _base(cell))

    def node(self, name: str) -> Node:
        """The root of the sheet."""
        fields = tuple(_field(title, at, guess) for at, (title, guess) in enumerate(self._columns.items(), 1))
        facts = {"sheet": self.name, "header": "true" if self.header else "false"}
        if self.first_row > 1:
            facts["first_row"] = str(self.first_row)
        return Node(name, Kind.SEGMENT, Type(name, children=lambda: fields), MANY, facts=facts)


def _field(name: str, position: int, guess: Guess) -> Node:
    value = guess.value_type()
    facts = {"position": str(position), **guess.facts()}
    return Node(
        name, Kind.FIELD, Type(value.name, value=value), OPTIONAL, nillable=guess.empty > 0, facts=facts
    )


def _start(rows: list[list[Cell]]) -> int:
    """The row the table begins with: the first that fills half as many cells as the fullest does."""
    filled = [sum(cell != "" for cell in row) for row in rows[: _TITLE_ROWS * 3]]
    fullest = max(filled)
    return next((at for at, count in enumerate(filled[:_TITLE_ROWS]) if count * 2 >= fullest), 0)


def _base(cell: Cell) -> Base | None:
    """The base the cell itself tells; a text stays what its characters are, numbers in text are text."""
    if isinstance(cell, bool):
        return Base.BOOLEAN
    if isinstance(cell, int | float):
        return Base.INTEGER if float(cell).is_integer() and abs(cell) < 1e15 else Base.DECIMAL
    if isinstance(cell, datetime.datetime):
        return Base.DATETIME
    if isinstance(cell, datetime.date):
        return Base.DATE
    if isinstance(cell, datetime.time):
        return Base.TIME
    return Base.TEXT if cell != "" else None


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
