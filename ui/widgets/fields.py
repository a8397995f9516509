"""Fields: a filter box, a combo box and a number box without native gradients."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QStyleOptionComboBox, QWidget

from ui import theme
from ui.theme import metrics


class FilterField(QLineEdit):
    """A line that filters a tree or a list; Esc empties it, then gives the focus away (`left`)."""

    left = Signal()

    def __init__(self, name: str, placeholder: str, icon: str = "funnel-simple") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFixedHeight(metrics.FIELD)
        self.setTextMargins(metrics.ICON + 4, 0, 0, 0)
        self._icon = icon

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon stands before the text."""
        super().paintEvent(event)
        theme.draw(QPainter(self), self._icon, 6, (self.height() - metrics.ICON) // 2, "text2")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties, Esc again and arrow down leave."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Paragraph(QPlainTextEdit):
    """A few lines of plain words; `left` tells that somebody has done writing."""

    left = Signal()

    def __init__(self, text: str, lines: int = 3) -> None:
        super().__init__(text)
        self.setProperty("field", True)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(5)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 14)

    def text(self) -> str:
        """What is written, in one line: names and descriptions have no line ends of their own."""
        return " ".join(self.toPlainText().split())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Left: what is written counts."""
        super().focusOutEvent(event)
        self.left.emit()


class Combo(QComboBox):
    """A combo box painted flat, with our caret; the wheel scrolls the page around it, not the choice."""

    def __init__(self, name: str, *, small: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedHeight(metrics.FIELD if small else metrics.BUTTON)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, text, caret."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        paint_frame(painter, self)
        left = 8
        if not self.itemIcon(self.currentIndex()).isNull():
            size = metrics.ICON
            self.itemIcon(self.currentIndex()).paint(
                painter, QRect(6, (self.height() - size) // 2, size, size)
            )
            left = 6 + size + 4
        painter.setPen(theme.color("text" if self.isEnabled() else "disabled"))
        room = self.rect().adjusted(left, 0, -22, 0)
        shown = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        role = "text2" if self.isEnabled() else "disabled"
        theme.draw(painter, "caret-down", self.width() - 19, (self.height() - 12) // 2, role, 12)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()

    def sizeHint(self) -> QSize:
        """Room for the longest choice and the caret."""
        texts = [self.itemText(index) for index in range(self.count())]
        width = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=60)
        icon = metrics.ICON + 4 if any(not self.itemIcon(i).isNull() for i in range(self.count())) else 0
        return QSize(width + icon + 34, self.height())


def paint_frame(painter: QPainter, widget: QWidget) -> None:
    """The frame of a field: base inside, a border, the accent when it has the focus."""
    focus = widget.hasFocus()
    line = 2.0 if focus else 1.0
    role = "accent" if focus else ("border" if widget.isEnabled() else "separator")
    painter.setPen(QPen(theme.color(role), line))
    painter.setBrush(theme.color("base" if widget.isEnabled() else "window"))
    inset = line / 2
    radius = metrics.RADIUS
    painter.drawRoundedRect(widget.rect().toRectF().adjusted(inset, inset, -inset, -inset), radius, radius)
