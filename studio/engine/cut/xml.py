"""An XML document without the elements nobody wants, byte for byte as it was."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from xml.parsers import expat

from studio.engine.cut.wanted import Cut, Found, Place, address

_CHUNK = 1 << 16
_BLANKS = b" \t\r\n\0"
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def cut_xml(stream: BinaryIO, cut: Cut) -> None:
    """Copy the document of the stream, from its beginning, without the elements that are not kept."""
    stream.seek(0)
    first = stream.read(_CHUNK)
    declared = _DECLARED.match(first)
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = "utf-16"
    pieces: Iterator[bytes] = itertools.chain((first,), iter(lambda: stream.read(_CHUNK), b""))
    if declared and _is_wide(encoding):
        # Only few parsers know it.
        pieces, encoding = _as_utf8(pieces, declared, encoding), "utf-8"
    cutter = _Cutter(cut, encoding)
    for data in pieces:
        cut.check()
        cutter.feed(data)
    cutter.end()


def _as_utf8(pieces: Iterator[bytes], declared: re.Match[bytes], encoding: str) -> Iterator[bytes]:
    decode = codecs.getincrementaldecoder(encoding)()
    start, end = declared.span(1)
    first = next(pieces)
    yield decode.decode(first[:start] + b"UTF-8" + first[end:]).encode()
    for data in pieces:
        yield decode.decode(data).encode()


def _is_wide(encoding: str) -> bool:
    """The encoding has characters of several bytes, and is not one of Unicode's."""
    try:
        codec = codecs.lookup(encoding).name
        return not codec.startswith("utf") and len(bytes(range(128, 256)).decode(codec, "replace")) < 128
    except LookupError:
        return False


class _Cutter:
    """Follows the parser: `_done` is the offset in the input up to which everything is written or left out."""

    def __init__(self, cut: Cut, encoding: str) -> None:
        self._cut = cut
        self._encoding = encoding
        self._wide = encoding.lower().startswith("utf-16")
        self._chains = {place.chain: place for place in cut.places}
        self._tags = {chain[-1] for chain in self._chains}
        self._held = b""
        self._data = bytearray()
        self._done = 0
        self._way: list[str] = []
        self._counts: list[dict[str, int]] = [{}]
        self._numbers = dict.fromkeys(self._chains, 0)
        self._inside = 0
        self._record: tuple[Place, int, int] | None = None
        self._ending = False
        parser = self._parser = expat.ParserCreate(None, "}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._data += data
        self._parser.Parse(data, False)
        if self._record is None:
            self._pass_on(self._parser.CurrentByteIndex)

    def end(self) -> None:
        """The input ends: write what is left."""
        self._parser.Parse(b"", True)
        if self._ending:
            self._settle(self._done + len(self._data))
        self._pass_on(self._done + len(self._data))
        self._cut.write(self._held)

    def _start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if self._ending:
            self._settle(self._parser.CurrentByteIndex)
        if self._inside:
            self._inside += 1
            return
        key = "{" + name if "}" in name else name
        counts = self._counts[-1]
        counts[key] = counts.get(key, 0) + 1
        self._way.append(key)
        self._counts.append({})
        if key in self._tags:
            place = self._chains.get(tuple(self._way))
            if place is not None:
                self._begin(place)

    def _begin(self, place: Place) -> None:
        self._numbers[place.chain] += 1
        number = self._numbers[place.chain]
        if self._cut.below(place.chain):
            if number in place.shown:
                self._cut.tell(Found(place, number, self._address(place), self._parser.CurrentLineNumber, ""))
            return
        self._pass_on(self._parser.CurrentByteIndex)
        self._record = place, number, self._parser.CurrentLineNumber
        self._inside = 1

    def _end(self, _name: str) -> None:
        if self._ending:
            self._settle(self._parser.CurrentByteIndex)
        if self._inside > 1:
            self._inside -= 1
            return
        if self._inside:
            # Where the end tag ends is known when the next thing begins, be it text.
            self._inside = 0
            self._ending = True
            self._parser.DefaultHandlerExpand = self._next
            return
        self._way.pop()
        self._counts.pop()

    def _next(self, _data: Any) -> None:
        if self._ending:
            self._settle(self._parser.CurrentByteIndex)

    def _settle(self, end: int) -> None:
        """The element at hand reaches up to `end`."""
        assert self._record is not None
        place, number, line = self._record
        self._ending, self._record = False, None
        self._parser.DefaultHandlerExpand = None
        if number in place.shown:
            text = bytes(self._data[: end - self._done]).decode(self._plain_encoding(), "replace")
            self._cut.tell(Found(place, number, self._address(place), line, text))
        if number in place.kept:
            self._pass_on(end)
        else:
            self._held = b""
            del self._data[: end - self._done]
            self._done = end
        self._way.pop()
        self._counts.pop()

    def _plain_encoding(self) -> str:
        if not self._wide:
            return self._encoding
        return "utf-16-le" if self._data[1:2] == b"\0" else "utf-16-be"

    def _address(self, place: Place) -> str:
        numbers = (
            counts[key] if repeats else 0
            for counts, key, repeats in zip(self._counts, self._way, place.repeats, strict=False)
        )  # fmt: skip
        return address(list(zip(self._way, numbers, strict=True)))

    def _pass_on(self, end: int) -> None:
        """Write up to an offset; blanks at its end wait, they belong to what comes."""
        count = end - self._done
        if count <= 0:
            return
        piece = self._held + bytes(self._data[:count])
        del self._data[:count]
        self._done = end
        full = len(piece.rstrip(_BLANKS))
        if self._wide:
            full += full & 1
        self._cut.write(piece[:full])
        self._held = piece[full:]
