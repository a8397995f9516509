"""One object per mouse gesture. The area knows which one is going on; Esc cancels it, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, QTimer, Signal


class Gesture(Protocol):
    """From the press of a button to its release. Points are in screen coordinates."""

    def move(self, point: QPoint) -> None:
        """The pointer moved."""

    def finish(self, point: QPoint) -> None:
        """The button was released: do it."""

    def cancel(self) -> None:
        """Leave everything as it was."""


class GestureArea(QObject):
    """Where the gestures of one canvas happen; at most one at a time."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.active: Gesture | None = None

    def start(self, gesture: Gesture) -> None:
        """Begin a gesture; one still going on is cancelled."""
        self.cancel()
        self.active = gesture
        self.changed.emit()

    def move(self, point: QPoint) -> bool:
        """Pass on a move; tells whether a gesture took it."""
        if self.active is None:
            return False
        self.active.move(point)
        return True

    def finish(self, point: QPoint) -> bool:
        """Pass on the release; tells whether a gesture took it."""
        gesture, self.active = self.active, None
        if gesture is None:
            return False
        gesture.finish(point)
        self.changed.emit()
        return True

    def cancel(self) -> bool:
        """Give up what is going on; tells whether something was."""
        gesture, self.active = self.active, None
        if gesture is None:
            return False
        gesture.cancel()
        self.changed.emit()
        return True


class ColumnDrag:
    """Drags the left edge of a value column."""

    def __init__(self, start: QPoint, width: int, resize: Callable[[int], None]) -> None:
        self._start = start
        self._width = width
        self._resize = resize

    def move(self, point: QPoint) -> None:
        """The column grows to the left."""
        self._resize(self._width + self._start.x() - point.x())

    def finish(self, point: QPoint) -> None:
        """Keep the width reached."""
        self.move(point)

    def cancel(self) -> None:
        """Back to the width before."""
        self._resize(self._width)


class DropZone(Protocol):
    """A tree that takes drops."""

    def row_at_screen(self, point: QPoint) -> int:
        """The row under a point of the screen, -1 outside."""

    def show_drop(self, row: int) -> None:
        """Frame the row a drop would hit; -1 none."""

    def scroll_near_edge(self, point: QPoint) -> None:
        """Scroll one step when the pointer is near the upper or lower edge."""


class Follower(Protocol):
    """What is painted between the start of a drag and the pointer."""

    def follow(self, point: QPoint, *, allowed: bool) -> None:
        """The pointer is here, over something that takes the drop or not."""

    def end(self) -> None:
        """Paint nothing any more."""


@dataclass(frozen=True)
class Target:
    """A tree a drag may end in: which rows take it, and what a drop on one does."""

    zone: DropZone
    allows: Callable[[int], bool]
    drop: Callable[[int, QPoint], None]


class DragRows:
    """Drags rows of a tree onto a row of one of the targets."""

    _SCROLL_EVERY = 30

    def __init__(self, targets: Sequence[Target], follower: Follower, parent: QObject) -> None:
        self._targets = targets
        self._follower = follower
        self._point = QPoint()
        # With a parent the timer ends with the canvas, should it be closed during a drag.
        self._timer = QTimer(parent, interval=self._SCROLL_EVERY)
        self._timer.timeout.connect(self._scroll)
        self._timer.start()

    def move(self, point: QPoint) -> None:
        """Show where the drop would go."""
        self._point = point
        allowed = False
        for target in self._targets:
            row = self._row(target, point)
            allowed = allowed or row >= 0
            target.zone.show_drop(row)
        self._follower.follow(point, allowed=allowed)

    def finish(self, point: QPoint) -> None:
        """Drop on the row under the pointer, if it takes it."""
        found = [(target, self._row(target, point)) for target in self._targets]
        self.cancel()
        for target, row in found:
            if row >= 0:
                target.drop(row, point)
                return

    def cancel(self) -> None:
        """Nothing happened."""
        self._timer.stop()
        self._timer.deleteLater()
        for target in self._targets:
            target.zone.show_drop(-1)
        self._follower.end()

    def _row(self, target: Target, point: QPoint) -> int:
        row = target.zone.row_at_screen(point)
        return row if row >= 0 and target.allows(row) else -1

    def _scroll(self) -> None:
        for target in self._targets:
            target.zone.scroll_near_edge(self._point)
