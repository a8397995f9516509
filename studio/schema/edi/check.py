"""What is wrong with an interchange by itself: envelopes not closed, counts and numbers that differ, unknown segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.edi.envelope import Level, levels_of
from studio.schema.edi.split import Segment

_MOST_PROBLEMS = 100


@dataclass
class _Open:
    level: Level
    start: Segment
    number: str
    segments: int = 1
    inner: int = 0


# Where the control number and the count stand: of the opening segment, then of the closing one.
_NUMBERS = {
    "ISA": (13, 2, 1),
    "GS": (6, 2, 1),
    "ST": (2, 2, 1),
    "UNB": (5, 2, 1),
    "UNG": (5, 2, 1),
    "UNH": (1, 2, 1),
}
_COUNTS_SEGMENTS = ("ST", "UNH")
# Acknowledgements of interchanges stand between ISA and the first group.
_BESIDE_GROUPS = ("TA1",)
Found = tuple[str, Problem]


def envelope_problems(
    segments: Iterable[Segment], standard: str, file: str | None, *, cut: bool = False
) -> tuple[Problem, ...]:
    """The problems of whole interchanges; with `cut` the end of the file is not known, so nothing is missing there."""
    checker = Envelope(standard, file)
    problems: list[Problem] = []
    for _kind, problem in checker.run(segments, cut):
        problems.append(problem)
        if len(problems) >= _MOST_PROBLEMS:
            break
    return tuple(problems)


class Envelope:
    """Follows the envelope segment by segment; what it finds are pairs of a kind and a problem.

    The kind is `structure` (nothing after it can be trusted), `segment` (one segment is none), `number` or `count` (what
    a closing segment says differs).
    """

    def __init__(self, standard: str, file: str | None) -> None:
        self._levels = levels_of(standard, groups=True)
        self._opens = {level.opens: level for level in self._levels}
        self._closes = {level.closes: level for level in self._levels}
        self._file = file
        self._stack: list[_Open] = []

    def run(self, segments: Iterable[Segment], cut: bool) -> Iterator[Found]:
        """What is wrong with all of them; with `cut` more may follow."""
        last: Segment | None = None
        for segment in segments:
            last = segment
            yield from self.see(segment)
        if not cut and last is not None:
            yield from self.end(last)

    def see(self, segment: Segment) -> Iterator[Found]:
        """What the next segment shows."""
        if segment.name in self._opens:
            return self._open(segment)
        if segment.name in self._closes:
            return self._close(segment)
        return self._content(segment)

    def end(self, last: Segment) -> Iterator[Found]:
        """What is still open after the last segment."""
        while self._stack:
            yield self._unclosed(self._stack.pop(), last)

    def _open(self, segment: Segment) -> Iterator[Found]:
        level = self._opens[segment.name]
        while self._stack and self._levels.index(self._stack[-1].level) >= self._levels.index(level):
            yield self._unclosed(self._stack.pop(), segment)
        if self._stack:
            self._stack[-1].inner += 1
        elif level is not self._levels[0]:
            yield (
                "structure",
                self._problem(
                    segment,
                    _("{name} stands outside an interchange.").format(name=segment.name),
                    _("Put {name} before it.").format(name=self._levels[0].opens),
                ),
            )
        self._stack.append(_Open(level, segment, segment.get(_NUMBERS[segment.name][0]).strip()))

    def _close(self, segment: Segment) -> Iterator[Found]:
        level = self._closes[segment.name]
        if not any(one.level is level for one in self._stack):
            yield (
                "structure",
                self._problem(
                    segment,
                    _("{name} closes what no {opens} has opened.").format(
                        name=segment.name, opens=level.opens
                    ),
                    _("Remove it, or put {name} before it.").format(name=level.opens),
                ),
            )
            return
        while self._stack[-1].level is not level:
            yield self._unclosed(self._stack.pop(), segment)
        closed = self._stack.pop()
        closed.segments += 1
        yield from self._compare(closed, segment)

    def _compare(self, closed: _Open, segment: Segment) -> Iterator[Found]:
        _opening, number_at, count_at = _NUMBERS[closed.level.opens]
        number, said = segment.get(number_at).strip(), segment.get(count_at).strip()
        if number.lstrip("0") != closed.number.lstrip("0"):
            yield (
                "number",
                self._problem(
                    segment,
                    _("{name} says the number {found}, but {opens} in line {line} says {expected}.").format(
                        name=segment.name,
                        found=number or "–",
                        opens=closed.level.opens,
                        line=closed.start.line,
                        expected=closed.number or "–",
                    ),
                    _("Both must be the same."),
                ),
            )
        count = closed.segments if closed.level.opens in _COUNTS_SEGMENTS else closed.inner
        if said.isascii() and said.isdigit() and int(said[:12]) != count:
            yield (
                "count",
                self._problem(
                    segment,
                    _("{name} counts {said}, but there are {count}.").format(
                        name=segment.name, said=said[:12], count=count
                    ),
                    _("Something is missing or too much, or the count is wrong."),
                    Severity.WARNING,
                ),
            )

    def _content(self, segment: Segment) -> Iterator[Found]:
        if self._stack:
            self._stack[-1].segments += 1
        if not segment.known:
            yield (
                "segment",
                self._problem(
                    segment,
                    _("This is no segment: {text}").format(text=segment.text[:30]),
                    _("A segment starts with two or three capitals or digits."),
                ),
            )
        elif not self._at_home(segment):
            yield (
                "structure",
                self._problem(
                    segment,
                    _("The segment {name} stands outside a message.").format(name=segment.name),
                    _("Put {name} before it.").format(name=self._levels[-1].opens),
                ),
            )

    def _at_home(self, segment: Segment) -> bool:
        """It stands in a message, or is what may stand beside groups."""
        if not self._stack:
            return False
        beside = segment.name in _BESIDE_GROUPS and self._stack[-1].level is self._levels[0]
        return beside or self._stack[-1].level is self._levels[-1]

    def _unclosed(self, one: _Open, at: Segment) -> Found:
        return "structure", self._problem(
            at,
            _("{name} in line {line} is not closed: {closes} is missing.").format(
                name=one.level.opens, line=one.start.line, closes=one.level.closes
            ),
            _("Put {name} at its end.").format(name=one.level.closes),
        )

    def _problem(
        self, segment: Segment, message: str, mend: str, severity: Severity = Severity.ERROR
    ) -> Problem:
        return Problem(severity, message, self._file, segment.line, segment.column, mend=mend)
