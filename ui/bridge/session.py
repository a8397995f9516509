"""The open project, the agent and the preferences as Qt sees them: one object with few signals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio import settings as preferences
from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import BadInput, WeftError
from studio.mapping.model import SchemaUse
from studio.settings import Settings
from studio.workspace import Changes, Workspace
from ui.bridge.debugging import Debugging
from ui.bridge.errors import ErrorPresenter
from ui.bridge.repository import Repository
from ui.bridge.tasks import Tasks

# How often the folder is looked at for changes made outside, in milliseconds.
OUTSIDE_EVERY = 2000


class Session(QObject):
    """What the window works with.

    `opened` follows the opening and closing of a project, `changed` every change of it (Changes, initiator),
    `merging` that changes from outside are about to be taken in, `preferred` the preferences, `agent_changed` the
    agent's state, `ran` every event of every run.
    """

    opened = Signal()
    closing = Signal()
    changed = Signal(object, str)
    merging = Signal()
    preferred = Signal()
    agent_changed = Signal(str)
    ran = Signal(object)

    def __init__(self, agent: EmbeddedAgent, settings: Settings, errors: ErrorPresenter) -> None:
        super().__init__()
        self.agent = agent
        self.errors = errors
        self.tasks = Tasks(errors.show, self)
        self.settings = settings
        self.debugging = Debugging(agent, self.tasks.quietly, self._keep_debugging, _debugging(settings))
        self.workspace: Workspace | None = None
        self.repository = Repository(self.tasks.quietly, self)
        self._unlisten = [
            agent.changed.connect(self.agent_changed.emit),
            agent.run_event.connect(self.ran.emit),
        ]
        # The move's window is loaded when first wanted: it brings the HTTP client with it, a third of a second.
        self.open_move: Callable[[], object] = lambda: None
        self.open_several: Callable[[], object] = lambda: None
        self.open_orgs: Callable[[], object] = lambda: None
        # What else ends with the studio: windows of their own with a process behind them.
        self.ends: list[Callable[[], Awaitable[None]]] = []
        self.changed.connect(self._repository_looks)
        self._let_project_go: Callable[[], None] = lambda: None
        self._watch = QTimer(self, interval=OUTSIDE_EVERY)
        self._watch.timeout.connect(self._look)

    def open(self, folder: Path) -> Workspace:
        """Open a project instead of the one open now. Raises WeftError; the old project stays open then."""
        workspace = Workspace.open(folder)
        self.close_project()
        self.workspace = workspace
        self._let_project_go = workspace.changed.connect(self.changed.emit)
        workspace.merging.connect(self.merging.emit)
        self._watch.start()
        self.repository.follow(workspace.folder)
        self.opened.emit()
        return workspace

    def stale_schemas(self, refs: Iterable[str] | None = None) -> tuple[SchemaUse, ...]:
        """The large schemas that transformations (all, or those named) use and that nobody has parsed since they
        changed: the agent has to, before the window looks into them."""
        if self.workspace is None:
            return ()
        known = self.workspace.project.transformations
        chosen = [known[ref] for ref in (known if refs is None else refs) if ref in known]
        named = [use for each in chosen for use in (each.source, each.target) if use.schema]
        uses = {(use.schema, use.kind): use for use in named}
        return tuple(use for use in uses.values() if not self._is_fresh(use))

    def _is_fresh(self, use: SchemaUse) -> bool:
        assert self.workspace is not None
        try:
            return self.workspace.schemas.fresh(use)
        except WeftError:
            # What is wrong with it is told where it is read.
            return True

    async def unparsed_schemas(self) -> tuple[SchemaUse, ...]:
        """Those and the large ones that no map uses: what the agent has to parse before a check of the project."""
        workspace = self.workspace
        for _step in workspace.schema_steps() if workspace is not None else ():
            await asyncio.sleep(0)
            if self.workspace is not workspace:
                return ()
        waiting = workspace.waiting_schemas() if workspace is not None else ()
        return (*self.stale_schemas(), *(use for use in waiting if not self._is_fresh(use)))

    async def parse_schemas(self, uses: Iterable[SchemaUse]) -> None:
        """Have the agent parse schemas; one that cannot be read is told by whoever then asks for it."""
        for use in uses:
            workspace = self.workspace
            if workspace is not None:
                try:
                    await self.agent.read_schema(workspace.folder, use)
                except BadInput as error:
                    # Nobody has to try it again, least of all a window.
                    if error.file is not None:
                        workspace.schemas.refuse(use, error)
                except WeftError:
                    continue

    def close_project(self, *, discard: bool = False) -> None:
        """Close the project; unsaved work stays in its journal, discarded work a step of its history."""
        if self.workspace is None:
            return
        self.closing.emit()
        self.debugging.stop()
        self._watch.stop()
        workspace, self.workspace = self.workspace, None
        self._let_project_go()
        workspace.close(discard=discard)
        self.repository.follow(None)
        self.opened.emit()

    def check_outside(self) -> None:
        """Take in what git or an editor changed in the folder."""
        if self.workspace is None:
            return
        try:
            self.workspace.check_outside()
        except WeftError as error:
            self.errors.show(error)

    def _repository_looks(self, changes: Changes, initiator: str) -> None:
        if changes.saved or initiator == "outside":
            self.repository.look_soon()

    def _look(self) -> None:
        self.check_outside()
        if self.workspace is not None:
            self.workspace.sync()

    def prefer(self, settings: Settings) -> None:
        """Use and keep other preferences."""
        if settings != self.settings:
            self.settings = settings
            preferences.save(settings)
            self.preferred.emit()

    def _keep_debugging(self, kept: Mapping[str, Any]) -> None:
        # A disk that cannot be written costs only what is kept.
        with contextlib.suppress(WeftError):
            self.prefer(replace(self.settings, layout={**self.settings.layout, "debugging": kept}))

    async def close(self) -> None:
        """Close the project, the tasks and the agent."""
        self.close_project()
        for unlisten in self._unlisten:
            unlisten()
        await self.tasks.close()
        for end in tuple(self.ends):
            await end()
        await self.repository.close()
        with contextlib.suppress(ConnectionError):
            await self.agent.close()


def _debugging(settings: Settings) -> Mapping[str, Any]:
    kept = settings.layout.get("debugging")
    return kept if isinstance(kept, Mapping) else {}
