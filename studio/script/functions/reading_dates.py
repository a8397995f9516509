"""Dates out of text in the usual forms: ISO, American, with month names, with a time."""

from __future__ import annotations

import re
from datetime import datetime

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.script.errors import RunError
from studio.script.values import iso_date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = pattern(r"[T ]\s*(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?\s*(?:Z|UTC|GMT)?\Z")
_FORMS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\Z"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)\Z"),
    re.compile(r"(?P<day>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})[- ,]\s*(?P<year>\d{4}|\d\d)\Z"),
    re.compile(r"(?:[A-Za-z]{3,9},?\s+)?(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})\Z"),
)
_AMERICAN = pattern(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})[-/](?P<year>\d{4}|\d\d)\Z")
_EUROPEAN = pattern(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4}|\d\d)\Z")


def parse_date(text: str, *, day_first: bool = False) -> datetime:
    """The date in a text. `1/13/24` is read month first unless `day_first`.

    Raises RunError naming the text.
    """
    whole = text.strip()
    found = iso_date(whole) or _read(whole, _EUROPEAN if day_first else _AMERICAN)
    if found is None:
        raise RunError(
            _("{text} is not a date.").format(text=repr(whole[:80])),
            next_step=_("Use a form such as 2026-03-01 17:30:00, or CVTDate with a mask."),
        )
    return found


def full_year(year: int) -> int:
    """Two digits of a year: 00 to 49 are in the 2000s."""
    if year >= 100:
        return year
    return year + (2000 if year < 50 else 1900)


def _read(text: str, numeric: re.Pattern[str]) -> datetime | None:
    time = _TIME.search(text)
    day = (text[: time.start()] if time else text).strip()
    match = next((match for form in (*_FORMS, numeric) if (match := form.match(day))), None)
    if match is None:
        return None
    parts = match.groupdict()
    name = (parts.get("name") or "").lower()[:3]
    if name and name not in _MONTHS:
        return None
    month = _MONTHS.index(name) + 1 if name else int(parts["month"])
    year = full_year(int(parts["year"])) if len(parts["year"]) == 2 else int(parts["year"])
    try:
        return _with_time(datetime(year, month, int(parts["day"])), time)
    except ValueError:
        return None


def _with_time(day: datetime, time: re.Match[str] | None) -> datetime:
    if time is None:
        return day
    hour, minute, second, fraction, half = time.groups()
    clock = int(hour)
    if half is not None:
        if not 1 <= clock <= 12:
            raise ValueError(hour)
        clock = clock % 12 + (12 if half.lower() == "pm" else 0)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    return day.replace(hour=clock, minute=int(minute), second=int(second or 0), microsecond=micro)
