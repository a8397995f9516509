"""Random hands on the mapping editor: nothing fails, and undoing everything gives the map of the beginning."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from studio.project.create import create
from studio.project.objects import write_transformation
from tests.ui.canvas_hands import SOURCE, TARGET
from tests.ui.driver import LEFT, NONE, Drive, running, window_test

KEYS = (
    "Up", "Down", "Left", "Right", "Home", "End", "PgDown", "PgUp", "Shift+Down", "Shift+Up", "Space", "Return",
    "Shift+Return", "Ctrl+Return", "L", "C", "F4", "Del", "Ctrl+D", "Escape", "Ctrl+T", "Ctrl+J", "Tab", "Ctrl+Z",
    "Ctrl+Shift+Z", "Shift+F4", "Ctrl+A", "Shift+Del",
    "Ctrl+C", "Ctrl+V", "Ctrl+X", "Alt+Shift+Up", "Alt+Shift+Down", "Ctrl+Shift+A", "Ctrl+Shift+K", "Ctrl+H",
)  # fmt: skip
TEXTS = ("[", "customer", "Sum(", ")", "'x'", " + ", "$s", "1")
MODIFIERS = (NONE, NONE, NONE, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


class Hands:
    """Does one random thing at a time."""

    def __init__(self, drive: Drive, seed: int) -> None:
        self.drive = drive
        self.rng = random.Random(seed)
        self.done = 0

    async def act(self) -> None:
        for menu in _menus():
            if self.rng.random() < 0.5:
                menu.close()
            else:
                QTest.keyClick(menu, Qt.Key.Key_Return)
        self.done += 1
        chosen = self.rng.choice([self.click, self.click, self.drag, self.key, self.key, self.key, self.type])
        await chosen()
        await self.drive.rest(0)

    def _point(self, view: object) -> QPoint:
        port = view.viewport()  # type: ignore[attr-defined]
        return QPoint(self.rng.randrange(max(1, port.width())), self.rng.randrange(max(1, port.height())))

    async def click(self) -> None:
        for name in self.rng.sample((SOURCE, TARGET), 2):
            for view in self.drive.all(name):
                QTest.mouseClick(view.viewport(), LEFT, self.rng.choice(MODIFIERS), self._point(view))
                return
        # The table is in front.
        self.drive.key("Ctrl+T", self.drive.window)

    async def drag(self) -> None:
        views = [view for name in (SOURCE, TARGET) for view in self.drive.all(name)]
        if len(views) == 2:
            start, end = self.rng.sample(views, 2)
            await self.drive.drag(start.viewport(), self._point(start), end.viewport(), self._point(end))

    async def key(self) -> None:
        focus = QApplication.focusWidget()
        editor = self.drive.window.area.current
        if focus is None or not focus.isVisible() or not editor.isAncestorOf(focus):
            # Tab led out of the editor, to where Return closes it.
            await self.click()
            return
        key = self.rng.choice(KEYS)
        if key != "Ctrl+D" or len(editor.map.mapping) < 300:
            self.drive.key(key, focus)

    async def type(self) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and focus.accessibleName() in (
            "Script of the rule",
            "Filter the source",
            "Find in scripts",
        ):
            self.drive.type(self.rng.choice(TEXTS), focus)


def _menus() -> list[QMenu]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]


@window_test
async def test_random_hands_break_nothing(orders: Path, share: Callable[[int], int]) -> None:
    async with running(orders, size="1400x900") as drive:
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest()
        workspace = drive.window.session.workspace
        start = write_transformation(workspace.project.get("transformations/orders-to-invoices"))
        hands = Hands(drive, 20261122)
        for _ in range(share(5_000)):
            await hands.act()
        for menu in _menus():
            menu.close()
        drive.window.area.current.commit()
        end = write_transformation(workspace.project.get("transformations/orders-to-invoices"))
        steps = workspace.history.index
        assert steps >= hands.done // 80, "random hands should have edited more"
        for _ in range(steps):
            workspace.undo()
        assert write_transformation(workspace.project.get("transformations/orders-to-invoices")) == start
        for _ in range(steps):
            workspace.redo()
        assert write_transformation(workspace.project.get("transformations/orders-to-invoices")) == end
