"""Columns of a sheet whose numbers are shown with zeros in front (`00000`, for postal codes): how many digits each shows."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import Any

from lxml import etree

from studio.engine.formats.xml_safe import SAFE

_ZEROS = re.compile(r'"?0{2,30}"?')
_CELL = re.compile(rb"<(?:[\w.-]+:)?c\b([^>]{1,900})>")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})[0-9]{1,7}[\"']")
_STYLE = re.compile(rb"\bs\s*=\s*[\"']([0-9]{1,6})[\"']")
_LARGEST_STYLES = 32 << 20
_PIECE = 1 << 20
_OVERLAP = 1024


def zero_columns(stream: Any, part: str) -> dict[int, int]:
    """Digits by column (from 1) of the sheet in `part` of the file; a column counts as its first such cell does."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if part not in names or "xl/styles.xml" not in names:
                return {}
            with archive.open(names["xl/styles.xml"]) as file:
                widths = _widths(file.read(_LARGEST_STYLES))
            if not widths:
                return {}
            with archive.open(names[part]) as file:
                return _columns(file, widths)
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, EOFError, ValueError):
        # The workbook's reader says what is wrong with it.
        return {}


def _widths(styles: bytes) -> dict[bytes, int]:
    """Digits by the number of the style; only of formats that are nothing but zeros."""
    root = etree.fromstring(styles, etree.XMLParser(**SAFE))
    formats = {one.get("numFmtId"): one.get("formatCode") or "" for one in root.iter("{*}numFmt")}
    found: dict[bytes, int] = {}
    for cells in root.iter("{*}cellXfs"):
        for number, style in enumerate(cells.iterchildren("{*}xf")):
            code = formats.get(style.get("numFmtId"), "")
            if _ZEROS.fullmatch(code):
                found[str(number).encode()] = code.count("0")
    return found


def _columns(file: Any, widths: dict[bytes, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    held = b""
    while piece := file.read(_PIECE):
        text = held + piece
        for (attributes,) in (match.groups() for match in _CELL.finditer(text)):
            style = _STYLE.search(attributes)
            if style is not None and (width := widths.get(style[1])):
                place = _PLACE.search(attributes)
                if place is not None:
                    found.setdefault(_number(place[1]), width)
        held = text[-_OVERLAP:]
    return found


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
