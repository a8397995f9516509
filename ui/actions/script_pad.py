"""The script pad opened, one of a project."""

from __future__ import annotations

from functools import partial

from shiboken6 import isValid

from ui.actions.frame import Frame, workspace_of
from ui.editors.base import Desk
from ui.editors.writing.pad import ScriptPad

# The keys that act in the pad as they do in the window.
KEYS = (
    "script.define", "script.uses", "script.rename", "script.tell", "script.next_problem", "script.previous_problem",
    "script.bracket", "help.reference",
)  # fmt: skip


def open_pad(frame: Frame) -> None:
    """Open it, or bring it to the front."""
    shown = frame.widget().findChild(ScriptPad)
    pad = shown if isinstance(shown, ScriptPad) else _made(frame)
    pad.show()
    pad.raise_()
    pad.activateWindow()
    pad.code.setFocus()


def _made(frame: Frame) -> ScriptPad:
    session = frame.session
    tasks = session.tasks
    desk = Desk(frame.table, tasks.spawn, frame.open_object, frame.tell, session.errors.show)
    pad = ScriptPad(frame.widget(), workspace_of(frame), session.agent, desk, frame.show_function)
    for id in KEYS:
        pad.addAction(frame.table.action(id))
    session.closing.connect(partial(_close, pad))
    return pad


def _close(pad: ScriptPad) -> None:
    if isValid(pad):
        pad.close()
