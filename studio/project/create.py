"""New projects: empty, or from one of the samples; the folder appears whole or not at all."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import resource
from studio.project.folder import load, scan
from studio.project.layout import PROJECT_FILE
from studio.project.lock import LOCAL
from studio.project.model import Project
from studio.project.objects import write_project

_IGNORED = f"# Local to each computer: caches, history and unsaved work.\n{LOCAL}/\n"
_IGNORED_OUTPUT = "# What the operations write.\nout/\n"


def samples() -> dict[str, Path]:
    """The sample projects by name."""
    folder = resource("samples")
    if not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.iterdir()) if (path / PROJECT_FILE).is_file()}


def create(folder: Path, name: str = "", sample: str = "") -> Project:
    """Make a project in a new or empty folder; `name` defaults to the folder's or the sample's own.

    Raises BadInput where the folder holds something or cannot be written, or there is no such sample.
    """
    source = _sample(sample) if sample else None
    with fresh_folder(folder) as work:
        if source is not None:
            _copy(source, work)
            project = load(work).project
            project = replace(project, id=new_id(), name=name or project.name)
        else:
            project = Project(id=new_id(), name=name or folder.absolute().name)
        _write(work / PROJECT_FILE, write_project(project))
        _write(work / ".gitignore", _IGNORED + (_IGNORED_OUTPUT if sample else ""))
    return project


def new_id() -> str:
    """A project's id: eight hexadecimal digits, the name under which the key store keeps its secrets."""
    return secrets.token_hex(4)


@contextlib.contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill that becomes `folder` when the block ends well, and vanishes when it does not.

    Raises BadInput where `folder` already holds something or cannot be made.
    """
    target = folder.absolute()
    _need_empty(target)
    work = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    try:
        work.mkdir(parents=True)
    except OSError as error:
        raise atomic.cannot_write(target, error) from error
    try:
        yield work
        _move(work, target)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _sample(name: str) -> Path:
    known = samples()
    if name not in known:
        raise BadInput(
            _("There is no sample called {name}.").format(name=repr(name)),
            next_step=_("Choose one of: {names}.").format(names=", ".join(known)),
        )
    return known[name]


def _copy(source: Path, work: Path) -> None:
    names = [*scan(source), *(path.name for path in source.glob("*.md"))]
    for name in names:
        target = work / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)
        except OSError as error:
            raise atomic.cannot_write(target, error) from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise atomic.cannot_write(file, error) from error


def _need_empty(folder: Path) -> None:
    try:
        busy = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise atomic.cannot_write(folder, error) from error
    if busy:
        raise BadInput(
            _("The folder is not empty."), file=folder, next_step=_("Name a new folder; nothing was changed.")
        )


def _move(work: Path, folder: Path) -> None:
    try:
        if folder.is_dir():
            folder.rmdir()
        work.replace(folder)
        atomic.sync_folder(folder.parent)
    except OSError as error:
        raise atomic.cannot_write(folder, error) from error
