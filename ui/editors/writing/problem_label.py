"""A problem said in one line; a click on it goes to its place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent

from ui.theme import fonts
from ui.widgets.labels import Elided, Text


class ProblemLabel(Elided):
    """`clicked` wants the next problem shown; the key is F2."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__("", "red_text", step=fonts.SECONDARY)

    def setText(self, text: str, *short: str) -> None:
        """Say it; the pointer tells that it leads somewhere."""
        super().setText(text, *short)
        shape = Qt.CursorShape.PointingHandCursor if text else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the press, so that the release comes here too."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() is Qt.MouseButton.LeftButton and self.text():
            self.clicked.emit()


class ProblemText(Text):
    """The same over several lines."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__("", "red_text", step=fonts.SECONDARY, wrap=True)
        self.setContentsMargins(12, 4, 12, 4)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the press, so that the release comes here too."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()
