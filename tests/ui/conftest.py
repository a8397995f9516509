"""What window tests share: a small project of its own, and a check that no window is left behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.practice.ready import Ready
from tests.practice_beside import users_org_beside
from tests.ui.mock_scene import scene
from tests.ui.small_project import write_small_project
from ui import theme
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project with one object of each kind, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    write_small_project(folder)
    return folder


@pytest.fixture
def practice() -> Iterator[Ready]:
    """The user's practice org in a thread of this process: a window finds it as one that runs already."""
    with users_org_beside() as ready:
        # Its records stay to the end: the window's searches for garbage are not to look through them.
        gc.freeze()
        yield ready


@pytest.fixture(autouse=True, scope="module")
def kept_from_before() -> None:
    """The search for windows nobody holds, after every test, passes over what the modules before have left."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_windows_left(qapp: QApplication) -> Iterator[None]:
    """A test that leaves a window, a dialog or a menu open fails; the theme is light again after it."""
    before = set(map(id, QApplication.topLevelWidgets()))
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    gc.collect()
    left = [w for w in QApplication.topLevelWidgets() if id(w) not in before and w.isVisible()]
    names = [f"{type(widget).__name__} {widget.accessibleName()!r}" for widget in left]
    for widget in left:
        widget.close()
        widget.deleteLater()
    theme.current.use(dark=False)
    assert not names, f"left open: {names}"


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> Iterator[MappingCanvas]:
    """The picture's map, shown, unfolded as in the picture."""
    theme.apply(qapp, "light", strong=False)
    shown, shape = scene()
    made = MappingCanvas(shown)
    made.show_scene(shown, shape)
    made.resize(1072, 640)
    made.show()
    qtbot.waitExposed(made)
    for side, folded in (
        (Side.SOURCE, ("customer", "product", "pickUp", "payment")),
        (Side.TARGET, ("seller", "buyer", "item")),
    ):
        rows = made.rows[side]
        rows.set_expanded(list(rows), True)
        rows.set_expanded(list(rows), True)
        rows.set_expanded([row for row in rows if row.path.rpartition("/")[2] in folded], False)
    made.relink()
    yield made
    made.close()
    made.deleteLater()
