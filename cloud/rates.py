"""How often a caller may ask: one leaky bucket each, in this process's memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

# Buckets kept; the emptiest half goes when there are more.
MOST = 20_000


class Rates:
    """Buckets by caller. A bucket of n a minute takes n at once and then one every 60/n seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, per_minute: int) -> int:
        """Count one request; 0, or the seconds after which to try again if it is one too many."""
        step = 60.0 / per_minute
        with self._lock:
            now = self._clock()
            level = max(self._full_until.get(caller, 0.0), now)
            over = level + step - now - 60.0
            if over > 1e-9:
                return max(1, math.ceil(over))
            if len(self._full_until) >= MOST:
                self._drop(now)
            self._full_until[caller] = level + step
            return 0

    def _drop(self, now: float) -> None:
        kept = {name: level for name, level in self._full_until.items() if level > now}
        if len(kept) > MOST // 2:
            kept = dict(sorted(kept.items(), key=lambda pair: pair[1])[-MOST // 2 :])
        self._full_until = kept
