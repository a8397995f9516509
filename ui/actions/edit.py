"""Edit: undo, redo, save; new, renamed and deleted objects."""

from __future__ import annotations

from studio.base.i18n import _
from studio.project import edits
from ui.actions.frame import Frame, with_project, workspace_of
from ui.bridge.project_tree import object_name
from ui.commands import Command
from ui.dialogs.ask import ask
from ui.dialogs.name import ask_name


def commands(frame: Frame) -> list[Command]:
    """The commands of the Edit menu."""
    edit = _("Edit")

    def undo_reason() -> str:
        workspace = frame.session.workspace
        return "" if workspace is not None and workspace.history.can_undo else _("nothing to undo")

    def redo_reason() -> str:
        workspace = frame.session.workspace
        return "" if workspace is not None and workspace.history.can_redo else _("nothing to redo")

    def object_reason() -> str:
        id = frame.selected()
        workspace = frame.session.workspace
        if workspace is None:
            return _("no project is open")
        return (
            "" if id and workspace.project.get(id) is not None and "/" in id else _("no object is selected")
        )

    return [
        Command(
            "edit.undo", _("Undo"), edit, lambda: workspace_of(frame).undo(), "arrow-u-up-left", ("Ctrl+Z",),
            undo_reason, label=lambda: _undo_label(frame),
        ),
        Command(
            "edit.redo", _("Redo"), edit, lambda: workspace_of(frame).redo(), "arrow-u-up-right",
            ("Ctrl+Shift+Z", "Ctrl+Y"), redo_reason, label=lambda: _redo_label(frame),
        ),
        Command("edit.rename", _("Rename…"), edit, lambda: _rename(frame), "pencil-simple", (), object_reason),
        Command("edit.delete", _("Delete…"), edit, lambda: _delete(frame), "trash", (), object_reason),
        Command(
            "edit.find", _("Filter the project"), edit, lambda: frame.panel("project").setFocus(), "funnel-simple",
            ("Ctrl+Shift+E",), with_project(frame),
        ),
    ]  # fmt: skip


def _undo_label(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None or not workspace.history.can_undo:
        return _("Undo")
    return _("Undo “{edit}”").format(edit=workspace.history.undo_label)


def _redo_label(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None or not workspace.history.can_redo:
        return _("Redo")
    return _("Redo “{edit}”").format(edit=workspace.history.redo_label)


async def _rename(frame: Frame) -> None:
    workspace, id = workspace_of(frame), frame.selected()
    kind, _slash, ref = id.partition("/")
    name = await ask_name(frame.widget(), _("Rename"), _("New name"), ref)
    if not name or name == ref:
        return
    project = edits.rename(workspace.project, id, name)
    was_open = id in frame.area.refs()
    workspace.edit(
        _("Rename {name}").format(name=object_name(workspace.project, id)), project, initiator="rename"
    )
    if was_open:
        frame.open_object(f"{kind}/{name}")


async def _delete(frame: Frame) -> None:
    workspace, id = workspace_of(frame), frame.selected()
    name = object_name(workspace.project, id)
    answer = await ask(
        frame.widget(),
        _("Delete {name}?").format(name=name),
        _("Undo brings it back. References to it become problems."),
        _("Delete"),
        _("Cancel"),
        primary=1,
    )
    if answer == 0:
        workspace.edit(
            _("Delete {name}").format(name=name), edits.remove(workspace.project, id), initiator="delete"
        )
