"""Numbers, durations and dates as the active language writes them."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from studio.base.i18n import _, language


def locale() -> QLocale:
    """Qt's locale of the active language."""
    return QLocale("pt_BR" if language() == "pt_BR" else "en_US")


def count(number: int) -> str:
    """`48,212` or `48.212`."""
    return locale().toString(number)


def share(part: float) -> str:
    """`64 %` of a share from 0 to 1."""
    return _("{percent} %").format(percent=locale().toString(round(part * 100)))


def duration(seconds: float) -> str:
    """`0.4 s`, `40 s`, `3 min 10 s`, `2 h 05 min`."""
    if seconds < 10:
        return _("{seconds} s").format(seconds=locale().toString(seconds, "f", 1))
    whole = round(seconds)
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    if whole < 3600:
        return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=f"{whole % 3600 // 60:02d}")


def roughly(seconds: float) -> str:
    """`5 s`: a guess has no tenths, and is never nothing."""
    return _("{seconds} s").format(seconds=max(1, round(seconds))) if seconds < 10 else duration(seconds)


def rate(per_second: float) -> str:
    """`248 rows/s`."""
    return _("{number}/s").format(number=count(round(per_second)))


def when(moment: float, *, now: float | None = None) -> str:
    """`today, 13:40`, `yesterday, 9:12` or `19 November` of seconds since 1970."""
    at = datetime.fromtimestamp(moment)
    today = datetime.fromtimestamp(time.time() if now is None else now).date()
    clock = locale().toString(
        QDate(at.year, at.month, at.day).startOfDay().addSecs(_second(at)).time(), "HH:mm"
    )
    if at.date() == today:
        return _("today, {time}").format(time=clock)
    if at.date() == today - timedelta(days=1):
        return _("yesterday, {time}").format(time=clock)
    return day(at.date(), today)


def day(at: date, today: date) -> str:
    """`19 November`, with the year if it is another one."""
    pattern = "d MMMM" if at.year == today.year else "d MMMM yyyy"
    return locale().toString(QDate(at.year, at.month, at.day), pattern)


def _second(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
