"""Times as cron writes them: five fields, lists, ranges, steps and names; when they come next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from studio.base.errors import BadInput
from studio.base.i18n import _

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RANGES = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
_ITEM = re.compile(r"(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:/([0-9]+))?")
# The longest wait is for the 29th of February.
_FARTHEST = timedelta(days=366 * 8 + 2)


@dataclass(frozen=True)
class Times:
    """The minutes, hours, days, months and weekdays (0 is Sunday) at which something happens.

    Where days and weekdays are both chosen, either of them will do, as in cron.
    """

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def on(self, day: datetime) -> bool:
        """Something happens on this day."""
        if day.month not in self.months:
            return False
        by_day = day.day in self.days
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday

    def following(self, moment: datetime) -> datetime | None:
        """The first time after a moment, to the minute; None where there is none (the 30th of February)."""
        at = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = at + _FARTHEST
        while at < end:
            if not self.on(at):
                at = at.replace(hour=0, minute=0) + timedelta(days=1)
            elif at.hour not in self.hours:
                at = at.replace(minute=0) + timedelta(hours=1)
            elif at.minute not in self.minutes:
                at += timedelta(minutes=1)
            else:
                return at
        return None


def parse(text: str) -> Times:
    """The times of a cron expression; raises BadInput naming the field that is wrong."""
    fields = _NAMED.get(text.strip().lower(), text).lower().split()
    if len(fields) != len(_RANGES):
        raise _bad(text, _("it has {n} fields, not five").format(n=len(fields)))
    found = [_field(text, name, field) for name, field in zip(_RANGES, fields, strict=True)]
    weekdays = frozenset(day % 7 for day in found[4])
    times = Times(
        " ".join(fields), found[0], found[1], found[2], found[3], weekdays, fields[2] == "*", fields[4] == "*"
    )
    if times.following(datetime(2024, 1, 1)) is None:
        raise _bad(text, _("no day is ever like that"))
    return times


def _field(text: str, name: str, field: str) -> frozenset[int]:
    least, most = _RANGES[name]
    found: set[int] = set()
    for item in field.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise _bad(text, _("{item} is no {field}").format(item=item, field=name))
        start, end, step = match.groups()
        first = least if start == "*" else _number(text, name, start)
        last = _last(text, name, start, end, step, most)
        if not least <= first <= last <= most or step == "0":
            raise _bad(text, _("{item} is no {field}").format(item=item, field=name))
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _last(text: str, name: str, start: str, end: str | None, step: str | None, most: int) -> int:
    if end is not None:
        return _number(text, name, end)
    if start == "*" or step:
        return most - (name == "weekday")
    return _number(text, name, start)


def _number(text: str, name: str, word: str) -> int:
    names = {"month": {m: n for n, m in enumerate(_MONTHS, 1)}, "weekday": {d: n for n, d in enumerate(DAYS)}}
    if word.isdigit() and len(word) < 4:
        return int(word)
    number = names.get(name, {}).get(word)
    if number is None:
        raise _bad(text, _("{item} is no {field}").format(item=word, field=name))
    return number


def _bad(text: str, reason: str) -> BadInput:
    return BadInput(
        _("{text} is no time of a schedule: {reason}.").format(text=text, reason=reason),
        next_step=_(
            "Write minute, hour, day, month and weekday: {example} is half past six on working days."
        ).format(example='"30 6 * * 1-5"'),
    )
