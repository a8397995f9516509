"""The source, read once and kept as it was: every later pass, a resumed one too, reads the same rows."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

from studio.base.atomic import cannot_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.rows import quoted
from studio.moves.model import Fingerprint

FILE = "rows.csv"
_BLOCK_ROWS = 1000
_BLOCK_BYTES = 1_000_000


@dataclass(frozen=True)
class Block:
    """A run of neighbouring rows in the stage: the smallest unit a chunk is made of."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Slice:
    """A part of the stage: rows from `first` (from 1), where they begin and how many bytes they take."""

    first: int
    rows: int
    offset: int
    bytes: int


class Watcher(Protocol):
    """Sees every row while it is staged."""

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Rows of the header's width or not, numbered from `first`."""


def stage(
    source: DelimitedFile,
    folder: Path,
    watchers: Sequence[Watcher] = (),
    *,
    block_rows: int = _BLOCK_ROWS,
    block_bytes: int = _BLOCK_BYTES,
    progress: Progress | None = None,
) -> tuple[Fingerprint, list[Block], int]:
    """Copy the source's rows into `folder`, every value quoted; tell what the source was and how many cells hold #N/A.

    A row shorter than the header is filled up and a longer one cut *in the copy*, so that columns stay in place; the
    watchers see it as it came and hold it back. Raises BadInput as reading the source does, and when the disk is full.
    """
    path = folder / FILE
    try:
        with path.open("wb") as file:
            found = _copy(source, file, watchers, (block_rows, block_bytes), progress or Progress())
            file.flush()
            os.fsync(file.fileno())
            return found
    except OSError as error:
        raise cannot_write(path, error) from error


def _copy(
    source: DelimitedFile,
    file: IO[bytes],
    watchers: Sequence[Watcher],
    most: tuple[int, int],
    progress: Progress,
) -> tuple[Fingerprint, list[Block], int]:
    reading = _Hashing(source.path)
    blocks: list[Block] = []
    nulls = 0
    width = len(source.header)
    total = 0
    size = max(1, min(16, most[0]))
    with source.rows(reading.over) as rows:
        while batch := list(islice(rows, size)):
            progress.check()
            taken = 0
            for watcher in watchers:
                watcher.rows(total + 1, batch)
            for rows_in, data in _pieces(batch, width, most[1]):
                if b"\0" in data:
                    raise _zero(source, total + 1, batch)
                file.write(data)
                nulls += data.count(b'"#N/A"')
                blocks.append(Block(rows_in, len(data)))
                taken += len(data)
            total += len(batch)
            progress.report(total)
            size = min(_next_size(size, taken // len(batch), most), most[0] - total % most[0])
    return Fingerprint(reading.size, reading.digest(), total, source.header), blocks, nulls


def _next_size(size: int, per_row: int, most: tuple[int, int]) -> int:
    """Rows to read next, so that little is in memory when rows are wide (the caller keeps round numbers whole)."""
    return max(1, min(most[0], size * 8, most[1] // max(per_row, 1)))


def _pieces(batch: list[list[str]], width: int, most: int) -> Iterator[tuple[int, bytes]]:
    """The rows as CSV, in pieces of at most `most` bytes or one row."""
    data = _encode(batch, width)
    if len(data) <= most or len(batch) == 1:
        yield len(batch), data
        return
    half = len(batch) // 2
    yield from _pieces(batch[:half], width, most)
    yield from _pieces(batch[half:], width, most)


def _encode(batch: list[list[str]], width: int) -> bytes:
    if set(map(len, batch)) != {width}:
        batch = [(row + [""] * (width - len(row)))[:width] for row in batch]
    return quoted(batch).encode("utf-8")


def _zero(source: DelimitedFile, first: int, batch: list[list[str]]) -> BadInput:
    for number, row in enumerate(batch, first):
        for at, value in enumerate(row):
            if "\0" in value:
                name = source.header[at] if at < len(source.header) else str(at + 1)
                return BadInput(
                    _(
                        "Row {row}, column {column} holds a zero character, which Salesforce does not take."
                    ).format(row=number, column=name),
                    file=source.path,
                    next_step=_("Remove it, or name the file's encoding if it is another one."),
                )
    raise AssertionError("a zero character was seen")


class _Hashing(io.BufferedIOBase):
    """Passes a file's bytes on and takes their digest; what was skipped before (a byte order mark) is counted in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._inner: IO[bytes] | None = None
        self.size = 0

    def over(self, inner: IO[bytes]) -> IO[bytes]:
        """Wrap an open file."""
        skipped = inner.tell()
        inner.seek(0)
        self._take(inner.read(skipped))
        self._inner = inner
        return self  # type: ignore[return-value]

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        assert self._inner is not None
        return self._take(self._inner.read(size if size > 0 else 65536))

    def read(self, size: int | None = -1, /) -> bytes:
        assert self._inner is not None
        return self._take(self._inner.read(-1 if size is None else size))

    def _take(self, data: bytes) -> bytes:
        self._digest.update(data)
        self.size += len(data)
        return data

    def digest(self) -> str:
        """The digest of the whole file once it was read to its end."""
        return self._digest.hexdigest()


def slices(
    blocks: Iterable[Block], *, most_rows: int, most_bytes: int, growth: int = 0, ends_at: int = 0
) -> Iterator[Slice]:
    """The stage cut at block boundaries into parts of at most so many rows and bytes.

    `growth` is what each row may grow by when it is sent; where a block ends with the row `ends_at`, a part does. A
    single block larger than `most_bytes` is a part of its own.
    """
    first, rows, offset, size, grown = 1, 0, 0, 0, 0
    for block in blocks:
        larger = grown + block.bytes + block.rows * growth
        full = rows + block.rows > most_rows or larger > most_bytes or first + rows - 1 == ends_at
        if rows and full:
            yield Slice(first, rows, offset, size)
            first, offset, rows, size, grown = first + rows, offset + size, 0, 0, 0
        rows += block.rows
        size += block.bytes
        grown += block.bytes + block.rows * growth
    if rows:
        yield Slice(first, rows, offset, size)


def cut_after(folder: Path, blocks: Sequence[Block], row: int) -> list[Block]:
    """The blocks with one of them cut in two, so that one ends with this row."""
    found: list[Block] = []
    offset, first = 0, 1
    for block in blocks:
        last = first + block.rows - 1
        if first <= row < last:
            part = Slice(first, block.rows, offset, block.bytes)
            rows = row - first + 1
            size = sum(len(text.encode("utf-8")) for text, _row in islice(read_texts(folder, part), rows))
            found += [Block(rows, size), Block(block.rows - rows, block.bytes - size)]
        else:
            found.append(block)
        offset, first = offset + block.bytes, last + 1
    return found


def recut(folder: Path, blocks: Sequence[Block], rows: int) -> Iterator[Block]:
    """The stage in blocks that end after each so many rows, whatever it was staged in; what is cut is read once."""
    offset, first = 0, 1
    for block in blocks:
        # Rows left until the next end.
        room = rows - (first - 1) % rows
        if block.rows <= room:
            yield block
        else:
            taken = size = 0
            for text, _row in read_texts(folder, Slice(first, block.rows, offset, block.bytes)):
                taken, size = taken + 1, size + len(text.encode("utf-8"))
                if taken == room:
                    yield Block(taken, size)
                    taken, size, room = 0, 0, rows
            if taken:
                yield Block(taken, size)
        offset, first = offset + block.bytes, first + block.rows


def read_slice(folder: Path, part: Slice) -> Iterator[str]:
    """The lines of a part of the stage, as csv.reader wants them; a record may run over several."""
    with _open(folder) as file:
        file.seek(part.offset)
        left = part.bytes
        while left > 0:
            line = file.readline(left)
            if not line:
                raise _cut(folder)
            left -= len(line)
            yield line.decode("utf-8")


def read_rows(folder: Path, part: Slice) -> Iterator[list[str]]:
    """The rows of a part of the stage."""
    return csv.reader(read_slice(folder, part), strict=True)


def read_texts(folder: Path, part: Slice) -> Iterator[tuple[str, list[str]]]:
    """Each row of a part with its own text in the stage (line end included), so that it can be written again as it is."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in read_slice(folder, part):
            taken.append(line)
            yield line

    for row in csv.reader(lines(), strict=True):
        yield "".join(taken), row
        taken.clear()


def read_whole(folder: Path, part: Slice) -> tuple[list[str], Iterator[list[str]]]:
    """All rows of a part: their texts as `read_texts` gives them, and their values, made as they are asked for."""
    lines = b"".join(read_raw(folder, part, max(part.bytes, 1))).decode("utf-8").split("\n")
    if lines.pop():
        raise _cut(folder)
    if len(lines) == part.rows and not any(line.count('"') & 1 for line in lines):
        # Quotes match on every line, so no value holds a line end: each line is a row.
        return [line + "\n" for line in lines], csv.reader(lines, strict=True)
    pairs = list(read_texts(folder, part))
    return [text for text, _row in pairs], iter([row for _text, row in pairs])


def _open(folder: Path) -> IO[bytes]:
    try:
        return (folder / FILE).open("rb")
    except OSError as error:
        raise _cut(folder) from error


def _cut(folder: Path) -> BadInput:
    return BadInput(_("The copy of the source in the move's folder was changed or cut."), file=folder / FILE)


def read_raw(folder: Path, part: Slice, block: int = 256 * 1024) -> Iterator[bytes]:
    """The bytes of a part, for an upload that sends rows as they stand."""
    with _open(folder) as file:
        file.seek(part.offset)
        left = part.bytes
        while left > 0:
            data = file.read(min(block, left))
            if not data:
                raise _cut(folder)
            left -= len(data)
            yield data
