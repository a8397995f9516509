"""The foot of a dialog: what it says on the left, its buttons on the right."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.theme import metrics


class Foot(QFrame):
    """A band of fixed height across the bottom; the last of `right` is the one at the edge."""

    def __init__(self, right: Iterable[QWidget], left: Iterable[QWidget] = ()) -> None:
        super().__init__()
        self.setProperty("band", "foot")
        self.setFixedHeight(metrics.DIALOG_FOOT)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 0)
        row.setSpacing(8)
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)
