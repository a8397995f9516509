"""A strip that says something once and stays until it is read: no dialog in the way, nothing that vanishes."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.theme import metrics
from ui.widgets.buttons import icon_button
from ui.widgets.labels import Picture, Text


class Notice(QFrame):
    """Hidden while there is nothing to say; several sentences stand below each other."""

    def __init__(self, close: str) -> None:
        super().__init__()
        self.setProperty("band", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(Picture("info", "accent"))
        self._text = Text("", wrap=True)
        row.addWidget(self._text, 1)
        row.addWidget(icon_button("x", close, self.dismiss))
        self._said: list[str] = []
        self.hide()

    def say(self, sentence: str) -> None:
        """Say a sentence, below those not yet read."""
        if sentence not in self._said:
            self._said.append(sentence)
        self._text.setText("\n".join(self._said))
        self.show()

    def dismiss(self) -> None:
        """It has been read."""
        self._said.clear()
        self.hide()
