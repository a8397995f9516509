"""What marks production, and nothing else: a badge with a lock and a strip over the window, both magenta."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.base.i18n import _
from ui import theme
from ui.theme import fonts, metrics


class Badge(QWidget):
    """PRODUCTION, with a lock."""

    def __init__(self) -> None:
        super().__init__()
        self._text = _("PRODUCTION")
        self.setAccessibleName(self._text)
        self.setFont(fonts.font(fonts.SMALL, 600))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Room for lock and word."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 34, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the colours that nothing else has."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("production"))
        painter.drawRoundedRect(self.rect(), metrics.RADIUS, metrics.RADIUS)
        theme.draw(painter, "lock-simple", 6, 3, "on_production", 14)
        painter.setPen(theme.color("on_production"))
        painter.drawText(self.rect().adjusted(24, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._text)


class ProductionStrip(QWidget):
    """Four pixels of magenta over the window."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(metrics.PRODUCTION)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill it."""
        QPainter(self).fillRect(self.rect(), theme.color("production"))
