"""Check boxes and radio buttons painted flat, in the palette's colours: Fusion's are lost on a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy

from ui import theme
from ui.theme import metrics

_GAP = 8


def _box(widget: QAbstractButton) -> QRectF:
    top = (widget.height() - metrics.CHECK) / 2
    return QRectF(1, top, metrics.CHECK, metrics.CHECK)


def _size(widget: QAbstractButton) -> QSize:
    width = widget.fontMetrics().horizontalAdvance(widget.text())
    return QSize(metrics.CHECK + 2 + _GAP + width + 4, max(metrics.ROW, widget.fontMetrics().height() + 4))


def _paint_text(painter: QPainter, widget: QAbstractButton) -> None:
    left = metrics.CHECK + 2 + _GAP
    room = QRect(left, 0, widget.width() - left, widget.height())
    painter.setPen(theme.color("text" if widget.isEnabled() else "disabled"))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), widget.text())


def _frame(widget: QAbstractButton) -> QPen:
    if widget.hasFocus():
        return QPen(theme.color("accent"), 2)
    return QPen(theme.color("border_strong" if widget.isEnabled() else "separator"), 1)


class Check(QCheckBox):
    """A check box; its text is its accessible name."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Box and text."""
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        """A long text takes several lines."""
        return QSize(120, self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the text, broken into lines."""
        room = QRect(0, 0, max(width - metrics.CHECK - 2 - _GAP, 40), 1000)
        text = self.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.text())
        return max(metrics.ROW, text.height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Filled with a tick when checked."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = _box(self)
        on = self.isChecked()
        painter.setBrush(theme.color("accent_fill" if on and self.isEnabled() else "base"))
        painter.setPen(QPen(theme.color("accent_fill"), 1) if on and not self.hasFocus() else _frame(self))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if on:
            role = "on_accent" if self.isEnabled() else "disabled"
            theme.draw(painter, "check", int(box.left()) + 1, int(box.top()) + 1, role, 12)
        _paint_text(painter, self)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole of it can be clicked."""
        return self.rect().contains(pos)


class Radio(QRadioButton):
    """A radio button; its text is its accessible name."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Circle and text."""
        return _size(self)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A ring, with a dot when chosen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = _box(self)
        painter.setBrush(theme.color("base"))
        painter.setPen(_frame(self))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_fill" if self.isEnabled() else "disabled"))
            painter.drawEllipse(box.adjusted(3.5, 3.5, -3.5, -3.5))
        _paint_text(painter, self)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole of it can be clicked."""
        return self.rect().contains(pos)
