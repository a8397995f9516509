"""The frame all dialogs share: title, body at the dialog's margins, a foot whose last button Enter presses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from ui.theme import fonts, metrics
from ui.widgets.foot import Foot
from ui.widgets.labels import Picture, Text


def framed(
    dialog: QDialog,
    title: str,
    buttons: Sequence[QPushButton],
    *,
    icon: str = "",
    width: int = 0,
    spacing: int = 12,
) -> QVBoxLayout:
    """Give a dialog its title and its foot; what is in between goes into the column given back."""
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    dialog.setProperty("band", "base")
    if width:
        dialog.setMinimumWidth(width)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    body = QVBoxLayout()
    body.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
    body.setSpacing(spacing)
    head = QHBoxLayout()
    head.setSpacing(12)
    if icon:
        head.addWidget(Picture(icon, "accent", 20))
    head.addWidget(Text(title, step=fonts.TITLE, weight=600, wrap=True), 1)
    body.addLayout(head)
    column.addLayout(body, 1)
    buttons[-1].setDefault(True)
    column.addWidget(Foot(buttons))
    return body


def form(gap: int = 16) -> QGridLayout:
    """A grid of labels and controls, the controls as wide as there is room."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(gap)
    grid.setVerticalSpacing(12)
    grid.setColumnStretch(1, 1)
    return grid
