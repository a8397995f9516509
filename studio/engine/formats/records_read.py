"""Fixed-width and delimited records of several kinds in: split, told apart, placed and taken apart one at a time."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.engine.formats.columns import Field, Taking
from studio.engine.formats.delimited_read import Counted, dialect
from studio.engine.formats.fixed_values import value_reader
from studio.engine.formats.nested import Misplaced, Part
from studio.engine.plan import Document, Shape
from studio.schema.flat.layout import columns, number, record_width
from studio.schema.flat.tell import Record, is_of_kind, is_told
from studio.schema.flat.walk import Placed, Walker
from studio.schema.model import Kind, Node

LINE_LIMIT = 1 << 24
_SHOWN = 30


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> RecordParts:
    """The records of a stream called `name` in messages."""
    return RecordParts(document, shape, stream, name)


class RecordParts:
    """The records of a file, each with its place. See nested.Parts.

    Where `heard` is given a dict, every piece of text a record is made of is put there by the line that its part will name.
    """

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self.heard: dict[int, str] | None = None
        self._facts = document.facts
        self._roots = tuple(form.node for form in document.forms)
        self._shape = shape
        self._stream = stream
        self._name = name
        self._fixed = document.format == "fixed"
        self._length = number(self._facts.get("length"))
        self._takers: dict[int, Callable[[Record], dict[str, Any]]] = {}
        self._line = 0

    def __iter__(self) -> Iterator[Part | Misplaced]:
        records = self._told() if self._fixed else self._rows()
        try:
            if is_one_kind(self._roots):
                yield from self._plain(records)
            else:
                yield from self._placed(records)
        except UnicodeError as error:
            raise BadInput(
                _("The text is not {encoding}.").format(encoding=self._encoding),
                file=self._name,
                line=self._line + 1,
                next_step=_("Choose the encoding the file has in its schema, or save it as UTF-8."),
            ) from error

    # Records placed

    def _plain(self, records: Iterator[Record | Misplaced]) -> Iterator[Part | Misplaced]:
        """Records of the one kind there is."""
        only = self._roots[0]
        way = (only.name,)
        taker = self._taker(only, way)
        for record in records:
            if isinstance(record, Misplaced):
                yield record
                continue
            try:
                yield Part(way, 1, taker(record), record.line)
            except ValueError as error:
                yield Misplaced(str(error), record.line)

    def _placed(self, records: Iterator[Record | Misplaced]) -> Iterator[Part | Misplaced]:
        walker = Walker(self._roots, is_of_kind, self._name)
        for record in records:
            if isinstance(record, Misplaced):
                yield Misplaced(record.reason, record.line, chain=walker.way)
                continue
            placed = walker.one(record)
            wrong = walker.misplaced
            if placed.node is None or wrong:
                yield Misplaced(wrong or _unknown(record), record.line, chain=placed.way or walker.way)
                if placed.node is None:
                    continue
            yield from self._part(placed, spoiled=bool(wrong))

    def _part(self, placed: Placed, spoiled: bool) -> Iterator[Part | Misplaced]:
        assert placed.node is not None
        record = placed.record
        if spoiled:
            # Told already. What opens with it is open all the same.
            yield Part(placed.way, placed.opens, {}, record.line)
            return
        try:
            data = self._taker(placed.node, placed.way)(record)
        except ValueError as error:
            yield Part(placed.way, placed.opens, {}, record.line)
            yield Misplaced(str(error), record.line, chain=placed.way)
            return
        yield Part(placed.way, placed.opens, data, record.line)

    def _taker(self, node: Node, way: tuple[str, ...]) -> Callable[[Record], dict[str, Any]]:
        known = self._takers.get(id(node))
        if known is None:
            shape = None if self._shape is None else self._shape.at(way) or Shape("")
            taking = Taking(node, shape, self._reader)
            take = partial(_characters, self._widest(node)) if self._fixed else partial(_cells, _width(node))
            known = self._takers[id(node)] = partial(_taken, take, taking)
        return known

    def _widest(self, node: Node) -> int:
        return self._length or record_width(node)

    def _reader(self, one: Field) -> Callable[[Any], str | None]:
        at = one.at
        if not self._fixed:
            return lambda cells: (cells[at] or None) if at < len(cells) else None
        start, end = one.column.start, one.column.start + one.column.width
        read = value_reader(one.column.node, self._facts)
        decode = self._decode
        if decode is None:
            return lambda text: read(text[start:end])
        return lambda text: read(decode(text[start:end]))

    # Records split

    @property
    def _encoding(self) -> str:
        return self._facts.get("encoding") or "utf-8"

    @property
    def _decode(self) -> Callable[[str], str] | None:
        """Where widths count bytes, a field's text is made of its bytes alone."""
        if not self._fixed or self._facts.get("unit") != "byte":
            return None
        encoding = self._encoding
        return lambda text: text.encode("latin-1").decode(encoding)

    def encoding(self) -> str:
        """The encoding of the text, as its first bytes show it."""
        self._stream.seek(0)
        found = self._text().encoding
        self._stream.seek(0)
        return found

    def _text(self) -> io.TextIOWrapper:
        counted = Counted(self._stream, self)
        first = counted.peek()
        encoding = "latin-1" if self._decode is not None else self._encoding
        if first.startswith(codecs.BOM_UTF8) and self._decode is None:
            encoding = "utf-8-sig"
        elif first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and self._decode is None:
            encoding = "utf-16"
        try:
            return io.TextIOWrapper(io.BufferedReader(counted, 1 << 18), encoding, newline="")
        except LookupError as error:
            raise BadInput(
                _("The encoding {name} is not known.").format(name=encoding),
                file=self._name,
                next_step=_("Choose another encoding in the schema, such as utf-8 or windows-1252."),
            ) from error

    def _told(self) -> Iterator[Record | Misplaced]:
        """Fixed-width records, told whether they are the first or the last."""
        return _first_and_last(self._pieces())

    def _pieces(self) -> Iterator[tuple[int, str] | Misplaced]:
        unbroken = bool(self._length) and self._is_unbroken(self._text().read(self._length * 3 + 4))
        self._stream.seek(0)
        self.taken = 0
        text = self._text()
        filler = self._facts.get("filler", "")
        for line, piece in self._by_length(text) if unbroken else self._by_lines(text):
            self._line = line
            if self.heard is not None and unbroken:
                self.heard[line] = piece
            if not piece.strip() or (filler and not piece.strip().strip(filler)):
                continue
            if unbroken and len(piece) < self._length:
                yield Misplaced(
                    _("The record has {found} characters, {less} less than its {width}.").format(
                        found=len(piece), less=self._length - len(piece), width=self._length
                    ),
                    line,
                )
            else:
                yield line, piece

    def _is_unbroken(self, head: str) -> bool:
        """No line breaks stand between the records, whatever the schema says."""
        inside = head.rstrip("\r\n")
        broken = "\n" in inside or "\r" in inside
        if self._facts.get("newline") == "none":
            return not broken
        return len(head.rstrip()) > self._length and not broken

    def _by_length(self, text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
        length, kept, at = self._length, "", 0
        while True:
            more = text.read(length * 64)
            kept += more
            for start in range(0, len(kept) - length + 1, length):
                at += 1
                yield at, kept[start : start + length]
            kept = kept[len(kept) // length * length :]
            if not more:
                yield at + 1, kept.rstrip("\r\n\x1a")
                return

    def _by_lines(self, text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
        line = 0
        while read := text.readline(LINE_LIMIT):
            line += 1
            if len(read) >= LINE_LIMIT:
                raise TooLarge(
                    _("One line is longer than {size} MB.").format(size=LINE_LIMIT >> 20),
                    file=self._name,
                    line=line,
                    next_step=_("Check that the file holds one record a line."),
                )
            if self.heard is not None:
                self.heard[line] = read
            yield line, read.rstrip("\r\n")

    def _noted(self, taken: list[str]) -> Iterator[str]:
        """The lines of the text; where somebody wants them, `taken` has those of the row at hand."""
        if self.heard is None:
            return self._text()
        return _kept(self._text(), taken)

    def _rows(self) -> Iterator[Record | Misplaced]:
        """Delimited records as cells."""
        if csv.field_size_limit() < LINE_LIMIT:
            csv.field_size_limit(LINE_LIMIT)
        taken: list[str] = []
        reader = csv.reader(self._noted(taken), **dialect(self._facts))
        delimiter = self._facts.get("delimiter") or ","
        held: tuple[int, list[str]] | None = None
        first = True
        for found in _csv_rows(reader, self._name):
            self._line = reader.line_num
            if self.heard is not None:
                self.heard[reader.line_num] = "".join(taken)
                taken.clear()
            if isinstance(found, Misplaced):
                if held is not None:
                    yield Record(held[0], delimiter.join(held[1]), tuple(held[1]), first, False)
                    held, first = None, False
                yield found
            elif any(found):
                if held is not None:
                    yield Record(held[0], delimiter.join(held[1]), tuple(held[1]), first, False)
                    first = False
                held = reader.line_num, found
        if held is not None:
            yield Record(held[0], delimiter.join(held[1]), tuple(held[1]), first, True)


def _kept(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _first_and_last(pieces: Iterator[tuple[int, str] | Misplaced]) -> Iterator[Record | Misplaced]:
    held: tuple[int, str] | None = None
    first = True
    for piece in pieces:
        if isinstance(piece, Misplaced):
            if held is not None:
                yield Record(held[0], held[1], None, first, False)
                held, first = None, False
            yield piece
            continue
        if held is not None:
            yield Record(held[0], held[1], None, first, False)
            first = False
        held = piece
    if held is not None:
        yield Record(held[0], held[1], None, first, True)


def _csv_rows(reader: Any, name: str) -> Iterator[list[str] | Misplaced]:
    while True:
        try:
            yield from reader
            return
        except csv.Error as error:
            line = reader.line_num
            if "unexpected end" in str(error):
                raise BadInput(
                    _("A quote is opened and never closed."),
                    file=name,
                    line=line,
                    next_step=_("Mend the quotes from this line on."),
                ) from None
            if "limit" in str(error):
                raise TooLarge(
                    _("A cell is larger than {size} MB; perhaps a quote is never closed.").format(
                        size=LINE_LIMIT >> 20
                    ),
                    file=name,
                    line=line,
                    next_step=_("Mend the quotes from this line on."),
                ) from None
            yield Misplaced(_("The quotes of this row are wrong."), line)


def _taken(take: Callable[[Record], Any], taking: Taking, record: Record) -> dict[str, Any]:
    return taking.data(take(record))


def _characters(widest: int, record: Record) -> str:
    text = record.text
    if len(text) > widest and text[widest:].strip():
        raise ValueError(
            _("The record has {found} characters, {more} more than its {width}.").format(
                found=len(text), more=len(text) - widest, width=widest
            )
        )
    return text


def _cells(width: int, record: Record) -> tuple[str, ...]:
    cells = record.cells or ()
    if len(cells) > width and any(cells[width:]):
        raise ValueError(
            _("The row has {found} cells instead of {wanted}.").format(found=len(cells), wanted=width)
        )
    return cells


def _width(node: Node) -> int:
    return len(columns(node))


def _unknown(record: Record) -> str:
    return _("This record is of no kind the schema knows: {start}").format(start=record.text[:_SHOWN])


def is_one_kind(roots: tuple[Node, ...]) -> bool:
    """All records are alike, and none tells anything of another."""
    return len(roots) == 1 and not _records(roots[0]) and not is_told(roots[0])


def _records(node: Node) -> tuple[Node, ...]:
    return tuple(child for child in node.type.children if child.kind is Kind.SEGMENT)
