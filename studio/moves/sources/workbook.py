"""A sheet of a workbook as rows: the header found or told, values as the sheet's reader means them, zeros in front kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import python_calamine

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import unreadable
from studio.connectors.files.delimited import letters
from studio.engine.formats.excel_guard import Seen, looked_over, part_of
from studio.moves.places import Place
from studio.moves.sources import large_book
from studio.moves.sources.cells import sheet_text
from studio.moves.sources.kinds import Pick, Row, Table
from studio.moves.sources.sheet_zeros import zero_columns
from studio.schema.excel_parts import OLE
from studio.schema.workbooks import locked, reading

# A title may stand above the header: it fills fewer cells than the table below it.
_TITLE_ROWS = 20
_PIECE = 1 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@contextmanager
def opened(place: Place, pick: Pick) -> Iterator[Table]:
    """The sheet as a table; its size is bounded (excel_guard)."""
    assert isinstance(place, Path)
    with _file(place) as stream:
        if stream.read(len(OLE)) == OLE:
            raise _old_or_locked(stream, place)
        stream.seek(0)
        seen = looked_over(stream, str(place))
        with _book(stream, place, seen) as book:
            names = _sheets(book)
            sheet, name = _sheet(book, names, pick.sheet, place)
            part = part_of(stream, name)
            errors = seen[part].errors if part in seen else frozenset()
            grid = _Grid(sheet, errors, zero_columns(stream, part))
            at = pick.header_row or grid.header_row()
            header, columns = grid.header(at, name, place)
            shown = _("Excel, sheet {sheet}, column names in row {row}").format(sheet=name, row=at)
            yield Table(header, grid.rows(at, header, columns), shown, names, name, at)


@contextmanager
def _file(place: Path) -> Iterator[Any]:
    try:
        file = place.open("rb")
    except OSError as error:
        raise unreadable(place, error) from error
    with file:
        yield file


@contextmanager
def _book(stream: Any, place: Path, seen: Mapping[str, Seen]) -> Iterator[Any]:
    """The workbook, in memory; one with very many cells in bands of rows, where it is written in the usual way."""
    cells = sum(one.rows * one.columns for one in seen.values())
    if cells > large_book.LARGE and large_book.usual(stream):
        book = large_book.LargeBook(stream, place, {part: one.columns for part, one in seen.items()})
        with closing(book):
            yield book
        return
    stream.seek(0)
    with reading(place):
        made = python_calamine.CalamineWorkbook.from_filelike(stream)
    yield made


def _sheets(book: Any) -> tuple[str, ...]:
    """The sheets with cells, those that are shown first."""
    hidden = python_calamine.SheetVisibleEnum.Visible
    found = [
        (one.visible != hidden, one.name)
        for one in book.sheets_metadata
        if one.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    return tuple(name for _hidden, name in sorted(found, key=lambda one: one[0]))


def _sheet(book: Any, names: tuple[str, ...], wanted: str, place: Path) -> tuple[Any, str]:
    """The sheet asked for, or the first that holds rows, or the first with cells."""
    if wanted and wanted not in names:
        raise BadInput(
            _("The workbook has no sheet called {name}; it has: {names}.").format(
                name=wanted, names=", ".join(names[:20]) or "–"
            ),
            file=place,
            next_step=_("Choose one of these sheets."),
        )
    first: tuple[Any, str] | None = None
    for name in [wanted] if wanted else names:
        with reading(place):
            sheet = book.get_sheet_by_name(name)
        if sheet.height and sheet.width:
            if wanted or _is_table(sheet):
                return sheet, name
            first = first or (sheet, name)
    if first is not None:
        return first
    raise BadInput(
        _("The sheet {name} is empty.").format(name=wanted) if wanted else _("The workbook is empty."),
        file=place,
        next_step=_("A row must hold the column names, and the rows below it the values."),
    )


def _is_table(sheet: Any) -> bool:
    """A sheet of rows rather than one that tells a person something: columns, or one column of values without spaces."""
    lines = [row for row in islice(sheet.iter_rows(), _TITLE_ROWS * 50) if any(cell != "" for cell in row)]
    widest = max((sum(cell != "" for cell in row) for row in lines), default=0)
    if len(lines) < 2 or widest > 1:
        return len(lines) > 1
    return not any(" " in str(cell) for row in lines[1:] for cell in row)


def _old_or_locked(stream: IO[bytes], place: Path) -> BadInput:
    """A locked workbook is packed as old ones were."""
    held = b""
    while piece := stream.read(_PIECE):
        if _ENCRYPTED in held + piece:
            return locked(place)
        held = piece[-len(_ENCRYPTED) :]
    return BadInput(
        _("Workbooks of the old form (.xls) are not read."),
        file=place,
        next_step=_("Save the workbook as .xlsx."),
    )


class _Grid:
    """The cells of a sheet; rows and columns are counted from 1, as the sheet shows them."""

    def __init__(self, sheet: Any, errors: frozenset[tuple[int, int]], zeros: dict[int, int]) -> None:
        self._sheet = sheet
        self._errors = errors
        self._zeros = zeros
        # The reader leaves empty columns out at the left, while rows above the first cell are there.
        self._left = sheet.start[1] if sheet.start else 0

    def _lines(self) -> Iterator[tuple[int, list[Any]]]:
        return enumerate(self._sheet.iter_rows(), 1)

    def header_row(self) -> int:
        """The row the table begins with: the first that fills half as many cells as the fullest near it does."""
        filled = {
            line: sum(cell != "" for cell in row) for line, row in islice(self._lines(), _TITLE_ROWS * 50)
        }
        first = [line for line, count in filled.items() if count][: _TITLE_ROWS * 3]
        fullest = max((filled[line] for line in first), default=0)
        return next(
            (line for line in first[:_TITLE_ROWS] if filled[line] * 2 >= fullest), first[0] if first else 1
        )

    def header(self, at: int, name: str, place: Path) -> tuple[tuple[str, ...], list[int]]:
        """The names in row `at`, and the places of their columns; columns without a name must be without values."""
        row = next((row for line, row in self._lines() if line == at), None)
        if row is None or all(cell == "" for cell in row):
            raise BadInput(
                _("Row {row} of the sheet {sheet} holds no column names.").format(row=at, sheet=name),
                file=place,
                next_step=_("Name the row that does."),
            )
        titles = [sheet_text(cell).strip() for cell in row]
        columns = [index for index, title in enumerate(titles) if title]
        nameless = [index for index, title in enumerate(titles) if not title]
        if nameless:
            self._check_nameless(nameless, at, name, place)
        return tuple(titles[index] for index in columns), columns

    def _check_nameless(self, nameless: list[int], at: int, name: str, place: Path) -> None:
        for line, row in self._lines():
            if line <= at:
                continue
            for index in nameless:
                if row[index] != "":
                    raise BadInput(
                        _("Column {column} of the sheet {sheet} has values but no name in row {row}.").format(
                            column=letters(self._left + index + 1), sheet=name, row=at
                        ),
                        file=place,
                        next_step=_(
                            "Give it a name (a merged cell names its first column only), or name another header row."
                        ),
                    )

    def rows(self, at: int, header: tuple[str, ...], columns: list[int]) -> Iterator[Row]:
        """The rows below the header; blank ones are left out."""
        errors, zeros = self._errors, [self._zeros.get(self._left + index + 1, 0) for index in columns]
        padded = any(zeros)
        for line, row in self._lines():
            if line <= at:
                continue
            values = [row[index] for index in columns]
            reason = self._error(line, header, columns) if errors else ""
            if not reason and all(cell == "" for cell in values):
                continue
            texts = [sheet_text(cell) for cell in values]
            if padded:
                texts = [
                    _padded(text, width) if width and not isinstance(cell, str) else text
                    for cell, text, width in zip(values, texts, zeros, strict=True)
                ]
            yield texts, reason

    def _error(self, line: int, header: tuple[str, ...], columns: list[int]) -> str:
        for name, index in zip(header, columns, strict=True):
            if (line, self._left + index + 1) in self._errors:
                return _("{name}: cell {cell} holds an error").format(
                    name=name, cell=f"{letters(self._left + index + 1)}{line}"
                )
        return ""


def _padded(text: str, width: int) -> str:
    return text.zfill(width) if text.isdigit() else text
