"""The practice org beside the window: found or started when asked for, ended with the studio if it was ours."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject, Signal

from studio.practice.ready import Ready
from studio.practice.shared import SharedPractice
from ui.bridge.session import Session


class Practice(QObject):
    """`changed` tells that it has been started or ended."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._shared: SharedPractice | None = None
        session.ends.append(self.end)

    @property
    def ready(self) -> Ready | None:
        """Where it is and how to sign in; None while it is not known to run."""
        return self._shared.ready if self._shared is not None else None

    async def start(self) -> Ready:
        """Find the org that runs on this computer, or start one."""
        if self._shared is None:
            # The org is a process of its own; only waiting for its first word would block, so that is not done here.
            self._shared = await asyncio.get_running_loop().run_in_executor(None, SharedPractice)
            self.changed.emit()
        return self._shared.ready

    async def end(self) -> None:
        """End it if it was started here; its records are kept."""
        shared, self._shared = self._shared, None
        if shared is not None:
            await asyncio.get_running_loop().run_in_executor(None, shared.close)
            self.changed.emit()
