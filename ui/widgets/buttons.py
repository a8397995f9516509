"""Buttons: plain, primary, small, and those that look like links or icons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from ui import theme
from ui.theme import metrics

_GAP = 8


def button(
    text: str, do: Callable[[], object], *, icon: str = "", primary: bool = False, small: bool = False
) -> QPushButton:
    """A push button whose accessible name is its text."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    made.setProperty("primary", primary)
    made.setProperty("small", small)
    made.setAutoDefault(False)
    if icon:
        made.setIcon(theme.icon(icon, "on_accent" if primary else "text2"))
        made.setIconSize(QSize(metrics.ICON, metrics.ICON))
    made.clicked.connect(lambda: do())
    return made


def link(text: str, do: Callable[[], object]) -> QPushButton:
    """A button that looks like a link."""
    made = QPushButton(text)
    made.setAccessibleName(text)
    made.setProperty("link", True)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    made.clicked.connect(lambda: do())
    return made


class ElidedLink(QPushButton):
    """A button that looks like a link to a path: where there is no room, its middle is left out."""

    def __init__(self, text: str, do: Callable[[], object]) -> None:
        super().__init__(text)
        self._whole = text
        self._around = super().sizeHint().width() - self.fontMetrics().horizontalAdvance(text)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setProperty("link", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: do())

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        width = self.fontMetrics().horizontalAdvance(self._whole) + max(0, self._around)
        return QSize(width + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the ends of a path."""
        return QSize(min(72, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the text as there is room for."""
        super().resizeEvent(event)
        room = self.width() - max(0, self._around)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


def icon_button(icon: str, name: str, do: Callable[[], object], *, checkable: bool = False) -> QToolButton:
    """A square button with an icon only; `name` is its tooltip and accessible name."""
    made = QToolButton()
    made.setIcon(theme.icon(icon))
    made.setProperty("square", True)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setCheckable(checkable)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.clicked.connect(lambda: do())
    return made


class CommandButton(QToolButton):
    """A toolbar button of a command's action: icon and text 8 px apart, flat until the pointer comes."""

    def __init__(self, action: QAction, *, text: bool = True) -> None:
        super().__init__()
        self.has_text = text
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(metrics.TOOL_BUTTON)
        action.changed.connect(self._name)
        self._name()

    def sizeHint(self) -> QSize:
        """Room for icon and text."""
        if not self.has_text:
            return QSize(metrics.TOOL_BUTTON, metrics.TOOL_BUTTON)
        width = self.fontMetrics().horizontalAdvance(self.defaultAction().iconText())
        return QSize(6 + metrics.ICON + _GAP + width + 8, metrics.TOOL_BUTTON)

    def minimumSizeHint(self) -> QSize:
        """The same: a toolbar's texts are not cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, icon, text, focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        held = self.isDown() or self.isChecked()
        if held or (self.underMouse() and self.isEnabled()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected_off" if held else "hover"))
            painter.drawRoundedRect(self.rect(), metrics.RADIUS, metrics.RADIUS)
        left = 6 if self.has_text else (self.width() - metrics.ICON) // 2
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        place = QRect(left, (self.height() - metrics.ICON) // 2, metrics.ICON, metrics.ICON)
        self.defaultAction().icon().paint(painter, place, Qt.AlignmentFlag.AlignCenter, mode)
        if self.has_text:
            painter.setPen(theme.color("text" if self.isEnabled() else "disabled"))
            room = self.rect().adjusted(left + metrics.ICON + _GAP, 0, 0, 0)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), self.defaultAction().iconText())
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), metrics.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), metrics.RADIUS, metrics.RADIUS)

    def _name(self) -> None:
        self.setAccessibleName(self.defaultAction().iconText())
        self.updateGeometry()
        self.update()


def tool_button(action: QAction, *, text: bool = True) -> QToolButton:
    """A toolbar button of a command's action, with its text beside the icon if wanted."""
    return CommandButton(action, text=text)
