"""The line of a dialog that says what is going on or what went wrong, with what can be done about it.

One button stands beside a short text; otherwise the text has the whole width and the buttons stand below it.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton

from studio.base.errors import WeftError
from ui.bridge.why import Why
from ui.theme import metrics
from ui.widgets.labels import Picture, Text

# A text as long as this leaves no room beside it for a button.
_LONG = 90


class Strip(QFrame):
    """Hidden while there is nothing to say; `why` offers the doctor beside what was not reached."""

    def __init__(self, *buttons: QPushButton, why: bool = True) -> None:
        super().__init__()
        self._asks_why = why
        self.setProperty("band", "notice")
        self._column = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        self._column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._mark = Picture("info", "accent")
        row.addWidget(self._mark)
        self.said = Text("", wrap=True)
        row.addWidget(self.said, 1)
        self._column.addLayout(row, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addStretch(1)
        self._why = Why()
        below.addWidget(self._why)
        self._buttons = buttons
        for made in buttons:
            below.addWidget(made)
        self._column.addLayout(below)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._make_room)
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
        self._arrange()

    def tell(self, error: WeftError, *offered: QPushButton) -> None:
        """Say what went wrong and what to do next."""
        self.say(f"{error.message} {error.next_step}".strip(), *offered, wrong=True)
        self._why.look(error if self._asks_why else None)
        self._arrange()

    def _arrange(self) -> None:
        shown = sum(not made.isHidden() for made in (*self._buttons, self._why))
        below = shown > 1 or (shown == 1 and len(self.said.text()) > _LONG)
        sides = QBoxLayout.Direction
        self._column.setDirection(sides.TopToBottom if below else sides.LeftToRight)
        self._soon.start()

    def _make_room(self) -> None:
        """A dialog that is too low for a text of several lines grows: layouts do not let it by themselves."""
        window, layout = self.window(), self.window().layout()
        if layout is None or not self.isVisible():
            return
        layout.activate()
        needed = min(
            layout.minimumHeightForWidth(window.width()), window.screen().availableGeometry().height()
        )
        if window.height() < needed:
            window.resize(window.width(), needed)
