"""What actions may ask of the window: the session, the editors, the panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QMainWindow, QWidget

from studio.base.i18n import _
from studio.workspace import Workspace
from ui.bridge.runs import RunBook
from ui.bridge.session import Session
from ui.commands import CommandTable
from ui.editors.area import EditorArea
from ui.widgets.stack import TabStack

# The pages of the panel at the bottom.
PROBLEMS, RUNS, HISTORY, REPOSITORY = 0, 1, 2, 3


class Frame(Protocol):
    """The main window as actions see it."""

    session: Session
    table: CommandTable
    book: RunBook
    area: EditorArea
    bottom: TabStack

    def widget(self) -> QMainWindow:
        """The window itself, to put dialogs over."""
        ...

    def panel(self, name: str) -> QWidget:
        """The panel called `project`, `inspector` or `bottom`."""
        ...

    def make_room(self, height: int) -> None:
        """Make the panel at the bottom at least this high, where the window has the room; 0 gives the room back."""
        ...

    def open_object(self, id: str, path: str = "") -> None:
        """Bring an object's editor to the front."""
        ...

    def tell(self, sentence: str) -> None:
        """Say one sentence in the status bar."""
        ...

    def notify(self, sentence: str) -> None:
        """Say one sentence that stays until it is read."""
        ...

    def selected(self) -> str:
        """The object selected in the project tree or in front, "" for none."""
        ...

    def find_commands(self) -> None:
        """Open the command palette."""
        ...

    def find_objects(self) -> None:
        """Open quick open."""
        ...

    def find_functions(self) -> None:
        """Open quick open over the functions of the script language."""
        ...

    def show_function(self, name: str) -> None:
        """Show a function of the script language in the Inspector."""
        ...

    def inspect(self, widget: QWidget) -> None:
        """Show something in the Inspector, over what the editor in front shows."""
        ...

    def restore_project(self) -> None:
        """Bring back the tabs of the open project."""
        ...

    def show_conflicts(self) -> None:
        """Show over the editor in front what both it and somebody outside changed."""
        ...

    def keep_layout(self) -> None:
        """Keep panels and tabs for the next start."""
        ...


def with_project(frame: Frame) -> Callable[[], str]:
    """A `when`: a project is open."""
    return lambda: "" if frame.session.workspace is not None else _("no project is open")


def workspace_of(frame: Frame) -> Workspace:
    """The open project; commands asking for it have `with_project` as their `when`."""
    workspace = frame.session.workspace
    assert workspace is not None
    return workspace
