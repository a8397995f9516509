"""One object of the project: opened, renamed, copied, deleted, shown in its folder; files just like objects."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from PySide6.QtCore import QFile

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.project import edits
from studio.project.layout import check_ref, file_of, ref_for
from studio.project.model import FILES, PROJECT
from studio.workspace import Workspace
from ui.actions.frame import Frame, with_project, workspace_of
from ui.bridge.project_tree import object_name
from ui.commands import Command
from ui.dialogs.ask import ask
from ui.dialogs.name import ask_name
from ui.dialogs.run_log import show_file

IDS = ("object.open", "run.start", "edit.rename", "edit.duplicate", "edit.delete", "object.show_file")


def commands(frame: Frame) -> list[Command]:
    """The commands that are about the object selected or in front."""
    edit = _("Edit")

    def chosen() -> str:
        if frame.session.workspace is None:
            return _("no project is open")
        return "" if _file(frame.session.workspace, frame.selected()) else _("no object is selected")

    def elsewhere(id: str) -> str:
        current = frame.area.current
        return _("it is in front") if current is not None and current.ref == id else ""

    def changeable() -> str:
        id = frame.selected()
        return chosen() or (_("the project itself stays") if id == PROJECT else "")

    def saved() -> str:
        reason = chosen()
        if reason or frame.session.workspace is None:
            return reason
        file = frame.session.workspace.folder / _file(frame.session.workspace, frame.selected())
        return "" if file.exists() else _("it has not been saved yet")

    def command(
        id: str, text: str, icon: str, do: Callable[[], object], when: Callable[[], str], *keys: str
    ) -> Command:
        return Command(id, text, edit, do, icon, keys, when)

    return [
        command(
            "object.open", _("Open"), "folder-open", lambda: frame.open_object(frame.selected()),
            lambda: chosen() or elsewhere(frame.selected()),
        ),
        command("edit.rename", _("Rename…"), "pencil-simple", lambda: _rename(frame), changeable),
        command("edit.duplicate", _("Duplicate"), "copy", lambda: _duplicate(frame), changeable),
        command("edit.delete", _("Delete…"), "trash", lambda: _delete(frame), changeable),
        command("object.show_file", _("Show the file"), "folder-simple", lambda: _show(frame), saved),
        command(
            "edit.project", _("Project and variables"), "sliders-horizontal", lambda: frame.open_object(PROJECT),
            lambda: with_project(frame)() or elsewhere(PROJECT),
        ),
    ]  # fmt: skip


def _file(workspace: Workspace, id: str) -> str:
    """The relative path of an object's or file's own file; "" for what is none."""
    if id.partition("/")[0] in FILES:
        return id if (workspace.folder / id).is_file() else ""
    return file_of(id) if id and workspace.project.get(id) is not None else ""


def _is_file(id: str) -> bool:
    return id.partition("/")[0] in FILES


async def _rename(frame: Frame) -> None:
    workspace, id = workspace_of(frame), frame.selected()
    kind, _slash, ref = id.partition("/")
    name = await ask_name(frame.widget(), _("Rename"), _("New name"), ref)
    if not name or name == ref:
        return
    was_open = id in frame.area.refs()
    label = _("Rename {name}").format(name=object_name(workspace.project, id))
    if _is_file(id):
        changed = edits.rename_file(workspace.project, id, f"{kind}/{name}")
        _move_file(workspace, id, f"{kind}/{name}")
        workspace.edit(label, changed, initiator="rename")
        workspace.check_outside()
    else:
        workspace.edit(label, edits.rename(workspace.project, id, name), initiator="rename")
    if was_open:
        frame.open_object(f"{kind}/{name}")


def _move_file(workspace: Workspace, old: str, new: str) -> None:
    target = _free(workspace, new)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        (workspace.folder / old).rename(target)
    except OSError as error:
        raise atomic.cannot_write(target, error) from error


def _free(workspace: Workspace, file: str) -> Path:
    """The place of a new file of the project; raises BadInput where it may not be called so or there is one."""
    check_ref(file.partition("/")[2])
    target = workspace.folder / file
    if target.exists():
        raise BadInput(
            _("The project already has a file of this name."),
            file=target,
            next_step=_("Choose another name."),
        )
    return target


def _duplicate(frame: Frame) -> None:
    workspace, id = workspace_of(frame), frame.selected()
    made = _copy_file(workspace, id) if _is_file(id) else _copy_object(workspace, id)
    frame.open_object(made)


def _copy_object(workspace: Workspace, id: str) -> str:
    project = workspace.project
    kind, _slash, ref = id.partition("/")
    name = _("{name} copy").format(name=object_name(project, id))
    taken = set(project.of_kind(kind))
    above = str(PurePosixPath(ref).parent)
    new = ref_for(name, {PurePosixPath(one).name for one in taken if str(PurePosixPath(one).parent) == above})
    made = f"{kind}/{new}" if above == "." else f"{kind}/{above}/{new}"
    copied = edits.put(project, made, _called(project.get(id), name))
    workspace.edit(_("Duplicate {name}").format(name=object_name(project, id)), copied, initiator="duplicate")
    return made


def _called(value: Any, name: str) -> Any:
    """An object under another name, where it has one of its own."""
    if isinstance(value, dict):
        return {**value, "name": name} if "name" in value else value
    return replace(value, name=name) if is_dataclass(value) and not isinstance(value, type) else value


def _copy_file(workspace: Workspace, id: str) -> str:
    path = PurePosixPath(id)
    number, made = 1, path.with_stem(f"{path.stem}-copy")
    while (workspace.folder / made).exists():
        number += 1
        made = path.with_stem(f"{path.stem}-copy-{number}")
    try:
        shutil.copyfile(workspace.folder / id, workspace.folder / made)
    except OSError as error:
        raise atomic.cannot_write(workspace.folder / made, error) from error
    workspace.check_outside()
    return str(made)


async def _delete(frame: Frame) -> None:
    workspace, id = workspace_of(frame), frame.selected()
    name = object_name(workspace.project, id)
    told = (
        _("The file goes to the trash. References to it become problems.")
        if _is_file(id)
        else _("Undo brings it back. References to it become problems.")
    )
    title = _("Delete {name}?").format(name=name)
    if await ask(frame.widget(), title, told, _("Delete"), _("Cancel"), primary=1) != 0:
        return
    if _is_file(id):
        _to_trash(frame, workspace, id)
        workspace.check_outside()
    else:
        label = _("Delete {name}").format(name=name)
        workspace.edit(label, edits.remove(workspace.project, id), initiator="delete")


def _to_trash(frame: Frame, workspace: Workspace, id: str) -> None:
    file = workspace.folder / id
    if QFile(str(file)).moveToTrash():
        return
    # Where the system has no trash, the folder that is never shared or packed keeps it.
    kept = workspace.folder / ".weft" / "deleted" / id
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        file.replace(kept)
    except OSError as error:
        raise atomic.cannot_write(kept, error) from error
    frame.notify(
        _("This system has no trash: the file was moved to {place}.").format(place=f".weft/deleted/{id}")
    )


def _show(frame: Frame) -> None:
    workspace = workspace_of(frame)
    folder = (workspace.folder / _file(workspace, frame.selected())).parent
    if not show_file(folder):
        frame.notify(_("The system opened nothing for the folder {folder}.").format(folder=folder))
