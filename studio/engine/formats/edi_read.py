"""X12 and EDIFACT in: messages one at a time as plain values, with the envelope around them, or a whole file as Items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from studio.base.errors import BadInput, Problem
from studio.base.i18n import _
from studio.engine.formats.edi_layout import Part, levels_in
from studio.engine.formats.edi_place import Fault, Placer, Values
from studio.engine.formats.edi_segments import Segments
from studio.engine.formats.edi_words import words
from studio.engine.formats.units import Broken
from studio.engine.items import Item, keep
from studio.engine.plan import Shape
from studio.schema.edi.check import Envelope
from studio.schema.edi.split import Delimiters, Segment

# The segments of groups are passed over where the definition has none.
_GROUPS = ("UNG", "UNE")


class Unit(NamedTuple):
    """A message, or a node in or around it, as nested plain values: a list for what repeats, a dict for what holds others.

    `above` are the levels around it, outermost first, each with the segment that opens it.
    """

    value: Any
    above: tuple[Values, ...]


class Message(NamedTuple):
    """A message as it was read: its values, what is wrong with it, its first segment, the levels around it."""

    values: Values
    faults: list[Fault]
    opening: Segment
    above: tuple[Values, ...]


class EdiReader:
    """Follows the envelope of a stream and takes its messages apart.

    `facts` are the schema's. Iterating gives what happens: ("open", level, values), ("message", Message, None),
    ("wrong", Problem, None) where numbers or counts of a level differ, and ("close", level, (segment, values)).
    `opening` is the segment that opened a level last. Raises BadInput where the envelope is broken.
    """

    def __init__(
        self, stream: BinaryIO, name: str, layout: Part, facts: Mapping[str, str], *, values: bool = False
    ) -> None:
        self.levels = levels_in(layout)
        self.name = name
        self.placer = Placer(self.levels[-1], guessed=facts.get("form") == "sample", values=values)
        self._facts = facts
        encoding = facts.get("encoding") if facts.get("form") != "sample" else None
        self.segments = Segments(stream, name, given_delimiters(facts, layout), encoding)
        self._opens = {level.opens: number for number, level in enumerate(self.levels) if level.opens}
        self._closes = {level.closes: number for number, level in enumerate(self.levels) if level.closes}
        self._above: list[Values] = []
        self.opening: Segment
        self._first: Segment | None = None
        self._number = 0

    @property
    def depth(self) -> int:
        """How many levels are open around the messages."""
        return len(self._above)

    def __iter__(self) -> Iterator[tuple[str, Any, Any]]:
        if not self._opens:
            yield from self._bare()
            return
        envelope: Envelope | None = None
        last: Segment | None = None
        for segment in self.segments:
            used = segment.delimiters
            if envelope is None:
                envelope = Envelope(used.standard, self.name)
                self._check_standard(used.standard, segment)
            last = segment
            wrong = list(envelope.see(segment))
            for kind, problem in wrong:
                self._broken(kind, problem)
            yield from self._segment(segment, [problem for kind, problem in wrong if kind != "segment"])
        for kind, problem in envelope.end(last) if envelope is not None and last is not None else ():
            self._broken(kind, problem)

    def _check_standard(self, found: str, segment: Segment) -> None:
        """The interchange is of the standard of its schema."""
        wanted = "x12" if self.levels[0].opens == "ISA" else "edifact"
        if found != wanted:
            raise self._error(
                _("The interchange is {found}, its schema is of {wanted}.").format(
                    found=found.upper(), wanted=wanted.upper()
                ),
                segment,
                _("Choose the schema of these messages."),
            )

    def _broken(self, kind: str, problem: Problem) -> None:
        """Raise for an envelope that nothing after it can be trusted in."""
        inside = self._first is not None
        if kind == "structure" or (kind == "segment" and not inside):
            raise BadInput(
                problem.message,
                file=problem.file,
                line=problem.line,
                column=problem.column,
                next_step=problem.mend,
            )

    def _error(self, message: str, segment: Segment, mend: str) -> BadInput:
        return BadInput(message, file=self.name, line=segment.line, column=segment.column, next_step=mend)

    def _segment(self, segment: Segment, wrong: list[Problem]) -> Iterator[tuple[str, Any, Any]]:
        name = segment.name
        message = len(self.levels) - 1
        if self._first is not None:
            self.placer.place(segment)
            if self._closes.get(name) == message:
                yield "message", self._ended(segment, wrong), None
        elif name in _GROUPS and name not in self._opens and name not in self._closes:
            return
        elif self._opens.get(name) == message:
            self._first = segment
            self.placer.begin()
            self.placer.place(segment)
        elif name in self._opens:
            level = self.levels[self._opens[name]]
            self._once(level, segment)
            opening = next((part for part in level.parts if part.code == name), None)
            self._above.append(self._service(segment, opening))
            self.opening = segment
            yield "open", self._opens[name], self._above[-1]
        elif name in self._closes:
            level = self.levels[self._closes[name]]
            closing = next((part for part in level.parts if part.code == name), None)
            values = self._service(segment, closing)
            for problem in wrong:
                yield "wrong", problem, None
            yield "close", self._closes[name], (segment, values)
            self._above.pop()

    def _once(self, level: Part, segment: Segment) -> None:
        """A second interchange is read only where the schema has several."""
        if self._above or level is not self.levels[0]:
            return
        self._number += 1
        if self._number > 1 and not level.repeats:
            raise self._error(
                _("A second interchange begins here, and the schema holds one."),
                segment,
                _(
                    "Give a schema whose interchange occurs several times: a sample with two, or a definition."
                ),
            )

    def _service(self, segment: Segment, part: Part | None) -> Values:
        return {} if part is None else {part.name: self.placer.read_alone(segment, part)}

    def _ended(self, segment: Segment, wrong: list[Problem]) -> Message:
        assert self._first is not None
        faults = list(self.placer.faults)
        values = self.placer.end(segment)
        faults += self.placer.faults[len(faults) :]
        for problem in wrong:
            kind = "count" if problem.severity.value == "warning" else "control"
            number = self.placer.number
            faults.append(
                Fault(
                    kind, segment.name, number, segment.line, segment.column, text=segment.get(1), name=str(number)
                )
            )  # fmt: skip
        message = Message(values, faults, self._first, tuple(self._above))
        self._first = None
        return message

    def _bare(self) -> Iterator[tuple[str, Any, Any]]:
        """Messages without envelope: a new one begins with a segment that can only be its first."""
        placer = self.placer
        last: Segment | None = None
        for segment in self.segments:
            if self._first is None or (placer.begins(segment) and not placer.fits(segment)):
                if last is not None:
                    yield "message", self._ended(last, []), None
                self._first = segment
                placer.begin()
            placer.place(segment)
            last = segment
        if last is not None:
            yield "message", self._ended(last, []), None


def given_delimiters(facts: Mapping[str, str], layout: Part) -> Delimiters | None:
    """The delimiters of messages without envelope, which only their definition tells."""
    if layout.opens or not facts.get("segment") or not facts.get("element"):
        return None
    return Delimiters(
        facts.get("standard", "own"),
        facts["element"],
        facts.get("component", "") or "\0",
        facts["segment"],
        facts.get("repetition", ""),
        facts.get("release", ""),
    )


class EdiUnits:
    """The nodes at one place, one after the other; a message that does not fit its definition is Broken.

    `chain` are the names down to what is given at once, `record` how many of the names of the records' own way there are.
    """

    def __init__(self, reader: EdiReader, chain: tuple[str, ...], record: int) -> None:
        self._reader = reader
        self._chain = chain
        self._record = min(record, len(reader.levels))

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return self._reader.segments.taken

    def __iter__(self) -> Iterator[Unit | Broken]:
        deepest = len(self._reader.levels)
        # Levels that are gathered, from the unit's own down: the values of each that is open.
        open_levels: list[Values] = []
        bad: list[Broken | None] = []
        for what, thing, more in self._reader:
            if what == "wrong":
                yield Broken(thing.message, thing.line or 1)
            elif what == "open":
                open_levels.append(dict(more))
                bad.append(None)
            elif what == "close":
                closed, broken = open_levels.pop(), bad.pop()
                closed.update(more[1])
                yield from self._closed(closed, broken, open_levels)
            elif thing.faults:
                broken = broken_of(thing)
                if self._record >= deepest:
                    yield broken
                else:
                    bad[self._record - 1] = bad[self._record - 1] or broken
            elif len(self._chain) >= deepest:
                above = (*thing.above, *([thing.values] if len(self._chain) > deepest else ()))
                for value in inside(thing.values, self._chain[deepest:]):
                    yield Unit(value, above)
            else:
                self._keep(open_levels, self._reader.levels[-1], thing.values)

    def _keep(self, open_levels: list[Values], part: Part, values: Values) -> None:
        if part.repeats:
            open_levels[-1].setdefault(part.name, []).append(values)
        else:
            open_levels[-1].setdefault(part.name, values)

    def _closed(
        self, closed: Values, broken: Broken | None, open_levels: list[Values]
    ) -> Iterator[Unit | Broken]:
        """A level is closed: it is the unit, or goes into the one around it."""
        depth = len(open_levels) + 1
        if broken is not None:
            yield broken
        elif depth == len(self._chain):
            yield Unit(closed, tuple(open_levels))
        elif depth > len(self._chain):
            self._keep(open_levels, self._reader.levels[depth - 1], closed)


def broken_of(message: Message) -> Broken:
    """A message that does not fit, by the first thing that is wrong with it."""
    first = message.faults[0]
    reason = words(first)
    if len(message.faults) > 1:
        reason += " " + _("And {count} more.").format(count=len(message.faults) - 1)
    return Broken(reason, first.line)


def inside(value: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """The values at a place below one."""
    if not names:
        yield value
        return
    below = value.get(names[0]) if isinstance(value, dict) else None
    for each in below if isinstance(below, list) else () if below is None else (below,):
        yield from inside(each, names[1:])


def fill(item: Item, values: Any, shape: Shape | None) -> Item:
    """Put values into an Item, pruned to `shape` (None keeps everything); gives the Item."""
    if not isinstance(values, dict):
        item.text = values
        return item
    item.text = ""
    for name, value in values.items():
        wanted, below = keep(shape, name)
        if wanted:
            for each in value if isinstance(value, list) else (value,):
                fill(item.add(name), each, below)
    return item


def read_document(reader: EdiReader, shape: Shape | None, needed: Callable[[Broken], object] | None) -> Item:
    """A whole file as the children of a document Item, pruned to `shape`; what is Broken is left out, or given to `needed`."""
    document = Item("")
    here, shapes = document, [shape]
    for what, thing, more in reader:
        if what == "wrong" or (what == "message" and thing.faults):
            if needed is not None:
                needed(Broken(thing.message, thing.line or 1) if what == "wrong" else broken_of(thing))
        elif what == "open":
            wanted, below = keep(shapes[-1], reader.levels[thing].name)
            name = reader.levels[thing].name
            here = here.add(name, "") if wanted else Item(name, here, "")
            shapes.append(below if wanted else Shape(""))
            fill(here, more, shapes[-1])
        elif what == "close":
            fill(here, more[1], shapes.pop())
            assert here.parent is not None
            here = here.parent
        else:
            wanted, below = keep(shapes[-1], reader.levels[-1].name)
            if wanted:
                fill(here.add(reader.levels[-1].name), thing.values, below)
    return document
