"""The line of a dialog that says what is going on or what went wrong, with what can be done about it beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from studio.base.errors import WeftError
from ui.bridge.why import Why
from ui.theme import metrics
from ui.widgets.labels import Picture, Text


class Strip(QFrame):
    """Hidden while there is nothing to say; `why` offers the doctor beside what was not reached."""

    def __init__(self, *buttons: QPushButton, why: bool = True) -> None:
        super().__init__()
        self._asks_why = why
        self.setProperty("band", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self._mark = Picture("info", "accent")
        row.addWidget(self._mark)
        self.said = Text("", wrap=True)
        row.addWidget(self.said, 1)
        self._why = Why()
        row.addWidget(self._why)
        self._buttons = buttons
        for made in buttons:
            row.addWidget(made)
        self.say("")

    def say(self, text: str, *offered: QPushButton, wrong: bool = False) -> None:
        """Say something and offer these buttons; in red what went wrong; "" says nothing."""
        self.said.setText(text)
        self.said.set_tone("red_text" if wrong else "text")
        self._mark.show_icon("warning-circle" if wrong else "info", "red" if wrong else "accent")
        for made in self._buttons:
            made.setVisible(made in offered)
        self._why.hide()
        self.setVisible(bool(text))

    def tell(self, error: WeftError, *offered: QPushButton) -> None:
        """Say what went wrong and what to do next."""
        self.say(f"{error.message} {error.next_step}".strip(), *offered, wrong=True)
        self._why.look(error if self._asks_why else None)
