"""What an edit leaves to be done once the values are there: a part at a time, between events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer

from ui.editors.mapping.map_state import HURRIED, MapState

# So long (seconds) work goes on between two events.
_SLICE = 0.01
Work = Callable[[], Iterable[object] | None]


class Quiet(QObject):
    """Keeps work by name until the map has no more hurry; the same work asked for again begins anew.

    `patience` is how long (seconds) after an edit a piece of work waits for values that are still to come. Of a small
    map nothing waits.
    """

    def __init__(self, map: MapState, parent: QObject) -> None:
        super().__init__(parent)
        self._map = map
        self._work: dict[str, tuple[Work, float]] = {}
        self._begun: dict[str, Iterator[object]] = {}
        self._pump = QTimer(self)
        self._pump.timeout.connect(self._go_on)

    def do(self, name: str, work: Work, patience: float) -> None:
        """Carry out `work` soon: a function, or one that gives its steps."""
        self._work[name] = work, patience
        self._begun.pop(name, None)
        self._pump.start(0)

    @property
    def waiting(self) -> frozenset[str]:
        """What is still to be done."""
        return frozenset(self._work)

    def stop(self) -> None:
        """Nothing more is to be done."""
        self._work.clear()
        self._pump.stop()

    def _go_on(self) -> None:
        until = time.perf_counter() + _SLICE
        while time.perf_counter() < until:
            name = next((name for name, (_work, most) in self._work.items() if self._calm(most)), None)
            if name is None:
                break
            self._step(name)
        if not self._work:
            self._pump.stop()
        else:
            self._pump.setInterval(
                0 if any(self._calm(most) for _work, most in self._work.values()) else HURRIED
            )

    def _calm(self, patience: float) -> bool:
        return not self._map.waits(patience)

    def _step(self, name: str) -> None:
        work = self._work[name]
        if name not in self._begun:
            steps = work[0]()
            if steps is None:
                self._end(name, work)
                return
            self._begun[name] = iter(steps)
        if next(self._begun[name], self) is self:
            self._end(name, work)

    def _end(self, name: str, work: tuple[Work, float]) -> None:
        # Unless it was asked for anew meanwhile.
        if self._work.get(name) is work:
            del self._work[name]
            self._begun.pop(name, None)
