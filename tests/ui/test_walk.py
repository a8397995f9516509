"""Every entry of every menu does something one can see, or says why it cannot be done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QMenu, QWidget

from tests.ui.driver import LEFT, NONE, Drive, controls, running, window_test

# These end the walk; other tests press them.
ENDS = {"file.quit", "file.close", "file.close_tab"}


def look(drive: Drive) -> tuple[object, ...]:
    """What a person could see of the windows, in words."""
    seen: list[object] = []
    for top in QApplication.topLevelWidgets():
        if top.isVisible() and not isinstance(top, QMenu):
            seen += [top.windowTitle(), *map(_said, controls(top))]
    workspace = drive.window.session.workspace
    state = (workspace.history.index, workspace.project) if workspace is not None else ()
    return (tuple(seen), id(drive.focus()), str(drive.studio.session.settings), state)


def _said(widget: QWidget) -> object:
    known = QLabel | QAbstractButton | QLineEdit
    text = widget.text() if isinstance(widget, known) else ""
    checked = widget.isChecked() if isinstance(widget, QAbstractButton) else None
    chosen = widget.currentText() if isinstance(widget, QComboBox) else ""
    return type(widget).__name__, widget.accessibleName(), text, checked, chosen


async def walk(drive: Drive, front: str, titles: Sequence[str]) -> list[str]:
    """Click every entry that can be clicked; the names of those that changed nothing."""
    dead, walked = [], 0
    for title in titles:
        for id in [action.objectName() for action in opened(drive, title).actions() if action.objectName()]:
            if id in ENDS or id.startswith("view.theme"):
                continue
            menu = opened(drive, title)
            entry = next(action for action in menu.actions() if action.objectName() == id)
            if not entry.isEnabled():
                assert drive.window.table.reason(id), f"{id} is disabled without a reason"
                menu.close()
                continue
            walked += 1
            if not await _changes(drive, menu, entry):
                dead.append(f"{title}: {entry.text()}")
            await _back(drive, front)
    assert walked > 9
    return dead


def opened(drive: Drive, title: str) -> QMenu:
    """A menu of the menu bar, opened by a click."""
    bar = drive.window.menuBar()
    action = next(action for action in bar.actions() if action.text() == title)
    QTest.mouseClick(bar, LEFT, NONE, bar.actionGeometry(action).center())
    menu = action.menu()
    assert isinstance(menu, QMenu)
    return menu


async def _changes(drive: Drive, menu: QMenu, entry: QAction) -> bool:
    before = look(drive)
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(entry).center())
    for _try in range(40):
        await drive.rest(0.02)
        if look(drive) != before:
            return True
    return False


async def _back(drive: Drive, front: str) -> None:
    """Close what was opened and go back to where the walk was."""
    await asyncio.sleep(0)
    others = True
    while others:
        others = [
            top for top in QApplication.topLevelWidgets() if top.isVisible() and top is not drive.window
        ]
        for top in others:
            top.close()
        await drive.rest(0.02)
    QTest.keySequence(drive.window, "Esc")
    drive.window.open_object(front)
    drive.window.area.current.setFocus()
    await drive.rest(0.02)


@window_test
async def test_no_entry_of_a_menu_is_dead(small: Path) -> None:
    async with running(small, agent=True, size="1366x768", watched=False) as drive:
        operation = "operations/send-invoices"
        drive.window.open_object(operation)
        await drive.rest(0.3)
        titles = [action.text() for action in drive.window.menuBar().actions()]
        assert await walk(drive, operation, [title for title in titles if title != "Map"]) == []
        drive.key("Ctrl+W", drive.window)
        map = "transformations/orders-to-invoices"
        drive.window.open_object(map)
        await drive.rest(0.3)
        drive.window.area.current.go_to("invoices/invoice/issueDate")
        await drive.rest()
        assert await walk(drive, map, ["Map"]) == []
