"""Dates and moments as users' files hold them: which orders of day and month a text can be read in, and what it says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass


class Order(StrEnum):
    """How a column's dates are to be read. A year of four digits that stands first is read the same in all orders."""

    YMD = "YMD"
    DMY = "DMY"
    MDY = "MDY"
    EXCEL = "EXCEL"
    EXCEL_1904 = "EXCEL1904"
    UNIX = "UNIX"
    UNIX_MS = "UNIXMS"


# Recognised from values; the days since 1904 look like those since 1900 and have to be asked for.
CALENDAR = (Order.YMD, Order.DMY, Order.MDY)
_COUNTED = {5: Order.EXCEL, 10: Order.UNIX, 13: Order.UNIX_MS}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janeiro", "feb february fev fevereiro", "mar march março marco", "apr april abr abril",
            "may mai maio", "jun june junho", "jul july julho", "aug august ago agosto",
            "sep sept september set setembro", "oct october out outubro", "nov november novembro",
            "dec december dez dezembro",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = r"(?:(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|seg|ter|qua|qui|sex|s[aá]b|dom)[a-zç]*(?:-feira)?\.?,?\s+)?"
_TIME = (
    r"(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2}))(?:[:m](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?s?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<offset>z|utc|gmt|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?)?"
)
_AFTER = rf"(?:(?:t|,?\s+(?:at\s+|às\s+|as\s+)?|\s*-\s+|:){_TIME})?"
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_AFTER}", re.IGNORECASE | re.ASCII)  # fmt: skip
_NUMBERS = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<s>[-/. ])(?P<b>\d{{1,2}})(?P=s)(?P<c>\d{{4}}|\d{{2}}){_AFTER}",
    re.IGNORECASE | re.ASCII,
)
_DAY_NAME = re.compile(
    rf"{_WEEKDAYS}(?P<d>\d{{1,2}})(?:st|nd|rd|th|º|o)?[-/.\s]*(?:de\s+|of\s+)?(?P<name>[a-zç]{{3,9}})\.?,?[-/.\s]*(?:de\s+)?"
    rf"(?P<y>\d{{4}}|\d{{2}}){_AFTER}",
    re.IGNORECASE,
)
_NAME_DAY = re.compile(
    rf"{_WEEKDAYS}(?P<name>[a-zç]{{3,9}})\.?[-/.\s]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/.,\s]+(?P<y>\d{{4}}){_AFTER}",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[tT ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<part>(?!))?(?P<half>(?!))?"
    r"(?P<offset>[zZ]|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_EIGHT = re.compile(r"\d{8}", re.ASCII)
_COUNT = re.compile(r"\d{1,13}(?:[.,]\d{1,12})?", re.ASCII)
_FORMS = (
    ("year", _YEAR_FIRST),
    ("numbers", _NUMBERS),
    ("compact", _COMPACT),
    ("name", _DAY_NAME),
    ("name", _NAME_DAY),
)
# Two digits of a year: 69 to 99 are of the last century, as POSIX has it.
_PIVOT = 69


@dataclass(frozen=True, slots=True)
class When:
    """What a text says: the day, the time of day where it names one, and minutes east of UTC where it names them."""

    day: date
    time: time | None = None
    offset: int | None = None


def orders(text: str) -> frozenset[Order]:
    """The orders in which a text can be read as a date; empty when in none."""
    text = text.strip()
    form, match = _form(text)
    found = {order for order in CALENDAR if _tried(form, match, text, order) is not None}
    if not found or (len(text) == 5 and text.isascii() and text.isdigit()):
        whole = re.split(r"[.,]", text)[0]
        counted = _COUNTED.get(len(whole)) if _COUNT.fullmatch(text) else None
        if counted is not None and read(text, counted) is not None:
            found.add(counted)
    return frozenset(found)


def separator(text: str) -> str:
    """What stands between day, month and year where all three are numbers and none is a year of four digits in front."""
    match = _NUMBERS.match(text.strip())
    return match["s"] if match is not None else ""


def read(text: str, order: Order) -> When | None:
    """What a text says when it is read in this order; None when it is no date then."""
    text = text.strip()
    if order in CALENDAR:
        return _tried(*_form(text), text, order)
    try:
        return _counted(text, order)
    except (ValueError, OverflowError):
        return None


def _form(text: str) -> tuple[str, re.Match[str] | None]:
    """How a text is written, and its parts: matched once, whatever order it is then read in."""
    for name, pattern in _FORMS:
        if match := pattern.fullmatch(text):
            return name, match
    return "", None


def _tried(form: str, match: re.Match[str] | None, text: str, order: Order) -> When | None:
    try:
        return _in_order(form, match, text, order) if match is not None else None
    except (ValueError, OverflowError):
        return None


def _in_order(form: str, match: re.Match[str], text: str, order: Order) -> When | None:
    if form == "year":
        return _when(match, int(match["y"]), int(match["m"]), int(match["d"]))
    if form == "numbers":
        return _by_order(match, (match["a"], match["b"], match["c"]), order)
    if form == "name":
        month = _MONTHS.get(match["name"].lower())
        return _when(match, _year(match["y"]), month, int(match["d"])) if month else None
    if order is Order.YMD:
        year = int(match["y"])
        return _when(match, year, int(match["m"]), int(match["d"])) if 1700 <= year <= 2500 else None
    return _plain((text[:2], text[2:4], text[4:]), order) if _EIGHT.fullmatch(text) else None


def _by_order(match: re.Match[str], parts: tuple[str, str, str], order: Order) -> When | None:
    if order is Order.YMD:
        if len(parts[2]) == 4 or len(parts[0]) != 2:
            return None
        return _when(match, _year(parts[0]), int(parts[1]), int(parts[2]))
    day, month = (parts[0], parts[1]) if order is Order.DMY else (parts[1], parts[0])
    return _when(match, _year(parts[2]), int(month), int(day))


def _plain(parts: tuple[str, str, str], order: Order) -> When | None:
    day, month = (parts[0], parts[1]) if order is Order.DMY else (parts[1], parts[0])
    year = int(parts[2])
    return When(date(year, int(month), int(day))) if 1700 <= year <= 2500 else None


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _when(match: re.Match[str], year: int, month: int, day: int) -> When:
    found = date(year, month, day)
    if match["hour"] is None:
        return When(found)
    hour, half = int(match["hour"]), (match["half"] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((match["part"] or "0")[:6].ljust(6, "0"))
    clock = time(hour, int(match["minute"]), int(match["second"] or 0), micro)
    return When(found, clock, _offset(match["offset"]))


def _offset(text: str | None) -> int | None:
    if not text:
        return None
    digits = re.sub(r"\D", "", text)
    if not digits:
        return 0
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    if minutes > 14 * 60:
        raise ValueError
    return -minutes if "-" in text else minutes


def _counted(text: str, order: Order) -> When | None:
    if not _COUNT.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    if order in (Order.UNIX, Order.UNIX_MS):
        moment = datetime.fromtimestamp(0, UTC) + timedelta(
            seconds=number / (1000 if order is Order.UNIX_MS else 1)
        )
        return When(moment.date(), moment.time(), 0)
    days = int(number)
    seconds = round((number - days) * 86400)
    if order is Order.EXCEL_1904:
        start = date(1904, 1, 1)
    else:
        # Excel counts a 29 February 1900, which there was not: day 60 is no day.
        if days in (0, 60):
            return None
        start = date(1899, 12, 30) if days > 60 else date(1899, 12, 31)
    moment = datetime.combine(start, time()) + timedelta(days=days, seconds=seconds)
    return When(moment.date(), moment.time() if seconds or "." in text or "," in text else None)


def pattern(text: str, order: Order) -> str:
    """How a text is written, for people: `DD/MM/YYYY hh:mm`."""
    text = text.strip()
    if order not in CALENDAR:
        return {Order.UNIX: "UNIX", Order.UNIX_MS: "UNIX ms", Order.EXCEL_1904: "Excel 1904"}.get(
            order, "Excel"
        )
    if match := _YEAR_FIRST.fullmatch(text):
        return match["s"].join(("YYYY", "MM", "DD")) + _clock_pattern(match)
    if match := _NUMBERS.fullmatch(text):
        year = "YYYY" if len(match["c"]) == 4 else "YY"
        parts = {Order.DMY: ("DD", "MM", year), Order.MDY: ("MM", "DD", year), Order.YMD: ("YY", "MM", "DD")}
        return match["s"].join(parts[order]) + _clock_pattern(match)
    if _EIGHT.fullmatch(text):
        return {Order.DMY: "DDMMYYYY", Order.MDY: "MMDDYYYY"}.get(order, "YYYYMMDD")
    if match := _COMPACT.fullmatch(text):
        return "YYYYMMDDhhmmss"[: 14 if match["second"] else 12]
    if match := _DAY_NAME.fullmatch(text):
        return "DD MMM YYYY" + _clock_pattern(match)
    return "MMM DD YYYY" + ("" if (match := _NAME_DAY.fullmatch(text)) is None else _clock_pattern(match))


def _clock_pattern(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    return " hh:mm" + (":ss" if match["second"] else "") + (" AM/PM" if match["half"] else "")


def order_of(text: str) -> Order:
    """The order a person names: `DD/MM/YYYY`, `mdy`, `excel` …; raises BadInput for anything else."""
    word = re.sub(r"[\W_]", "", text.upper())
    named = {"ISO": Order.YMD, "SERIAL": Order.EXCEL, "EXCEL1900": Order.EXCEL, "EPOCH": Order.UNIX}
    if word in named:
        return named[word]
    if word in {order.value for order in Order}:
        return Order(word)
    # Hours and minutes may follow; of `MM` only the first is the month.
    letters = "".join(dict.fromkeys(re.sub(r"[^DMYA]", "", word.replace("A", "Y"))))[:3]
    if letters in CALENDAR:
        return Order(letters)
    raise BadInput(
        _("{text} is no format of dates.").format(text=text),
        next_step=_("Give one such as DD/MM/YYYY, MM/DD/YYYY, YYYY-MM-DD, EXCEL, EXCEL1904, UNIX or UNIXMS."),
    )


@lru_cache
def zone_of(name: str) -> tzinfo:
    """The zone of a name (`America/Sao_Paulo`), UTC for none, or an offset (`-03:00`); raises BadInput when there is none."""
    if name.upper() in ("", "UTC", "GMT", "Z"):
        return UTC
    if match := re.fullmatch(r"(?:UTC|GMT)?([+-]\d{1,2})(?::?(\d{2}))?", name, re.ASCII):
        minutes = abs(int(match[1])) * 60 + int(match[2] or 0)
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=-minutes if match[1].startswith("-") else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            _("There is no time zone {name}.").format(name=name),
            next_step=_("Give one such as America/Sao_Paulo, Europe/Lisbon, UTC or -03:00."),
        ) from error


class NoSuchTime(ValueError):
    """The clocks were put forward over this time."""


def in_utc(when: When, zone: tzinfo) -> tuple[datetime, bool]:
    """The moment in UTC, and whether the clocks showed this time twice, of which the first is taken.

    A time the clocks never showed raises NoSuchTime. A day without a time begins at midnight, or where the clocks skip
    that, when the day begins.
    """
    local = datetime.combine(when.day, when.time or time())
    if when.offset is not None:
        return (local - timedelta(minutes=when.offset)).replace(tzinfo=UTC), False
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return local.replace(tzinfo=zone).astimezone(UTC), False
    assert first is not None
    assert second is not None
    if first < second and when.time is not None:
        raise NoSuchTime
    # Before a gap the offset of fold 0 leads to the moment the clocks were put forward.
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC), first > second and when.time is not None


def iso(moment: datetime) -> str:
    """A moment of UTC as an org takes it; thousandths only where there are any."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{moment.microsecond // 1000:03d}Z" if moment.microsecond >= 1000 else text + "Z"
