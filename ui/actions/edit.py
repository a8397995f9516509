"""Edit: undo, redo, and the way to the project's filter."""

from __future__ import annotations

from studio.base.i18n import _
from studio.base.retelling import retold
from ui.actions.frame import Frame, with_project, workspace_of
from ui.commands import Command


def commands(frame: Frame) -> list[Command]:
    """The commands of the Edit menu."""
    edit = _("Edit")

    def undo_reason() -> str:
        workspace = frame.session.workspace
        return "" if workspace is not None and workspace.history.can_undo else _("nothing to undo")

    def redo_reason() -> str:
        workspace = frame.session.workspace
        return "" if workspace is not None and workspace.history.can_redo else _("nothing to redo")

    return [
        Command(
            "edit.undo", _("Undo"), edit, lambda: workspace_of(frame).undo(), "arrow-u-up-left", ("Ctrl+Z",),
            undo_reason, label=lambda: _undo_label(frame),
        ),
        Command(
            "edit.redo", _("Redo"), edit, lambda: workspace_of(frame).redo(), "arrow-u-up-right",
            ("Ctrl+Shift+Z", "Ctrl+Y"), redo_reason, label=lambda: _redo_label(frame),
        ),
        Command(
            "edit.find", _("Filter the project"), edit, lambda: _filter(frame), "funnel-simple",
            ("Ctrl+Shift+E",), with_project(frame),
        ),
    ]  # fmt: skip


def _filter(frame: Frame) -> None:
    frame.panel("project").show()
    frame.panel("project").setFocus()


def _undo_label(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None or not workspace.history.can_undo:
        return _("Undo")
    return _("Undo “{edit}”").format(edit=retold(workspace.history.undo_label))


def _redo_label(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None or not workspace.history.can_redo:
        return _("Redo")
    return _("Redo “{edit}”").format(edit=retold(workspace.history.redo_label))
