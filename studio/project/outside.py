"""Conflicts between unsaved work and changes from outside, kept until they are settled: a crash must not settle them.

The disk holds theirs by then, the unsaved work mine; without the list the next save would silently put mine over it.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput
from studio.project.lock import LOCAL, local_folder
from studio.project.merge import Conflict, value_at
from studio.project.model import Project
from studio.project.texts import object_text

FILE = "outside.json"


def kept_conflicts(folder: Path, now: Project) -> tuple[Conflict, ...]:
    """The conflicts that were not settled, without those where the project holds theirs by now; none where the list is
    damaged."""
    try:
        found = [_conflict(one) for one in json.loads((folder / LOCAL / FILE).read_bytes())]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(one for one in found if _at(now, one) != one.theirs)


def keep_conflicts(folder: Path, conflicts: tuple[Conflict, ...]) -> None:
    """Keep the list, an empty one as no file; a disk that does not take it does not stop the work."""
    with contextlib.suppress(BadInput, OSError):
        file = local_folder(folder) / FILE
        if conflicts:
            atomic.write_text(file, json.dumps([asdict(one) for one in conflicts]))
        elif file.exists():
            file.unlink()
            atomic.sync_folder(file.parent)


def _conflict(said: dict[str, Any]) -> Conflict:
    return Conflict(said["object"], tuple(said["path"]), said["base"], said["mine"], said["theirs"])


def _at(project: Project, conflict: Conflict) -> Any:
    try:
        text = object_text(project, conflict.object)
        return value_at(conflict.object, None if text is None else text.encode("utf-8"), conflict.path)
    except (BadInput, AttributeError):
        return None
