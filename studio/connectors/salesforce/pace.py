"""How long to wait between two looks and for how long to go on trying."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Iterator

from studio.base.records import dataclass

_LONGEST_ASKED = 600.0


@dataclass(frozen=True)
class Pace:
    """Waits grow from `first` to `most` seconds by `growth`; trouble is borne for `patience` seconds in a row.

    Where nobody has answered yet, an address is given up after `opening` seconds: it may just be the wrong one.
    """

    first: float = 0.25
    most: float = 5.0
    growth: float = 1.5
    patience: float = 300.0
    opening: float = 10.0

    def waits(self) -> Iterator[float]:
        """The waits, without end."""
        wait = self.first
        while True:
            yield wait
            wait = min(wait * self.growth, self.most)


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
