"""Runs an operation: its activities in order, each handing its document to the next, then what follows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.agent.run import Counts, RunEvent, RunRequest, RunState, error_to_data
from studio.base.errors import BadInput, Cancelled, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.system_errors import reason_of
from studio.project.model import Activity, Connection, Operation, Project

NO_COUNTS = Counts()
# Operations may follow each other, but not without end.
MAXIMUM_CHAIN = 50


@dataclass
class Running:
    """What the activities of one run share: the project, where intermediate files go, the document at hand.

    `document` is the file the last activity made, `records` how many it holds where that is known; `counts` are those
    of the whole run so far.
    """

    project: Project
    folder: Path
    work: Path
    request: RunRequest
    tell: Callable[[RunEvent], None]
    progress: Progress
    document: Path | None = None
    records: int = 0
    counts: Counts = NO_COUNTS
    activity: int = 0
    activities: int = 0

    def log(self, text: str, level: str = "info") -> None:
        """Add a line to the run's log."""
        self.tell(replace(self._event("log"), text=text, level=level))

    def file(self, path: Path, what: str) -> None:
        """Tell of a file the run has written."""
        self.tell(replace(self._event("file"), text=str(path), detail=what))

    def count(self, now: Counts, total: int | None = None) -> None:
        """Tell the counts of the activity at hand; `done` adds them for good."""
        self.tell(replace(self._event("progress"), counts=self.counts + now, total=total))

    def share(self, share: float | None) -> None:
        """Tell how much of the activity's input has been read, from 0 to 1."""
        self.tell(replace(self._event("progress"), share=share))

    def done(self, counts: Counts) -> None:
        """The activity has ended with these counts."""
        self.counts = self.counts + counts
        self.tell(self._event("progress"))

    def need_document(self, activity: Activity) -> Path:
        """The document made so far; an activity that needs one cannot be the first."""
        if self.document is None:
            raise BadInput(
                _("The activity {kind} has no document to work on.").format(kind=activity.kind),
                next_step=_("Put a read activity before it."),
            )
        return self.document

    def connection(self, activity: Activity) -> Connection:
        """The connection an activity names."""
        found = self.project.connections.get(activity.connection)
        if found is None:
            raise BadInput(
                _("There is no connection called {name}.").format(name=activity.connection or "?"),
                next_step=_("Choose one of the project's connections in the operation."),
            )
        return found

    def new_file(self, ending: str) -> Path:
        """A fresh file in the run's own folder."""
        return self.work / f"{self.activity:02d}{ending}"

    def _event(self, kind: str) -> RunEvent:
        return RunEvent(
            self.request.id,
            kind,
            counts=self.counts,
            activity=self.activity,
            activities=self.activities,
        )


Perform = Callable[[Running, Activity], None]


def run_operation(
    project: Project,
    folder: Path,
    request: RunRequest,
    tell: Callable[[RunEvent], None],
    performers: dict[str, Perform],
    progress: Progress | None = None,
) -> RunState:
    """Run `request.operation` and those that follow it; every event goes to `tell`, the last is `ended`.

    A run is PARTLY done when records failed, FAILED when an activity could not go on. Intermediate files stay in
    `.weft/runs/ID` until the next hundred runs.
    """
    work = folder / ".weft" / "runs" / request.id
    running = Running(project, folder, work, request, tell, progress or Progress())
    tell(RunEvent(request.id, "started", request.operation))
    try:
        work.mkdir(parents=True, exist_ok=True)
        _forget_old(work.parent)
        _chain(running, request.operation, performers)
    except Cancelled:
        return _end(running, RunState.CANCELLED, _("Stopped."), "warning")
    except WeftError as error:
        return _end(running, RunState.FAILED, str(error), "error", error)
    except OSError as error:
        mistake = BadInput(
            _("A file could not be used: {reason}.").format(reason=reason_of(error)),
            file=error.filename,
        )
        return _end(running, RunState.FAILED, str(mistake), "error", mistake)
    if running.counts.failed:
        return _end(running, RunState.PARTLY, _("Done, but some records failed."), "warning")
    return _end(running, RunState.SUCCEEDED, _("Done."), "info")


def _chain(running: Running, first: str, performers: dict[str, Perform]) -> None:
    """The operation and those that follow on success or failure, the first in line first."""
    waiting, done = [first], 0
    failure: WeftError | None = None
    while waiting:
        ref = waiting.pop(0)
        done += 1
        if done > MAXIMUM_CHAIN:
            raise BadInput(
                _("More than {number} operations follow each other.").format(number=MAXIMUM_CHAIN),
                next_step=_("Look for operations that call each other in a circle."),
            )
        operation = _operation(running.project, ref)
        try:
            _activities(running, operation, performers)
            follow = operation.on_success if not running.counts.failed else operation.on_failure
        except Cancelled:
            raise
        except WeftError as error:
            failure = failure or error
            if operation.on_failure:
                running.log(str(error), "error")
            follow = operation.on_failure
        waiting += [name for name in follow if _follows(running, name)]
    if failure is not None:
        raise failure


def _follows(running: Running, name: str) -> bool:
    if name in running.project.operations:
        return True
    running.log(
        _("{name} would be told now; notifications are not sent by this version.").format(name=name),
        "warning",
    )
    return False


def _operation(project: Project, ref: str) -> Operation:
    found = project.operations.get(ref)
    if found is None:
        raise BadInput(
            _("There is no operation called {name}.").format(name=ref),
            next_step=_("The project's operations are: {names}.").format(
                names=", ".join(sorted(project.operations)) or "-"
            ),
        )
    return found


def _activities(running: Running, operation: Operation, performers: dict[str, Perform]) -> None:
    running.document, running.records = None, 0
    running.activities = len(operation.activities)
    for number, activity in enumerate(operation.activities, start=1):
        running.progress.check()
        running.activity = number
        perform = performers.get(activity.kind)
        if perform is None:
            raise BadInput(
                _("The activity {kind} is not known to this version.").format(kind=activity.kind),
                path=f"{operation.name} [{number}]",
                next_step=_("Known are: {kinds}.").format(kinds=", ".join(sorted(performers))),
            )
        running.tell(
            replace(
                RunEvent(running.request.id, "activity", title(activity)),
                activity=number,
                activities=running.activities,
                counts=running.counts,
            )
        )
        perform(running, activity)


def title(activity: Activity) -> str:
    """What an activity is called in a log: its kind in words and what it works on."""
    words = {
        "read": _("read"), "transform": _("transform"), "write": _("write"), "script": _("script"), "run": _("run"),
        "move": _("move"),
    }  # fmt: skip
    of = activity.ref or activity.connection
    what = activity.settings.get("path") or activity.settings.get("object") or ""
    return " ".join(part for part in (words.get(activity.kind, activity.kind), of, str(what)) if part)


def _end(
    running: Running, state: RunState, text: str, level: str, error: WeftError | None = None
) -> RunState:
    data = error_to_data(error) if error else None
    running.tell(
        RunEvent(
            running.request.id, "ended", text, level=level, counts=running.counts, state=state, error=data
        )
    )
    return state


def _forget_old(runs: Path, keep: int = 100) -> None:
    """Intermediate files of older runs go; results were delivered elsewhere."""
    folders = sorted(
        (path for path in runs.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for old in folders[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
