"""What floats over the window: lists and boxes with the one shadow the design allows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.theme import metrics

_BLUR = metrics.SHADOW_BLUR
_MARGINS = QMargins(_BLUR, _BLUR - metrics.SHADOW_DOWN, _BLUR, _BLUR + metrics.SHADOW_DOWN)


class Floating(QWidget):
    """A box over its window, in the window: no window of its own, so it moves and closes with it.

    Put the contents into `inside`. It is larger than its frame by the shadow's margins.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.inside = QVBoxLayout(self)
        self.inside.setContentsMargins(_MARGINS + QMargins(1, 1, 1, 1))
        self.inside.setSpacing(0)
        self._shadow = QPixmap()
        self.hide()
        window.installEventFilter(self)
        theme.signals.changed.connect(self._forget)

    def place(self, left: int, top: int, width: int, height: int) -> None:
        """Where the frame is, in the window's coordinates."""
        frame = QMargins(_MARGINS)
        self.setGeometry(
            left - frame.left(),
            top - frame.top(),
            width + frame.left() + frame.right(),
            height + frame.top() + frame.bottom(),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shadow, ground, border."""
        if self._shadow.size() != self.size() * self.devicePixelRatioF():
            self._shadow = self._made_shadow()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._shadow)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(
            self._frame().adjusted(0.5, 0.5, -0.5, -0.5), metrics.RADIUS_FLOATING, metrics.RADIUS_FLOATING
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self.parent() and event.type() is QEvent.Type.Resize and self.isVisible():
            self.settle()
        return False

    def settle(self) -> None:
        """Take the place wanted in a window of another size."""

    def _frame(self) -> QRectF:
        return QRectF(self.rect().marginsRemoved(_MARGINS))

    def _forget(self) -> None:
        self._shadow = QPixmap()
        self.update()

    def _made_shadow(self) -> QPixmap:
        # A Gaussian is near enough a stack of rounded rectangles, each adding a little.
        made = QPixmap(self.size() * self.devicePixelRatioF())
        made.setDevicePixelRatio(self.devicePixelRatioF())
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        frame = self._frame().translated(0, metrics.SHADOW_DOWN)
        color = QColor(theme.shadow())
        strength = color.alphaF()
        for step in range(_BLUR, 0, -2):
            color.setAlphaF(strength * 2 * (1 - step / _BLUR) / _BLUR + 0.002)
            painter.setBrush(color)
            grown = frame.adjusted(-step, -step, step, step)
            painter.drawRoundedRect(grown, step + metrics.RADIUS_FLOATING, step + metrics.RADIUS_FLOATING)
        painter.end()
        return made
