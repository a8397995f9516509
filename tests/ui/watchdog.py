"""Fails a test in which one event handler worked for more than 100 ms: the window must never work."""

from __future__ import annotations

import os
import time

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject
from PySide6.QtWidgets import QApplication

# With CI set the machine may be shared by the second, and a clock of CPU time counts what the host steals: there only a
# handler that nobody could overlook fails; the bound proper is held on a developer's own machine.
LIMIT = 1.0 if os.environ.get("CI") else 0.100
# What `_loop` takes on a desktop computer of 2020 that does nothing else. Where it takes longer (an old machine, or one
# whose cores are shared by many programs) a handler may take longer by as much.
USUAL = 0.006
# Painting everything anew without a graphics card, and showing a window, are the platform's work.
EXEMPT = {
    QEvent.Type.Paint,
    QEvent.Type.UpdateRequest,
    QEvent.Type.Show,
    QEvent.Type.Polish,
    QEvent.Type.Expose,
    # What follows it is the showing of the dialog that blocks the others.
    QEvent.Type.WindowBlocked,
}


class Watchdog(QObject):
    """Takes the processor time of this thread between one event and the next.

    The time others take of the processor does not count, so that a loaded machine fails nobody.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._limit = LIMIT
        self._at: tuple[float, str] | None = None
        self._on = False
        self.late: list[tuple[str, float]] = []

    def start(self) -> None:
        """Watch from now on."""
        self._on = True
        self._limit = LIMIT * _slowness()
        self._app.installEventFilter(self)
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.aboutToBlock.connect(self._end)

    def stop(self) -> None:
        """Stop watching."""
        if self._on:
            self._on = False
            self._app.removeEventFilter(self)
            dispatcher = QAbstractEventDispatcher.instance()
            assert dispatcher is not None
            dispatcher.aboutToBlock.disconnect(self._end)
            self._end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The event before this one has been handled."""
        self._end()
        if event.type() not in EXEMPT:
            self._at = (time.thread_time(), f"{event.type().name} to {type(watched).__name__}")
        return False

    def check(self) -> None:
        """Fail if a handler was late."""
        limit = max(self._limit, LIMIT * _slowness())
        late = [f"{what}: {spent * 1000:.0f} ms" for what, spent in self.late if spent > limit]
        assert not late, f"event handlers over {limit * 1000:.0f} ms: {late}"

    def _end(self) -> None:
        if self._at is not None:
            spent = time.thread_time() - self._at[0]
            if spent > LIMIT:
                self.late.append((self._at[1], spent))
            self._at = None


def _slowness() -> float:
    """How much slower than usual this thread computes just now, 1 or more."""
    start = time.thread_time()
    total = 0
    for number in range(100_000):
        total += number
    return max(1.0, (time.thread_time() - start) / USUAL)
