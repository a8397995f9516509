"""The open project: state, history, problems, what changed. The one object a window holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.signal import Signal
from studio.mapping.model import SchemaUse
from studio.project import folder
from studio.project.check import Checker
from studio.project.commit import Outdated, finish, pending
from studio.project.history import History
from studio.project.keeping import Keeper
from studio.project.layout import PROJECT_FILE, file_of, id_of
from studio.project.lock import InUse, Lock
from studio.project.merge import Conflict, merge
from studio.project.model import Loaded, Project
from studio.project.outside import keep_conflicts, kept_conflicts
from studio.project.recover import Recovered
from studio.project.schemas import Schemas
from studio.project.texts import objects_differing
from studio.schema.model import Schema


@dataclass(frozen=True)
class Changes:
    """What an event touched: ids of objects; whether files were saved, the history moved, schema files changed."""

    objects: frozenset[str] = frozenset()
    saved: bool = False
    history: bool = False
    schemas: bool = False


NOTHING = Changes()
_ATTEMPTS = 3


class Workspace:
    """A project open for editing; make one with `open`.

    `changed` is emitted with what changed and who asked, after every edit, undo, save and change made outside. Edits
    are in the journal before `edit` returns, so a killed program loses none; `sync`, called every second or so, makes
    them survive a power cut too. `recovered` says what this opening brought back; `conflicts` what both this window
    and somebody outside changed (ours is the current state, theirs is kept in the conflict until settled).
    """

    def __init__(self, place: Path, lock: Lock | None, loaded: Loaded, problems: tuple[Problem, ...]) -> None:
        self.folder = place
        self.changed: Signal[[Changes, str]] = Signal()
        self.schemas = Schemas(place)
        self.recovered = Recovered()
        self.conflicts: tuple[Conflict, ...] = ()
        # Tells that changes from outside are about to be taken in.
        self.merging: Signal[[]] = Signal()
        self._lock = lock
        self._keeper = Keeper()
        self._loaded = loaded
        self._opening = problems
        self._unreadable: tuple[Problem, ...] = ()
        self._shown: tuple[Project, Project, Project] | None = None
        self._stamps = folder.scan(place)
        self._history = History.begin(_("Opened"), loaded.project)
        self._checker = Checker(place, self.schemas)
        if lock is not None:
            self._history, self.recovered = self._keeper.open(place, loaded.project)
            earlier = kept_conflicts(place, self._history.state)
            new = [one for one in self.recovered.conflicts if one not in earlier]
            self._conflicting((*earlier, *new))

    @staticmethod
    def open(place: Path, *, read_only: bool = False) -> Workspace:
        """Open the project in `place`, finishing an interrupted save and bringing back unsaved work.

        Where the folder cannot be written, or with `read_only`, edits are possible but cannot be saved here. Raises
        InUse when another window has it open, NewerVersion or BadInput when it cannot be read.
        """
        place = place.absolute()
        folder.require_project(place)
        lock, problems = (None, ()) if read_only else _take(place)
        try:
            if lock is not None:
                problems = (*problems, *folder.tidy(place))
            return Workspace(place, lock, folder.load(place), problems)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @property
    def project(self) -> Project:
        """The current state, unsaved work included."""
        return self._with_files(self._history.state)

    @property
    def history(self) -> History[Project]:
        """The steps that led here and those taken back."""
        return self._history

    @property
    def read_only(self) -> bool:
        """Nothing can be saved here: the folder does not allow it, or another program is its writer."""
        return self._lock is None

    @property
    def unsaved(self) -> frozenset[str]:
        """The ids of the objects that differ from their files."""
        return objects_differing(self._loaded.project, self._history.state)

    @property
    def dirty(self) -> bool:
        """There is unsaved work."""
        return bool(self.unsaved)

    @property
    def losing_comments(self) -> frozenset[str]:
        """The ids of unsaved objects whose files hold comments, which the next save will not keep."""
        return frozenset(id for id in self.unsaved if file_of(id) in self._loaded.commented)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with the project; what has not changed is not looked at again."""
        found = self._checker.problems(self.project)
        return (*self._opening, *self._unreadable, *self._keeper.problems, *self._loaded.problems, *found)

    def script_problems(self, ref: str) -> tuple[Problem, ...]:
        """The problems of one script of the project as it is now."""
        return self._checker.script(self.project, ref) if ref in self.project.scripts else ()

    def check_steps(self) -> Iterator[None]:
        """Check what has changed piece by piece, for one who must not wait; `problems` is quick afterwards."""
        return self._checker.steps(self.project)

    def schema_steps(self) -> Iterator[None]:
        """Find out which schemas a check will look at, file by file; `waiting_schemas` is quick afterwards."""
        return self._checker.schema_steps(self.project)

    def waiting_schemas(self) -> tuple[SchemaUse, ...]:
        """Schemas that no map uses and that the next check looks at: they are new, or have changed."""
        return self._checker.waiting(self.project)

    def schema(self, use: SchemaUse) -> Schema:
        """The schema a transformation names, read once per content; raises WeftError."""
        return self.schemas.get(use)

    def edit(self, label: str, project: Project, *, initiator: str = "") -> Changes:
        """Make `project` the current state, as one step called `label`; nothing happens where nothing differs."""
        touched = objects_differing(self._history.state, project)
        if not touched:
            return NOTHING
        self._step(label, project, touched)
        return self._tell(Changes(touched, history=True), initiator)

    def undo(self, *, initiator: str = "") -> Changes:
        """Back to the state before the current step."""
        return self.go_to(self._history.index - 1, initiator=initiator)

    def redo(self, *, initiator: str = "") -> Changes:
        """Forward to the step last taken back."""
        return self.go_to(self._history.index + 1, initiator=initiator)

    def go_to(self, index: int, *, initiator: str = "") -> Changes:
        """To the state after any step of the history."""
        before = self._history
        self._history = before.go_to(index)
        if self._history.index == before.index:
            return NOTHING
        self._keeper.moved(self._history)
        touched = objects_differing(before.state, self._history.state)
        return self._tell(Changes(touched, history=True), initiator)

    def save(self, *, initiator: str = "") -> Changes:
        """Write unsaved work to its files, all of them or none; changes made outside are taken in first.

        Raises BadInput with nothing lost when a file cannot be written, or when this save finds that somebody else
        changed the same things: the next save writes ours.
        """
        if self._lock is None:
            raise BadInput(
                _("This project is open for reading only."),
                file=self.folder,
                next_step=_("Close it where else it is open, or copy it to a folder you may write."),
            )
        for _attempt in range(_ATTEMPTS):
            # Somebody may write between our looking and our writing: then we look again.
            with contextlib.suppress(Outdated):
                return self._save(initiator)
        return self._save(initiator)

    def _save(self, initiator: str) -> Changes:
        known = len(self.conflicts)
        self.check_outside()
        if len(self.conflicts) > known:
            raise BadInput(
                _("The same things were changed here and outside, so nothing was saved yet."),
                file=file_of(self.conflicts[-1].object),
                path="/".join(self.conflicts[-1].path) or None,
                next_step=_("Look at the conflicts, then save again to keep your version."),
            )
        state = self._history.state
        # The files must not be newer than what is kept: after a cut of power older work would stand against them.
        self._keeper.sync()
        written = folder.save(self.folder, state, self._loaded.project, seen=self._stamps)
        self._loaded = replace(
            self._loaded,
            project=self._with_files(state),
            problems=tuple(problem for problem in self._loaded.problems if problem.object not in written),
            commented=self._loaded.commented - {file_of(id) for id in written},
        )
        self._restamp(written)
        self._keeper.on_disk(state, written)
        return self._tell(Changes(written, saved=True), initiator)

    def check_outside(self) -> Changes:
        """Take in what others changed in the folder: reloaded, or merged with unsaved work (see `conflicts`).

        Cheap when nothing has changed; to be called when the window comes to the front, and now and then.
        """
        if not self._settled():
            return NOTHING
        stamps = folder.scan(self.folder)
        if stamps == self._stamps or PROJECT_FILE not in stamps:
            return NOTHING  # without project.yaml somebody is in the middle of something; we shall ask again
        # What is being written counts as work that is not saved yet.
        self.merging.emit()
        touched = {
            file for file in stamps.keys() | self._stamps.keys() if stamps.get(file) != self._stamps.get(file)
        }
        try:
            loaded = folder.load(self.folder)
        except BadInput as error:
            self._unreadable = (folder.problem_of(error),)
            return NOTHING
        self._unreadable = ()
        self._stamps = stamps
        before, self._loaded = self._loaded.project, loaded
        ids = objects_differing(before, loaded.project)
        merged = merge(before, self._history.state, loaded.project)
        self._conflicting((*self.conflicts, *merged.conflicts))
        if merged.taken:
            self._step(_("Changed outside Weft Studio"), merged.project, merged.taken)
        self._keeper.on_disk(loaded.project, ids)
        files = any(id_of(file) is None for file in touched)
        if not (ids or files):
            return NOTHING
        return self._tell(Changes(ids | merged.taken, history=bool(merged.taken), schemas=files), "outside")

    def _settled(self) -> bool:
        """Nobody is writing just now; what somebody who died began to write is finished first."""
        if self._lock is not None and pending(self.folder):
            with contextlib.suppress(BadInput):
                finish(self.folder, wait=False)
        return not pending(self.folder)

    def settle(self, conflict: Conflict) -> None:
        """Take a conflict off the list: it was decided, by an edit or by keeping ours."""
        self._conflicting(tuple(other for other in self.conflicts if other is not conflict))

    def _conflicting(self, conflicts: tuple[Conflict, ...]) -> None:
        if conflicts != self.conflicts and self._lock is not None:
            keep_conflicts(self.folder, conflicts)
        self.conflicts = conflicts

    def sync(self) -> None:
        """Make unsaved work survive a power cut."""
        self._keeper.sync()

    def close(self, *, discard: bool = False) -> None:
        """Let go of the project. Unsaved work is back at the next opening; discarded work is a step undo takes back."""
        if discard and self.dirty:
            self._step(_("Unsaved work discarded"), self._loaded.project, self.unsaved)
        self._keeper.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _step(self, label: str, project: Project, touched: frozenset[str]) -> None:
        before = self._history.state
        history = self._history.add(label, project, touched)
        self._history = self._keeper.step(history, before, self._loaded.project)

    def _with_files(self, state: Project) -> Project:
        """A state of the history with the files that are there now, which are not part of the history."""
        now = self._loaded.project
        if (state.schemas, state.tables, state.samples) == (now.schemas, now.tables, now.samples):
            return state
        if self._shown is None or self._shown[0] is not state or self._shown[1] is not now:
            shown = replace(state, schemas=now.schemas, tables=now.tables, samples=now.samples)
            self._shown = (state, now, shown)
        return self._shown[2]

    def _restamp(self, written: frozenset[str]) -> None:
        """Our own writes are no change made outside; whatever else changed meanwhile still is."""
        now = folder.scan(self.folder)
        files = {file_of(id) for id in written}
        kept = {file: stamp for file, stamp in self._stamps.items() if file not in files}
        self._stamps = kept | {file: now[file] for file in files if file in now}

    def _tell(self, changes: Changes, initiator: str) -> Changes:
        self.changed.emit(changes, initiator)
        return changes


def _take(place: Path) -> tuple[Lock | None, tuple[Problem, ...]]:
    try:
        return Lock.take(place), ()
    except InUse:
        raise
    except BadInput as error:
        problem = folder.problem_of(error, severity=Severity.WARNING)
        message = _("The project is open for reading only: its folder does not allow writing.")
        return None, (replace(problem, message=message),)
