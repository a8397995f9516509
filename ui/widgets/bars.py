"""Flat bars of parts: progress, counts, coverage."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.theme import metrics


class Bar(QWidget):
    """Parts of a whole side by side, 1 px apart; the rest is empty. Its accessible name says the figures."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._parts: tuple[tuple[float, str], ...] = ()
        self._total = 0.0
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: Sequence[tuple[float, str]], total: float, said: str = "") -> None:
        """`parts` are amounts with their colour roles, `total` what the whole width stands for."""
        self._parts, self._total = tuple(parts), total
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """8 px high, as wide as there is room."""
        return QSize(120, metrics.BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint flat, square ended."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("selected_off"))
        left, so_far = 0, 0.0
        for amount, role in self._parts:
            so_far += amount
            right = round(self.width() * min(1.0, so_far / self._total)) if self._total else 0
            if right > left:
                painter.fillRect(QRect(left, 0, right - left, self.height()), theme.color(role))
                left = right + 1
