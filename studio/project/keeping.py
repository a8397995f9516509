"""The journal in step with the history: a disk that fails stops the journalling, never the work."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.project.history import History
from studio.project.journal import Journal
from studio.project.model import Project
from studio.project.recover import Recovered, restore
from studio.project.texts import object_text, objects_differing


class Keeper:
    """Keeps what a workspace does in the project's journal; without one (reading only) it does nothing."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._failed: str = ""
        # What a step makes of an object is what the next one changes: each text is made once.
        self._texts: dict[str, tuple[Any, str | None]] = {}

    def open(self, folder: Path, disk: Project) -> tuple[History[Project], Recovered]:
        """The history of the project whose files hold `disk`, unsaved work included."""
        try:
            self._journal = Journal.open(folder)
            found = restore(self._journal, disk)
            self._journal.opened()
        except (sqlite3.Error, BadInput) as error:
            self._failed = str(error)
            return History.begin(_("Opened"), disk), Recovered()
        return found

    @property
    def problems(self) -> tuple[Problem, ...]:
        """A warning while unsaved work cannot be kept."""
        if not self._failed:
            return ()
        message = _("Unsaved work cannot be kept safe now: {reason}.").format(reason=self._failed.rstrip("."))
        mend = _("Save your work, then see whether the disk is full.")
        return (Problem(Severity.WARNING, message, mend=mend),)

    def step(self, history: History[Project], before: Project, disk: Project) -> History[Project]:
        """Keep the history's current step, made from `before` while the files hold `disk`.

        Returns the history without steps the journal has forgotten.
        """
        now, step = history.state, history.steps[history.index]
        changes = {id: (self._text(before, id), self._text(now, id)) for id in step.changed}

        def keep(journal: Journal) -> int:
            if self._failed:
                first = _anew(journal, history, disk)
                self._failed = ""
                return first
            return journal.add(history.dropped + history.index, step.label, step.at, changes)

        first = self._do(keep)
        if first is None:
            return history
        if history.dropped > first:
            self._do(lambda journal: journal.forget_before(history.dropped))
        return history.forget(first - history.dropped)

    def _text(self, project: Project, id: str) -> str | None:
        value, known = project.get(id), self._texts.get(id)
        if value is None or known is None or known[0] is not value:
            known = self._texts[id] = value, object_text(project, id)
        return known[1]

    def moved(self, history: History[Project]) -> None:
        """Another step is the current one."""
        if not self._failed:
            self._do(lambda journal: journal.move(history.dropped + history.index))

    def on_disk(self, disk: Project, ids: Iterable[str]) -> None:
        """The files of these objects hold what `disk` says: just read, or just written."""
        if not self._failed:
            self._do(lambda journal: journal.on_disk({id: object_text(disk, id) for id in ids}))

    def sync(self) -> None:
        """Make what was kept survive a power cut."""
        self._do(lambda journal: journal.sync())

    def close(self) -> None:
        """The project is closed in order."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _do(self, action: Callable[[Journal], int | None]) -> int | None:
        if self._journal is None:
            return None
        try:
            return action(self._journal)
        except (sqlite3.Error, OSError) as error:
            self._failed = str(error)
            return None


def _anew(journal: Journal, history: History[Project], disk: Project) -> int:
    """After a failure the kept steps have a gap: begin again with what is on disk and what is unsaved."""
    for index in range(len(history.steps)):
        history.state_at(index)  # earlier texts go with the old steps: states not yet made are made now
    n, step = history.dropped + history.index, history.steps[history.index]
    journal.begin(n - 1, _("Opened"), step.at)
    changed = objects_differing(disk, history.state)
    changes = {id: (object_text(disk, id), object_text(history.state, id)) for id in changed}
    journal.add(n, step.label, step.at, changes)
    return history.dropped
