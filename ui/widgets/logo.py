"""The mark of the studio: three threads across three, over and under."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from ui import theme

_UNITS = 7


class Logo(QWidget):
    """The mark, `size` pixels square."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.setFixedSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the colours of the theme in use."""
        paint_logo(QPainter(self), self.width())


def paint_logo(painter: QPainter, size: int) -> None:
    """Threads are one unit of seven wide and one apart; each crosses over and under in turn."""
    unit = size / _UNITS
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for place in (1, 3, 5):
        painter.fillRect(QRectF(place * unit, 0, unit, size), theme.color("text2"))
    for row in (1, 3, 5):
        painter.fillRect(QRectF(0, row * unit, size, unit), theme.color("accent"))
        for place in (1, 3, 5):
            if (row + place) % 4 == 0:
                painter.fillRect(QRectF(place * unit, row * unit, unit, unit), theme.color("text2"))


def window_icon() -> QIcon:
    """The mark as the window's icon, in the sizes systems ask for."""
    made = QIcon()
    for size in (14, 21, 28, 42, 63, 126, 252):
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_logo(painter, size)
        painter.end()
        made.addPixmap(picture)
    return made
