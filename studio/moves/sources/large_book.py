"""A large workbook read in bands of rows: of each a small workbook is made, which the usual reader reads as it would the whole.

Memory then does not grow with the sheet. Only files written as spreadsheets and libraries usually write them are read so.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import python_calamine

from studio.engine.formats.excel_guard import part_of
from studio.schema.workbooks import damaged, reading

# Worth it from so many cells on: the usual reader holds a cell and its text in about a hundred bytes.
LARGE = 400_000
_BAND_ROWS = 2000
_BAND_BYTES = 2 << 20
_PIECE = 1 << 18
_LONGEST = 64 << 20
_KEPT = (
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
)
_STRINGS = "xl/sharedStrings.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_EMPTY = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)
_HEAD = re.compile(rb"<sheetData\s*>")
_DIMENSION = re.compile(rb"<dimension\b[^>]*/>")
_ROW_END = re.compile(rb"</row>|<row [^>]*/>")
_ITEM = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
_SHARED = re.compile(rb'<c ([^>]*?)\bt="s"([^>]*)><v>([0-9]{1,9})</v></c>')
# What a file has that has to be read whole: comments, prefixes, rows and cells that do not say where they are.
_ODD = re.compile(
    rb"<!|<\w+:(?:row|c|si|sheetData)\b|<row(?! r=\"| [^>]* r=\")|<c(?:>| (?!r=\"|[^>]* r=\"))|<si [^/]|\br='|\bt='"
)


def usual(stream: IO[bytes]) -> bool:
    """The workbook is written in the usual way, so that it can be read in bands."""
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        if not set(_KEPT) <= set(names) or len(set(names)) != len(names):
            return False
        parts = [name for name in names if _SHEET.fullmatch(name) or name == _STRINGS]
        return not any(_odd(archive, name) for name in parts)


def _odd(archive: zipfile.ZipFile, name: str) -> bool:
    held = b""
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            text = held + piece
            # A tag that is cut is looked at with the rest of it.
            whole = text.rfind(b">") + 1
            if _ODD.search(text, 0, whole):
                return True
            held = text[whole:]
            if len(held) > _LONGEST:
                return True
    return False


class LargeBook:
    """As the usual reader's workbook: its sheets, and each by its name."""

    def __init__(self, stream: IO[bytes], place: Path, widths: dict[str, int]) -> None:
        self._stream = stream
        self._place = place
        self._widths = widths
        self._archive = zipfile.ZipFile(stream)
        self._fixed = {name: self._archive.read(name) for name in _KEPT}
        sheets = [name for name in self._archive.namelist() if _SHEET.fullmatch(name)]
        with reading(place):
            book = python_calamine.CalamineWorkbook.from_filelike(self._small(dict.fromkeys(sheets, _EMPTY)))
        self.sheets_metadata = book.sheets_metadata
        self._texts = _Texts(self._archive)
        self._check(self._texts.rest, _STRINGS)

    def close(self) -> None:
        """Let go of the texts."""
        self._texts.close()
        self._archive.close()

    def get_sheet_by_name(self, name: str) -> LargeSheet:
        """The sheet; its rows are read each time they are asked for."""
        lower = part_of(self._stream, name)  # type: ignore[arg-type]
        part = next((one for one in self._archive.namelist() if one.lower() == lower), "")
        return LargeSheet(self, name, part, self._widths.get(lower, 0))

    def bands(self, name: str, part: str) -> Iterator[tuple[int, int, list[list[Any]]]]:
        """Bands of a sheet: the row and the column of their first cell (from 0), and their rows."""
        for markup in self._pieces(part):
            small = self._small({part: _SHARED.sub(self._texts.put, markup)})
            with reading(self._place):
                sheet = python_calamine.CalamineWorkbook.from_filelike(small).get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=True) if sheet.start else []
            if sheet.start:
                yield sheet.start[0], sheet.start[1], rows

    def _pieces(self, part: str) -> Iterator[bytes]:
        """The sheet's markup cut after whole rows, each piece a whole sheet."""
        if not part:
            return
        with self._archive.open(part) as stream:
            text = b""
            while not (found := _HEAD.search(text)):
                piece = stream.read(_PIECE)
                if not piece:
                    return
                text += piece
                self._check(text, part)
            head, text = _DIMENSION.sub(b"", text[: found.end()]), text[found.end() :]
            while True:
                ends = [match.end() for match in _ROW_END.finditer(text)]
                if len(ends) >= _BAND_ROWS or (ends and len(text) > _BAND_BYTES):
                    end = ends[min(len(ends), _BAND_ROWS) - 1]
                    yield head + text[:end] + b"</sheetData></worksheet>"
                    text = text[end:]
                    continue
                piece = stream.read(_BAND_BYTES)
                if not piece:
                    break
                text += piece
                self._check(text, part)
            if ends:
                yield head + text[: ends[-1]] + b"</sheetData></worksheet>"

    def _check(self, text: bytes, part: str) -> None:
        if len(text) > _LONGEST:
            raise damaged(self._place, f"{part}: > {_LONGEST >> 20} MB")

    def _small(self, parts: dict[str, bytes]) -> io.BytesIO:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, data in {**self._fixed, **parts}.items():
                archive.writestr(name, data)
        made.seek(0)
        return made


class LargeSheet:
    """As the usual reader's sheet, with rows of all columns from the first on."""

    def __init__(self, book: LargeBook, name: str, part: str, width: int) -> None:
        self._book = book
        self._name = name
        self._part = part
        self.width = width
        self.start = (0, 0)

    @property
    def height(self) -> int:
        """Whether there is any row with cells."""
        return 1 if next(iter(self._book.bands(self._name, self._part)), None) else 0

    def iter_rows(self) -> Iterator[list[Any]]:
        """The rows from the first on, those without cells too."""
        line = 0
        for row, column, rows in self._book.bands(self._name, self._part):
            if row < line:
                raise damaged(self._name, f"row {row + 1}")
            while line < row:
                line += 1
                yield [""] * self.width
            for cells in rows:
                line += 1
                full = [*[""] * column, *cells]
                yield full + [""] * (self.width - len(full))


class _Texts:
    """The texts that cells share, in a file that is thrown away; kept in memory is where each begins."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._starts = array("Q", [0])
        # What is left of a text that does not end.
        self.rest = b""
        if _STRINGS in archive.namelist():
            self._read(archive)

    def close(self) -> None:
        """Throw the file away."""
        self._file.close()

    def _read(self, archive: zipfile.ZipFile) -> None:
        text = b""
        at = 0
        with archive.open(_STRINGS) as part:
            while piece := part.read(_PIECE):
                text += piece
                end = 0
                for item in _ITEM.finditer(text):
                    data = item[1] or b""
                    self._file.write(data)
                    at += len(data)
                    self._starts.append(at)
                    end = item.end()
                text = text[end:]
                if len(text) > _LONGEST:
                    break
        self.rest = text

    def put(self, cell: re.Match[bytes]) -> bytes:
        """The cell with its text inside."""
        number = int(cell[3])
        if number + 1 >= len(self._starts):
            return cell[0]
        start, end = self._starts[number], self._starts[number + 1]
        self._file.seek(start)
        return b'<c %bt="inlineStr"%b><is>%b</is></c>' % (cell[1], cell[2], self._file.read(end - start))
