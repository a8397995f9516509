"""Drives the real window with mouse and keyboard: controls are found by their accessible name, nothing is called.

@window_test
async def test_something(...):
    async with running(project) as drive:
        drive.click("Run")
        await drive.until(lambda: drive.shows("Done"))
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import qasync
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMenu, QTabBar, QTreeView, QWidget

from studio import settings
from tests.ui.watchdog import Watchdog
from ui.app import Studio, application
from ui.widgets.labels import Elided

P = ParamSpec("P")
Control = TypeVar("Control", bound=QWidget)
PATIENCE = 60.0
# A test that waits for nothing any more ends after so many seconds, and says what its tasks wait for.
LAST = 240
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def window_test(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test on a Qt event loop of its own; tasks left over fail it."""

    @functools.wraps(test)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        loop = qasync.QEventLoop(application())
        asyncio.set_event_loop(loop)
        try:
            with loop:
                end = QTimer(singleShot=True, interval=LAST * 1000)
                end.timeout.connect(lambda: _give_up(loop))
                end.start()
                loop.run_until_complete(_whole(test(*args, **kwargs)))
                end.stop()
        finally:
            asyncio.set_event_loop(None)

    # pytest looks at the function below to see which fixtures it wants, not whether it is a coroutine.
    return wrapped


def _give_up(loop: qasync.QEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.print_stack()
    loop.stop()


async def _whole(test: Coroutine[Any, Any, None]) -> None:
    await test
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"tasks left behind: {left}"


@contextlib.asynccontextmanager
async def running(
    folder: Path | None = None,
    *,
    agent: bool = False,
    language: str = "en",
    theme: str = "light",
    size: str = "",
    first_time: bool = False,
    watched: bool = True,
) -> AsyncIterator[Drive]:
    """The studio with its window shown, a project open if one is given; ended in order whatever happens.

    A project never open before opens without tabs here, unless `first_time`: a map starts an agent for its preview.
    Event handlers that take too long fail the test, unless it is not `watched`.
    """
    if folder is not None and not first_time:
        _was_open(folder)
    studio = Studio(application(), theme_mode=theme, language=language)
    watchdog = Watchdog(studio.app)
    drive = Drive(studio, watchdog)
    try:
        studio.show(size)
        studio.window.activateWindow()
        await drive.until(lambda: studio.window.windowHandle().isExposed())
        if agent:
            await studio.begin()
        await studio.start(folder)
        await drive.rest()
        if watched:
            watchdog.start()
        yield drive
        watchdog.stop()
    finally:
        watchdog.stop()
        await studio.close()
        await asyncio.sleep(0)
        # A deleted window is gone only after its deferred deletion was handled.
        QApplication.sendPostedEvents(None, 52)
        QApplication.processEvents()
    watchdog.check()


def _was_open(folder: Path) -> None:
    kept, _problem = settings.load()
    if str(folder) not in kept.open_tabs:
        settings.save(replace(kept, open_tabs={**kept.open_tabs, str(folder): {}}))


class Drive:
    """Hands and eyes of a test."""

    def __init__(self, studio: Studio, watchdog: Watchdog) -> None:
        self.studio = studio
        self.watchdog = watchdog

    @property
    def window(self) -> Any:
        """The main window of the moment."""
        return self.studio.window

    # Eyes

    def all(
        self, name: str, kind: type[Control] | None = None, within: QWidget | None = None
    ) -> list[Control]:
        """Every visible control with this accessible name."""
        wanted: type[Any] = kind or QWidget
        tops = (
            [within] if within is not None else [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        )
        found = [
            each for top in tops for each in (top, *top.findChildren(wanted)) if isinstance(each, wanted)
        ]
        return [w for w in dict.fromkeys(found) if w.accessibleName() == name and w.isVisible()]

    def find(self, name: str, kind: type[Control] | None = None, within: QWidget | None = None) -> Control:
        """The one visible control with this accessible name; of several, the one in the window on top."""
        found: list[Control] = self.all(name, kind, within)
        active = QApplication.activeModalWidget()
        if active is not None and len(found) > 1:
            found = [control for control in found if control.window() is active] or found
        assert found, f"nothing visible is called {name!r}; there are: {sorted(self.names())}"
        return found[0]

    def names(self) -> set[str]:
        """The accessible names of everything visible."""
        widgets = (
            w for top in QApplication.topLevelWidgets() if top.isVisible() for w in top.findChildren(QWidget)
        )
        return {
            widget.accessibleName() for widget in widgets if widget.isVisible() and widget.accessibleName()
        }

    def texts(self, within: QWidget | None = None) -> list[str]:
        """The texts of all visible labels."""
        tops = (
            [within] if within is not None else [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        )
        labels: list[QLabel | Elided] = []
        for top in tops:
            labels += [*top.findChildren(QLabel), *top.findChildren(Elided)]
        return [label.text() for label in labels if label.isVisible() and label.text()]

    def shows(self, text: str, within: QWidget | None = None) -> bool:
        """A visible label holds this text."""
        return any(text in shown for shown in self.texts(within))

    def index(self, view: QAbstractItemView, *path: str, column: int = 0) -> QModelIndex:
        """The row whose texts lead there: `index(tree, "Operations", "Send invoices")`."""
        model = view.model()
        parent = QModelIndex()
        for text in path:
            rows = [model.index(row, column, parent) for row in range(model.rowCount(parent))]
            found = [index for index in rows if str(index.data()) == text]
            assert found, f"no row {text!r}; there are: {[index.data() for index in rows]}"
            parent = found[0].siblingAtColumn(0)
        return parent.siblingAtColumn(column)

    def rows(self, view: QAbstractItemView, column: int = 0) -> list[str]:
        """The texts of the rows at the top of a view; none while it is still to be filled."""
        model: QAbstractItemModel | None = view.model()
        if model is None:
            return []
        return [str(model.index(row, column).data()) for row in range(model.rowCount())]

    # Hands

    def click(
        self,
        what: str | QWidget,
        at: QPoint | None = None,
        *,
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = NONE,
    ) -> None:
        """A click on a control, in its middle unless told where."""
        widget: QWidget = self.find(what) if isinstance(what, str) else what
        assert widget.isEnabled(), f"{widget.accessibleName()!r} is disabled"
        QTest.mouseClick(widget, button, keys, at if at is not None else widget.rect().center())
        self._manage_windows()

    def double_click(self, widget: QWidget, at: QPoint) -> None:
        """A double click as a mouse makes it: press, release, double click, release."""
        QTest.mouseClick(widget, LEFT, NONE, at)
        QTest.mouseDClick(widget, LEFT, NONE, at)

    def click_row(self, view: QAbstractItemView, index: QModelIndex, *, double: bool = False) -> None:
        """A click on a row of a tree or list."""
        view.scrollTo(index)
        at = view.visualRect(index).center()
        if isinstance(view, QTreeView) and index.column() == 0:
            at.setX(min(at.x(), view.visualRect(index).left() + 60))
        if double:
            self.double_click(view.viewport(), at)
        else:
            QTest.mouseClick(view.viewport(), LEFT, NONE, at)

    def click_tab(self, bar: QTabBar, text: str) -> None:
        """A click on a tab, on its text."""
        index = next(i for i in range(bar.count()) if bar.tabText(i) == text)
        rect = bar.tabRect(index)
        QTest.mouseClick(bar, LEFT, NONE, QPoint(rect.left() + 30, rect.center().y()))

    def key(self, keys: str, to: QWidget | None = None) -> None:
        """A key or combination (`Ctrl+Z`) to the control that has the focus."""
        self._manage_windows()
        QTest.keySequence(to or self.focus(), keys)

    def type(self, text: str, to: QWidget | None = None) -> None:
        """Letters to the control that has the focus."""
        self._manage_windows()
        QTest.keyClicks(to or self.focus(), text)

    def write(self, name: str, text: str) -> None:
        """Click into a field, replace what is in it."""
        field: QWidget = self.find(name)
        self.click(field)
        self.key("Ctrl+A", field)
        self.type(text, field)

    def focus(self) -> QWidget:
        """The control that has the focus."""
        found = QApplication.focusWidget()
        return found if found is not None else self.window

    def choose(self, menu: str, *path: str) -> None:
        """Open a menu of the menu bar by a click and click an entry in it."""
        bar = self.window.menuBar()
        action = _entry(bar, menu)
        QTest.mouseClick(bar, LEFT, NONE, bar.actionGeometry(action).center())
        shown = action.menu()
        for text in path:
            assert isinstance(shown, QMenu)
            entry = _entry(shown, text)
            assert entry.isEnabled(), f"{text!r} is disabled: {entry.toolTip()!r}"
            QTest.mouseClick(shown, LEFT, NONE, shown.actionGeometry(entry).center())
            if isinstance(below := entry.menu(), QMenu) and not below.isVisible():
                # It opens a moment after the click; this key does not wait.
                QTest.keyClick(shown, Qt.Key.Key_Right)
            shown = entry.menu()
        self._manage_windows()

    def context_menu(self, view: QAbstractItemView, index: QModelIndex) -> QMenu:
        """The menu a right click on a row opens."""
        view.scrollTo(index)
        at = view.visualRect(index).center()
        at.setX(min(at.x(), view.visualRect(index).left() + 60))
        QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, NONE, at)
        # A real click is followed by this event; a made one is not.
        reason = QContextMenuEvent.Reason.Mouse
        event = QContextMenuEvent(reason, at, view.viewport().mapToGlobal(at))
        QApplication.sendEvent(view.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), "no menu opened"
        return menu

    def choose_in(self, menu: QMenu, text: str) -> None:
        """Click an entry of an open menu."""
        entry = _entry(menu, text)
        assert entry.isEnabled(), f"{text!r} is disabled: {entry.toolTip()!r}"
        QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(entry).center())
        self._manage_windows()

    def pick(self, name: str, text: str) -> None:
        """Choose in a combo box by keyboard."""
        combo: Any = self.find(name)
        combo.setFocus()
        texts = [combo.itemText(index) for index in range(combo.count())]
        assert text in texts, f"no choice {text!r} in {texts}"
        for _step in range(abs(texts.index(text) - combo.currentIndex())):
            QTest.keyClick(
                combo, Qt.Key.Key_Down if texts.index(text) > combo.currentIndex() else Qt.Key.Key_Up
            )

    async def drag(self, source: QWidget, start: QPoint, target: QWidget, end: QPoint) -> None:
        """Press at one place, move in small steps, release at another; the mouse is grabbed by the source."""
        goal = source.mapFromGlobal(target.mapToGlobal(end))
        QTest.mousePress(source, LEFT, NONE, start)
        for step in range(1, 9):
            QTest.mouseMove(source, start + (goal - start) * step / 8)
            await asyncio.sleep(0)
        QTest.mouseRelease(source, LEFT, NONE, goal)
        await asyncio.sleep(0)

    def _manage_windows(self) -> None:
        # The offscreen platform has no window manager to give the focus back when a menu or dialog has closed.
        active = QApplication.activeWindow()
        if active is None or not active.isVisible():
            wanted = QApplication.activeModalWidget() or self.window
            wanted.activateWindow()

    # Patience

    async def until(self, true: Callable[[], object], patience: float = PATIENCE) -> None:
        """Let the window work until something is so; looking takes no more than a third of the time."""
        deadline = time.monotonic() + patience
        while True:
            began = time.perf_counter()
            if true():
                return
            assert time.monotonic() < deadline, f"waited in vain; the window shows: {self.texts()}"
            self._manage_windows()
            await asyncio.sleep(min(0.05, max(0.01, 2 * (time.perf_counter() - began))))

    async def rest(self, seconds: float = 0.05) -> None:
        """Let the window handle what is waiting."""
        self._manage_windows()
        await asyncio.sleep(seconds / 2)
        self._manage_windows()
        await asyncio.sleep(seconds / 2)


def _entry(menu: QWidget, text: str) -> QAction:
    for action in menu.actions():
        if action.text().replace("&&", "&") == text:
            return action
    raise AssertionError(f"no entry {text!r}; there are: {[action.text() for action in menu.actions()]}")


def controls(top: QWidget) -> Iterator[QWidget]:
    """Everything visible below a window."""
    for widget in top.findChildren(QWidget):
        if widget.isVisible():
            yield widget


def owner(widget: QObject) -> str:
    """Where a control stands, for messages: the classes from the window down."""
    names = []
    at: QObject | None = widget
    while at is not None:
        names.append(type(at).__name__)
        at = at.parent()
    return " < ".join(names)
