"""What was changed here and outside at once: shown over its editor, and decided there. Both versions stay in the history."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.i18n import _, ngettext
from studio.project.joining import joined
from studio.project.layout import file_of
from studio.project.merge import Conflict, decided
from studio.project.model import Project
from studio.workspace import Workspace
from ui.actions.deciding import close_finished, my_steps, open_window
from ui.actions.frame import Frame, workspace_of
from ui.bridge.project_tree import object_name
from ui.commands import Command
from ui.dialogs.conflicts.matters import Choice, Kind, Matter, Subject

IDS = ("conflict.compare", "conflict.keep", "conflict.take")
_SOURCE = "outside"


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
    """All that both changed, side by side, to be decided one by one."""
    workspace = workspace_of(frame)
    conflicts = workspace.conflicts
    matters = tuple(_matter(number, conflict) for number, conflict in enumerate(conflicts))
    subject = Subject(
        title=_("Changed outside – {name}").format(name=workspace.project.name or workspace.folder.name),
        folder=workspace.folder,
        project=lambda: workspace.project,
        matters=matters,
        finish=lambda choices: _finish(frame, workspace, matters, conflicts, choices),
        mine_said=my_steps(workspace, (conflict.object for conflict in conflicts)),
        their_place=_("in the file"),
    )
    open_window(frame, subject, _SOURCE, object=_front(frame))


def _matter(number: int, conflict: Conflict) -> Matter:
    sides = conflict.base, conflict.mine, conflict.theirs
    both = joined(*sides) if conflict.path else None
    return Matter(number, conflict.object, file_of(conflict.object), conflict.path, *sides, joined=both)


async def _finish(
    frame: Frame,
    workspace: Workspace,
    matters: tuple[Matter, ...],
    conflicts: tuple[Conflict, ...],
    choices: Mapping[int, Choice],
) -> None:
    """Theirs becomes a step of the history, what was decided the one after it."""
    result, front = workspace.project, _front(frame)
    theirs = _theirs(result, list(conflicts))
    for matter, conflict in zip(matters, conflicts, strict=True):
        choice = choices[matter.number]
        # What is there now is mine, whatever was done to it meanwhile.
        if choice.kind is not Kind.MINE or conflict.mine is None:
            result = decided(result, conflict, choice.of(matter))
    workspace.edit(_("Their versions"), theirs, initiator="conflict")
    for conflict in conflicts:
        workspace.settle(conflict)
    workspace.edit(_("Conflicts decided"), result, initiator="conflict")
    close_finished(frame, _SOURCE)
    # The step in between may have been without the object in front, and closed its editor.
    frame.open_object(front)
    _decided(frame)


def _front(frame: Frame) -> str:
    return frame.area.current.ref if frame.area.current is not None else ""


def _of(workspace: Workspace, id: str) -> list[Conflict]:
    return [conflict for conflict in workspace.conflicts if conflict.object == id]


def _theirs(project: Project, conflicts: list[Conflict]) -> Project:
    for conflict in conflicts:
        project = decided(project, conflict, conflict.theirs)
    return project


def _put(workspace: Workspace, id: str, label: str, project: Project) -> None:
    for conflict in _of(workspace, id):
        workspace.settle(conflict)
    workspace.edit(label, project, initiator="conflict")


def _decided(frame: Frame) -> None:
    frame.show_conflicts()
    frame.table.refresh_soon()
