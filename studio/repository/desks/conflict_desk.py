"""What two people changed differently, told to the window with every side, and what it decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import parse
from studio.project.commit import inside
from studio.project.layout import id_of
from studio.protocol.manifests import Content
from studio.repository import alone
from studio.repository.undecided import Undecided, decide, join, keep_both, text_of, undecided

# Files larger than this are not read for the window.
_READ = 1024 * 1024


class ConflictDesk:
    """Answers about the conflicts of a folder; it needs nobody's leave and no server."""

    def __init__(self) -> None:
        self.answers = {"conflicts": self._conflicts, "decide": self._decide}

    async def _conflicts(self, message: Mapping[str, Any], *_more: Any) -> Any:
        """Every conflict with its sides, what was joined beside them, and the revision both started from."""
        return await asyncio.to_thread(conflicts, Path(str(message["folder"])))

    async def _decide(self, message: Mapping[str, Any], *_more: Any) -> Any:
        """Decide conflicts: `decisions` are number, how (mine, theirs, join, own, both) and what was written."""
        folder, decisions = Path(str(message["folder"])), message["decisions"]
        return await asyncio.to_thread(decide_all, folder, decisions)


def conflicts(folder: Path) -> dict[str, Any]:
    """The open conflicts as data; see `side_data` for sides."""
    known = alone.joined(folder)
    return {
        "base": known.base,
        "alone": [
            {"object": id_of(one.path) or one.path, "place": one.keys[-1], "mine": one.mine}
            for one in known.alone
        ],
        "conflicts": [_data(folder, one) for one in undecided(folder)],
    }


def decide_all(folder: Path, decisions: list[list[Any]]) -> dict[str, int]:
    """Carry out decisions one by one; how many there were. Raises BadInput at the first that cannot stand."""
    known = {one.number: one for one in undecided(folder)}
    for number, kind, value in decisions:
        found = known.get(int(number))
        if found is None:
            # Decided meanwhile, by an edit or on the command line.
            continue
        if kind == "both":
            keep_both(folder, found.number)
        else:
            decide(folder, found.number, _value(folder, found, kind, value))
    return {"decided": len(decisions)}


def _value(folder: Path, found: Undecided, kind: str, value: Any) -> Any:
    if kind == "mine" and not found.keys:
        # As it is now, which may be another one than was kept.
        file = inside(folder, found.path)
        return file.read_bytes() if found.mine is not None and file.is_file() else None
    if kind == "mine":
        return found.mine
    if kind == "theirs":
        return found.theirs
    if kind == "join":
        made = join(found)
        if made is None:
            raise BadInput(
                _("Only one of the versions can stand at {place}.").format(place=" ".join(found.keys))
            )
        return made
    if found.keys or not isinstance(value, str):
        return value
    return value.encode("utf-8")


def _data(folder: Path, one: Undecided) -> dict[str, Any]:
    whole = not one.keys
    base, mine, theirs = (
        side_data(folder, one, side) if whole else side for side in (one.base, one.mine, one.theirs)
    )
    return {
        "number": one.number,
        "path": one.path,
        "object": one.object or "",
        "keys": list(one.keys),
        "whole": whole,
        "base": base,
        "mine": mine,
        "theirs": theirs,
        "joined": join(one),
        "revision": one.revision,
        "author": one.author_name,
        "time": _seconds(one.time),
        "message": one.message,
    }


def side_data(folder: Path, one: Undecided, side: Content | None) -> dict[str, Any] | None:
    """A side of a whole file: its `text`, an object's `data`, or the `size`, `hash` and `changed` of what is no text."""
    if side is None:
        return None
    facts = {
        "size": side.size,
        "hash": side.hash,
        "changed": _changed(folder, one) if side == one.mine else 0.0,
    }
    if side.size > _READ:
        return facts
    try:
        text = text_of(folder, side).decode("utf-8")
        if "\0" in text:
            return facts
        scripted = one.object is None or one.object.startswith("scripts/")
        return {"text": text} if scripted else {"data": parse(text, file=one.path).plain()}
    except UnicodeDecodeError:
        return facts
    except BadInput:
        # Not kept here any more, or no such object: there is nothing to read in it.
        return facts


def _changed(folder: Path, one: Undecided) -> float:
    try:
        return inside(folder, one.path).stat().st_mtime
    except OSError:
        return 0.0


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0
