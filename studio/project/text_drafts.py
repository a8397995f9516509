"""Texts of maps that could not be read when somebody left them: kept beside the project until they are taken or given up."""

from __future__ import annotations

from pathlib import Path

from studio.base import atomic
from studio.base.errors import WeftError
from studio.project.lock import LOCAL, local_folder
from studio.project.shapes import file_name

_FOLDER = "drafts"


def keep(folder: Path, ref: str, text: str) -> bool:
    """Keep the text of a map; tells whether it could be (a folder may be read-only)."""
    try:
        place = local_folder(folder) / _FOLDER
        atomic.make_folder(place)
        atomic.write_text(place / file_name(ref, "txt"), text.encode("utf-8", "replace").decode())
    except (OSError, WeftError):
        return False
    return True


def kept(folder: Path, ref: str) -> str | None:
    """The text kept of a map, None where there is none."""
    try:
        return (folder / LOCAL / _FOLDER / file_name(ref, "txt")).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def forget(folder: Path, ref: str) -> None:
    """The text was taken, or given up."""
    atomic.discard(folder / LOCAL / _FOLDER / file_name(ref, "txt"))
