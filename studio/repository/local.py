"""What a computer keeps of a project's repository, in `.weft/repository`: small JSON files, whole or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import unreadable
from studio.project.lock import LOCAL, local_folder

PLACE = f"{LOCAL}/repository"

T = TypeVar("T")


def place(folder: Path) -> Path:
    """The folder of a project in which all of it is; there after the first look that has something to keep."""
    return folder / PLACE


def place_there(folder: Path) -> Path | None:
    """`place` where it is there and no link that leads elsewhere, for what may be left out."""
    found = place(folder)
    linked = found.is_symlink() or found.parent.is_symlink()
    return found if found.is_dir() and not linked else None


def made_place(folder: Path) -> Path:
    """`place`, made if need be; raises BadInput where it cannot be, or leads out of the project."""
    found = local_folder(folder) / "repository"
    if found.is_symlink():
        raise BadInput(
            _("The folder of what is known of the repository is a link that leads elsewhere."),
            file=found,
            next_step=_("Remove the link; the folder will be made anew."),
        )
    return made_folder(found)


def made_folder(folder: Path) -> Path:
    """A folder inside one that is there, made if need be; returns once that is durable. Raises BadInput."""
    if not folder.is_dir():
        with atomic.told(folder):
            folder.mkdir(exist_ok=True)
            atomic.sync_folder(folder.parent)
    return folder


def read(folder: Path, name: str, kind: type[T]) -> T | None:
    """A file of it, None where there is none. Raises BadInput where it is damaged."""
    file = place(folder) / name
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(file, error) from error
    except (msgspec.DecodeError, RecursionError):
        raise BadInput(
            _("What is known here of the repository is damaged."),
            file=file,
            next_step=_("Delete this file, then pull: your own files stay as they are."),
        ) from None


def written(value: Any) -> bytes:
    """The content of such a file."""
    return msgspec.json.encode(value) + b"\n"
