"""What every editor is: a tab with a title, an inspector, a summary and its own commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.workspace import Workspace
from ui.bridge.debugging import Debugging
from ui.commands import Command, CommandTable, Work


@dataclass(frozen=True)
class Desk:
    """What an editor may ask of the window around it.

    `spawn` awaits a coroutine on the loop and shows its error; `open` brings an object's editor to the front and goes
    to a path inside it; `tell` says one sentence in the status bar; `show_error` is the one popup for errors;
    `debugging` the window's debugger, None where there is none.
    """

    commands: CommandTable
    spawn: Callable[[Work], object]
    open: Callable[[str, str], None]
    tell: Callable[[str], None]
    show_error: Callable[[BaseException], None]
    debugging: Debugging | None = None


class Editor(QWidget):
    """The editor of one object of the project, `ref` being `kind/name`.

    The window calls `commands` when the editor comes to the front and lets them go when it leaves; it shows `inspector`
    in the Inspector panel (the editor keeps owning the widget) and `summary` at the right of the tabs. Emit `inspected`
    and `summarised` when they change, `rearranged` when `layout_state` would say something else.
    """

    inspected = Signal()
    summarised = Signal()
    renamed = Signal()
    rearranged = Signal()
    unread_turned = Signal()

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__()
        self.workspace = workspace
        self.agent = agent
        self.ref = ref
        self.desk = desk

    def title(self) -> str:
        """The object's name, for the tab and the window's title."""
        return self.ref.partition("/")[2]

    def commands(self) -> Sequence[Command]:
        """The commands this editor answers while it is in front; ids may take over declared ones."""
        return ()

    def inspector(self) -> QWidget | None:
        """What the Inspector shows now; None for its empty state."""
        return None

    def summary(self) -> str:
        """One short line at the right of the tabs: `41 rules · 1 problem`."""
        return ""

    def go_to(self, path: str) -> None:
        """Select and show what a problem or a search result points at."""

    def layout_state(self) -> Mapping[str, Any]:
        """What comes back on restart: expanded nodes, scroll positions, as plain data."""
        return {}

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Take back what `layout_state` gave; unknown or missing keys are no error."""

    @property
    def hurried(self) -> bool:
        """Something a person waits for is on its way: what the window has to do besides can wait a moment."""
        return False

    def commit(self) -> None:
        """Write what is being typed into the project: called before saving, running and closing."""

    def unread(self) -> bool:
        """Something stands here that cannot be read, so the project does not have it; tell a change by `unread_turned`."""
        return False

    def let_go(self) -> None:
        """Disconnect from workspace and agent: the tab is being closed."""
