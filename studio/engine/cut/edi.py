"""X12 and EDIFACT without the messages nobody wants: a valid interchange of the others, counted anew."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from studio.engine.cut.wanted import Cut, Found, Place, address
from studio.engine.formats.edi_layout import Part, levels_in
from studio.engine.formats.edi_place import Placer, Values
from studio.engine.formats.edi_read import EdiReader, Message
from studio.engine.formats.edi_segments import Segments
from studio.engine.plan import Plan
from studio.schema.edi.envelope import levels_of
from studio.schema.edi.split import Segment, find_delimiters

_EVERY = 256
_ENVELOPE = (*levels_of("x12"), *levels_of("edifact", groups=True))
_OPENS = frozenset(level.opens for level in _ENVELOPE)
_CLOSES = frozenset(level.closes for level in _ENVELOPE)


def cut_edi(plan: Plan, stream: BinaryIO, name: str, cut: Cut) -> None:
    """Copy the messages, groups or interchanges that are kept, of a message those of its loops that are.

    The envelope around them stays, with counts that fit; what a closing segment said wrongly of all of them is gone.
    """
    assert plan.source.messages is not None
    stream.seek(0)
    reader = EdiReader(stream, name, plan.source.messages, plan.source.facts)
    segments = reader.segments
    noted = _Noted(segments, reader.placer)
    reader.segments = noted
    _Cutter(cut, reader, noted).run()


def cuts_edi(plan: Plan, chain: tuple[str, ...]) -> bool:
    """Nodes at a place can be taken out: they are levels, messages, or loops of segments in one."""
    layout = plan.source.messages
    if layout is None:
        return False
    levels = levels_in(layout)
    here = levels[-1]
    for key in chain[len(levels) :]:
        below = here.children.get(key)
        if not isinstance(below, Part) or not below.parts:
            return False
        here = below
    return True


@dataclass
class _Note:
    """A segment that was read; `open` are the loops of the message that were open behind it."""

    segment: Segment
    open: Sequence[tuple[str, Values]] = ()


class _Noted(Segments):
    """The segments of a stream, kept until `drained`."""

    def __init__(self, segments: Segments, placer: Placer) -> None:
        self._segments = segments
        self._placer = placer
        self._last: Segment | None = None
        self.waiting: list[_Note] = []
        self.ended = False
        self.breaks = False

    def charset_of(self, head: str) -> str:
        """What the interchange that begins so can be written in again."""
        return self._segments.charset_of(head)

    def __iter__(self) -> Iterator[Segment]:
        for segment in self._segments:
            self.breaks = self.breaks or (self._last is not None and segment.line > self._last.line)
            self._last = segment
            note = _Note(segment)
            self.waiting.append(note)
            yield segment
            note.open = self._placer.opened()
        self.ended = True

    def drained(self, left: int = 0) -> list[_Note]:
        """What was read since the last time, but for the `left` last."""
        end = len(self.waiting) - left
        found, self.waiting = self.waiting[:end], self.waiting[end:]
        return found


@dataclass
class _Level:
    """An open level of the envelope: what has to stand before the first message that is kept, how many parts it has."""

    lead: list[Segment] = field(default_factory=list)
    written: bool = False
    parts: int = 0


class _Cutter:
    def __init__(self, cut: Cut, reader: EdiReader, noted: _Noted) -> None:
        (self._place,) = cut.places
        self._cut = cut
        self._reader = reader
        self._noted = noted
        self._bare = not reader.levels[0].opens
        self._inner = self._place.chain[len(reader.levels) :]
        # The level that is a unit, where messages are only parts of one.
        self._unit = len(self._place.chain) - 1 if len(self._place.chain) < len(reader.levels) else None
        self._held: list[Segment] | None = None
        self._levels: list[_Level] = []
        self._number = 0
        self._encode: codecs.IncrementalEncoder | None = None
        self._charset = ""

    def run(self) -> None:
        """Go through the interchanges."""
        for count, (what, thing, _more) in enumerate(self._reader):
            if not count % _EVERY:
                self._cut.check()
            if what == "wrong":
                closing = self._noted.waiting[-1].segment
                self._tell(self._next(), [closing])
            elif what == "message":
                self._message(thing)
            else:
                self._around([note.segment for note in self._noted.drained()], what, thing)

    # What is around messages

    def _around(self, segments: list[Segment], what: str = "", level: int = -1) -> None:
        """Segments outside messages, the last of which opens or closes a level the schema knows."""
        if what == "open" and level == self._unit:
            self._each(segments[:-1])
            self._held = segments[-1:]
        elif what == "close" and level == self._unit and self._held is not None:
            whole = [*self._held, *segments]
            self._held = None
            number = self._next()
            self._tell(number, whole)
            if number in self._place.kept:
                self._put(whole)
        elif self._held is not None:
            self._held += segments
        else:
            self._each(segments)

    def _each(self, segments: list[Segment]) -> None:
        for segment in segments:
            if segment.name in _OPENS:
                self._levels.append(_Level([segment]))
            elif segment.name in _CLOSES:
                closed = self._levels.pop()
                if closed.written:
                    self._write(segment, _counting(segment, closed.parts))
            elif self._levels and not self._levels[-1].written:
                self._levels[-1].lead.append(segment)
            else:
                self._write(segment)

    def _put(self, segments: list[Segment], last: str = "") -> None:
        """Write a whole message or level, its `last` segment perhaps anew, and before it what it stands in."""
        for at, level in enumerate(self._levels):
            if not level.written:
                level.written = True
                if at:
                    self._levels[at - 1].parts += 1
                for segment in level.lead:
                    self._write(segment)
        if self._levels:
            self._levels[-1].parts += 1
        for segment in segments[:-1]:
            self._write(segment)
        self._write(segments[-1], last)

    # Messages

    def _message(self, message: Message) -> None:
        next_one = int(self._bare and not self._noted.ended)
        notes = self._noted.drained(next_one)
        start = next((at for at, note in enumerate(notes) if note.segment is message.opening), 0)
        self._around([note.segment for note in notes[:start]])
        notes = notes[start:]
        segments = [note.segment for note in notes]
        if self._held is not None:
            self._held += segments
        elif self._unit is None and (message.faults or not self._inner):
            number = self._next()
            self._tell(number, segments)
            if number in self._place.kept:
                self._put(segments)
        elif self._unit is None:
            self._parts(notes)

    def _parts(self, notes: list[_Note]) -> None:
        """A message whose loops are the nodes."""
        first = self._number
        numbers: list[int] = []
        nodes: list[Values] = []
        for note in notes:
            node = self._node(note)
            if node is not None and not (nodes and nodes[-1] is node):
                nodes.append(node)
            numbers.append(first + len(nodes) if node is not None else 0)
        self._number += len(nodes)
        for number in range(first + 1, self._number + 1):
            if number in self._place.shown:
                self._tell(
                    number,
                    [note.segment for each, note in zip(numbers, notes, strict=True) if each == number],
                )
        kept = self._place.kept
        if not any(number in kept for number in set(numbers) - {0}):
            return
        left = [
            note.segment for number, note in zip(numbers, notes, strict=True) if not number or number in kept
        ]
        fewer = len(left) < len(notes) and left[-1].name in _CLOSES
        self._put(left, _counting(left[-1], len(left)) if fewer else "")

    def _node(self, note: _Note) -> Values | None:
        """The node of the place that a segment stands in."""
        depth = len(self._inner)
        way = note.open[:depth]
        if tuple(name for name, _values in way) != self._inner or note.segment.name in _CLOSES:
            return None
        return way[-1][1]

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _tell(self, number: int, segments: list[Segment]) -> None:
        if number not in self._place.shown:
            return
        text = "".join(segment.text + segment.delimiters.segment for segment in segments)
        place: Place = self._place
        steps = [(key, number if at == len(place.chain) else 0) for at, key in enumerate(place.chain, 1)]
        self._cut.tell(Found(place, number, address(steps), segments[0].line, text.rstrip("\r\n")))

    def _write(self, segment: Segment, text: str = "") -> None:
        """Write a segment, or in its place another text."""
        used = segment.delimiters
        text = text or segment.text
        if segment.name == "UNB":
            text = _service_string(segment) + text
        if self._encode is None or segment.name in ("ISA", "UNB"):
            charset = self._noted.charset_of(segment.text)
            if self._encode is None or charset != self._charset:
                self._charset, self._encode = charset, codecs.getincrementalencoder(charset)()
        ending = "\n" if self._noted.breaks and used.segment not in "\r\n" else ""
        self._cut.write(self._encode.encode(text + used.segment + ending))


def _service_string(opening: Segment) -> str:
    """UNA, where the delimiters of an interchange are not the usual ones."""
    used = opening.delimiters
    if find_delimiters(opening.text) == used:
        return ""
    marks = (
        used.component,
        used.element,
        used.decimal,
        used.release or " ",
        used.repetition or " ",
        used.segment,
    )
    return "UNA" + "".join(marks)


def _counting(closing: Segment, count: int) -> str:
    """A closing segment that counts so many parts, where it counts any."""
    mark = closing.delimiters.element
    parts = closing.text.split(mark, 2)
    if len(parts) > 1 and parts[1].strip().isdigit():
        parts[1] = str(count)
    return mark.join(parts)
