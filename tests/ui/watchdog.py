"""Fails a test in which one event handler worked for more than 100 ms: the window must never work."""

from __future__ import annotations

import time

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject
from PySide6.QtWidgets import QApplication

LIMIT = 0.100
# Painting everything anew without a graphics card, and showing a window, are the platform's work.
EXEMPT = {
    QEvent.Type.Paint,
    QEvent.Type.UpdateRequest,
    QEvent.Type.Show,
    QEvent.Type.Polish,
    QEvent.Type.Expose,
}


class Watchdog(QObject):
    """Takes the processor time of this thread between one event and the next.

    The time others take of the processor does not count, so that a loaded machine fails nobody.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._at: tuple[float, str] | None = None
        self._on = False
        self.late: list[str] = []

    def start(self) -> None:
        """Watch from now on."""
        self._on = True
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
        assert not self.late, f"event handlers over {LIMIT * 1000:.0f} ms: {self.late}"

    def _end(self) -> None:
        if self._at is not None:
            spent = time.thread_time() - self._at[0]
            if spent > LIMIT:
                self.late.append(f"{self._at[1]}: {spent * 1000:.0f} ms")
            self._at = None
