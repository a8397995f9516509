"""The moves on this computer: one folder each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import data_folder
from studio.moves.journal import Journal
from studio.moves.model import Counts, Move, MoveState
from studio.project.lock import InUse, Lock

_NAME = re.compile(r"[Mm]-\d{4,}")


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


def folder() -> Path:
    """Where the moves are."""
    return data_folder() / "moves"


def move_folder(run: str) -> Path:
    """The folder of a move by its name (`M-0142`); raises BadInput when there is none."""
    path = folder() / run.upper()
    if not _NAME.fullmatch(run) or not path.is_dir():
        raise BadInput(
            _("There is no move called {run}.").format(run=run),
            next_step=_("See them with: weft move status"),
        )
    return path


def record(run: str) -> MoveRecord:
    """One move; raises BadInput when there is none or its journal cannot be read."""
    path = move_folder(run)
    with Journal.open(path) as journal:
        return _record(journal)


def records() -> Iterator[MoveRecord]:
    """All moves, the newest first; folders whose move was never planned are left out."""
    paths = [path for path in folder().glob("M-*") if _NAME.fullmatch(path.name)] if folder().is_dir() else []
    for path in sorted(paths, key=lambda path: -int(path.name[2:])):
        try:
            with Journal.open(path) as journal:
                yield _record(journal)
        except BadInput:
            continue


def latest() -> str:
    """The newest move that can be resumed, else the newest; raises BadInput when there is none."""
    found = list(records())
    for entry in found:
        if entry.state.resumable:
            return entry.run
    if not found:
        raise BadInput(
            _("There are no moves yet."), next_step=_("Start one with: weft move upsert OBJECT FILE")
        )
    return found[0].run


def same_insert(org_id: str, object_name: str, sha256: str) -> MoveRecord | None:
    """An earlier insert of the very same bytes into the same object of the same org that created records."""
    for entry in records():
        same = (entry.facts.get("org_id"), entry.move.object.lower(), entry.sha256)
        if (
            entry.move.action == "insert"
            and same == (org_id, object_name.lower(), sha256)
            and entry.counts.succeeded
        ):
            return entry
    return None


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
    )


def _worked_on(path: Path) -> bool:
    try:
        lock = Lock.take(path)
    except InUse:
        return True
    lock.release()
    return False
