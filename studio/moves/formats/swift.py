"""Values of a column in the shapes files mostly hold, read a whole block at a time; the rest is left to the careful way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from studio.moves.formats import dates
from studio.moves.formats.numbers import Mark

# A block of values: what each is to be sent as, None where the shape is another one.
Swift = Callable[[Sequence[str]], Sequence[str | None]]

_KEPT = 20_000
_DAY = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_MINUTES = [f"T{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]


def block_of(line: str) -> re.Pattern[str]:
    """A pattern for a block of lines, each ended, that all match `line`; gives up where the first one does not."""
    return re.compile(rf"(?:(?>{line})\n)*+")


def lines(values: Sequence[str]) -> str:
    """The values as a block of lines."""
    return "\n".join(values) + "\n"


def numbers(mark: Mark, *, whole: bool = False) -> Swift:
    """Numbers such as `-1.234,56`, decimals behind `mark`; `whole` leaves those with decimals to the careful way."""
    group, point = ("," if mark is Mark.POINT else "."), mark.value
    part = "" if whole else rf"(?:{re.escape(point)}[0-9]+)?"
    line = rf"(?:-?(?:[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})++|[0-9]++){part})?"
    block, one = block_of(rf"{line}(?=\n)"), re.compile(line)

    def read(text: str) -> str:
        return text.replace(group, "").replace(point, ".")

    def swift(values: Sequence[str]) -> Sequence[str | None]:
        text = lines(values)
        if block.fullmatch(text):
            read_all = read(text).split("\n")
            read_all.pop()
            if len(read_all) == len(values):
                return read_all
        return [read(value) if one.fullmatch(value) else None for value in values]

    return swift


def clock(text: str) -> tuple[int, str] | None:
    """The minute of the day and the seconds a time such as `14:05` or `14:05:30` says; None for other shapes."""
    match = _CLOCK.fullmatch(text)
    return (int(match[1]) * 60 + int(match[2]), match[3] or "00") if match else None


def split(text: str) -> tuple[str, str]:
    """A day and the time behind it, as they stand in the text; the latter empty where there is none."""
    head, _blank, tail = text.partition(" ")
    if not tail:
        head, _mark, tail = text.partition("T")
    return head, tail


def is_day(text: str) -> bool:
    """A day in figures with a year of four."""
    return _DAY.fullmatch(text) is not None


def moments(order: dates.Order, zone: tzinfo) -> Swift:
    """Days with a time such as `31/12/2026 14:05`, on days through which the zone's clocks go evenly."""
    days: dict[str, tuple[tuple[str, str, str], int] | None] = {}
    clocks: dict[str, tuple[int, str] | None] = {}

    def read(text: str) -> str | None:
        head, tail = split(text)
        if head not in days:
            if len(days) > _KEPT:
                days.clear()
            days[head] = _even(head, order, zone)
        if tail not in clocks:
            if len(clocks) > _KEPT:
                clocks.clear()
            clocks[tail] = clock(tail)
        day, when = days[head], clocks[tail]
        if day is None or when is None:
            return None
        shift, minute = divmod(when[0] - day[1], 1440)
        return f"{day[0][shift + 1]}{_MINUTES[minute]}:{when[1]}Z"

    return lambda values: list(map(read, values))


def _even(text: str, order: dates.Order, zone: tzinfo) -> tuple[tuple[str, str, str], int] | None:
    """The day before, the day and the day after, and the minutes east of UTC; None where they change on that day."""
    when = dates.read(text, order) if is_day(text) else None
    if when is None or when.day in (date.min, date.max):
        return None
    # A change of the clocks shows at the day's ends, or, near these, in the two readings of a time shown twice.
    times = (time(0), time(6), time(12), time(18), time(23, 59, 59))
    offsets = {
        datetime.combine(when.day, one.replace(fold=fold), zone).utcoffset()
        for one in times
        for fold in (0, 1)
    }
    offset = offsets.pop()
    if offsets or offset is None or offset % timedelta(minutes=1) or abs(offset) >= timedelta(days=1):
        return None
    around = (when.day - timedelta(days=1), when.day, when.day + timedelta(days=1))
    before, day, after = (one.isoformat() for one in around)
    return (before, day, after), offset // timedelta(minutes=1)
