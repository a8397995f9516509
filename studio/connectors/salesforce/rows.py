"""Rows as the CSV that Bulk API 2.0 takes and gives: UTF-8, LF between rows, every value quoted, values untouched."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from studio.base.errors import NotReachable
from studio.base.i18n import _

BLOCK = 256 * 1024
# The org allows 131,072 characters in a field; a little more lets it be the one who complains.
_LONGEST_FIELD = 16 * 1024 * 1024
NULL = "#N/A"
_BATCH = 200

if csv.field_size_limit() < _LONGEST_FIELD:
    csv.field_size_limit(_LONGEST_FIELD)


def encode(header: Sequence[str], rows: Iterable[Sequence[str]], block: int = BLOCK) -> Iterator[bytes]:
    """The header and the rows as CSV bytes, in blocks of about `block` bytes."""
    made = [quoted([header])]
    size = len(made[0])
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        made.append(quoted(batch))
        size += len(made[-1])
        if size >= block:
            yield "".join(made).encode("utf-8")
            made, size = [], 0
    if made:
        yield "".join(made).encode("utf-8")


def quoted(rows: Sequence[Sequence[str]]) -> str:
    """Rows of one width as CSV, a column at a time: a third of the time csv.writer takes for the same text."""
    columns: Iterable[Sequence[str]] = zip(*rows, strict=True)
    columns = [
        [value.replace('"', '""') for value in column] if '"' in "".join(column) else column
        for column in columns
    ]
    return '"' + '"\n"'.join(map('","'.join, zip(*columns, strict=True))) + '"\n'


def encode_header(header: Sequence[str]) -> bytes:
    """The header line alone."""
    return b"".join(encode(header, ()))


def read_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a downloaded result file, the header first; blank lines are skipped.

    CR, LF, U+2028 and the like inside values are kept. Raises NotReachable when the file stops in the middle of a value
    or holds bytes that are no UTF-8: a cut download.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from filter(None, csv.reader(file, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            raise NotReachable(
                _("A result file came incomplete: {reason}.").format(reason=str(error)),
                next_step=_("Resume the move: the results are fetched again."),
            ) from error


class RecordCounter:
    """Counts CSV records in a stream of bytes, line ends inside quotes left out; the header counts as one."""

    def __init__(self) -> None:
        self._inside = 0
        self._complete = 0
        self._open = False

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        if not block:
            return
        lines = block.split(b"\n")
        last = lines.pop()
        odd = [line.count(b'"') & 1 for line in lines]
        # Usually quotes match on every line: then each line end ends a record, or none does.
        if any(odd):
            for one in odd:
                self._inside ^= one
                self._complete += not self._inside
        elif not self._inside:
            self._complete += len(lines)
        self._inside ^= last.count(b'"') & 1
        self._open = bool(self._inside) or not block.endswith(b"\n")

    @property
    def records(self) -> int:
        """The records so far; a last one without a line end counts."""
        return self._complete + self._open

    @property
    def cut(self) -> bool:
        """The stream ends inside a quoted value."""
        return bool(self._inside)


class HeaderStrip:
    """Passes a stream of CSV bytes on without its first record."""

    def __init__(self) -> None:
        self.header = b""
        self._done = False

    def feed(self, block: bytes) -> bytes:
        """The part of the block that comes after the first record."""
        if self._done:
            return block
        self.header += block
        end = _end_of_record(self.header)
        if end is None:
            return b""
        self._done = True
        rest, self.header = self.header[end:], self.header[:end]
        return rest


def _end_of_record(data: bytes) -> int | None:
    inside = False
    for at, byte in enumerate(data):
        if byte == 0x22:
            inside = not inside
        elif byte == 0x0A and not inside:
            return at + 1
    return None
