"""Random hands on a map: clicks, drags, keys, letters, buttons, and every command of a map by its key or by the palette."""

from __future__ import annotations

import random
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from tests.ui.canvas_hands import SOURCE, TARGET
from tests.ui.driver import LEFT, NONE, Drive
from ui.canvas.tree_view import TreeView
from ui.editors.mapping.editor import MappingEditor

KEYS = (
    "Up", "Down", "Left", "Right", "Home", "End", "PgDown", "PgUp", "Shift+Down", "Shift+Up", "Space", "Return",
    "Shift+Return", "Ctrl+Return", "L", "C", "F4", "Del", "Ctrl+D", "Escape", "Ctrl+T", "Ctrl+J", "Tab", "Ctrl+Z",
    "Ctrl+Shift+Z", "Shift+F4", "Ctrl+A", "Shift+Del", "Backspace", "Shift+Tab", "Ctrl+Space", "F1",
    "Ctrl+C", "Ctrl+V", "Ctrl+X", "Alt+Shift+Up", "Alt+Shift+Down", "Ctrl+Shift+A", "Ctrl+Shift+K", "Ctrl+H",
)  # fmt: skip
TEXTS = ("[", "customer", "Sum(", ")", "'x'", " + ", "$s", "1", ": ", "<trans>", "*", "order")
MODIFIERS = (NONE, NONE, NONE, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
# What belongs to a map. A test of the sample is a run of its own and has tests of its own.
AREAS = ("map.", "debug.", "edit.", "view.")
NOT_HERE = ("map.test", "map.run_tests", "map.take_tests", "view.palette", "view.quick_open")
# More copies of a repeated node make the map larger and nothing new.
MOST_RULES = 300


class Hands:
    """Does one random thing at a time to the map in front."""

    def __init__(self, drive: Drive, seed: int) -> None:
        self.drive = drive
        self.rng = random.Random(seed)
        self.done = 0
        # What was done last, for the message of a failure.
        self.said: list[str] = []

    async def act(self) -> None:
        """One thing."""
        self.done += 1
        if not self._answered() and not self._elsewhere():
            doing = [self.click, self.click, self.drag, self.key, self.key, self.key, self.type, self.type]
            await self.rng.choice([*doing, self.press, self.pick, self.wheel, self.command])()
        await self.drive.rest(0)

    def _note(self, what: str) -> None:
        self.said = [*self.said[-30:], what]
        # Shown where a test fails.
        print(self.done, what)

    def _answered(self) -> bool:
        """A menu, list or dialog in the way has been dealt with."""
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            if self.rng.random() < 0.5:
                self._note("close menu")
                popup.close()
            else:
                for _ in range(self.rng.randrange(4)):
                    QTest.keyClick(popup, Qt.Key.Key_Down)
                self._note("take from menu")
                QTest.keyClick(popup, Qt.Key.Key_Return)
            return True
        for field in self.drive.all("Find", QLineEdit):
            # The palette found nothing of this name.
            self.drive.key("Escape", field)
            return True
        modal = _dialog()
        if modal is None:
            return False
        # Where to save and where to print are the platform's dialogs: they ask further in a loop of their own.
        if isinstance(modal, QFileDialog | QPrintDialog) or self.rng.random() < 0.4:
            self._note("leave dialog")
            QTest.keyClick(modal, Qt.Key.Key_Escape)
            return True
        focus = QApplication.focusWidget() or modal
        if isinstance(focus, QLineEdit):
            self.drive.type(self.rng.choice(TEXTS), focus)
        self._note("answer dialog")
        QTest.keyClick(focus, self.rng.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Space)))
        return True

    def _elsewhere(self) -> bool:
        """Another tab was opened and stands in front: the next one is tried."""
        if isinstance(self._editor, MappingEditor):
            return False
        if self._editor is None:
            # The map was renamed and the renaming undone: its tab has gone.
            self._note("open the map again")
            maps = self.drive.window.session.workspace.project.transformations
            self.drive.window.open_object(f"transformations/{min(maps)}")
            return True
        self._note(f"leave {self._editor.ref}")
        self.drive.key("Ctrl+PgDown", self.drive.window)
        return True

    # One thing each

    async def click(self) -> None:
        """A click anywhere in a tree; the canvas is shown if it is not."""
        for name in self.rng.sample((SOURCE, TARGET), 2):
            for view in self.drive.all(name, TreeView):
                at = self._point(view)
                self._note(f"click {name} {at.x()},{at.y()}")
                QTest.mouseClick(view.viewport(), LEFT, self.rng.choice(MODIFIERS), at)
                return
        self._note("back to the canvas")
        self.drive.key("Ctrl+T", self.drive.window)

    async def drag(self) -> None:
        """From anywhere in a tree to anywhere in the other, or in the same."""
        views = [view for name in (SOURCE, TARGET) for view in self.drive.all(name, TreeView)]
        if len(views) == 2:
            start, end = self.rng.choice(views), self.rng.choice(views)
            self._note(f"drag {start.accessibleName()} to {end.accessibleName()}")
            await self.drive.drag(start.viewport(), self._point(start), end.viewport(), self._point(end))

    async def key(self) -> None:
        """A key to what has the focus."""
        focus = self._focus()
        if focus is None:
            await self.click()
            return
        key = self.rng.choice(KEYS)
        if key != "Ctrl+D" or len(self._editor.map.mapping) < MOST_RULES:
            self._note(f"{key} in {focus.accessibleName()!r}")
            self.drive.key(key, focus)

    async def type(self) -> None:
        """Letters into a field or a text that has the focus."""
        focus = self._focus()
        if isinstance(focus, (QLineEdit, QTextEdit, QPlainTextEdit)) and focus.isEnabled():
            text = self.rng.choice(TEXTS)
            self._note(f"type {text} in {focus.accessibleName()!r}")
            self.drive.type(text, focus)

    async def press(self) -> None:
        """A button of the editor or of what stands below it."""
        found = [
            each
            for room in self._rooms()
            for each in room.findChildren(QAbstractButton)
            if each.isVisible() and each.isEnabled() and each.rect().isValid()
        ]
        if found:
            wanted = self.rng.choice(found)
            self._note(f"press {wanted.accessibleName() or wanted.text()!r}")
            QTest.mouseClick(wanted, LEFT, NONE, wanted.rect().center())

    async def pick(self) -> None:
        """A click into a list or table of the editor, of the Inspector or of what stands below."""
        rooms = (*self._rooms(), self.drive.window.panel("inspector"))
        found = [v for r in rooms for v in r.findChildren(QAbstractItemView) if v.isVisible()]
        if found:
            wanted = self.rng.choice(found)
            self._note(f"pick in {wanted.accessibleName()!r}")
            how = QTest.mouseDClick if self.rng.random() < 0.2 else QTest.mouseClick
            how(wanted.viewport(), LEFT, NONE, self._point(wanted))

    async def wheel(self) -> None:
        """Scroll a tree to anywhere, as its scroll bar does."""
        for view in self.drive.all(self.rng.choice((SOURCE, TARGET)), TreeView):
            bar = view.verticalScrollBar()
            QTest.mouseClick(bar, LEFT, NONE, QPoint(4, self.rng.randrange(max(1, bar.height()))))

    async def command(self) -> None:
        """A command that can be done now: by its key, or from the palette."""
        table = self._editor.desk.commands
        able = [c for c in table if c.id.startswith(AREAS) and c.id not in NOT_HERE and not c.when()]
        chosen = self.rng.choice(able)
        if chosen.id == "map.duplicate" and len(self._editor.map.mapping) >= MOST_RULES:
            return
        if chosen.keys and not chosen.local:
            self._note(f"{chosen.id} by {chosen.keys[0]}")
            self.drive.key(chosen.keys[0], self.drive.window)
            return
        self._note(f"{chosen.id} from the palette")
        self.drive.key("Ctrl+Shift+P", self.drive.window)
        fields = self.drive.all("Find", QLineEdit)
        if fields:
            # Keys are made of plain letters only.
            self.drive.type("".join(c for c in chosen.shown if c.isascii()), fields[0])
            self.drive.key("Return", fields[0])
            # The palette does it once it has closed; no hand is faster than that.
            await self.drive.rest()

    # Where

    @property
    def _editor(self) -> Any:
        return self.drive.window.area.current

    def _rooms(self) -> tuple[QWidget, ...]:
        return self._editor, self.drive.window.bottom

    def _focus(self) -> QWidget | None:
        """What has the focus, if it is in the editor or below it; Tab leads out, to where Return closes the tab."""
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible():
            return None
        return focus if any(room.isAncestorOf(focus) for room in self._rooms()) else None

    def _point(self, view: Any) -> QPoint:
        port = view.viewport()
        return QPoint(self.rng.randrange(max(1, port.width())), self.rng.randrange(max(1, port.height())))

    # The end of it

    async def leave(self) -> None:
        """Close what is open and come back to the trees."""
        for _ in range(20):
            popup, modal = QApplication.activePopupWidget(), _dialog()
            if popup is None and modal is None:
                break
            if popup is not None:
                popup.close()
            elif modal is not None:
                QTest.keyClick(modal, Qt.Key.Key_Escape)
            await self.drive.rest(0.02)
        while self._elsewhere():
            await self.drive.rest(0.02)
        self._editor.commit()


def _dialog() -> QDialog | None:
    """The dialog in front, whether it holds the others up or not."""
    for each in (QApplication.activeModalWidget(), QApplication.activeWindow()):
        if isinstance(each, QDialog):
            return each
    return None
