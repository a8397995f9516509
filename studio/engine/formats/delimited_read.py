"""Delimited text in: rows in constant memory, cells in the schema's column order."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, BinaryIO, Protocol

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.formats.units import Broken
from studio.engine.items import Item
from studio.engine.plan import Shape
from studio.schema.delimited import column_names

CELL_LIMIT = 1 << 24
# Of a header that lacks a column so many names are told, so much of each.
_MANY, _LONG = 24, 60
BATCH = 400
STEP = 25  # lines taken before their size is looked at
_MOST_CHARACTERS = 1 << 17
Row = Sequence[str]
Arrange = Callable[[list[str]], Row]


@dataclass(frozen=True)
class Batch:
    """Rows that were read together; `lines` are the lines they stand in, one each, where that is so."""

    rows: Sequence[Row]
    lines: list[str] | None


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
        for found in self.batches():
            if isinstance(found, Broken):
                yield found
            else:
                yield from found.rows

    def batches(self, size: int = 0) -> Iterator[Batch | Broken]:
        """The rows by the hundred, those that are Broken between them.

        Lines are taken apart together; where that does not give one whole row a line they are looked at one by one.
        """
        if csv.field_size_limit() < CELL_LIMIT:
            csv.field_size_limit(CELL_LIMIT)
        text, given = self._text(), dialect(self._facts)
        width = len(self._columns)
        arrange: Arrange | None = None
        line = 0
        if has_header(self._facts):
            reader = csv.reader(text, **given)
            width, arrange = self._header(reader)
            line = reader.line_num
        lines = _Ahead(text)
        while True:
            taken = lines.take(size or BATCH)
            if not taken:
                if lines.error is not None:
                    raise self._wrong_text(lines.error, line) from lines.error
                return
            rows = _one_each(taken, given, width) if lines.error is None else None
            if rows is not None:
                yield Batch(list(map(arrange, rows)) if arrange else rows, taken)
                line += len(taken)
                continue
            careful = _Careful(lines, given, line)
            yield from self._looked_at(careful, width, arrange)
            line = careful.line

    def _looked_at(self, careful: _Careful, width: int, arrange: Arrange | None) -> Iterator[Batch | Broken]:
        """The rows of the lines at hand (and of those that their last row goes on in), each by itself."""
        kept: list[Row] = []
        for found in careful.rows(self._wrong_text):
            row: Row | Broken = self._bad_row(found[1], found[0]) if isinstance(found, tuple) else found
            if not isinstance(row, Broken) and len(row) != width:
                if not row:
                    continue
                row = self._unfit(list(row), width, careful.line)
            if not isinstance(row, Broken):
                kept.append(arrange(list(row)) if arrange else row)
                continue
            if kept:
                yield Batch(kept, None)
                kept = []
            yield row
        if kept:
            yield Batch(kept, None)

    def _unfit(self, row: list[str], width: int, line: int) -> Row | Broken:
        fitted = _fitted(row, width)
        if fitted is None:
            reason = _("The row has {found} cells instead of {wanted}.").format(found=len(row), wanted=width)
            return Broken(reason, line)
        return fitted

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
                        name=column, names=_shown(there)
                    ),
                    file=self.name,
                    line=1,
                    next_step=_other_mark(names, self._facts)
                    or _("Give a file with that column, or mend the schema."),
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


class _Ahead:
    """Lines taken from a text by the hundred; `error` is what ended it, raised when the last of them is passed."""

    def __init__(self, text: Iterator[str]) -> None:
        self.error: UnicodeError | None = None
        self.taken: list[str] = []
        self._text = text

    def take(self, size: int) -> list[str]:
        """The next lines, none at the end."""
        taken = self.taken = []
        known = count = -1
        try:
            while len(taken) < size and count < _MOST_CHARACTERS and known < len(taken):
                known = len(taken)
                taken.extend(islice(self._text, STEP))
                count += sum(map(len, taken[known:]))
        except UnicodeError as error:
            self.error = error
        return taken

    def further(self) -> Iterator[str]:
        """The lines at hand, and those that come after them."""
        yield from self.taken
        if self.error is not None:
            raise self.error
        # A list of one that is asked again and again: "yield from" a text would close it with this generator.
        while line := next(self._text, ""):
            yield line


class _Careful:
    """Rows read one by one from the lines at hand, until a row ends with or after the last of them."""

    def __init__(self, lines: _Ahead, given: dict[str, Any], line: int) -> None:
        self._last = line + len(lines.taken)
        self._failed = lines.error is not None
        self._before = line
        self._reader = csv.reader(lines.further(), **given)

    @property
    def line(self) -> int:
        """The number of the line last read."""
        return self._before + self._reader.line_num

    def rows(self, wrong: Callable[[UnicodeError, int], BadInput]) -> Iterator[list[str] | tuple[int, str]]:
        """The rows; for one with wrong quotes its line and what is wrong. Raises what `wrong` makes of wrong bytes."""
        while self._failed or self.line < self._last:
            before = self.line
            try:
                row = next(self._reader, None)
                if row is None:
                    return
                yield row
            except csv.Error as error:
                yield before + 1, str(error)
            except UnicodeError as error:
                raise wrong(error, self.line) from error


def _one_each(lines: list[str], given: dict[str, Any], width: int) -> list[list[str]] | None:
    """The rows of lines that hold one each, all as wide as they must be; None where it is otherwise."""
    rows = _without_quotes(lines, given)
    if rows is None or len(rows) != len(lines) or set(map(len, rows)) != {width} or width == 1:
        try:
            rows = list(csv.reader(lines, **given))
        except csv.Error:
            return None
    return rows if len(rows) == len(lines) and set(map(len, rows)) == {width} else None


def _without_quotes(lines: list[str], given: dict[str, Any]) -> list[list[str]] | None:
    """The same where nothing is quoted, which takes two thirds of the time; None where something may be."""
    text = "".join(lines)
    delimiter, quote = given["delimiter"], given.get("quotechar")
    if len(text) > 2 * _MOST_CHARACTERS or delimiter == quote or (quote is not None and quote in text):
        return None
    returns = text.count("\r")
    if returns:
        if text.count("\r\n") != returns:
            return None
        text = text.replace("\r\n", "\n")
    rows = [line.split(delimiter) for line in text.split("\n")]
    if text.endswith("\n"):
        rows.pop()
    return rows


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


def few_texts(rows: Sequence[Row], columns: tuple[str, ...], each: int = 4) -> frozenset[str]:
    """The columns that have few different texts in these rows: each stands `each` times on the average, or more."""
    most = len(rows) // each
    cells = zip(*rows, strict=True)
    return frozenset(name for name, found in zip(columns, cells, strict=True) if len(set(found)) <= most)


def _shown(names: list[str]) -> str:
    """The first of a header's names, the long ones cut."""
    some = [name if len(name) <= _LONG else name[: _LONG - 1] + "…" for name in names[:_MANY]]
    found = ", ".join(["".join(c if c.isprintable() else "\ufffd" for c in name) for name in some])
    return found if len(names) <= _MANY else f"{found}, …"


def _other_mark(names: list[str], facts: Mapping[str, str]) -> str:
    """What to do where a header of one cell holds another mark that separates columns; empty where it does not."""
    used = facts.get("delimiter") or ","
    found = (
        next((mark for mark in ";\t|," if mark != used and mark in names[0]), "") if len(names) == 1 else ""
    )
    if not found:
        return ""
    shown = _("tabs") if found == "\t" else found
    return _(
        "The first row seems to be separated by {mark}: write that as the delimiter of the schema."
    ).format(mark=shown)
