"""The org's clock: the real time, plus what a test has moved it by (results expire after seven days)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """`now()` is UTC, aware; `move` jumps forwards or backwards."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """The org's time."""
        return datetime.now(UTC) + self._offset

    def move(self, by: timedelta) -> datetime:
        """Jump and return the new time."""
        self._offset += by
        return self.now()


def stored(moment: datetime) -> str:
    """A moment as the org keeps it: UTC to the second, `2026-03-01T09:30:00.000Z`; sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def in_json(text: str) -> str:
    """The same moment as REST answers spell it: `+0000` in place of `Z`."""
    return text[:-1] + "+0000"
