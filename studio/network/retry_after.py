"""How long a server asks to be left alone: the Retry-After header."""

from __future__ import annotations

import email.utils
import time

_LONGEST_ASKED = 600.0


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """The seconds a Retry-After header asks for (a number or a date), at most ten minutes; None without a usable one."""
    if not value:
        return None
    try:
        asked = float(value)
    except ValueError:
        try:
            when = email.utils.parsedate_to_datetime(value).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        asked = when - (time.time() if now is None else now)
    return min(max(asked, 0.0), _LONGEST_ASKED) if asked == asked else None
