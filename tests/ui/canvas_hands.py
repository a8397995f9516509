"""Hands for the mapping canvas: trees are found by accessible name, rows by the address they show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from studio.mapping.model import Transformation
from tests.ui.driver import LEFT, NONE, Drive
from ui.canvas.tree_view import TreeView

SOURCE, TARGET = "Source tree", "Target tree"
# The records of the sample's map.
INVOICE, ORDER = "invoices/invoice", "orders/order"


class Map:
    """The map in front of a driven window."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    def tree(self, name: str) -> TreeView:
        """A tree by its accessible name."""
        return self.drive.find(name, TreeView)

    def shown(self, name: str) -> list[str]:
        """The addresses a tree shows."""
        return [row.path for row in self.tree(name).rows]

    def value(self, name: str, path: str) -> str:
        """The value column of an address."""
        view = self.tree(name)
        return view.look(view.rows.at(path)).value

    def state(self, name: str, path: str) -> str:
        """The state of a row in words."""
        view = self.tree(name)
        return view.look(view.rows.at(path)).state

    def point(self, name: str, path: str, *, on_value: bool = False) -> QPoint:
        """Where to press on the row of an address, in its tree's viewport; scrolls it into view as a wheel would."""
        view = self.tree(name)
        row = view.rows.at(path)
        assert row >= 0, f"{path} is not shown; there are: {self.shown(name)}"
        rect = view.row_rect(row)
        if not 0 <= rect.top() <= view.viewport().height() - rect.height():
            view.verticalScrollBar().setValue(row * view.row_height - view.viewport().height() // 2)
            rect = view.row_rect(row)
        columns = view.painter.columns(view.viewport().width(), view.value_width)
        depth = view.rows[row].depth
        left = columns.value + 10 if on_value else view.painter.expander(depth).stop + 24
        return QPoint(left, rect.center().y())

    async def click(self, name: str, path: str, keys: Qt.KeyboardModifier = NONE) -> None:
        """A click on the name of a node."""
        QTest.mouseClick(self.tree(name).viewport(), LEFT, keys, self.point(name, path))
        await self.drive.rest(0.02)

    async def key(self, name: str, keys: str) -> None:
        """A key in a tree that has the focus."""
        self.drive.key(keys, self.tree(name))
        await self.drive.rest(0.02)

    async def fold(self, name: str, path: str) -> None:
        """A click on the expander of a node."""
        view = self.tree(name)
        at = self.point(name, path)
        depth = view.rows[view.rows.at(path)].depth
        QTest.mouseClick(view.viewport(), LEFT, NONE, QPoint(view.painter.expander(depth).start + 8, at.y()))
        await self.drive.rest(0.02)

    async def drag(self, source: str, target: str, *, on_value: bool = False) -> None:
        """Drag a source node onto a target node."""
        goal = self.point(TARGET, target)
        start = self.point(SOURCE, source, on_value=on_value)
        await self.drive.drag(self.tree(SOURCE).viewport(), start, self.tree(TARGET).viewport(), goal)
        await self.drive.rest(0.02)

    async def drag_target(self, path: str, goal: str) -> None:
        """Drag a target row onto another target row."""
        view = self.tree(TARGET)
        await self.drive.drag(
            view.viewport(), self.point(TARGET, path), view.viewport(), self.point(TARGET, goal)
        )
        await self.drive.rest(0.02)

    async def context_menu(self, name: str, path: str) -> QMenu:
        """The menu that a right click on a row opens."""
        view, at = self.tree(name).viewport(), self.point(name, path)
        QTest.mouseClick(view, Qt.MouseButton.RightButton, NONE, at)
        # A real click is followed by this event; a made one is not.
        QApplication.sendEvent(
            view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
        )
        await self.drive.rest(0.02)
        return self.menu("Node")

    def menu(self, name: str) -> QMenu:
        """The open menu of this accessible name."""
        return self.drive.find(name, QMenu)

    def entries(self, menu: QMenu) -> Sequence[str]:
        """The texts of a menu."""
        return [action.text() for action in menu.actions() if not action.isSeparator()]

    async def choose(self, name: str, text: str) -> None:
        """Click an entry of an open menu."""
        menu = self.menu(name)
        action = next(action for action in menu.actions() if action.text().startswith(text))
        assert action.isEnabled(), f"{text!r} is disabled"
        QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())
        await self.drive.rest(0.02)


def map_of(drive: Drive) -> Transformation:
    """The sample's map as it is now."""
    found = drive.window.session.workspace.project.get("transformations/orders-to-invoices")
    assert isinstance(found, Transformation)
    return found


def script_of(drive: Drive, path: str) -> str | None:
    """The script of a rule of the sample's map."""
    rule = map_of(drive).mapping.get(path)
    return rule.script if rule is not None else None


def loop_of(drive: Drive, path: str) -> str | None:
    """The loop of a rule of the sample's map."""
    rule = map_of(drive).mapping.get(path)
    return rule.loop if rule is not None else None


async def open_map(drive: Drive) -> Map:
    """The sample's map, in front."""
    drive.window.open_object("transformations/orders-to-invoices")
    await drive.rest()
    map = Map(drive)
    await drive.until(lambda: map.tree(TARGET).isVisible())
    return map
