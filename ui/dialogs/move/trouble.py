"""What went wrong, in the move's own window: a box over the main window would stand behind this one."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.base.errors import WeftError
from studio.base.i18n import _
from ui.bridge.why import Why
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Line, Picture, Text


class Trouble(QFrame):
    """A line below the org, until it is closed or something else is begun."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setAccessibleName(_("What went wrong"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self._sign = Picture("x-circle-fill", "red")
        self.text = Text("", "red_text", wrap=True)
        close = button(_("Close"), self.hide, small=True)
        close.setAccessibleName(_("Close the message"))
        row.addWidget(self._sign)
        row.addWidget(self.text, 1)
        self._why = Why(small=True)
        row.addWidget(self._why)
        row.addWidget(close)
        column.addLayout(row)
        column.addWidget(Line())
        self.hide()

    def show_error(self, error: WeftError) -> None:
        """What happened, where, and what to do next."""
        parts = (error.message, error.place, error.next_step)
        self._sign.show_icon("x-circle-fill", "red")
        self._say(" ".join(part for part in parts if part), "red_text")
        self._why.look(error)

    def tell(self, text: str) -> None:
        """Something to know that is no error."""
        self._sign.show_icon("info", "text2")
        self._say(text, "text")
        self._why.hide()

    def _say(self, text: str, tone: str) -> None:
        self.text.setText(text)
        self.text.set_tone(tone)
        self.show()
