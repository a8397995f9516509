"""Awaiting on the Qt loop: tasks are kept until done, errors are shown once, waiting shows after 300 ms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.errors import Cancelled
from ui.theme.metrics import BUSY_AFTER

Result = TypeVar("Result")
# How long work in steps goes on between two events, in seconds.
SLICE = 0.01


async def breathing(steps: Iterable[object]) -> AsyncIterator[None]:
    """Take steps one after the other; what waits in the window is handled whenever this has gone on for a moment."""
    until = time.perf_counter() + SLICE
    for _step in steps:
        if time.perf_counter() >= until:
            await asyncio.sleep(0)
            yield
            until = time.perf_counter() + SLICE


class Tasks(QObject):
    """Spawns coroutines on the running loop and keeps them alive. `busy` tells when waiting begins to be felt."""

    busy = Signal(bool)

    def __init__(self, show_error: Callable[[BaseException], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show_error = show_error
        self._tasks: set[asyncio.Task[object]] = set()
        self._felt = False
        self._waited_for = 0
        self._patience = QTimer(self, singleShot=True, interval=BUSY_AFTER)
        self._patience.timeout.connect(self._feel)

    @property
    def waiting(self) -> int:
        """How many tasks are going on."""
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, object], *, quiet: bool = False) -> asyncio.Task[object]:
        """Await `work`; its error is shown. A quiet one (a run, a question to a person) makes no busy mark."""
        task = asyncio.get_event_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if not quiet:
            self._begin()
            task.add_done_callback(lambda _task: self._relax())
        return task

    def quietly(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """`spawn` without a busy mark: for commands, which may ask a person and wait for the answer."""
        return self.spawn(work, quiet=True)

    async def felt(self, work: Awaitable[Result]) -> Result:
        """Await something inside a quiet task that a person waits for."""
        self._begin()
        try:
            return await work
        finally:
            self._relax()

    async def close(self) -> None:
        """Cancel what is still going on and wait for it."""
        self._patience.stop()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None and not isinstance(error, Cancelled):
            self._show_error(error)

    def _begin(self) -> None:
        self._waited_for += 1
        if not self._patience.isActive() and not self._felt:
            self._patience.start()

    def _relax(self) -> None:
        self._waited_for -= 1
        if self._waited_for:
            return
        self._patience.stop()
        if self._felt:
            self._felt = False
            self.busy.emit(False)

    def _feel(self) -> None:
        self._felt = True
        self.busy.emit(True)
