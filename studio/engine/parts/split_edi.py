"""Cutting a file of several interchanges between them: one that is closed leaves nothing to the next.

Where an interchange seems to end is found by its last segment. It is proven when the part is read: its last interchange
is closed only where a reader that came from the left would look for the next one.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from studio.base.i18n import _
from studio.engine.formats.edi_layout import levels_in
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.parts.split_lines import PLAIN
from studio.engine.plan import Plan

_CHUNK = 1 << 22
# The longest end of an interchange and beginning of the next that is looked for: it may lie across two pieces.
_BORDER = 256
_NEXT = re.compile(
    rb"(?:IEA|UNZ)([^\w\s])\s*\d{1,9}\s*\1[^\r\n'~]{1,40}?(?:[^\w\s]\s*|\r?\n\s*)(?=ISA[^\w\s]|UNA[^\w\s]|UNB[^\w\s])"
)


def split_edi(plan: Plan, stream: BinaryIO, size: int) -> list[Partition]:
    """Cut between interchanges."""
    assert plan.source.messages is not None
    outermost = levels_in(plan.source.messages)[0]
    if not outermost.opens or not outermost.repeats:
        raise NotSplit(_("the document is one interchange"))
    first = stream.read(4096)
    encoding = plan.source.facts.get("encoding") or "utf-8"
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or PLAIN.match(encoding) is None:
        raise NotSplit(_("only texts in UTF-8 and encodings of one byte a character are cut"))
    stream.seek(0)
    cuts = [(0, 0), *_cuts(stream, size)]
    stream.seek(0, 2)
    ends = [at for at, _line in cuts[1:]] + [stream.tell()]
    return [
        Partition(number, start, end, line=line)
        for number, ((start, line), end) in enumerate(zip(cuts, ends, strict=True))
    ]


def _cuts(stream: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Where parts begin, about `size` bytes apart, and how many lines come before."""
    at, line, wanted, rest = 0, 0, size, b""
    while data := stream.read(_CHUNK):
        if b"\0" in data:
            raise NotSplit(_("the document has an unusual form"))
        rest += data
        counted = 0
        while found := _NEXT.search(rest, max(wanted - at, 0)):
            line += rest.count(b"\n", counted, found.end())
            counted = found.end()
            yield at + counted, line
            wanted = at + counted + size
        gone = max(counted, len(rest) - _BORDER)
        line += rest.count(b"\n", counted, gone)
        at, rest = at + gone, rest[gone:]
