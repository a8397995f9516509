"""Cutting delimited text and JSON lines at the ends of rows: quotes are followed from the first byte on."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from studio.base.i18n import _
from studio.engine.formats.delimited_read import has_header
from studio.engine.formats.records_read import is_one_kind
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.plan import Plan
from studio.schema.flat.layout import number

_CHUNK = 1 << 22
_LONGEST = 1 << 26
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Encodings in which the bytes of ASCII characters stand for nothing else.
PLAIN = re.compile(
    r"(utf-?8(-sig)?|us-ascii|ascii|iso-?8859-?\d+|latin-?1|(windows-|cp)125\d)\Z", re.IGNORECASE
)


def split_json_lines(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut behind line ends: JSON has none inside its texts."""
    del plan
    return _Rows(stream, size, b"", lambda _block: True).partitions(0, 0)


def split_rows(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut behind the ends of rows, each part with the header before it."""
    facts = plan.source.facts
    encoding = facts.get("encoding") or "utf-8"
    first = stream.read(4)
    stream.seek(0)
    if first.startswith(_MARKS[1:]) or PLAIN.match(encoding) is None:
        raise NotSplit(_("only texts in UTF-8 and encodings of one byte a character are cut"))
    delimiter = (facts.get("delimiter") or ",").encode(encoding, "replace")
    quote = facts.get("quote", '"')
    mark = b"" if quote in ("", "none") else quote.encode(encoding, "replace")
    if len(delimiter) != 1 or len(mark) > 1:
        raise NotSplit(_("the delimiter or quote takes more than one byte"))
    rows = _Rows(stream, size, mark, _regular(delimiter, mark))
    head, lines = _header(stream, mark) if has_header(facts) else (_mark(first), 0)
    stream.seek(0)
    return rows.partitions(head, lines)


def split_fixed(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut behind line ends, where every line is a record of the only kind there is."""
    facts = plan.source.facts
    if not is_one_kind(tuple(form.node for form in plan.source.forms)):
        raise NotSplit(_("records of several kinds depend on each other"))
    if number(facts.get("length")) or facts.get("newline") == "none":
        raise NotSplit(_("records may stand without line ends between them"))
    first = stream.read(4)
    if first.startswith(_MARKS[1:]) or PLAIN.match(facts.get("encoding") or "utf-8") is None:
        raise NotSplit(_("only texts in UTF-8 and encodings of one byte a character are cut"))
    return _Rows(stream, size, b"", lambda _block: True).partitions(_mark(first), 0)


def _mark(first: bytes) -> int:
    return len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0


def _header(stream: BinaryIO, quote: bytes) -> tuple[int, int]:
    """Where the first row that is not blank ends, and how many lines that takes."""
    data = stream.read(_CHUNK)
    end = lines = 0
    while True:
        start, end = end, data.find(b"\n", end) + 1
        if (
            not end
            or (quote and data.count(quote, start, end) % 2)
            or b"\r" in data[start : end - 1].rstrip(b"\r")
        ):
            raise NotSplit(_("the header has an unusual form"))
        lines += 1
        if data[start:end].removeprefix(codecs.BOM_UTF8).strip(b"\r\n"):
            return end, lines


def _regular(delimiter: bytes, quote: bytes) -> Callable[[bytes], bool]:
    """Whether the quotes of whole rows stand around cells and nowhere else, so that their number says which are open."""
    if not quote:
        return lambda _block: True
    between = b"[" + re.escape(delimiter) + b"\r\n]"
    inner = b"[^" + re.escape(quote) + b"]*"
    cell = re.compile(
        b"(?:\\A|(?<=%s))%s%s(?:%s%s)*%s(?=%s|\\Z)"
        % (between, quote, inner, quote * 2, inner, quote, between)
    )
    return lambda block: quote not in block or quote not in cell.sub(b"", block)


class _Rows:
    """Follows rows to their ends."""

    def __init__(self, stream: BinaryIO, size: int, quote: bytes, regular: Callable[[bytes], bool]) -> None:
        self._stream = stream
        self._size = size
        self._quote = quote
        self._regular = regular

    def partitions(self, head: int, lines: int) -> list[Partition]:
        """The parts, when the first `head` bytes (`lines` lines) belong before each of them."""
        self._stream.seek(0, 2)
        length = self._stream.tell()
        self._stream.seek(0)
        cuts = [(0, 0), *self._cuts(head)]
        ends = [at for at, _line in cuts[1:]] + [length]
        return [
            Partition(number, start, end, head if number else 0, line=line - lines if number else 0)
            for number, ((start, line), end) in enumerate(zip(cuts, ends, strict=True))
            if start < end
        ]

    def _cuts(self, head: int) -> Iterator[tuple[int, int]]:
        """Where parts begin, and how many lines come before."""
        at, line, wanted = 0, 0, max(self._size, head)
        for block in self._blocks():
            ends = 0
            while (cut := self._end(block, max(wanted - at, ends))) > 0:
                line += _lines(block[ends:cut])
                ends = cut
                if cut < len(block) and not block.startswith(_MARKS, cut):
                    yield at + cut, line
                    wanted = at + cut + self._size
                else:
                    wanted = at + cut + 1
            line += _lines(block[ends:])
            at += len(block)

    def _end(self, block: bytes, wanted: int) -> int:
        """Where the first row ends that does so at `wanted` or later; 0 for none in the block."""
        quote = self._quote
        cut = block.find(b"\n", wanted) + 1
        if not quote or not cut:
            return cut
        odd = block.count(quote, 0, cut) % 2
        while odd:
            before, cut = cut, block.find(b"\n", cut) + 1
            if not cut:
                return 0
            odd = (odd + block.count(quote, before, cut)) % 2
        return cut

    def _blocks(self) -> Iterator[bytes]:
        """The input in pieces of whole rows."""
        rest = b""
        while data := self._stream.read(_CHUNK):
            rest += data
            end = self._last(rest)
            if end:
                block, rest = rest[:end], rest[end:]
                if not self._regular(block):
                    raise NotSplit(_("a quote stands inside a cell that has none around it"))
                yield block
            elif len(rest) > _LONGEST:
                raise NotSplit(_("a row is very long"))
        if rest and not self._regular(rest):
            raise NotSplit(_("a quote stands inside a cell that has none around it"))

    def _last(self, data: bytes) -> int:
        """Where the last whole row ends."""
        end = data.rfind(b"\n") + 1
        if not self._quote:
            return end
        odd = data.count(self._quote, 0, end) % 2
        while odd and end:
            before, end = end, data.rfind(b"\n", 0, end - 1) + 1
            odd = (odd + data.count(self._quote, end, before)) % 2
        return end


def _lines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
