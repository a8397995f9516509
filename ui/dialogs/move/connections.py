"""The databases the open project has connections to, offered beside the path of a source and of an export's target."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent

from studio.base.i18n import _
from studio.moves.places import KIND, PREFIX
from studio.workspace import Workspace
from ui.widgets.fields import Combo

Open = Callable[[], Workspace | None]


class Connections(Combo):
    """Hidden where there are none; choosing one calls `chosen` with its whole name, `PROJECT/connections/NAME`."""

    def __init__(self, workspace: Open, chosen: Callable[[str], object]) -> None:
        super().__init__(_("Connection"))
        self._workspace = workspace
        self._chosen = chosen
        self.activated.connect(self._pick)
        self.look()

    def look(self) -> None:
        """Offer what the project has now."""
        workspace = self._workspace()
        found = workspace.project.connections if workspace is not None else {}
        refs = sorted(ref for ref, connection in found.items() if connection.kind == KIND)
        self.clear()
        self.addItem(_("Connection…"), "")
        for ref in refs:
            self.addItem(found[ref].name or ref, ref)
        self.setVisible(bool(refs))

    def showEvent(self, event: QShowEvent) -> None:
        """The first line is a heading again."""
        self.setCurrentIndex(0)
        super().showEvent(event)

    def _pick(self, at: int) -> None:
        if ref := self.itemData(at):
            self._chosen(whole(f"{PREFIX}{ref}", self._workspace()))
        self.setCurrentIndex(0)


def whole(text: str, workspace: Workspace | None) -> str:
    """What was typed, `connection:NAME` with the open project's folder: the mover works in another one."""
    if workspace is None or not text.startswith(PREFIX):
        return text
    return str(workspace.folder / "connections" / text.removeprefix(PREFIX).strip())
