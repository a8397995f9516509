"""Workbooks of the old binary form (.xls): how large their sheets are, told before they are read as a whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _

_END = 0xFFFFFFF8
_STREAMS = ("workbook", "book")
# The rectangle around the cells of all sheets: a reader keeps a place for each, filled or not.
_MOST_CELLS = 5_000_000
_START_OF_SHEET = 0x0809
# Records of one cell start with its row and column; those of several also end with their last column.
_CELL_RECORDS = frozenset((0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204,
                           0x0205, 0x0206, 0x027E, 0x0406))  # fmt: skip
_ROW_RECORDS = frozenset((0x00BD, 0x00BE))


def check_old(data: bytes, path: Path) -> None:
    """Raise TooLarge where cells lie so far apart that reading them would take all memory, BadInput where it is none."""
    try:
        stream = _workbook(data)
        if _cells(stream) > _MOST_CELLS:
            raise TooLarge(
                _("The workbook unpacks to more than can be read as a sample."),
                file=path,
                next_step=_("Give a workbook with the first rows only, or export the sheet as CSV."),
            )
    except (struct.error, ValueError, IndexError):
        raise BadInput(
            _("There is no workbook in this file."),
            file=path,
            next_step=_("Give an .xlsx, .xls or .ods file with sheets."),
        ) from None


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook in a compound file."""
    sector_shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if sector_shift not in (9, 12) or mini_shift != 6:
        raise ValueError
    size = 1 << sector_shift
    directory_at, _signature, cutoff, mini_fat_at = struct.unpack_from("<IIII", data, 48)
    table = _table(data, size)
    directory = _chain(data, table, directory_at, size)
    root, found = None, None
    for at in range(0, len(directory) - 127, 128):
        name = directory[at : at + 64].decode("utf-16-le", "replace").split("\0", 1)[0].lower()
        start, length = struct.unpack_from("<II", directory, at + 116)
        if directory[at + 66] == 5:
            root = (start, length)
        elif directory[at + 66] == 2 and name in _STREAMS and found is None:
            found = (start, length)
    if found is None:
        raise ValueError
    start, length = found
    if length >= cutoff or root is None:
        return _chain(data, table, start, size)[:length]
    small = _chain(data, table, root[0], size)
    mini = _numbers(_chain(data, table, mini_fat_at, size))
    return b"".join(small[one * 64 : one * 64 + 64] for one in _follow(mini, start))[:length]


def _table(data: bytes, size: int) -> tuple[int, ...]:
    """Which sector follows each."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    more, seen = struct.unpack_from("<I", data, 68)[0], set[int]()
    while more < _END and more not in seen:
        seen.add(more)
        block = _sector(data, more, size)
        *numbers, more = struct.unpack(f"<{size // 4}I", block.ljust(size, b"\xff"))
        sectors += numbers
    return _numbers(b"".join(_sector(data, one, size) for one in sectors if one < _END))


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _sector(data: bytes, number: int, size: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]


def _chain(data: bytes, table: tuple[int, ...], start: int, size: int) -> bytes:
    return b"".join(_sector(data, one, size) for one in _follow(table, start))


def _follow(table: tuple[int, ...], start: int) -> Iterator[int]:
    """The sectors of a chain; one that runs in a circle is no chain."""
    count = 0
    while start < _END:
        yield start
        count += 1
        if count > len(table):
            raise ValueError
        start = table[start]


def _cells(stream: bytes) -> int:
    """The cells of the rectangles around those of each sheet, together."""
    total = at = 0
    first_row, last_row, first_column, last_column = 0xFFFF, -1, 0xFFFF, -1
    while at + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, at)
        if code & 0xFF == _START_OF_SHEET & 0xFF and code in (0x0009, 0x0209, 0x0409, _START_OF_SHEET):
            total += max(0, last_row - first_row + 1) * max(0, last_column - first_column + 1)
            first_row, last_row, first_column, last_column = 0xFFFF, -1, 0xFFFF, -1
        elif (code in _CELL_RECORDS or code in _ROW_RECORDS) and length >= 4 and at + 8 <= len(stream):
            row, column = struct.unpack_from("<HH", stream, at + 4)
            end = at + 4 + length
            last = (
                struct.unpack_from("<H", stream, end - 2)[0]
                if code in _ROW_RECORDS and end <= len(stream)
                else column
            )
            first_row, last_row = min(first_row, row), max(last_row, row)
            first_column, last_column = min(first_column, column), max(last_column, column, min(last, 0x3FFF))
        at += 4 + length
    return total + max(0, last_row - first_row + 1) * max(0, last_column - first_column + 1)
