"""File: projects opened, made, imported, saved and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QUrl

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.project import package
from studio.project.folder import find_project
from studio.project.layout import PROJECT_FILE
from studio.project.lock import InUse
from studio.workspace import Workspace
from ui.actions.conflicts import keep_mine
from ui.actions.frame import Frame, with_project, workspace_of
from ui.bridge.project_tree import object_name
from ui.commands import Command
from ui.dialogs.ask import ask, ask_file, ask_folder, ask_new_file, confirm_close
from ui.dialogs.new_project import ask_new_project


def commands(frame: Frame) -> list[Command]:
    """The commands of the File menu."""
    file = _("File")
    opened = with_project(frame)
    return [
        Command("file.open", _("Open a project…"), file, lambda: _open(frame), "folder-open", ("Ctrl+O",)),
        Command("file.new", _("New project…"), file, lambda: _new(frame), "plus", ("Ctrl+N",)),
        Command("file.sample", _("Start from a sample…"), file, lambda: start_sample(frame), "cube"),
        Command("file.import", _("Import a package…"), file, lambda: _import(frame), "package"),
        Command(
            "file.save", _("Save"), file, lambda: save(frame), "floppy-disk", ("Ctrl+S",), lambda: _unsaved_reason(frame)
        ),
        Command("file.export", _("Export a package…"), file, lambda: _export(frame), "export", (), opened),
        Command(
            "file.close_tab", _("Close the tab"), file, lambda: _close_tab(frame), "x", ("Ctrl+W",),
            lambda: "" if frame.area.current is not None else _("no object is open"),
        ),
        Command("file.close", _("Close the project"), file, lambda: close_project(frame), "", (), opened),
        Command("file.quit", _("Quit"), file, lambda: frame.widget().close(), "", ("Ctrl+Q",)),
    ]  # fmt: skip


async def open_project(frame: Frame, folder: Path) -> bool:
    """Open a project's folder in this window, asking about the one open now; tells whether it was opened."""
    if not await close_project(frame):
        return False
    try:
        workspace = frame.session.open(folder)
    except InUse as error:
        frame.session.errors.show(error)
        return False
    except WeftError as error:
        if not (folder / "project.yaml").exists():
            frame.session.prefer(frame.session.settings.without(folder.absolute()))
        frame.session.errors.show(error)
        return False
    # The tree is there; making the editors is the next event's work.
    await asyncio.sleep(0)
    frame.restore_project()
    frame.session.prefer(frame.session.settings.opened(folder))
    _tell_recovered(frame, workspace)
    tell_conflicts(frame)
    if workspace.read_only:
        frame.notify(_("This project is open for reading only: changes cannot be saved here."))
    return True


def _tell_recovered(frame: Frame, workspace: Workspace) -> None:
    found = workspace.recovered
    if not found.unsaved:
        return
    names = _names(workspace, found.unsaved)
    if found.crashed:
        text = _("The studio ended unexpectedly. Your unsaved changes are back: {objects}.")
    else:
        text = _("Your unsaved changes are back: {objects}.")
    frame.notify(text.format(objects=names))


def tell_conflicts(frame: Frame) -> None:
    """Say what was changed here and outside at once; each object's editor offers to choose."""
    workspace = frame.session.workspace
    if workspace is None:
        return
    frame.show_conflicts()
    hidden = {conflict.object for conflict in workspace.conflicts} - set(frame.area.refs())
    if hidden:
        text = _("Changed here and outside at the same time: {objects}. Open each to choose a version.")
        frame.notify(text.format(objects=_names(workspace, hidden)))


def _names(workspace: Workspace, ids: Iterable[str]) -> str:
    return ", ".join(object_name(workspace.project, id) for id in sorted(ids))


async def open_folder(frame: Frame, folder: str) -> bool:
    """`open_project` of a folder given as text."""
    return await open_project(frame, Path(folder))


async def close_project(frame: Frame) -> bool:
    """Close the open project; a person with unsaved work is asked first. Tells whether it is closed now."""
    workspace = frame.session.workspace
    if workspace is None:
        return True
    commit_all(frame)
    answer = -1
    if workspace.dirty and not workspace.read_only:
        answer = await confirm_close(frame.widget(), len(workspace.unsaved))
        if answer not in (0, 1, 2):
            return False
        if answer == 0:
            _keep_undecided(workspace)
            workspace.save()
    frame.keep_layout()
    frame.session.close_project(discard=answer == 2)
    return True


def save(frame: Frame) -> None:
    """Write every unsaved object to its file."""
    commit_all(frame)
    workspace = workspace_of(frame)
    _keep_undecided(workspace)
    frame.show_conflicts()
    try:
        written = workspace.save()
    except WeftError as error:
        frame.session.errors.show(error)
        return
    files = len(written.objects)
    frame.tell(ngettext("{n} file was saved.", "{n} files were saved.", files).format(n=files))


def _keep_undecided(workspace: Workspace) -> None:
    """Saving writes mine over theirs, so theirs goes into the history first."""
    for id in sorted({conflict.object for conflict in workspace.conflicts}):
        keep_mine(workspace, id)


def commit_all(frame: Frame) -> None:
    """Take over what is being typed in every editor."""
    for editor in frame.area:
        editor.commit()


def _unsaved_reason(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None:
        return _("no project is open")
    if workspace.dirty:
        return ""
    return _("the text of a map has a mistake") if frame.area.unread() else _("everything is saved")


async def _open(frame: Frame) -> None:
    folder = await ask_folder(frame.widget(), _("Open a project"), _near(frame))
    if folder is not None:
        await open_project(frame, folder)


async def _new(frame: Frame) -> None:
    folder = await ask_new_project(frame.widget(), _near(frame))
    if folder is not None:
        await open_project(frame, folder)


async def start_sample(frame: Frame, name: str = "") -> None:
    """Make a project from a sample and open it."""
    folder = await ask_new_project(frame.widget(), _near(frame), name)
    if folder is not None:
        await open_project(frame, folder)


def droppable(urls: Sequence[QUrl], *, opened: bool = False) -> Path | None:
    """The project or package among things dropped on the window; a file inside a project means it while none is open."""
    for path in (Path(url.toLocalFile()) for url in urls if url.isLocalFile()):
        if path.suffix == ".weft" and path.is_file():
            return path
        found = find_project(path)
        if found is not None and (not opened or path in (found, found / PROJECT_FILE)):
            return found
    return None


async def open_dropped(frame: Frame, path: Path) -> None:
    """Open a project's folder, or import a package."""
    if path.is_dir():
        await open_project(frame, path)
    else:
        await _unpack(frame, path)


async def _import(frame: Frame) -> None:
    file = await ask_file(frame.widget(), _("Import a package"), _("Packages (*.weft)"), _near(frame))
    if file is not None:
        await _unpack(frame, file)


async def _unpack(frame: Frame, file: Path) -> None:
    folder = await ask_folder(frame.widget(), _("Where shall the project go?"), str(file.parent))
    if folder is None:
        return
    place = folder / file.stem
    package.unpack(file, place)
    await open_project(frame, place)


async def _export(frame: Frame) -> None:
    workspace = workspace_of(frame)
    if workspace.dirty:
        answer = await ask(
            frame.widget(),
            _("Save before exporting?"),
            _("A package holds what is saved."),
            _("Save and export"),
            _("Cancel"),
        )
        if answer != 0:
            return
        save(frame)
    start = str(workspace.folder.parent / f"{workspace.folder.name}.weft")
    file = await ask_new_file(frame.widget(), _("Export a package"), _("Packages (*.weft)"), "weft", start)
    if file is not None:
        package.export(workspace.folder, file)
        frame.tell(_("{file} was written, without credentials.").format(file=file.name))


def _close_tab(frame: Frame) -> None:
    frame.area.close_at(frame.area.bar.currentIndex())


def _near(frame: Frame) -> str:
    recent = frame.session.settings.recent
    return str(Path(recent[0]).parent) if recent else str(Path.home())
