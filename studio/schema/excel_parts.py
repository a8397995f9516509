"""Workbooks cut down before they are read: bombs, far-away cells and endless sheets cost no more than a small file."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from lxml import etree

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.schema.source import MEGABYTE
from studio.schema.workbooks import binary, damaged, locked
from studio.schema.xml_source import parser_options

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_ENTRIES = 4000
_LARGEST_PART = 32 * MEGABYTE
_LARGEST_ALL = 96 * MEGABYTE
# Of a sheet so many bytes and rows are kept, fewer rows where it is very wide.
_SHEET_BYTES = 4 * MEGABYTE
_SHEET_ROWS = 4000
_SHEET_CELLS = 2_000_000
_MOST_COLUMNS = 16_384

_WANTED = re.compile(
    r"(?:\[Content_Types\]\.xml|mimetype|_rels/\.rels|content\.xml|styles\.xml|settings\.xml|META-INF/manifest\.xml"
    r"|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/(?:sharedStrings|styles)\.xml|xl/worksheets/[^/]+\.xml)",
    re.IGNORECASE,
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<((?:[\w.-]+:)?)row\b([^>]{0,2000})>")
_NUMBER = re.compile(rb"\br\s*=\s*[\"']0*([0-9]+)[\"']")
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,9})0*([0-9]+)[\"']")
_REPEATED = re.compile(rb"(number-(?:rows|columns)-repeated\s*=\s*[\"'])([0-9]{1,12})")
_ODS_MARK = re.compile(rb"<table:(?:covered-)?table-(row|cell)\b([^>]{0,2000})")
_MOST_REPEATED = 200
_ODS_CELLS = 10_000_000


def small_copy(data: bytes, path: Path) -> bytes:
    """A workbook with the same sheets, of each the first rows only; raises BadInput where there is none.

    What the archive says of sizes is not believed: parts are unpacked up to their limit.
    """
    made = io.BytesIO()
    left = _LARGEST_ALL
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w") as copy:
            entries = archive.infolist()
            _check_names({one.filename for one in entries}, path)
            for entry in entries[:_MOST_ENTRIES]:
                if not _WANTED.fullmatch(entry.filename) or entry.filename in copy.namelist():
                    continue
                part = _part(archive, entry, path)
                left -= len(part)
                if left < 0:
                    raise _too_large(path)
                copy.writestr(entry.filename, part)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise damaged(path, str(error)) from None
    return made.getvalue()


def _check_names(names: set[str], path: Path) -> None:
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        raise binary(path)
    if "xl/workbook.xml" not in lower and "content.xml" not in lower:
        raise BadInput(
            _("There is no workbook in this file."),
            file=path,
            next_step=_("Give an .xlsx, .xls or .ods file with sheets."),
        )


def _too_large(path: Path) -> TooLarge:
    return TooLarge(
        _("The workbook unpacks to more than can be read as a sample."),
        file=path,
        next_step=_("Give a workbook with the first rows only, or export the sheet as CSV."),
    )


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    if entry.flag_bits & 1:
        raise locked(path)
    part, cut = _unpacked(archive, entry)
    sheet = _SHEET.fullmatch(entry.filename) is not None
    if sheet:
        part = first_rows(part, cut=cut)
    elif cut:
        raise _too_large(path)
    elif entry.filename.lower() == "content.xml":
        part = _REPEATED.sub(_fewer, part)
        if _cells(part) > _ODS_CELLS:
            raise _too_large(path)
    if entry.filename.lower() != "mimetype":
        _check_xml(part, entry.filename, path)
    return part


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[bytes, bool]:
    """The bytes of a part up to its limit, and whether there are more."""
    sheet = _SHEET.fullmatch(entry.filename) is not None
    limit = _SHEET_BYTES if sheet else _LARGEST_PART
    with archive.open(entry) as file:
        part = file.read(limit + 1)
    return part, len(part) > limit


class _Nothing:
    """What a parser gives its finds to where only its errors count."""

    def close(self) -> None:
        """Nothing was kept."""


def _check_xml(part: bytes, name: str, path: Path) -> None:
    """Raise BadInput for a part that is not well-formed: the library for workbooks may read on in it without end."""
    try:
        nothing: Any = _Nothing()
        etree.fromstring(part, etree.XMLParser(target=nothing, **parser_options()))
    except etree.XMLSyntaxError as error:
        raise damaged(
            path, f"{name}: {(error.msg or '').rstrip('.')}", line=error.position[0] or None
        ) from None


def first_rows(sheet: bytes, *, cut: bool = False) -> bytes:
    """The XML of a sheet up to the last row that is kept, closed again; `cut` tells that its end is missing."""
    columns = (_column(match[1]) for match in _CELL.finditer(sheet))
    widest = max((column for column in columns if column <= _MOST_COLUMNS), default=1)
    most = max(10, min(_SHEET_ROWS, _SHEET_CELLS // widest))
    # A cell may name a row of its own, whatever the row around it says.
    far = next(
        (
            match.start()
            for match in _CELL.finditer(sheet)
            if _row(match[2]) > most or _column(match[1]) > _MOST_COLUMNS
        ),
        len(sheet),
    )
    at = count = 0
    prefix = b""
    for match in _ROW.finditer(sheet):
        if match.start() > far:
            break
        number = _NUMBER.search(match[2])
        count = _row(number[1]) if number else count + 1
        prefix, at = match[1], match.start()
        if count > most:
            break
    else:
        if not cut and far == len(sheet):
            return sheet
    return sheet[:at] + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"


def _row(digits: bytes) -> int:
    return int(digits[:12])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _cells(content: bytes) -> int:
    """The cells of the rectangle around those of an OpenDocument, all its sheets taken for one."""
    rows = width = widest = 0
    for match in _ODS_MARK.finditer(content):
        repeated = _REPEATED.search(match[2])
        times = int(repeated[2]) if repeated else 1
        if match[1] == b"row":
            rows, width = rows + times, 0
        else:
            width += times
            widest = max(widest, width)
    return rows * widest


def _fewer(match: re.Match[bytes]) -> bytes:
    """Cells and rows repeated by the thousand are empty space, or made to hurt."""
    return match[1] + str(min(int(match[2]), _MOST_REPEATED)).encode()
