"""What hangs on the pointer during a drag: a line from where it began and a few words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import metrics


class DragOverlay(QWidget):
    """Lies over the canvas, lets every event through, and is visible only during a drag."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._start = QPoint()
        self._here = QPoint()
        self._text = ""
        self._allowed = False
        self.hide()

    def begin(self, start: QPoint, text: str) -> None:
        """A drag begins at a point of the screen, with something called `text`."""
        self._start = self.mapFromGlobal(start)
        self._here = self._start
        self._text = text
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()

    def follow(self, point: QPoint, *, allowed: bool) -> None:
        """The pointer is at this point of the screen, over something that takes the drop or not."""
        self._here = self.mapFromGlobal(point)
        self._allowed = allowed
        self.update()

    def end(self) -> None:
        """The drag is over."""
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A curve to the pointer and the words beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme.color("accent" if self._allowed else "border_strong")
        pen = QPen(color, metrics.LINK_FOCUSED if self._allowed else metrics.LINK)
        if not self._allowed:
            pen.setDashPattern([4.0, 3.0])
        painter.setPen(pen)
        middle = (self._start.x() + self._here.x()) / 2
        path = QPainterPath(QPointF(self._start))
        path.cubicTo(middle, self._start.y(), middle, self._here.y(), self._here.x(), self._here.y())
        painter.drawPath(path)
        width = min(320, painter.fontMetrics().horizontalAdvance(self._text) + 16)
        left = min(self._here.x() + 14, self.width() - width - 4)
        box = QRectF(left + 0.5, self._here.y() + 10.5, width, 23)
        painter.setPen(QPen(color, 1))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(box, metrics.RADIUS, metrics.RADIUS)
        painter.setPen(theme.color("text"))
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, width - 16)
        painter.drawText(box.adjusted(8, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), shown)
