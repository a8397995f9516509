"""Delimited text without the rows nobody wants, as it was written."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from studio.engine.cut.wanted import Cut, Found, Place
from studio.engine.formats.delimited_read import dialect, has_header

_EVERY = 1024


def cut_delimited(stream: BinaryIO, facts: Mapping[str, str], cut: Cut) -> None:
    """Copy the header and the rows that are kept, those that cannot be read too; ends with the last that is looked for."""
    stream.seek(0)
    (place,) = cut.places
    text, encoding = _text(stream, facts)
    encode = codecs.getincrementalencoder(encoding)()
    taken: list[str] = []
    reader = csv.reader(_noted(text, taken), **dialect(facts))
    try:
        if has_header(facts):
            next((row for row in reader if row), None)
            cut.write(encode.encode("".join(taken)))
            taken.clear()
        for number, raw, line in _rows(reader, taken, place):
            if not number % _EVERY:
                cut.check()
            if number in place.shown:
                cut.tell(Found(place, number, f"/{place.chain[-1]}[{number}]", line, raw.rstrip("\r\n")))
            if number in place.kept:
                cut.write(encode.encode(raw))
    finally:
        text.detach()


def _rows(reader: Iterator[list[str]], taken: list[str], place: Place) -> Iterator[tuple[int, str, int]]:
    """The number of each row, its text and the line it begins in."""
    number = 0
    line = getattr(reader, "line_num", 0) + 1
    while number < place.last:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = [""]
        if row:
            number += 1
            yield number, "".join(taken), line
        taken.clear()
        line = getattr(reader, "line_num", 0) + 1


def _noted(lines: io.TextIOWrapper, taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _text(stream: BinaryIO, facts: Mapping[str, str]) -> tuple[io.TextIOWrapper, str]:
    """The text as the reader takes it, and its encoding."""
    first = stream.read(4)
    stream.seek(0)
    encoding = facts.get("encoding") or "utf-8"
    if first.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    return io.TextIOWrapper(cast("BinaryIO", _Open(stream)), encoding, newline=""), encoding


class _Open(io.BufferedIOBase):
    """A stream for a text wrapper, whoever made it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._stream.read(size if size >= 0 else 1 << 16)
