"""What others do to a map while it is open: its file gone, back, changed; a schema missing from the start or taken away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTableView

from tests.ui.canvas_hands import INVOICE, SOURCE, TARGET, Map, map_of, open_map
from tests.ui.driver import Drive, running, window_test
from tests.ui.test_files import answer
from tests.ui.test_map_print import by_palette

MAP = "transformations/orders-to-invoices"
NUMBER = f"{INVOICE}/@number"
SIZE = "1400x900"


async def _look_outside(drive: Drive) -> None:
    """What coming back to the window does."""
    drive.window.session.check_outside()
    await drive.rest(0.1)


async def _canvas(drive: Drive) -> Map:
    """The map, opened; a tab comes back with the page it was closed on."""
    drive.window.open_object(MAP)
    await drive.rest()
    for keys, name, kind in (
        ("Ctrl+T", "Rules", QTableView),
        ("Ctrl+Shift+T", "Map as text", QPlainTextEdit),
    ):
        if drive.all(name, kind):
            drive.key(keys, drive.window)
    await drive.until(lambda: drive.all(TARGET))
    return Map(drive)


@window_test
async def test_a_map_deleted_outside_closes_whatever_is_shown_of_it(small: Path) -> None:
    file = small / f"{MAP}.yaml"
    whole = file.read_text()
    async with running(small, size=SIZE) as drive:
        for begin in ("F4", "Ctrl+T", "Ctrl+Shift+T", "Ctrl+H", "Ctrl+Shift+A", "F9"):
            map = await _canvas(drive)
            await map.click(TARGET, NUMBER)
            await map.key(TARGET, begin)
            file.unlink()
            await _look_outside(drive)
            await drive.until(lambda: not drive.all("Map Orders to invoices"))
            file.write_text(whole)
            await _look_outside(drive)
            await drive.until(lambda: drive.window.session.workspace.project.get(MAP) is not None)
        map = await _canvas(drive)
        assert map.state(TARGET, NUMBER).startswith("mapped")


@window_test
async def test_a_map_deleted_outside_while_it_is_written_stays_with_what_was_written(small: Path) -> None:
    file = small / f"{MAP}.yaml"
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        await map.click(TARGET, NUMBER)
        await map.key(TARGET, "F4")
        drive.key("Ctrl+A", drive.focus())
        drive.type("'mine'", drive.focus())
        file.unlink()
        await _look_outside(drive)
        assert drive.shows("1 object has unsaved changes")
        drive.key("Escape", drive.focus())
        drive.key("Ctrl+S", drive.window)
        await drive.until(file.exists)
        assert "'mine'" in file.read_text()


@window_test
async def test_a_map_whose_schemas_are_missing_opens_and_says_so(small: Path, tmp_path: Path) -> None:
    (small / "schemas" / "orders.xsd").unlink()
    (small / "schemas" / "invoices.xsd").unlink()
    async with running(small, size=SIZE, watched=False) as drive:
        drive.window.open_object(MAP)
        await drive.until(lambda: drive.all(TARGET))
        await drive.until(lambda: drive.shows("schemas/orders.xsd") or drive.shows("orders.xsd"))
        map = Map(drive)
        for keys in (
            "Down",
            "Return",
            "F4",
            "Escape",
            "L",
            "C",
            "Escape",
            "Del",
            "Ctrl+D",
            "Ctrl+Shift+A",
            "Ctrl+A",
        ):
            drive.key(keys, drive.find(TARGET))
            await drive.rest(0.02)
        # Its rules stay: they are in the table, the text and the documentation.
        drive.key("Ctrl+T", map.tree(TARGET))
        await drive.until(lambda: drive.all("Rules", QTableView))
        assert len(drive.rows(drive.find("Rules", QTableView))) == 3
        drive.key("Ctrl+Shift+T", drive.window)
        await drive.until(lambda: drive.all("Map as text", QPlainTextEdit))
        await by_palette(drive, "Export the map")
        await answer(drive, tmp_path / "map.pdf")
        await drive.until(lambda: drive.shows(f"The map is written to {tmp_path / 'map.pdf'}."))
        assert len(map_of(drive).mapping) == 3


@window_test
async def test_a_schema_taken_away_and_put_back_keeps_rules_and_views(small: Path) -> None:
    file = small / "schemas" / "invoices.xsd"
    whole = file.read_bytes()
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        await map.key(TARGET, "Ctrl++")
        before, height = map_of(drive), map.tree(TARGET).row_height
        shown = map.shown(SOURCE)
        for content in (None, b"", b"<xs:schema", b"\x00\xff"):
            if content is None:
                file.unlink()
            else:
                file.write_bytes(content)
            await _look_outside(drive)
            assert map_of(drive) == before
            assert map.tree(TARGET).row_height == height
        file.write_bytes(whole)
        await _look_outside(drive)
        await drive.until(lambda: NUMBER in map.shown(TARGET))
        assert map.state(TARGET, NUMBER).startswith("mapped")
        assert map.shown(SOURCE) == shown
        assert map.tree(TARGET).row_height == height


@window_test
async def test_a_map_changed_outside_while_its_text_is_written_loses_neither(small: Path) -> None:
    file = small / f"{MAP}.yaml"
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Ctrl+Shift+T")
        code = drive.find("Map as text", QPlainTextEdit)
        drive.key("End", code)
        drive.key("Left", code)
        drive.type(" + 'here'", code)
        file.write_text(file.read_text().replace('"[@id]"', "\"[@id] + 'outside'\""))
        await _look_outside(drive)
        drive.key("Ctrl+Shift+T", drive.window)
        await drive.until(lambda: drive.all(TARGET))

        def scripts() -> dict[str, str | None]:
            return {rule.path: rule.script for rule in map_of(drive).mapping.rules}

        await drive.until(lambda: scripts()[NUMBER] == "[@id] + 'outside'")
        assert scripts()[f"{INVOICE}/issueDate"] == "[placed] + 'here'"


@window_test
async def test_a_renaming_undone_while_a_rule_is_written_brings_nothing_back(small: Path) -> None:
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        project = drive.window.session.workspace.project
        before = set(project.transformations)
        await map.key(TARGET, "Ctrl+Shift+P")
        field = drive.find("Find", QLineEdit)
        drive.type("Rename", field)
        drive.key("Return", field)
        await drive.until(lambda: QApplication.activeModalWidget() is not None)
        name = QApplication.activeModalWidget().findChild(QLineEdit)
        drive.key("Ctrl+A", name)
        drive.type("other", name)
        drive.key("Return", name)
        await drive.until(lambda: set(drive.window.session.workspace.project.transformations) == {"other"})
        await map.click(TARGET, NUMBER)
        await map.key(TARGET, "F4")
        drive.type("x", drive.focus())
        drive.key("Ctrl+Z", drive.window)
        await drive.rest()
        assert set(drive.window.session.workspace.project.transformations) == before
