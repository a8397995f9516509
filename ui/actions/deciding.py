"""Opens the window of conflicts: one for each source of them, with the decisions made the last time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from weakref import WeakKeyDictionary

from studio.base.i18n import _
from studio.base.retelling import retold
from studio.workspace import Changes, Workspace
from ui.actions.frame import Frame, workspace_of
from ui.dialogs.conflicts.matters import Choice, Said, Subject
from ui.dialogs.conflicts.window import ConflictWindow
from ui.editors.writing.short_text import ShortText

# The decisions of windows that were closed before they were finished, by project and source.
_later: WeakKeyDictionary[Workspace, dict[str, Mapping[int, Choice]]] = WeakKeyDictionary()
_MOST_SAID = 3


def open_window(frame: Frame, subject: Subject, source: str, *, object: str = "") -> ConflictWindow:
    """Show a subject over the window; `source` is where its matters come from, `object` the one to begin with."""
    workspace = workspace_of(frame)
    kept = _later.setdefault(workspace, {})
    known = next((each for each in _open(frame) if each.subject.title == subject.title), None)
    if known is not None:
        known.close()
    window = ConflictWindow(
        frame.widget(),
        subject,
        frame.session.agent,
        frame.session.tasks,
        lambda name: ShortText(name, subject.project),
        choices=kept.get(source),
        later=partial(kept.__setitem__, source),
    )
    if object:
        window.show_object(object)

    def look(_changes: Changes, _initiator: str) -> None:
        window.project_changed()

    frame.session.changed.connect(look)
    frame.session.closing.connect(window.close)
    window.finished.connect(lambda _code: frame.session.changed.disconnect(look))
    window.finished.connect(lambda _code: frame.session.closing.disconnect(window.close))
    window.show()
    window.activateWindow()
    return window


def close_finished(frame: Frame, source: str) -> None:
    """What was decided of a source is done: nothing is kept of it."""
    _later.get(workspace_of(frame), {}).pop(source, None)


def _open(frame: Frame) -> Iterable[ConflictWindow]:
    return (each for each in frame.widget().findChildren(ConflictWindow) if each.isVisible())


def my_steps(workspace: Workspace, objects: Iterable[str]) -> tuple[Said, ...]:
    """Why objects were changed here: the newest steps of the history that touched them."""
    wanted = frozenset(objects)
    history = workspace.history
    theirs = _("Changed outside Weft Studio")
    steps = [
        step
        for step in history.steps[1 : history.index + 1]
        if wanted & step.changed and retold(step.label) != theirs
    ]
    return tuple(Said("", step.at, retold(step.label)) for step in reversed(steps))[:_MOST_SAID]
