"""Buttons: plain, primary, small, and those that look like links or icons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton

from ui import theme


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
        made.setIconSize(QSize(theme.metrics.ICON, theme.metrics.ICON))
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


def tool_button(action: QAction, *, text: bool = True) -> QToolButton:
    """A toolbar button of a command's action, with its text beside the icon if wanted."""
    made = QToolButton()
    made.setDefaultAction(action)
    made.setAccessibleName(action.text())
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else Qt.ToolButtonStyle.ToolButtonIconOnly
    made.setToolButtonStyle(style)
    made.setProperty("square", not text)
    made.setIconSize(QSize(theme.metrics.ICON, theme.metrics.ICON))
    return made
