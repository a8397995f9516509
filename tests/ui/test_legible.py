"""Every control has a name, and no text is cut, in both languages and themes, at the size the window has at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QToolButton,
    QWidget,
)

from tests.ui.driver import Drive, controls, owner, running, window_test
from ui.widgets.buttons import CommandButton

NAMED = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTabBar)
OBJECTS = (
    "schemas/orders.xsd",
    "connections/crm",
    "connections/erp",
    "scripts/clean-phone",
    "operations/send-invoices",
)


def nameless(top: QWidget) -> list[str]:
    """Controls a person can use that a screen reader could not name."""
    found = []
    for widget in controls(top):
        usable = isinstance(widget, NAMED) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        # Qt's own parts: the arrows of a tab bar and a spin box, the head of a table, the field in a spin box.
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parent(), QTabBar | QAbstractSpinBox
        )
        head = type(widget).__name__ == "QHeaderView"
        if usable and not inner and not head and not (widget.accessibleName() or _own_text(widget)):
            found.append(owner(widget))
    return found


def clipped(top: QWidget) -> list[str]:
    """Texts that need more room than their control has."""
    found = []
    for widget in controls(top):
        if isinstance(widget, QLabel) and widget.text():
            needed = (
                widget.heightForWidth(widget.width()) if widget.wordWrap() else widget.sizeHint().height()
            )
            wide = not widget.wordWrap() and widget.sizeHint().width() > widget.width()
            if wide or needed > widget.height() + 1:
                found.append(f"{widget.text()!r} in {owner(widget)}")
        elif isinstance(widget, QAbstractButton) and widget.text() and not _icon_only(widget):
            wide = widget.sizeHint().width() > widget.width()
            if wide or widget.fontMetrics().height() > widget.height():
                found.append(f"{widget.text()!r} in {owner(widget)}")
    return found


def _own_text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def _icon_only(widget: QAbstractButton) -> bool:
    style = Qt.ToolButtonStyle.ToolButtonIconOnly
    plain = isinstance(widget, QToolButton) and not isinstance(widget, CommandButton)
    return (plain and widget.toolButtonStyle() is style) or (
        isinstance(widget, CommandButton) and not widget.has_text
    )


def look(drive: Drive, where: str) -> None:
    for top in [
        drive.window,
        *drive.window.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly),
    ]:
        if top.isVisible() and top.isWindow():
            assert nameless(top) == [], where
            assert clipped(top) == [], where


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_the_whole_window_is_named_and_legible(small: Path, language: str) -> None:
    _look_everywhere(small, language)


@window_test
async def _look_everywhere(small: Path, language: str) -> None:
    async with running(language=language) as drive:
        look(drive, "start page")
    async with running(small, language=language) as drive:
        for id in OBJECTS:
            drive.window.open_object(id)
            await drive.rest()
            look(drive, id)
        for keys in ("Ctrl+Shift+M", "Ctrl+Shift+R", "Ctrl+Shift+H", "Ctrl+Shift+P"):
            drive.key(keys, drive.window)
            await drive.rest()
            look(drive, keys)
        drive.key("Escape")
        for command in (
            "tools.preferences",
            "file.new",
            "file.sample",
            "add.transformation",
            "add.connection",
            "edit.rename",
        ):
            drive.window.table.refresh()
            assert drive.window.table.run(command), drive.window.table.reason(command)
            await drive.rest()
            look(drive, command)
            drive.key("Escape", drive.focus().window())
            await drive.rest()
