"""The check of the whole project, some time after an edit: piece by piece, when nobody waits for anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from studio.base.errors import Problem, Severity
from ui.bridge.session import Session
from ui.bridge.tasks import breathing

# How often (ms) what waits for values a person is waiting for looks again.
CALM = 20
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


class ProjectCheck(QObject):
    """Checks the open project after a while and tells `show` what is wrong; `hurried` tells that it should wait."""

    def __init__(
        self,
        session: Session,
        hurried: Callable[[], bool],
        show: Callable[[tuple[Problem, ...]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._hurried, self._show = session, hurried, show
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._check)

    def start(self, after: int) -> None:
        """Check after so many milliseconds, unless it is put off again meanwhile."""
        self._soon.start(after)

    def stop(self) -> None:
        """Check no more."""
        self._soon.stop()

    def _check(self) -> None:
        if self._hurried():
            self._soon.start(CALM)
        elif self._session.workspace is not None:
            self._session.tasks.spawn(self._check_in_steps(), quiet=True)

    async def _check_in_steps(self) -> None:
        """The whole check of a project takes too long for one event; what has not changed costs nothing."""
        session = self._session
        stale = await session.unparsed_schemas()
        if stale:
            await session.tasks.felt(session.parse_schemas(stale))
        workspace = session.workspace
        if workspace is None:
            return
        project = workspace.project
        async for _step in breathing(workspace.check_steps()):
            while self._hurried():
                await asyncio.sleep(CALM / 1000)
            if session.workspace is not workspace or workspace.project is not project:
                # What changed it has asked for a check of its own; finding the rest out here would be one long event.
                return
        self._show(workspace.problems)


def worst_of(problems: tuple[Problem, ...]) -> dict[str, Severity]:
    """The gravest problem of each object that has one."""
    worst: dict[str, Severity] = {}
    for problem in problems:
        id = problem.object
        if id and (id not in worst or _ORDER.index(problem.severity) < _ORDER.index(worst[id])):
            worst[id] = problem.severity
    return worst
