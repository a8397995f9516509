"""The small box beside the script that shows the call around the cursor, its current argument in the accent."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.base.i18n import _
from ui import theme
from ui.editors.mapping.help import Signature
from ui.theme import fonts, metrics

HEIGHT = 24


class SignatureBox(QWidget):
    """Lies over its window and takes no events."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._signature: Signature | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(_("Signature"))
        self.hide()

    def show_signature(self, signature: Signature | None, point: QPoint) -> None:
        """Show a call with its lower right corner at a point of the screen; None hides the box."""
        self._signature = signature
        if signature is None:
            self.hide()
            return
        width = 16 + sum(self._width(text, font) for text, _role, font in self._parts(signature))
        here = self._window.mapFromGlobal(point)
        left = max(4, min(here.x() - width, self._window.width() - width - 4))
        self.setGeometry(QRect(left, here.y() - HEIGHT - 2, width, HEIGHT))
        self.setAccessibleDescription("".join(text for text, _role, _font in self._parts(signature)))
        self.show()
        self.raise_()
        self.update()

    def _parts(self, signature: Signature) -> list[tuple[str, str, QFont]]:
        plain = fonts.mono()
        parts = [(f"{signature.name}(", "text", plain)]
        for number, name in enumerate(signature.arguments):
            current = number == signature.current
            parts.append(
                (name, "accent" if current else "text", fonts.mono(weight=700) if current else plain)
            )
            if number + 1 < len(signature.arguments):
                parts.append((", ", "text", plain))
        parts.append((")", "text", plain))
        if signature.result:
            parts.append((f"  → {signature.result}", "text3", fonts.font(fonts.SECONDARY)))
        return parts

    def _width(self, text: str, font: QFont) -> int:
        return QFontMetrics(font).horizontalAdvance(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame and parts, one after the other."""
        if self._signature is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("base"))
        radius = metrics.RADIUS
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        left = 8
        for text, role, font in self._parts(self._signature):
            painter.setFont(font)
            painter.setPen(theme.color(role))
            painter.drawText(
                QRect(left, 0, self.width(), self.height()), int(Qt.AlignmentFlag.AlignVCenter), text
            )
            left += self._width(text, font)
