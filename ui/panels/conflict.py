"""The bar over an object that was changed here and outside at once: keep mine, take theirs, look at both."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from studio.base.i18n import _
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Elided, Picture


class ConflictBar(QFrame):
    """Hidden while the object in front is nobody else's. The functions decide for the whole object."""

    def __init__(
        self, keep: Callable[[], object], take: Callable[[], object], compare: Callable[[], object]
    ) -> None:
        super().__init__()
        self.setProperty("band", "theirs")
        self.setAccessibleName(_("Changed here and outside"))
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(Picture("git-merge", "theirs_text"))
        self._text = Elided("")
        row.addWidget(self._text, 1)
        row.addWidget(button(_("Compare"), compare, small=True))
        row.addWidget(button(_("Take theirs"), take, small=True))
        row.addWidget(button(_("Keep mine"), keep, small=True))
        self.hide()

    def show_conflicts(self, text: str) -> None:
        """Say what both changed; "" hides the bar."""
        self._text.setText(text)
        self.setVisible(bool(text))
