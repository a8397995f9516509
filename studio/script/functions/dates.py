"""Functions of dates. A date may be given as text in the usual forms; null gives null."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from studio.base.i18n import N_, _
from studio.base.lazily import Lazily
from studio.script.errors import RunError
from studio.script.functions.arguments import text, whole
from studio.script.functions.masks import by_mask, read_by_mask
from studio.script.functions.reading_dates import parse_date
from studio.script.functions.registry import function
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import date_text, kind_of, plain_date, shifted, truth_of

if TYPE_CHECKING:
    import zoneinfo
else:
    zoneinfo = Lazily("zoneinfo")

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def date_of(name: str, value: Value) -> datetime:
    """A date, or text read as one. Raises RunError for anything else."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return parse_date(value)
    raise RunError(_("{function} needs a date, not {kind}.").format(function=name, kind=kind_of(value)))


@function(
    "date",
    "Now(): date",
    N_("The current date and time (UTC), in whole seconds."),
    "Now()",
    "2026-03-01 17:30:05",
    host=True,
)
def _now(host: Host) -> datetime:
    return host.now().replace(microsecond=0)


@function(
    "date",
    "Now_(): date",
    N_("The current date and time (UTC), with milliseconds."),
    "Now_()",
    "2026-03-01 17:30:05.678",
    host=True,
)
def _now_(host: Host) -> datetime:
    now = host.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@function(
    "date",
    "DayOfMonth(d: date|string): number",
    N_("The day of the month, 1 to 31."),
    "DayOfMonth('2026-03-01')",
    "1",
)
def _day(value: Value) -> Value:
    return None if value is None else date_of("DayOfMonth", value).day


@function(
    "date",
    "DayOfWeek(d: date|string): number",
    N_("The day of the week; Sunday is 0."),
    "DayOfWeek('2026-03-01')",
    "0",
)
def _weekday(value: Value) -> Value:
    return None if value is None else date_of("DayOfWeek", value).isoweekday() % 7


@function(
    "date", "MonthOfYear(d: date|string): number", N_("The month, 1 to 12."), "MonthOfYear('2026-03-01')", "3"
)
def _month(value: Value) -> Value:
    return None if value is None else date_of("MonthOfYear", value).month


@function(
    "date",
    "LastDayOfMonth(d: date|string): date",
    N_("Midnight at the start of the month's last day."),
    "LastDayOfMonth('2024-02-13')",
    "2024-02-29 00:00:00",
)
def _last_day(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("LastDayOfMonth", value)
    return datetime(date.year, date.month, calendar.monthrange(date.year, date.month)[1])


def _clock(date: datetime) -> str:
    return f"{date.hour % 12 or 12:02}:{date.minute:02}"


def _half(date: datetime) -> str:
    return "PM" if date.hour >= 12 else "AM"


@function(
    "date",
    "GeneralDate(d: date|string): string",
    N_("A date as 03/01/2026 05:30:00 PM."),
    "GeneralDate('2026-03-01 17:30:00')",
    "'03/01/2026 05:30:00 PM'",
)
def _general_date(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("GeneralDate", value)
    return f"{date.month:02}/{date.day:02}/{date.year:04} {_clock(date)}:{date.second:02} {_half(date)}"


@function(
    "date",
    "LongDate(d: date|string): string",
    N_("A date as Sunday, March 1, 2026."),
    "LongDate('2026-03-01')",
    "'Sunday, March 1, 2026'",
)
def _long_date(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("LongDate", value)
    return f"{DAYS[date.weekday()]}, {MONTHS[date.month - 1]} {date.day}, {date.year}"


@function(
    "date",
    "MediumDate(d: date|string): string",
    N_("A date as 01-Mar-26."),
    "MediumDate('2026-03-01')",
    "'01-Mar-26'",
)
def _medium_date(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("MediumDate", value)
    return f"{date.day:02}-{MONTHS[date.month - 1][:3]}-{date.year % 100:02}"


@function(
    "date",
    "ShortDate(d: date|string): string",
    N_("A date as 3/1/26."),
    "ShortDate('2026-03-01')",
    "'3/1/26'",
)
def _short_date(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("ShortDate", value)
    return f"{date.month}/{date.day}/{date.year % 100:02}"


@function(
    "date",
    "LongTime(d: date|string): string",
    N_("A time as 05:30:00 PM."),
    "LongTime('2026-03-01 17:30:00')",
    "'05:30:00 PM'",
)
def _long_time(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("LongTime", value)
    return f"{_clock(date)}:{date.second:02} {_half(date)}"


@function(
    "date",
    "MediumTime(d: date|string): string",
    N_("A time as 05:30 PM."),
    "MediumTime('2026-03-01 17:30:00')",
    "'05:30 PM'",
)
def _medium_time(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("MediumTime", value)
    return f"{_clock(date)} {_half(date)}"


@function(
    "date",
    "ShortTime(d: date|string): string",
    N_("A time as 17:30."),
    "ShortTime('2026-03-01 17:30:00')",
    "'17:30'",
)
def _short_time(value: Value) -> Value:
    if value is None:
        return None
    date = date_of("ShortTime", value)
    return f"{date.hour:02}:{date.minute:02}"


@function(
    "date",
    "FormatDate(d: date|string, format: string): string",
    N_("A date by a mask: yyyy yy year, mm month, dd day, HH hour, MM minute, SS second."),
    "FormatDate('2026-03-01', 'dd.mm.yyyy')",
    "'01.03.2026'",
)
def _format_date(value: Value, mask: Value) -> Value:
    if value is None or value == "":
        return value
    return by_mask(date_of("FormatDate", value), text(mask))


@function(
    "date",
    "CVTDate(d: date|string, inputFormat: string, outputFormat: string): string",
    N_("A date's text rewritten from one mask to another (see FormatDate)."),
    "CVTDate('01.03.2026', 'dd.mm.yyyy', 'yyyy-mm-dd')",
    "'2026-03-01'",
)
def _convert_date(value: Value, read: Value, write: Value) -> Value:
    if value is None or value == "":
        return value
    date = value if isinstance(value, datetime) else read_by_mask(text(value), text(read))
    return by_mask(date, text(write))


@function(
    "date",
    "DateAdd(datePart: string, number: number, d: date|string): string",
    N_("The text of a date some time later; the part is yyyy, mm, dd, HH, MM or SS."),
    "DateAdd('mm', 1, '2026-01-31')",
    "'2026-02-28 00:00:00'",
)
def _date_add(part: Value, amount: Value, value: Value) -> Value:
    if value is None:
        return None
    date, count = plain_date(date_of("DateAdd", value)), whole(amount)
    name = text(part)
    seconds = {"dd": 86_400, "HH": 3600, "MM": 60, "SS": 1, "d": 86_400, "hh": 3600, "ss": 1}.get(name)
    if seconds is not None:
        return date_text(shifted(date, seconds * count))
    if name in ("mm", "yyyy", "yy", "m"):
        return date_text(months_later(date, count if name in ("mm", "m") else count * 12))
    raise RunError(
        _("DateAdd knows no part {part}.").format(part=name),
        next_step=_("Use yyyy, mm, dd, HH, MM or SS."),
    )


def months_later(date: datetime, months: int) -> datetime:
    """The same day some months later, or the month's last day when it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise RunError(_("The date leaves the years 1 to 9999."))
    return date.replace(
        year=year, month=month + 1, day=min(date.day, calendar.monthrange(year, month + 1)[1])
    )


def _zone(name: Value) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(text(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RunError(
            _("There is no time zone {name}.").format(name=text(name)),
            next_step=_("Use a name such as UTC or America/Sao_Paulo."),
        ) from error


def _zoned(name: str, value: Value, zone: Value, european: Value) -> datetime:
    date = parse_date(value, day_first=truth_of(european)) if isinstance(value, str) else date_of(name, value)
    return plain_date(date).replace(tzinfo=_zone(zone))


def _standard(date: datetime) -> datetime:
    """The same wall clock without daylight saving."""
    saving = date.dst() or timedelta()
    return date - saving


@function(
    "date",
    "ConvertTimeZone(d: date|string, fromTZ: string, toTZ: string, is_european_format?: bool, ignoreDST?: bool): string",
    N_("The text of a date moved from one time zone to another."),
    "ConvertTimeZone('2026-03-01 12:00:00', 'UTC', 'America/Sao_Paulo')",
    "'2026-03-01 09:00:00'",
)
def _convert_zone(
    value: Value, start: Value, end: Value, european: Value = False, ignore: Value = False
) -> Value:
    if value is None:
        return None
    here = _zoned("ConvertTimeZone", value, start, european)
    there = here.astimezone(_zone(end))
    if truth_of(ignore):
        there = _standard(there) + (here.dst() or timedelta())
    return date_text(there.replace(tzinfo=None))


@function(
    "date",
    "GetUTCFormattedDate(d: date|string, time_zone_id: string, is_european_format?: bool): string",
    N_("The UTC date, as 2026-03-01, of a date in a time zone."),
    "GetUTCFormattedDate('2026-03-01 22:30:00', 'America/Sao_Paulo')",
    "'2026-03-02'",
)
def _utc_date(value: Value, zone: Value, european: Value = False) -> Value:
    if value is None:
        return None
    date = _zoned("GetUTCFormattedDate", value, zone, european).astimezone(zoneinfo.ZoneInfo("UTC"))
    return by_mask(date, "yyyy-mm-dd")


@function(
    "date",
    "GetUTCFormattedDateTime(d: date|string, time_zone_id: string, is_european_format?: bool): string",
    N_("The UTC date and time, as 2026-03-01T01:30:00.000Z, of a date in a time zone."),
    "GetUTCFormattedDateTime('2026-03-01 22:30:00', 'America/Sao_Paulo')",
    "'2026-03-02T01:30:00.000Z'",
)
def _utc_date_time(value: Value, zone: Value, european: Value = False) -> Value:
    if value is None:
        return None
    date = _zoned("GetUTCFormattedDateTime", value, zone, european).astimezone(zoneinfo.ZoneInfo("UTC"))
    return by_mask(date, "yyyy-mm-ddTHH:MM:SS") + f".{date.microsecond // 1000:03}Z"
