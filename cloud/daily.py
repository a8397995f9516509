"""What the server does by itself: sign the audit's heads, and whatever packages hang up at `Server.daily`."""

from __future__ import annotations

import logging
import threading

from cloud.audit.heads import sign_today
from cloud.log import event
from cloud.server import Server

EVERY_SECONDS = 3600.0


class Daily:
    """A thread that does everything at the start and then every hour; each task finds out whether it is time."""

    def __init__(self, server: Server, every: float = EVERY_SECONDS) -> None:
        self._server = server
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weft-daily")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for the task that is running."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self.once()
            if self._stop.wait(self._every):
                return

    def once(self) -> None:
        """Do everything once; what fails is logged and tried again the next time."""
        for task in (sign_today, *self._server.daily):
            if self._stop.is_set():
                return
            try:
                task(self._server)
            except Exception as error:
                event("daily_failed", level=logging.ERROR, error=error, task=task.__name__)
