"""Who wants to see each step of the way out, as the doctor does."""

from __future__ import annotations

import time
from typing import Protocol


class Observer(Protocol):
    """Is told each step when it is over."""

    def step(self, name: str, ok: bool, text: str, seconds: float, **facts: object) -> None:
        """`name` is one of setting, script, name, connection, scheme, sign-in, certificate, answer; no secret in it."""


class Unobserved:
    """Nobody looks."""

    def step(self, name: str, ok: bool, text: str, seconds: float, **facts: object) -> None:
        """Nothing."""


class Watch:
    """The seconds since it was made or last read."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last lap."""
        since, self._since = self._since, time.monotonic()
        return self._since - since
