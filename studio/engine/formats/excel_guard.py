"""A workbook looked at before it is read whole: bombs and far-away cells are refused, cells that hold errors are noted."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.engine.formats.xml_safe import SAFE
from studio.schema.workbooks import binary, damaged, locked

_UNPACKED = 1 << 29
_CELLS = 5_000_000
_MOST_ERRORS = 100_000
_PIECE = 1 << 20
_OVERLAP = 2048
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})0*([0-9]{1,7})[\"']")
_ERROR = re.compile(
    rb"<(?:[\w.-]+:)?c\b(?=[^>]{0,900}\bt\s*=\s*[\"']e[\"'])[^>]{0,900}\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']"
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Seen(NamedTuple):
    """What is known of a sheet: the cells that hold an error, as row and column from 1, and how far its cells go."""

    errors: frozenset[tuple[int, int]]
    rows: int
    columns: int


def looked_at(stream: BinaryIO, name: str) -> dict[str, frozenset[tuple[int, int]]]:
    """The cells that hold an error, as row and column from 1, by the file's part; raises as `looked_over` does."""
    return {part: seen.errors for part, seen in looked_over(stream, name).items()}


def looked_over(stream: BinaryIO, name: str) -> dict[str, Seen]:
    """What is known of each sheet before it is read, by the file's part; BadInput for what is no workbook.

    TooLarge for one that takes more memory than there may be.
    """
    found: dict[str, Seen] = {}
    left = _UNPACKED
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_names({entry.filename.lower() for entry in archive.infolist()}, name)
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise locked(name)
                with archive.open(entry) as part:
                    cells = _Cells() if _SHEET.fullmatch(entry.filename) else None
                    while piece := part.read(_PIECE):
                        left -= len(piece)
                        if left < 0:
                            raise _too_large(name)
                        if cells is not None and not cells.see(piece):
                            raise _too_large(name)
                    if cells is not None:
                        found[entry.filename.lower()] = Seen(
                            frozenset(cells.errors), cells.rows, cells.columns
                        )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(name, str(error)) from None
    return found


def part_of(stream: BinaryIO, sheet: str) -> str:
    """The part of the file that holds a sheet, in small letters; empty where that cannot be told."""
    try:
        with zipfile.ZipFile(stream) as archive:
            book = _parsed(archive.read("xl/workbook.xml"))
            related = _parsed(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError):
        return ""
    wanted = next((one.get(_RELATED) for one in book.iter("{*}sheet") if one.get("name") == sheet), None)
    target = next((one.get("Target") for one in related if one.get("Id") == wanted), None) or ""
    return (target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower()


def _parsed(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(**SAFE))


class _Cells:
    """What is seen of a sheet's cells, piece by piece."""

    def __init__(self) -> None:
        self.errors: set[tuple[int, int]] = set()
        self._held = b""
        self.rows = self.columns = 0

    def see(self, piece: bytes) -> bool:
        """Look at a piece; False where the cells span more than can be held."""
        text = self._held + piece
        for letters, digits in _CELL.findall(text):
            column, row = _column(letters), int(digits)
            self.columns = column if column > self.columns else self.columns
            self.rows = row if row > self.rows else self.rows
        for letters, digits in _ERROR.findall(text):
            if len(self.errors) < _MOST_ERRORS:
                self.errors.add((int(digits), _column(letters)))
        self._held = text[-_OVERLAP:]
        return self.rows * self.columns <= _CELLS


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_names(names: set[str], name: str) -> None:
    if "xl/workbook.bin" in names:
        raise binary(name)
    if "xl/workbook.xml" not in names:
        raise BadInput(
            _("There is no workbook in this file."),
            file=name,
            next_step=_("Give an .xlsx file with sheets."),
        )


def _too_large(name: str) -> TooLarge:
    return TooLarge(
        _("The workbook holds more than {count:,} cells, or unpacks to more than {size} MB.").format(
            count=_CELLS, size=_UNPACKED >> 20
        ),
        file=name,
        next_step=_("Export the sheet as CSV: that is read row by row."),
    )
