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
_MINUTES = [f"T{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
# Every time of day as it may stand there, `08:05` and `8:05`, with its minute; and what may stand behind it.
_CLOCKS = {f"{at // 60:{form}}:{at % 60:02d}": at for at in range(1440) for form in ("02d", "d")}
_SECONDS = {f":{second:02d}": f"{second:02d}" for second in range(60)}


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
    minute = _CLOCKS.get(text)
    if minute is not None:
        return minute, "00"
    minute, second = _CLOCKS.get(text[:-3]), _SECONDS.get(text[-3:])
    return None if minute is None or second is None else (minute, second)


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
    shown = [f"{minute}:" for minute in _MINUTES]

    def read(text: str) -> str | None:
        head, _blank, tail = text.partition(" ")
        if not tail:
            head, _mark, tail = text.partition("T")
        if head not in days:
            if len(days) > _KEPT:
                days.clear()
            days[head] = _even(head, order, zone)
        day = days[head]
        minute = _CLOCKS.get(tail)
        second: str | None = "00"
        if minute is None:
            minute, second = _CLOCKS.get(tail[:-3]), _SECONDS.get(tail[-3:])
        if day is None or minute is None or second is None:
            return None
        minute -= day[1]
        if 0 <= minute < 1440:
            return day[0][1] + shown[minute] + second + "Z"
        shift, minute = divmod(minute, 1440)
        return day[0][shift + 1] + shown[minute] + second + "Z"

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
