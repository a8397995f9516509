"""Cutting XML behind records of the right depth: comments, CDATA and instructions are passed over, tags are counted.

A cut is proven when its part is read: put between the start and end tags around the records, the part is well-formed
only if a parser that came from the left would be where the records go on.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any, BinaryIO

from lxml import etree

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.formats.xml_safe import SAFE
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.parts.split_lines import PLAIN
from studio.engine.plan import Plan

_CHUNK = 1 << 22
_HEAD = 1 << 20
_LONGEST = 1 << 24
_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_AFTER = rb"(?=[\s/>])"


def split_xml(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut behind end tags of the outermost repeating node around the records, or of the records themselves."""
    chain = _outermost_repeating(plan)
    beginning = stream.read(_HEAD)
    found = _ENCODING.match(beginning)
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        found is not None and PLAIN.match(found[1].decode("ascii", "replace")) is None
    ):
        raise NotSplit(_("only texts in UTF-8 and encodings of one byte a character are cut"))
    if plan.source.root != chain[0]:
        raise NotSplit(_("the records are not below the root"))
    first = _First(beginning, chain)
    names = first.names()
    stream.seek(first.offset)
    cutter = _Cutter(names[-1], frozenset(names[1:-1]), _late(plan))
    cuts = [0, *cutter.cuts(stream, first.offset, size)]
    if cutter.late:
        raise Late
    tail = b"".join(b"</%s>" % name for name in reversed(names[:-1]))
    stream.seek(0, 2)
    ends = [*cuts[1:], stream.tell()]
    return [
        Partition(number, start, end, first.offset if number else 0, tail if number < len(cuts) - 1 else b"")
        for number, (start, end) in enumerate(zip(cuts, ends, strict=True))
    ]


class Late(NotSplit):
    """Nodes that should stand before the records may stand after some: they have to be looked for in a first pass."""

    def __init__(self) -> None:
        super().__init__(_("nodes stand between the records"))


def _outermost_repeating(plan: Plan) -> tuple[str, ...]:
    chain = plan.tops[0].unit.chain
    for length in range(1, len(chain)):
        shape = plan.shape.at(chain[:length])
        if shape is not None and shape.repeats:
            return chain[:length]
    if len(chain) < 2:
        raise NotSplit(_("the whole document is one record"))
    return chain


def _late(plan: Plan) -> bool:
    return plan.passes == "head" and bool(plan.watch)


class _First:
    """The first record: what the nodes down to it are called in the document, and at which byte it begins."""

    def __init__(self, beginning: bytes, chain: tuple[str, ...]) -> None:
        self._beginning = beginning
        self._chain = chain
        self.offset = 0

    def names(self) -> list[bytes]:
        """The names with their prefixes, from the root down; `offset` is known then."""
        parser = etree.XMLPullParser(events=("start",), **SAFE)
        same: dict[bytes, int] = {}
        for at in range(0, len(self._beginning), 1 << 14):
            with contextlib.suppress(etree.XMLSyntaxError):  # whoever reads it will say what is wrong
                parser.feed(self._beginning[at : at + (1 << 14)])
            events: Any = parser.read_events()
            for _event, element in events:
                name = _name(element)
                if self._is_record(element):
                    self.offset = self._nth(name, same.get(name, 0))
                    above = [_name(each) for each in element.iterancestors()]
                    return [*reversed(above), name]
                same[name] = same.get(name, 0) + 1
        raise NotSplit(_("no record begins within the first megabyte"))

    def _is_record(self, element: Any) -> bool:
        here = element
        for tag in reversed(self._chain):
            if here is None or here.tag != tag:
                return False
            here = here.getparent()
        return here is None

    def _nth(self, name: bytes, before: int) -> int:
        """The byte at which a start tag stands, `before` others of the name being before it."""
        start = re.compile(b"<" + re.escape(name) + _AFTER)
        for base, text in _plain([self._beginning]):
            for match in start.finditer(text):
                if not before:
                    return base + match.start()
                before -= 1
        raise NotSplit(_("no record begins within the first megabyte"))


def _name(element: Any) -> bytes:
    local = str(element.tag).rpartition("}")[2]
    name: str = f"{element.prefix}:{local}" if element.prefix else local
    return name.encode()


def _plain(pieces: Iterator[bytes] | list[bytes], base: int = 0) -> Iterator[tuple[int, bytes]]:
    """The stretches of tags and text, with the byte they begin at; no tag is cut in two."""
    data, ending = b"", b""
    for piece in pieces:
        data += piece
        at = 0
        while at < len(data):
            if ending:
                found = data.find(ending, at)
                if found < 0:
                    at = max(at, len(data) - len(ending) + 1)
                    break
                at, ending = found + len(ending), b""
            special = _special(data, at)
            if special < 0:
                last = max(data.rfind(b"<"), at)
                yield base + at, data[at:last]
                at = last
                break
            yield base + at, data[at:special]
            at = special
            if len(data) - at < 9:
                break
            mark = next((mark for mark in _ENDS if data.startswith(mark, at)), None)
            if mark is None:
                raise NotSplit(_("the document has an unusual form"))
            at, ending = at + len(mark), _ENDS[mark]
        base, data = base + at, data[at:]
        if len(data) > _LONGEST:
            raise NotSplit(_("a tag is very long"))
    if data and not ending:
        yield base, data


def _special(data: bytes, at: int) -> int:
    """Where the next comment, CDATA section or instruction begins; -1 for none."""
    found = [place for place in (data.find(b"<!", at), data.find(b"<?", at)) if place >= 0]
    return min(found, default=-1)


@dataclass
class _Cutter:
    """Finds the places behind records of depth 0; `late` says afterwards that something else stands between records."""

    name: bytes
    around: frozenset[bytes]
    look: bool
    late: bool = False
    depth: int = 0
    _start: re.Pattern[bytes] = field(init=False)
    _end: re.Pattern[bytes] = field(init=False)
    _empty: re.Pattern[bytes] = field(init=False)
    _other: re.Pattern[bytes] = field(init=False)
    _around: re.Pattern[bytes] = field(init=False)

    def __post_init__(self) -> None:
        name = re.escape(self.name)
        attribute = rb"""\s+[^\s=<>"'/]+\s*=\s*(?:"[^"<]*"|'[^'<]*')"""
        self._start = re.compile(b"<" + name + _AFTER)
        self._around = re.compile(b"</(?:%s)\\s*>" % b"|".join(map(re.escape, self.around)))
        self._end = re.compile(b"</" + name + rb"\s*>")
        self._empty = re.compile(b"<%s(?:%s)*\\s*/>" % (name, attribute))
        self._other = re.compile(
            b"(?:</%s\\s*>|<%s(?:%s)*\\s*/>)\\s*<(?![/!?]|%s[\\s/>])" % (name, name, attribute, name)
        )

    def cuts(self, stream: BinaryIO, offset: int, size: int) -> Iterator[int]:
        """The bytes at which parts begin, about `size` apart."""
        wanted, before = max(size, offset), b""
        for base, text in _plain(iter(lambda: stream.read(_CHUNK), b""), offset):
            # What follows the end of a node around the records may stand in another one of the same name.
            end = self._around.search(text) if self.around else None
            text = text[: end.start()] if end else text
            if self.look:
                self.late = self.late or self._is_late(before, text)
                before = text or before
            cut = self._cut(text, wanted - base)
            while cut:
                yield base + cut
                wanted = base + cut + size
                cut = self._cut(text, wanted - base)
            self.depth += self._depth(text)
            if end:
                break

    def _cut(self, text: bytes, wanted: int) -> int:
        """Behind the first record that ends at `wanted` or later; 0 for none here."""
        if wanted >= len(text):
            return 0
        counted = depth = 0
        for match in self._end.finditer(text, max(wanted, 0)):
            depth += self._depth(text[counted : match.end()])
            counted = match.end()
            if self.depth + depth == 0:
                return counted
        return 0

    def _depth(self, text: bytes) -> int:
        """How many more records a text opens than it closes."""
        starts = len(self._start.findall(text))
        empty = len(self._empty.findall(text)) if b"/>" in text else 0
        return starts - empty - len(self._end.findall(text))

    def _is_late(self, before: bytes, text: bytes) -> bool:
        """Something else follows a record, here or where the stretch before ended."""
        border = before[-_LONGEST:].rstrip()
        ended = border.endswith(b">") and self._end.search(border[border.rfind(b"<") :]) is not None
        follows = text.lstrip()[: len(self.name) + 2]
        other = follows[:1] == b"<" and follows[1:2] not in b"/!?" and self._start.match(follows) is None
        return (ended and other) or self._other.search(text) is not None
