"""Date literals such as LAST_MONTH and NEXT_N_DAYS:7, as spans of days; weeks begin on Sunday, fiscal years in January."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

# Name to whether it takes a number.
PERIODS: dict[str, bool] = {
    **dict.fromkeys(("yesterday", "today", "tomorrow", "last_90_days", "next_90_days"), False),
    **{
        f"{which}_{unit}": False
        for which in ("last", "this", "next")
        for unit in ("week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
    },
    **{
        f"{which}_n_{unit}": True
        for which in ("last", "next")
        for unit in ("days", "weeks", "months", "quarters", "years", "fiscal_quarters", "fiscal_years")
    },
    **{f"n_{unit}_ago": True for unit in ("days", "weeks", "months", "quarters", "years")},
}
_FARTHEST = 4000


def span(name: str, count: int, today: date) -> tuple[date, date]:
    """The first day and the day after the last. Raises OverflowError beyond the calendar."""
    if name in ("yesterday", "today", "tomorrow"):
        start = today + timedelta({"yesterday": -1, "today": 0, "tomorrow": 1}[name])
        return start, start + timedelta(1)
    name = name.replace("fiscal_", "").replace("90_days", "n_days")
    words = name.split("_")
    if words[0] == "n":
        return _unit(words[1].rstrip("s"), -count, -count, today)
    if words[1] != "n":
        offset = {"last": -1, "this": 0, "next": 1}[words[0]]
        return _unit(words[1], offset, offset, today)
    unit = words[2].rstrip("s")
    count = count or 90
    if unit == "day":
        # The last N days reach from N days ago to the end of today; the next N begin tomorrow.
        first, last = (-count, 0) if words[0] == "last" else (1, count)
    else:
        first, last = (-count, -1) if words[0] == "last" else (1, count)
    return _unit(unit, first, last, today)


def _unit(unit: str, first: int, last: int, today: date) -> tuple[date, date]:
    """From the start of the `first` unit from now to the end of the `last`."""
    starts: dict[str, Callable[[int], date]] = {
        "day": lambda n: today + timedelta(n),
        "week": lambda n: today - timedelta((today.weekday() + 1) % 7) + timedelta(weeks=n),
        "month": lambda n: _month(today.year, today.month + n),
        "quarter": lambda n: _month(today.year, (today.month - 1) // 3 * 3 + 1 + 3 * n),
        "year": lambda n: _month(today.year + n, 1),
    }
    start = starts[unit]
    return start(first), start(last + 1)


def _month(year: int, month: int) -> date:
    years, months = divmod(month - 1, 12)
    if not 0 < year + years <= _FARTHEST:
        raise OverflowError
    return date(year + years, months + 1, 1)
