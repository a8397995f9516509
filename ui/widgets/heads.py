"""Heads of panels and sections, and what stands in a panel that has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.theme import metrics
from ui.widgets.labels import Elided, Picture, Text

# Below this an empty state shows its words only.
LOW = 130


class PanelHead(QFrame):
    """The head of a panel: its title, a text or a label that changes, then what is added at the right."""

    def __init__(self, title: str | Elided | Text, *, height: int = metrics.TREE_HEAD, end: int = 4) -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setFixedHeight(height)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(metrics.PAD_PANEL, 0, end, 0)
        self.row.setSpacing(metrics.GAP)
        self.title = Elided(title, weight=600) if isinstance(title, str) else title
        # A title that can be cut takes the room there is.
        self.row.addWidget(self.title, int(isinstance(self.title, Elided)))

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a control, or a text that takes its share of the room, at the right."""
        self.row.addWidget(widget, stretch)


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


class EmptyState(QFrame):
    """What goes here, and the buttons that put it there; in a low place the icon is left out."""

    def __init__(self, icon: str, title: str, text: str, *buttons: QPushButton, band: str = "base") -> None:
        super().__init__()
        self.setProperty("band", band)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(8)
        column.addStretch(1)
        self._picture = Picture(icon, "text3", 24)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self.title = Text(title, weight=600, wrap=True)
        self.text = Text(text, "text2", wrap=True)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        for button in buttons:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def minimumSizeHint(self) -> QSize:
        """Never the reason why a panel cannot be made small."""
        return QSize(80, 48)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the icon out where there is little room."""
        super().resizeEvent(event)
        high = self.height() >= LOW
        self._picture.setVisible(high)
        margin = metrics.PAD_DIALOG if high else metrics.GAP
        self._column.setContentsMargins(margin, margin, margin, margin)
        # Half a sentence is worse than none: what does not fit is the title's tooltip.
        width = self.width() - 2 * margin
        needed = sum(label.heightForWidth(width) for label in (self.title, self.text)) + 8 + 2 * margin
        fits = needed <= self.height()
        self.text.setVisible(fits)
        self.title.setToolTip("" if fits else self.text.text())


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
