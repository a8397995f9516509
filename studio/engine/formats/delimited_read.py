"""Delimited text in: rows in constant memory, cells in the schema's column order."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, BinaryIO, Protocol

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.engine.formats.units import Broken
from studio.engine.items import Item
from studio.engine.plan import Shape
from studio.schema.delimited import column_names

CELL_LIMIT = 1 << 24
Row = Sequence[str]


class RowUnits:
    """The rows of a delimited file as lists of cells, one per column of the schema.

    Facts: `delimiter`, `quote` (empty for none), `encoding`, `header` (`no` where the first row is data). A row whose
    quotes or number of cells are wrong is Broken; missing cells at its end are empty, and empty ones too many do not
    matter.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        columns: tuple[str, ...],
        facts: Mapping[str, str],
        used: frozenset[str],
    ) -> None:
        self.name = name
        self.taken = 0
        self._stream = stream
        self._columns = columns
        self._facts = facts
        self._used = used
        self._encoding = "utf-8"

    def __iter__(self) -> Iterator[Row | Broken]:
        if csv.field_size_limit() < CELL_LIMIT:
            csv.field_size_limit(CELL_LIMIT)
        reader = csv.reader(self._text(), **dialect(self._facts))
        width = len(self._columns)
        arrange: Callable[[list[str]], Row] | None = None
        if has_header(self._facts):
            width, arrange = self._header(reader)
        line = reader.line_num
        while True:
            try:
                for row in reader:
                    line = reader.line_num
                    if len(row) == width:
                        yield arrange(row) if arrange else row
                    elif row:
                        yield self._unfit(row, width, line, arrange)
                return
            except csv.Error as error:
                yield self._bad_row(str(error), line + 1)
                line = reader.line_num
            except UnicodeError as error:
                raise self._wrong_text(error, reader.line_num) from error

    def _unfit(
        self, row: list[str], width: int, line: int, arrange: Callable[[list[str]], Row] | None
    ) -> Row | Broken:
        fitted = _fitted(row, width)
        if fitted is None:
            reason = _("The row has {found} cells instead of {wanted}.").format(found=len(row), wanted=width)
            return Broken(reason, line)
        return arrange(fitted) if arrange else fitted

    def _text(self) -> io.TextIOWrapper:
        counted = Counted(self._stream, self)
        first = counted.peek()
        self._encoding = self._facts.get("encoding") or "utf-8"
        if first.startswith(codecs.BOM_UTF8):
            self._encoding = "utf-8-sig"
        elif first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._encoding = "utf-16"
        try:
            return io.TextIOWrapper(io.BufferedReader(counted, 1 << 18), self._encoding, newline="")
        except LookupError as error:
            raise BadInput(
                _("The encoding {name} is not known.").format(name=self._encoding),
                file=self.name,
                next_step=_("Choose another encoding in the schema, such as utf-8 or windows-1252."),
            ) from error

    def _wrong_text(self, error: UnicodeError, lines: int) -> BadInput:
        """The error for bytes that make no character; `lines` were read before the piece they are in."""
        inside = error.object[: error.start].count(b"\n") if isinstance(error, UnicodeDecodeError) else 0
        return BadInput(
            _("The text is not {encoding}.").format(encoding=self._encoding),
            file=self.name,
            line=lines + inside + 1,
            next_step=_("Choose the encoding the file has in its schema, or save it as UTF-8."),
        )

    def _header(self, reader: Iterator[list[str]]) -> tuple[int, Callable[[list[str]], Row] | None]:
        try:
            names = next((row for row in reader if row), None)
        except csv.Error as error:
            raise BadInput(
                _("The header cannot be read: {reason}.").format(reason=str(error)),
                file=self.name,
                line=1,
                next_step=_("Mend its quotes."),
            ) from error
        except UnicodeError as error:
            raise self._wrong_text(error, 0) from error
        if names is None:
            raise BadInput(
                _("The file is empty: not even the names of the columns are there."),
                file=self.name,
                next_step=_("Give a file whose first row names its columns; without rows below it is fine."),
            )
        there = column_names(names)
        wanted = [there.index(column) if column in there else None for column in self._columns]
        for column, place in zip(self._columns, wanted, strict=True):
            if place is None and column in self._used:
                raise BadInput(
                    _("The column {name} is missing; the file has: {names}.").format(
                        name=column, names=", ".join(there)
                    ),
                    file=self.name,
                    line=1,
                    next_step=_("Give a file with that column, or mend the schema."),
                )
        if wanted == list(range(len(names))):
            return len(names), None
        return len(names), _arrangement([len(names) if place is None else place for place in wanted])

    def _bad_row(self, reason: str, line: int) -> Broken:
        if "limit" in reason:
            raise TooLarge(
                _("A cell is larger than {size} MB; perhaps a quote is never closed.").format(
                    size=CELL_LIMIT >> 20
                ),
                file=self.name,
                line=line,
                next_step=_("Mend the quotes from this line on."),
            )
        if "unexpected end" in reason:
            raise BadInput(
                _("A quote is opened and never closed."),
                file=self.name,
                line=line,
                next_step=_("Mend the quotes from this line on."),
            )
        return Broken(_("The quotes of this row are wrong."), line)


class Counting(Protocol):
    """A reader that knows how many bytes it has taken."""

    taken: int


class Counted(io.RawIOBase):
    """Passes bytes on and counts them for their reader."""

    def __init__(self, stream: BinaryIO, owner: Counting) -> None:
        self._stream = stream
        self._owner = owner
        self._ahead = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def peek(self) -> bytes:
        """The first bytes, kept for reading."""
        self._ahead = self._stream.read(4)
        return self._ahead

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        """The next bytes."""
        if self._ahead:
            data, self._ahead = self._ahead[: len(buffer)], self._ahead[len(buffer) :]
        else:
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._owner.taken += len(data)
        return len(data)


def has_header(facts: Mapping[str, str]) -> bool:
    """Whether the first row names the columns."""
    return facts.get("header", "yes").lower() not in ("no", "false", "0", "none")


def dialect(facts: Mapping[str, str]) -> dict[str, Any]:
    """The csv module's arguments for a schema's facts."""
    quote = facts.get("quote", '"')
    common: dict[str, Any] = {"delimiter": facts.get("delimiter") or ",", "strict": True}
    if not quote or quote == "none":
        return common | {"quoting": csv.QUOTE_NONE}
    return common | {"quotechar": quote}


def _arrangement(order: list[int]) -> Callable[[list[str]], Row]:
    """Cells in another order; an index one past the end is an empty cell."""
    if len(order) == 1:
        place = order[0]
        return lambda row: ([*row, ""])[place : place + 1]
    pick = itemgetter(*order)
    return lambda row: pick([*row, ""])


def _fitted(row: list[str], width: int) -> list[str] | None:
    if len(row) < width:
        return row + [""] * (width - len(row))
    return None if any(row[width:]) else row[:width]


def item_of(row: Row, parent: Item | None, columns: tuple[str, ...], shape: Shape | None = None) -> Item:
    """The row as an Item; empty cells are null."""
    item = Item("row", parent, "")
    for name, cell in zip(columns, row, strict=True):
        if shape is None or shape.whole or name in shape.children:
            item.add(name, cell or None)
    return item
