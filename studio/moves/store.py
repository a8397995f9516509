"""The moves on this computer: one folder each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import data_folder
from studio.base.records import dataclass
from studio.moves.carrying.finished import finished
from studio.moves.journal import Journal
from studio.moves.model import Counts, Move, MoveState, Summary
from studio.project.lock import InUse, Lock

_NAME = re.compile(r"[Mm]-\d{4,}")
_SHOWN = 8


@dataclass(frozen=True)
class MoveRecord:
    """A move as it stands in its journal."""

    run: str
    move: Move
    state: MoveState
    created: float
    rows: int
    counts: Counts
    sha256: str
    facts: dict[str, Any]
    header: tuple[str, ...] = ()


def folder() -> Path:
    """Where the moves are."""
    return data_folder() / "moves"


def move_folder(run: str) -> Path:
    """The folder of a move by its name (`M-0142`); raises BadInput when there is none."""
    path = folder() / run.upper()
    if not _NAME.fullmatch(run) or not path.is_dir():
        names = _names()
        if not names:
            raise BadInput(_("There is no move called {run}.").format(run=run), next_step=_start())
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        raise BadInput(
            _("There is no move called {run}; there are {names}.").format(run=run, names=shown),
            next_step=_("See them with: weft move status"),
        )
    return path


def record(run: str) -> MoveRecord:
    """One move; raises BadInput when there is none or its journal cannot be read."""
    path = move_folder(run)
    with Journal.open(path) as journal:
        return _record(journal)


def ended(run: str) -> Summary | None:
    """The figures of a move with nothing left to do, None for one that can go on; raises BadInput as `record` does."""
    with Journal.open(move_folder(run)) as journal:
        return finished(journal)


def _names() -> list[str]:
    """The folders of moves, the newest first."""
    found = [path.name for path in folder().glob("M-*") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda name: -int(name[2:]))


def _start() -> str:
    return _("Start one with: weft move upsert OBJECT FILE")


def records() -> Iterator[MoveRecord]:
    """All moves, the newest first; folders whose move was never planned are left out."""
    for name in _names():
        try:
            with Journal.open(folder() / name) as journal:
                yield _record(journal)
        except BadInput:
            continue


def latest() -> str:
    """The newest move that can be resumed, else the newest; raises BadInput when there is none."""
    found = list(records())
    for entry in found:
        if entry.state.resumable and not entry.facts.get("undo"):
            return entry.run
    if not found:
        raise BadInput(_("There are no moves yet."), next_step=_start())
    return found[0].run


def same_insert(org_id: str, object_name: str, sha256: str) -> MoveRecord | None:
    """An earlier insert of the very same bytes into the same object of the same org that created records."""
    for entry in records():
        same = (entry.facts.get("org_id"), entry.move.object.lower(), entry.sha256)
        if (
            entry.move.action == "insert"
            and same == (org_id, object_name.lower(), sha256)
            and entry.counts.succeeded
            and not _undone(entry)
        ):
            return entry
    return None


def _undone(entry: MoveRecord) -> bool:
    """Every record the move created was deleted again by its undo."""
    steps = [str(name) for name in entry.facts.get("undo") or []]
    deleted = sum(record(name).counts.succeeded for name in steps if (folder() / name).is_dir())
    return deleted >= entry.counts.succeeded


def _record(journal: Journal) -> MoveRecord:
    counts = Counts()
    for chunk in journal.chunks():
        counts = counts + chunk.counts
    state = journal.state
    if state is MoveState.RUNNING and not _worked_on(journal.folder):
        state = MoveState.INTERRUPTED
    fingerprint = journal.fingerprint
    return MoveRecord(
        journal.run,
        journal.move,
        state,
        journal.created,
        fingerprint.rows,
        counts,
        fingerprint.sha256,
        journal.facts,
        fingerprint.header,
    )


def _worked_on(path: Path) -> bool:
    try:
        lock = Lock.take(path)
    except InUse:
        return True
    lock.release()
    return False
