"""Texts by role and size: labels, key caps, count pills, thin lines. Colours follow the theme through the sheet."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ui import theme
from ui.theme import fonts


class Text(QLabel):
    """A label in a colour role (`tone`), `step` pixels from the interface size; its text is its accessible name."""

    def __init__(
        self, text: str = "", tone: str = "text", *, step: int = 0, weight: int = 400, mono: bool = False,
        wrap: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(text)
        self.setProperty("tone", tone)
        self.setFont(fonts.mono(step, weight) if mono else fonts.font(step, weight))
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        """Change the colour role."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Elided(QWidget):
    """One line that ends in … where there is no room; the whole text is its tooltip then."""

    def __init__(
        self, text: str = "", tone: str = "text", *, step: int = 0, weight: int = 400, mono: bool = False,
        where: Qt.TextElideMode = Qt.TextElideMode.ElideRight, right: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self._text, self._tone, self._where = text, tone, where
        self._short: tuple[str, ...] | None = None
        self._side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.setFont(fonts.mono(step, weight) if mono else fonts.font(step, weight))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str, *short: str) -> None:
        """Show another text; each `short` says it in fewer words where there is no room."""
        if (text, short) == (self._text, self._short):
            # Everything around would be laid out anew for nothing.
            return
        self._text, self._short = text, short
        self.setAccessibleName(text)
        self._explain()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(min(24, self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as a tooltip once it does not fit."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint as much of the text as fits."""
        painter = QPainter(self)
        painter.setPen(theme.color(self._tone if self.isEnabled() else "disabled"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | self._side), self.shown)

    @property
    def shown(self) -> str:
        """As much of the text as there is room for."""
        measured = self.fontMetrics().horizontalAdvance
        texts = (self._text, *(self._short or ()))
        said = next((text for text in texts if measured(text) <= self.width()), texts[-1])
        return self.fontMetrics().elidedText(said, self._where, self.width())

    def _explain(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self._text) <= self.width()
        self.setToolTip("" if fits else self._text)


class KeyCap(QLabel):
    """A key or a combination, in a small frame."""

    def __init__(self, keys: str) -> None:
        super().__init__(keys)
        self.setProperty("keycap", True)
        self.setFont(fonts.font(fonts.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class Pill(QLabel):
    """A count in a rounded field; hidden while the count is zero."""

    def __init__(self, count: int = 0) -> None:
        super().__init__()
        self.setProperty("pill", True)
        self.setFont(fonts.font(fonts.SMALL, 500))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(count)

    def set_count(self, count: int) -> None:
        """Show another count."""
        self.setText(str(count))
        self.setVisible(count > 0)


class Line(QFrame):
    """A separator, 1 px, horizontal unless told."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        self.setProperty("line", True)
        if vertical:
            self.setFixedWidth(theme.metrics.SEPARATOR)
        else:
            self.setFixedHeight(theme.metrics.SEPARATOR)


class Picture(QWidget):
    """An icon beside a text: says nothing a screen reader needs to hear."""

    def __init__(self, name: str, role: str = "text2", size: int = theme.metrics.ICON) -> None:
        super().__init__()
        self._name, self._role, self._size = name, role, size
        self.setFixedSize(size, size)

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the colour of the theme in use."""
        theme.draw(
            QPainter(self), self._name, 0, 0, self._role if self.isEnabled() else "disabled", self._size
        )
