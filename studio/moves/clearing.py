"""Moves taken off this computer with the rows they hold: one by its name, or all that have ended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from studio.base.atomic import told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves import store
from studio.moves.carrying.run import alone
from studio.moves.exports import export as exporting
from studio.moves.several import kept


@dataclass(frozen=True)
class Cleared:
    """The moves that went, and those that stay because they can go on or are being worked on."""

    removed: tuple[str, ...]
    stayed: tuple[str, ...]


def remove(run: str, *, sure: bool = False) -> None:
    """Remove a move's folder: its rows, results and before-images.

    Raises BadInput while somebody works on it and, unless `sure`, while the org has answers that were not fetched.
    """
    if kept.is_set(run):
        folder = kept.folder_of(run)
    else:
        folder = store.move_folder(run)
        if exporting.is_export(folder):
            shutil.rmtree(folder)
            return
        record = store.record(run)
        if record.state.resumable and record.counts.unprocessed and not sure:
            raise BadInput(
                _("The org has rows of {run} whose answers were not fetched yet.").format(run=run),
                next_step=_(
                    "Continue it first; or delete it once more, knowing that nobody can tell what became of them."
                ),
            )
    # Looked at before, not held: the lock lies in the folder that goes.
    with alone(folder):
        pass
    with told(folder):
        shutil.rmtree(folder)


def ended() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The moves, exports and sets with nothing left to do, and those that can go on."""
    over: list[str] = []
    unfinished: list[str] = []
    for run, resumable in _all():
        (unfinished if resumable else over).append(run)
    return tuple(over), tuple(unfinished)


def clear(*, unfinished: bool = False) -> Cleared:
    """Remove all moves that have ended, with `unfinished` the others too, but for those somebody works on."""
    over, going_on = ended()
    removed: list[str] = []
    stayed: list[str] = [] if unfinished else list(going_on)
    for run in (*over, *(going_on if unfinished else ())):
        try:
            remove(run, sure=unfinished)
            removed.append(run)
        except BadInput:
            stayed.append(run)
    return Cleared(tuple(removed), tuple(stayed))


def _all() -> Iterator[tuple[str, bool]]:
    for run, export in exporting.all_exports(store.folder()):
        yield run, not export.finished
    for entry in store.records():
        yield entry.run, entry.state.resumable
    for found in kept.all_sets():
        yield found.run, kept.seen(found).resumable
