"""Taking a set back: its moves one by one, the last first, so that children go before their parents."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.salesforce.session import Org
from studio.moves import store
from studio.moves.access.guard import Confirm
from studio.moves.carrying.run import Listener, alone
from studio.moves.load import Note
from studio.moves.mending import family
from studio.moves.model import Action, Counts
from studio.moves.several import kept
from studio.moves.several.model import Set
from studio.moves.store import MoveRecord
from studio.moves.undoing import undo as undoing
from studio.moves.undoing.undo import NothingToUndo, Undone, UndoPreview


@dataclass(frozen=True)
class SetUndone:
    """The end of an undo: what was done of each move, in order; `left` of the moves were not come to."""

    undo_of: str
    moves: tuple[Undone, ...]
    left: int = 0

    @property
    def exit_code(self) -> int:
        """0 when every record was undone, 130 when it was stopped, else 1."""
        return 130 if self.left else max((one.exit_code for one in self.moves), default=0)

    def to_data(self) -> dict[str, Any]:
        """The machine-readable summary: the sums, and each move's undo."""
        counts = sum((one.counts for one in self.moves), Counts())
        return {
            "undo_of": self.undo_of,
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "unprocessed": counts.unprocessed,
            "not_sent": counts.not_sent,
            "left": self.left,
            "moves": [one.to_data() for one in self.moves],
        }


async def preview(
    name: str, org: Org, *, changed_too: bool = False, progress: Progress | None = None
) -> list[UndoPreview]:
    """What undoing a set would do now, a move at a time in the order it would be done; raises as undo.preview."""
    found = _undoable(name)
    runs = _runs(found)
    return [
        await undoing.preview(
            record.run, org, changed_too=changed_too, until=_until(record, runs), progress=progress
        )
        for record in _moves(found)
    ]


async def undo(
    name: str,
    org: Org,
    *,
    changed_too: bool = False,
    listener: Listener = lambda _standing: None,
    note: Note = lambda _text: None,
    confirm: Confirm | None = None,
    stop: asyncio.Event | None = None,
    progress: Progress | None = None,
) -> SetUndone:
    """Undo a set, or go on with an undo that was cut off.

    Raises as undo.undo. NothingToUndo where nothing is left of any of its moves.
    """
    found = _undoable(name)
    with alone(kept.folder_of(found.run)):
        done: list[Undone] = []
        runs = _runs(found)
        waiting = list(_moves(found))
        while waiting and not (stop is not None and stop.is_set()):
            record = waiting.pop(0)
            with suppress(NothingToUndo):
                done.append(
                    await undoing.undo(
                        record.run,
                        org,
                        changed_too=changed_too,
                        until=_until(record, runs),
                        listener=listener,
                        note=note,
                        confirm=confirm,
                        stop=stop,
                        progress=progress,
                    )
                )
    if not done and not waiting:
        raise NothingToUndo(_("There is nothing of {run} that can be undone.").format(run=found.run))
    return SetUndone(found.run, tuple(done), len(waiting))


def _undoable(name: str) -> Set:
    found = kept.load(name)
    if not found.over:
        raise BadInput(
            _("{run} is not finished: what it did is not known yet.").format(run=found.run),
            next_step=_("Go on with: weft move resume {run}").format(run=found.run),
        )
    if not found.counts.succeeded:
        raise NothingToUndo(
            _("{run} changed nothing in the org: there is nothing to undo.").format(run=found.run)
        )
    return found


def _moves(found: Set) -> Iterator[MoveRecord]:
    """The moves that changed something, the last first; lookups filled in records that go anyway are passed over."""
    for step in reversed(found.steps):
        if not step.run or (step.second and found.bound[step.part].part.action is Action.INSERT):
            continue
        first = store.record(step.run)
        yield from (one for one in (*reversed(family.descendants(first)), first) if one.counts.succeeded)


def _until(record: MoveRecord, runs: Collection[str]) -> float:
    """When this set wrote records of the object for the last time: its later passes and its undo are no one else's changes."""
    mine = (
        one
        for one in store.records()
        if one.move.object == record.move.object and (one.run in runs or one.facts.get("undo_of") in runs)
    )
    return max((float(one.facts.get("ended") or 0) for one in mine), default=0.0)


def _runs(found: Set) -> frozenset[str]:
    """The names of all moves of the set."""
    first = [store.record(step.run) for step in found.steps if step.run]
    return frozenset(one.run for record in first for one in (record, *family.descendants(record)))
