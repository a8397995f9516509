"""Where an operation's documents come from and go to on this computer: the connections of kind `files`."""

from __future__ import annotations

import shutil
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.project.model import Activity, Connection


def connection_folder(connection: Connection, project_folder: Path) -> Path:
    """The folder a files connection names: absolute, or relative to the project's own."""
    folder = Path(str(connection.settings.get("folder") or ".")).expanduser()
    return folder if folder.is_absolute() else project_folder / folder


def document_path(activity: Activity, connection: Connection, project_folder: Path) -> Path:
    """The file an activity reads or writes; raises BadInput for a path that leaves the connection's folder."""
    name = activity.settings.get("path") or activity.settings.get("file")
    if not isinstance(name, str) or not name:
        raise BadInput(
            _("The activity {kind} does not say which file.").format(kind=activity.kind),
            next_step=_("Give it a path, relative to the connection's folder."),
        )
    folder = connection_folder(connection, project_folder).resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise BadInput(
            _("The path {path} leaves the folder of its connection.").format(path=name),
            next_step=_("Use a path inside the folder, or a connection to the other folder."),
        )
    return path


def fetched(path: Path) -> Path:
    """The document to read, which must be there."""
    if not path.is_file():
        raise BadInput(
            _("There is no such file."), file=path, next_step=_("Put the file there, or correct the path.")
        )
    return path


def delivered(document: Path, target: Path) -> None:
    """Put a finished document where it belongs, whole or not at all."""
    with atomic.writing(target) as out, document.open("rb") as finished:
        shutil.copyfileobj(finished, out, 1 << 20)
