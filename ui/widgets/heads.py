"""Heads of panels and sections, and what stands in a panel that has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.theme import metrics
from ui.widgets.labels import Elided, Picture, Text


class PanelHead(QFrame):
    """The 32 px head of a side panel: its title, then what is added at the right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setFixedHeight(metrics.TREE_HEAD)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(metrics.PAD_PANEL, 0, 4, 0)
        self.row.setSpacing(metrics.GAP)
        self.title = Elided(title, weight=600)
        self.row.addWidget(self.title, 1)

    def add(self, widget: QWidget) -> None:
        """Put a control at the right."""
        self.row.addWidget(widget)


class SectionHead(QWidget):
    """A bold title with something small at the right: a part of the inspector or a dialog."""

    def __init__(self, title: str, *right: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.title = Text(title, weight=600)
        row.addWidget(self.title)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)


class EmptyState(QWidget):
    """What goes here, and the buttons that put it there."""

    def __init__(self, icon: str, title: str, text: str, *buttons: QPushButton) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(Picture(icon, "text3", 24), 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = Text(title, weight=600, wrap=True)
        self.text = Text(text, "text2", wrap=True)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        for button in buttons:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)


def spaced(*widgets: QWidget, margin: int = 0, spacing: int = 8, stretch: bool = False) -> QVBoxLayout:
    """A column of widgets."""
    column = QVBoxLayout()
    column.setContentsMargins(margin, margin, margin, margin)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    if stretch:
        column.addStretch(1)
    return column
