"""What was changed here and outside at once: shown over its editor, and decided there. Both versions stay in the history."""

from __future__ import annotations

from studio.base.i18n import _, ngettext
from studio.project.merge import Conflict, decided
from studio.project.model import Project
from studio.project.texts import value_text
from studio.workspace import Workspace
from ui.actions.frame import Frame, workspace_of
from ui.bridge.project_tree import object_name
from ui.commands import Command
from ui.dialogs.compare import Compare

IDS = ("conflict.compare", "conflict.keep", "conflict.take")


def commands(frame: Frame) -> list[Command]:
    """The commands of the bar, for the palette and the keyboard."""
    edit = _("Edit")

    def there() -> str:
        workspace = frame.session.workspace
        id = _front(frame)
        found = workspace is not None and id and _of(workspace, id)
        return "" if found else _("nobody else changed what is in front")

    return [
        Command(
            IDS[0], _("Compare with their version"), edit, lambda: compare(frame), "git-merge", (), there
        ),
        Command(IDS[1], _("Keep my version"), edit, lambda: keep(frame, _front(frame)), "", (), there),
        Command(IDS[2], _("Take their version"), edit, lambda: take(frame, _front(frame)), "", (), there),
    ]


def sentence(workspace: Workspace | None, id: str) -> str:
    """What both changed in an object, for the bar; "" where there is nothing to decide."""
    found = _of(workspace, id) if workspace is not None else []
    if not found:
        return ""
    if any(conflict.theirs is None and not conflict.path for conflict in found):
        return _("You changed this, and it was deleted outside at the same time.")
    if any(conflict.mine is None and not conflict.path for conflict in found):
        return _("You deleted this, and it was changed outside at the same time.")
    places = ", ".join(" ".join(conflict.path) for conflict in found if conflict.path)
    if not places:
        return _("Changed here and outside at the same time. You see your version.")
    text = ngettext(
        "Changed here and outside at the same time: {place}. You see your version.",
        "Changed here and outside at the same time: {place}. You see your versions.",
        len(found),
    )
    return text.format(place=places)


def keep(frame: Frame, id: str) -> None:
    """Mine stays; theirs becomes a step of the history just before it."""
    keep_mine(workspace_of(frame), id)
    # The step in between may have been without the object, and closed its editor.
    frame.open_object(id)
    _decided(frame)


def take(frame: Frame, id: str) -> None:
    """Theirs replaces mine, which undo brings back."""
    workspace = workspace_of(frame)
    label = _("Their version of {name}").format(name=object_name(workspace.project, id))
    _put(workspace, id, label, _theirs(workspace.project, _of(workspace, id)))
    _decided(frame)


def keep_mine(workspace: Workspace, id: str) -> None:
    """Decide an object's conflicts for mine, without a window to show it."""
    found = _of(workspace, id)
    name = object_name(workspace.project, id)
    mine = workspace.project
    for conflict in found:
        if conflict.mine is None:
            mine = decided(mine, conflict, None)
    theirs = _theirs(workspace.project, found)
    workspace.edit(_("Their version of {name}").format(name=name), theirs, initiator="conflict")
    _put(workspace, id, _("My version of {name}").format(name=name), mine)


def compare(frame: Frame) -> None:
    """Both versions as text, side by side."""
    workspace, id = workspace_of(frame), _front(frame)
    project = workspace.project
    texts = (_text(project, id), _text(_theirs(project, _of(workspace, id)), id))
    title = _("Two versions of {name}").format(name=object_name(project, id))
    Compare(frame.widget(), title, texts, lambda: keep(frame, id), lambda: take(frame, id)).open()


def _front(frame: Frame) -> str:
    return frame.area.current.ref if frame.area.current is not None else ""


def _of(workspace: Workspace, id: str) -> list[Conflict]:
    return [conflict for conflict in workspace.conflicts if conflict.object == id]


def _theirs(project: Project, conflicts: list[Conflict]) -> Project:
    for conflict in conflicts:
        project = decided(project, conflict, conflict.theirs)
    return project


def _text(project: Project, id: str) -> str:
    value = project.get(id)
    return "" if value is None else value_text(id, value)


def _put(workspace: Workspace, id: str, label: str, project: Project) -> None:
    for conflict in _of(workspace, id):
        workspace.settle(conflict)
    workspace.edit(label, project, initiator="conflict")


def _decided(frame: Frame) -> None:
    frame.show_conflicts()
    frame.table.refresh_soon()
