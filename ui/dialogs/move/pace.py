"""How fast a move goes and how long it still takes, as a person can read it: no figure jumps from report to report."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The rate is averaged over half the time the move has gone on, at least and at most so many seconds: a long move has a
# long memory. The first so many seconds say nothing about time left.
_LEAST, _MOST = 8.0, 90.0
_FIRST = 2.0
# A new estimate is shown when it is off by more than this share of what is left.
_OFF = 0.2


@dataclass(frozen=True)
class Shown:
    """Rows a second, and seconds left in round numbers; None while nobody can say."""

    rate: float
    left: float | None


class Pace:
    """Fed with each report: the moment (s) and the rows answered so far."""

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None
        self._begun = 0.0
        self._rate = 0.0
        self._ends: float | None = None

    def add(self, now: float, answered: int, rows: int) -> Shown:
        """Take a report in; tells what to show of a move of so many rows."""
        if self._last is None:
            self._last, self._begun = (now, answered), now
        before, seen = self._last
        if now - before > 0.2:
            fresh = (answered - seen) / (now - before)
            # The share a report has grows with the time it covers, so that their number does not matter.
            memory = min(max((now - self._begun) / 2, _LEAST), _MOST)
            share = 1.0 if not self._rate else 1 - math.exp((before - now) / memory)
            self._rate += (fresh - self._rate) * share
            self._last = (now, answered)
        return Shown(self._rate, self._left(now, max(rows - answered, 0)))

    def _left(self, now: float, rows: int) -> float | None:
        if self._rate <= 0 or now - self._begun < _FIRST:
            return None
        ends = now + rows / self._rate
        if self._ends is None or abs(ends - self._ends) > max(2.0, _OFF * (ends - now)):
            self._ends = ends
        return rounded(max(self._ends - now, 0.0))


def rounded(seconds: float) -> float:
    """To 5 s below a minute, to 10 s below ten, else to the minute; never 0."""
    step = 5 if seconds < 60 else 10 if seconds < 600 else 60
    return float(max(step, math.ceil(seconds / step) * step))
