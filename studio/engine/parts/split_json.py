"""Cutting a JSON document between the entries of the array its records are in.

Texts are left out, brackets are paired off. A cut is proven when its part is read: what stands before the array, the
part, and what closes the array are a whole document only if a parser that came from the left would be between entries.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from studio.base.i18n import _
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.plan import Plan

_CHUNK = 1 << 22
_HEAD = 1 << 20
_LONGEST = 1 << 26
# So much is walked through bracket by bracket; what is longer is halved first.
_WALKED = 1 << 12
_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
# A comma in front of another entry; behind one that closes nothing the reader finds what is wrong.
_NEXT = re.compile(rb',(?=\s*["\[{\dtfn-])')
_MEMBER = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)
_LEFT = re.compile(rb"[]}]*[\[{]*\Z")


def split_json(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut behind entries of the outermost array on the way to the records."""
    unit = plan.tops[0].unit
    if True not in unit.entries:
        raise NotSplit(_("the whole document is one record"))
    names = unit.chain[: unit.entries.index(True)]
    beginning = stream.read(_HEAD)
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotSplit(_("only texts in UTF-8 and encodings of one byte a character are cut"))
    head = _head(beginning, names)
    stream.seek(head)
    starts, ends = [0], []
    for end, start in _cuts(stream, head, size):
        ends.append(end)
        starts.append(start)
    stream.seek(0, 2)
    ends.append(stream.tell())
    tail = b"]" + b"}" * len(names)
    return [
        Partition(number, start, end, head if number else 0, tail if number < len(starts) - 1 else b"")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _head(data: bytes, names: tuple[str, ...]) -> int:
    """Where the first entry of the array may stand that is the member `names` of the document, one below the other."""
    at = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    for name in names:
        at = _member(data, _opened(data, at, b"{"), name)
    return _opened(data, at, b"[")


def _opened(data: bytes, at: int, mark: bytes) -> int:
    at = _blank(data, at)
    if data[at : at + 1] != mark:
        raise NotSplit(_("the document has an unusual form"))
    return at + 1


def _blank(data: bytes, at: int) -> int:
    return at + len(data[at:]) - len(data[at:].lstrip(b" \t\r\n"))


def _member(data: bytes, at: int, wanted: str) -> int:
    """Where the value of a member of the object begins whose inside begins at `at`."""
    while True:
        found = _MEMBER.match(data, at)
        if found is None:
            raise NotSplit(_("no record begins within the first megabyte"))
        try:
            name = json.loads(found[1])
        except ValueError:
            raise NotSplit(_("the document has an unusual form")) from None
        if name == wanted:
            return found.end()
        at = _behind(data, found.end())


def _behind(data: bytes, at: int) -> int:
    """Behind the comma after the member whose value begins at `at`."""
    depth = 0
    for token in _TOKEN.finditer(data, at):
        mark = token[0]
        depth += (mark in b"[{") - (mark in b"]}") if len(mark) == 1 else 0
        if depth < 0:
            break
        if mark == b"," and not depth:
            return token.end()
    raise NotSplit(_("no record begins within the first megabyte"))


def _cuts(stream: BinaryIO, at: int, size: int) -> Iterator[tuple[int, int]]:
    """Before and behind the commas at which parts end, about `size` apart, up to the end of the array."""
    wanted, depth, rest = at + size, 0, b""
    while data := stream.read(_CHUNK):
        rest += data
        block = _masked(rest)
        end = _whole(block)
        if len(rest) - end > _LONGEST:
            raise NotSplit(_("a text is very long"))
        block, rest = block[:end], rest[end:]
        closed, opened = _left(block)
        last = closed > depth
        if last:
            block = block[: _end(block, depth)]
        # An entry that goes on through the whole block has no comma between entries in it: it is not walked through.
        while closed >= depth and (found := _cut(block, max(wanted - at, 0), depth)) >= 0:
            yield at + found, at + found + 1
            wanted = at + found + 1 + size
        if last:
            return
        depth += opened - closed
        at += end


def _masked(data: bytes) -> bytes:
    """The data without escapes, as long as before: every quote begins or ends a text."""
    return data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data


def _whole(data: bytes) -> int:
    """How much of the data, which begins outside of texts, ends outside of them and in front of a comma."""
    end = data.rfind(b'"') if data.count(b'"') % 2 else len(data)
    # What follows a comma says whether another entry comes: it is looked at together with it.
    return len(data[:end].rstrip(b" \t\r\n,")) if end else 0


def _left(data: bytes) -> tuple[int, int]:
    """How many brackets whole data closes that it has not opened, and opens that it does not close."""
    left = data.translate(None, _OTHERS).replace(b'""', b"")
    left = b"".join(left.split(b'"')[::2])
    before = -1
    while len(left) != before:
        before = len(left)
        left = left.replace(b"{}", b"").replace(b"[]", b"")
    if _LEFT.match(left) is None:
        raise NotSplit(_("the document has an unusual form"))
    closed = left.count(b"]") + left.count(b"}")
    return closed, len(left) - closed


def _near(data: bytes, start: int, closing: int) -> int:
    """A place outside of texts, shortly before the first bracket that closes so many more than were opened since `start`."""
    low, high = start, len(data)
    while high - low > _WALKED:
        middle = (low + high) // 2
        if data.count(b'"', low, middle) % 2:
            middle = data.rfind(b'"', low, middle)
        if middle <= low:
            break
        if _left(data[start:middle])[0] < closing:
            low = middle
        else:
            high = middle
    return low


def _deeper(data: bytes) -> int:
    """How many brackets are open at the end of the data that were not at its beginning."""
    closed, opened = _left(data)
    return opened - closed


def _end(data: bytes, depth: int) -> int:
    """Where the array ends whose entries begin `depth` brackets further out than the data."""
    start = _near(data, 0, depth + 1)
    depth += _deeper(data[:start])
    for token in _TOKEN.finditer(data, start):
        mark = token[0]
        depth += (mark in b"[{") - (mark in b"]}") if len(mark) == 1 else 0
        if depth < 0:
            return token.start()
    return len(data)


def _cut(data: bytes, wanted: int, depth: int) -> int:
    """The first comma between entries at `wanted` or later; -1 for none."""
    if wanted >= len(data):
        return -1
    start = data.rfind(b'"', 0, wanted) if data.count(b'"', 0, wanted) % 2 else wanted
    depth += _deeper(data[:start])
    if depth > 0:
        near = _near(data, start, depth)
        depth += _deeper(data[start:near])
        start = near
    for token in _TOKEN.finditer(data, start):
        mark = token[0]
        if mark == b",":
            if not depth and token.start() >= wanted and _NEXT.match(data, token.start()):
                return token.start()
        elif len(mark) == 1:
            depth += 1 if mark in b"[{" else -1
    return -1
