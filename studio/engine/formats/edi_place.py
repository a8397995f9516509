"""The segments of one message put where its definition has them; what does not fit becomes faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.base.records import dataclass
from studio.engine.formats.edi_forms import Form, reads
from studio.engine.formats.edi_layout import Field, Part
from studio.schema.edi.split import Element, Segment
from studio.schema.model import Base

Values = dict[str, Any]
_MOST_FAULTS = 1_000
# What is read changes its text where it has the form of its type.
_MOMENTS = (Base.DATE, Base.TIME, Base.DATETIME)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one segment of a message, as acknowledgements tell it.

    `kind` is one of the words in edi_words; `segment` its code, `number` its place in the message (from 1), `loop` the
    loop it stands in; `element` and `component` are places from 1 (0: the whole), `text` is what stands there, `name` what
    is meant.
    """

    kind: str
    segment: str
    number: int
    line: int
    column: int = 1
    loop: str = ""
    element: int = 0
    component: int = 0
    text: str = ""
    name: str = ""


class _Open:
    """An open loop or segment: at which of its parts it stands, how often each occurred, its values so far."""

    __slots__ = ("at", "counts", "part", "values")

    def __init__(self, part: Part, values: Values) -> None:
        self.part = part
        self.at = 0
        self.counts: dict[int, int] = {}
        self.values = values


class Placer:
    """Places the segments of one message after the other: `begin`, `place` for each segment, `end` gives its values.

    `guessed`: the layout was only seen in a sample, so that order, number and further segments are no faults. `values`
    says that sizes and codes of elements are checked too.
    """

    def __init__(self, layout: Part, *, guessed: bool = False, values: bool = False) -> None:
        self._layout = layout
        self._guessed = guessed
        self._checks = values
        self._stack: list[_Open] = []
        self._forms: dict[int, Form | None] = {}
        self.number = 0
        self.faults: list[Fault] = []

    def begin(self) -> None:
        """A message begins."""
        self._stack = [_Open(self._layout, {})]
        self.faults = []
        self.number = 0

    def end(self, last: Segment) -> Values:
        """The values of the message; what is still missing has become a fault."""
        while len(self._stack) > 1:
            self._close(last)
        self._missing(self._stack[0], len(self._layout.parts), last)
        return self._stack[0].values

    def place(self, segment: Segment) -> None:
        """The next segment."""
        self.number += 1
        if self._guessed:
            self._anywhere(segment)
            return
        stack = self._stack
        for depth in range(len(stack) - 1, -1, -1):
            found = _next(stack[depth], segment)
            if found is not None:
                while len(stack) > depth + 1:
                    self._close(segment)
                self._take(stack[depth], found, segment)
                return
        self._misplaced(segment)

    def opened(self) -> tuple[tuple[str, Values], ...]:
        """The loops that are open in the message, outermost first: their names and their values so far."""
        return tuple((level.part.name, level.values) for level in self._stack[1:])

    def fits(self, segment: Segment) -> bool:
        """It may come next in the message that is open."""
        return any(_next(level, segment) is not None for level in self._stack)

    def begins(self, segment: Segment) -> bool:
        """A message may begin with it."""
        return any(_told(segment, way[-1]) for way in self._layout.ways if way[-1].code == segment.name)

    def _anywhere(self, segment: Segment) -> None:
        for part in self._layout.parts:
            if part.code == segment.name:
                self._add(self._stack[0].values, part, self._elements(segment, part))
                return

    def _misplaced(self, segment: Segment) -> None:
        """A segment that may not stand here: out of order or too often, else one that is nowhere in the definition."""
        for depth in range(len(self._stack) - 1, -1, -1):
            level = self._stack[depth]
            for at, way in level.part.entries.get(segment.name, ()):
                if _told(segment, way[-1]):
                    most = level.part.parts[at].most
                    again = most is not None and level.counts.get(at, 0) >= most
                    loop = len(way) > 1 or bool(way[0].parts)
                    self._fault(("loops" if loop else "often") if again else "order", segment, level)
                    while len(self._stack) > depth + 1:
                        self._close(segment)
                    self._take(level, (at, way), segment, ordered=False)
                    return
        known = segment.name in self._layout.codes
        kind = "none" if not segment.known else "unexpected" if known else "unknown"
        self._fault(kind, segment, self._stack[-1])

    def _take(
        self, level: _Open, found: tuple[int, tuple[Part, ...]], segment: Segment, *, ordered: bool = True
    ) -> None:
        at, way = found
        if at > level.at and ordered:
            # Those of the same position as this one may still come.
            self._missing(level, level.part.starts[at], segment)
        level.counts[at] = level.counts.get(at, 0) + 1
        level.at = max(at, level.at)
        values = level.values
        for part in way[:-1]:
            inner: Values = {}
            self._add(values, part, inner)
            opened = _Open(part, inner)
            self._stack.append(opened)
            below = way[way.index(part) + 1]
            opened.at = part.parts.index(below)
            opened.counts[opened.at] = 1
            values = inner
        made = self._elements(segment, way[-1])
        self._add(values, way[-1], made)
        if way[-1].parts:
            self._stack.append(_Open(way[-1], made))

    def _add(self, values: Values, part: Part | Field, value: Any) -> None:
        if part.repeats:
            values.setdefault(part.name, []).append(value)
        elif part.name not in values:
            values[part.name] = value
        else:
            before = values[part.name]
            values[part.name] = [*(before if isinstance(before, list) else [before]), value]

    def _close(self, segment: Segment) -> None:
        level = self._stack.pop()
        self._missing(level, len(level.part.parts), segment)

    def _missing(self, level: _Open, end: int, segment: Segment) -> None:
        if self._guessed or not level.part.parts:
            return
        parts = level.part.parts
        for at in range(level.part.starts[level.at], end):
            if at not in level.counts and parts[at].needed:
                level.counts[at] = 0
                self._fault("missing", segment, level, name=parts[at].name)

    def _fault(self, kind: str, segment: Segment, level: _Open, **more: Any) -> None:
        if len(self.faults) < _MOST_FAULTS:
            loop = "" if level.part is self._layout else level.part.name
            self.faults.append(
                Fault(kind, segment.name, self.number, segment.line, segment.column, loop, **more)
            )

    # Elements

    def read_alone(self, segment: Segment, part: Part) -> Values:
        """The values of a segment around messages, whatever is wrong with it."""
        self._stack = [_Open(part, {})]
        found = self._elements(segment, part)
        self.faults = []
        return found

    def _elements(self, segment: Segment, part: Part) -> Values:
        """The values of a segment by name; empty elements have none."""
        values: Values = {}
        places = part.places
        for at, element in enumerate(segment.elements, start=1):
            field = places.get(at)
            if field is None:
                if not self._guessed and any(text for repetition in element for text in repetition):
                    self._wrong("many", segment, at)
                continue
            for repetition in _repetitions(element, field, segment):
                value = self._value(repetition, field, segment, at)
                if value:
                    self._add(values, field, value)
        if not self._guessed:
            for field in part.fields:
                if field.required and field.name not in values:
                    self._wrong("element", segment, field.position, name=field.name)
        return values

    def _value(self, parts: tuple[str, ...], field: Field, segment: Segment, at: int) -> Any:
        if field.parts:
            return self._composite(parts, field, segment, at)
        used = segment.delimiters
        text = parts[0]
        if len(parts) > 1:
            if used.release and not self._guessed and any(parts[1:]):
                self._wrong("components", segment, at, text=text)
            text = used.component.join(parts) if not used.release else text
        if segment.name == "ISA":
            text = text.rstrip(" ")
        return self._text(text, field, segment, at, 0)

    def _composite(self, parts: tuple[str, ...], field: Field, segment: Segment, at: int) -> Values:
        values: Values = {}
        places = {part.position: part for part in field.parts}
        for place, text in enumerate(parts, start=1):
            part = places.get(place)
            if part is None:
                if text and not self._guessed:
                    self._wrong("components", segment, at, place, text)
            elif text:
                self._add(values, part, self._text(text, part, segment, at, place))
        if values and not self._guessed:
            for part in field.parts:
                if part.required and part.name not in values:
                    self._wrong("element", segment, at, part.position, name=part.name)
        return values

    def _text(self, text: str, field: Field, segment: Segment, at: int, component: int) -> str:
        if id(field) not in self._forms:
            self._forms[id(field)] = reads(field.base, field.form)
        form = self._forms[id(field)]
        if self._checks and text:
            for kind in value_faults(text, field):
                self._wrong(kind, segment, at, component, text)
            if form is not None and field.base in _MOMENTS and form(text) == text:
                kind = "time" if field.base is Base.TIME else "date"
                self._wrong(kind, segment, at, component, text)
        return form(text) if form is not None and text else text

    def _wrong(
        self, kind: str, segment: Segment, element: int, component: int = 0, text: str = "", name: str = ""
    ) -> None:
        level = self._stack[-1]
        self._fault(kind, segment, level, element=element, component=component, text=text, name=name)


def value_faults(text: str, field: Field) -> Iterator[str]:
    """What the sizes and codes of an element have against a text."""
    number = field.base.value in ("integer", "decimal", "float")
    length = len(text.lstrip("-").replace(".", "").replace(",", "")) if number else len(text)
    if field.least and length < field.least:
        yield "short"
    elif field.most and length > field.most:
        yield "long"
    if field.codes and text not in field.codes:
        yield "code"
    elif number and not text.lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdigit():
        yield "letters"


def _repetitions(element: Element, field: Field, segment: Segment) -> Element:
    """The repetitions of an element; where it may not repeat in X12, the separator is text like any other."""
    if len(element) == 1 or field.repeats or segment.delimiters.release:
        return element
    used = segment.delimiters
    whole = used.repetition.join(used.component.join(parts) for parts in element)
    return ((whole,),) if not field.parts else element


def _next(level: _Open, segment: Segment) -> tuple[int, tuple[Part, ...]] | None:
    """Which part of an open loop the segment begins, from where the loop stands on."""
    ways = level.part.entries.get(segment.name)
    if ways is None:
        return None
    parts, start = level.part.parts, level.part.starts[level.at]
    for at, way in ways:
        most = parts[at].most
        if at >= start and (most is None or level.counts.get(at, 0) < most) and _told(segment, way[-1]):
            return at, way
    return None


def _told(segment: Segment, part: Part) -> bool:
    """The segment has the qualifier that tells the part from others of its code."""
    return part.tell is None or segment.get(part.tell[0], part.tell[1]) in part.tell[2]
