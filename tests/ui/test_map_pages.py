"""Pages of a map in the real window: made of nodes, filled, walked, kept in the file, undone; the map exported."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton

from tests.ui.canvas_hands import INVOICE, TARGET, map_of, open_map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from tests.ui.test_files import answer

CONTROL = Qt.KeyboardModifier.ControlModifier
ONE = f"{INVOICE}/@number"
OTHER = f"{INVOICE}/issueDate"


async def _take(drive: Drive, text: str) -> None:
    """Open the menu of the pages and take an entry."""
    drive.click(drive.find("Pages of the map", QToolButton))
    await drive.rest(0.05)
    menu = drive.find("Pages", QMenu)
    action = next(action for action in menu.actions() if action.text().startswith(text))
    assert action.isEnabled(), text
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())
    await drive.rest(0.05)


@window_test
async def test_a_page_shows_its_nodes_and_their_links_only(small: Path) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    async with running(small, size="1400x900") as drive:
        map = await open_map(drive)
        await map.click(TARGET, ONE)
        await _take(drive, "New page of the selected nodes")
        assert map_of(drive).pages == {"@number": (ONE,)}
        assert map.shown(TARGET) == ["invoices", INVOICE, ONE]
        assert drive.shows("page @number")
        # The loop's and the other field's links are not drawn.
        assert drive.window.area.current.canvas.index.bundles[0].lines[0].target == ONE
        assert len(drive.window.area.current.canvas.index.bundles) == 1
        await _take(drive, "Whole map")
        assert OTHER in map.shown(TARGET)
        await map.key(TARGET, "Alt+PgDown")
        assert OTHER not in map.shown(TARGET)
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: "pages:" in file.read_text(encoding="utf-8"))
        drive.window.keep_layout()
    async with running(small, size="1400x900") as drive:
        map = await open_map(drive)
        # The page shown before is shown again.
        assert map.shown(TARGET) == ["invoices", INVOICE, ONE]
        await map.key(TARGET, "Alt+PgUp")
        await map.click(TARGET, OTHER)
        await map.key(TARGET, "Alt+PgDown")
        await map.key(TARGET, "Alt+PgUp")
        await map.click(TARGET, ONE)
        await map.click(TARGET, OTHER, CONTROL)
        await _take(drive, "New page of the selected nodes")
        assert map_of(drive).pages["@number 2"] == (ONE, OTHER)
        await map.click(TARGET, OTHER)
        await _take(drive, "Take the selected nodes off the page")
        assert map.shown(TARGET) == ["invoices", INVOICE, ONE]
        await _take(drive, "Rename the page")
        await drive.until(lambda: drive.all("New name", QLineEdit))
        field = drive.find("New name", QLineEdit)
        field.selectAll()
        drive.type("Numbers", field)
        drive.key("Return", field)
        await drive.until(lambda: "Numbers" in map_of(drive).pages)
        await _take(drive, "Delete the page")
        assert list(map_of(drive).pages) == ["@number"]
        assert OTHER in map.shown(TARGET)
        # Each of these was one step.
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: list(map_of(drive).pages) == ["@number", "Numbers"])


@window_test
async def test_the_map_is_exported_in_the_form_of_the_name(small: Path, tmp_path: Path) -> None:
    # Qt's own dialog looks at the folder for longer than our handlers may take.
    async with running(small, size="1400x900", watched=False) as drive:
        await open_map(drive)
        drive.window.area.current.desk.commands.action("map.export").trigger()
        await answer(drive, tmp_path / "map.svg")
        await drive.until(lambda: drive.shows(f"The map is written to {tmp_path / 'map.svg'}."))
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg ")
