"""The sets on this computer: one folder each (`S-0007`), in which stands what was asked and how far it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves import store
from studio.moves.model import MoveState
from studio.moves.several.model import Set
from studio.project.lock import InUse, Lock

FILE = "several.json"
SUMMARY = "summary.json"
_NAME = re.compile(r"[Ss]-\d{4,}")


def is_set(run: str) -> bool:
    """It is the name of a move of several objects."""
    return _NAME.fullmatch(run) is not None


def folder_of(run: str) -> Path:
    """Where the set is."""
    return store.folder() / run.upper()


def save(folder: Path, found: Set) -> Set:
    """Write how far the set is; it is on the disk when the call returns."""
    atomic.write_text(folder / FILE, json.dumps(found.to_data(), indent=1))
    return found


def load(run: str) -> Set:
    """The set called so; raises BadInput where there is none that can be read."""
    path = folder_of(run) / FILE
    try:
        found = Set.from_data(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise BadInput(
            _("There is no move called {run}.").format(run=run),
            next_step=_("See them with: weft move status"),
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(
            _("The move {run} cannot be read: {reason}.").format(run=run, reason=str(error).rstrip(".")),
            file=path,
        ) from error
    return found


def seen(found: Set) -> MoveState:
    """Where the set is; one that runs but that nobody works on was interrupted."""
    if found.state is not MoveState.RUNNING:
        return found.state
    try:
        Lock.take(folder_of(found.run)).release()
    except InUse:
        return found.state
    return MoveState.INTERRUPTED


def all_sets() -> list[Set]:
    """The sets, the newest first; folders that hold none are left out."""
    names = sorted((path.parent.name for path in store.folder().glob(f"S-*/{FILE}")), reverse=True)
    return [load(name) for name in names if is_set(name)]


def latest() -> str:
    """The newest move that can go on, of one object or of several, else the newest; raises BadInput where there is none.

    A move that is a step of a set goes on with its set.
    """
    open_sets = [found for found in all_sets() if seen(found).resumable]
    if not open_sets:
        return store.latest()
    newest = open_sets[0]
    for entry in store.records():
        own = any(Path(entry.move.source).parent == folder_of(found.run) for found in open_sets)
        if entry.state.resumable and not own and entry.created > newest.created:
            return entry.run
    return newest.run


def write_summary(found: Set) -> Path:
    """The machine-readable summary beside the set."""
    path = folder_of(found.run) / SUMMARY
    atomic.write_text(path, json.dumps(found.summary(), indent=1))
    return path
