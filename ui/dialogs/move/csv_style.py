"""How a CSV is written, chosen once and remembered: for exports, and for result files that are opened from the window."""

from __future__ import annotations

from studio.base.i18n import _
from ui.dialogs.move.page import Desk
from ui.widgets.fields import Combo


class CsvStyle(Combo):
    """The styles; `kept` is the name the choice is remembered by."""

    def __init__(self, desk: Desk, name: str, kept: str) -> None:
        super().__init__(name, small=True)
        self._desk, self._kept = desk, kept
        styles = {
            "": _("CSV: comma"),
            "semicolon": _("CSV: semicolon"),
            "tab": _("CSV: tab"),
            "excel,semicolon": _("CSV for Excel: semicolon"),
            "excel,comma": _("CSV for Excel: comma"),
        }
        for style, text in styles.items():
            self.addItem(text, style)
        self.activated.connect(lambda _at: desk.tasks.spawn(self._remember()))

    @property
    def style_name(self) -> str:
        """The style chosen, "" for the plain one."""
        return str(self.currentData())

    async def recall(self) -> None:
        """Stand on what was chosen last time."""
        at = self.findData(await self._desk.mover.ask("remembered", name=self._kept))
        self.setCurrentIndex(max(at, 0))

    async def _remember(self) -> None:
        await self._desk.mover.ask("remember", name=self._kept, value=self.style_name)
