"""A schema built by hand: fields written in a table by keyboard, taken back, seen by everybody at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QLineEdit, QTabBar

from studio.schema.read import read_schema
from tests.ui.canvas_hands import Map
from tests.ui.driver import Drive, running, window_test
from ui.widgets.trees import Rows

TABLE = "Fields of customers.yaml"


async def new_schema(drive: Drive, kind: str = "Delimited text") -> Rows:
    drive.choose("Schema", "New schema…")
    await drive.until(lambda: drive.all("Name", QLineEdit))
    drive.write("Name", "Customers")
    drive.pick("Kind", kind)
    drive.click("Create")
    await drive.until(lambda: drive.all(TABLE, Rows))
    return drive.find(TABLE, Rows)


def names(table: Rows) -> list[str]:
    model = table.model()
    return [str(model.index(row, 0).data()).strip("\u2003") for row in range(model.rowCount())]


async def write(drive: Drive, text: str) -> None:
    """Type into the cell that is being written and end with Enter."""
    await drive.until(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    field = drive.focus()
    drive.key("Ctrl+A", field)
    drive.type(text, field)
    drive.key("Return", field)
    await drive.rest()


@window_test
async def test_fields_are_added_written_moved_and_taken_back(small: Path) -> None:
    file = small / "schemas" / "customers.yaml"
    async with running(small, size="1366x768") as drive:
        table = await new_schema(drive)
        assert names(table) == ["row"]
        for name in ("id", "name", "born"):
            drive.click("Add a field")
            await write(drive, name)
        await drive.until(lambda: names(table) == ["row", "id", "name", "born"])
        schema = read_schema(file)
        assert [node.name for node in schema.roots[0].type.children] == ["id", "name", "born"]
        drive.key("Alt+Shift+Up", table)
        assert names(table) == ["row", "id", "born", "name"]
        drive.key("Ctrl+Z", table)
        assert names(table) == ["row", "id", "name", "born"]
        drive.click("Delete")
        assert names(table) == ["row", "id", "name"]
        drive.key("Ctrl+Z", table)
        drive.key("Ctrl+Z", table)
        assert names(table) == ["row", "id", "name", "field"]
        drive.key("Ctrl+Shift+Z", table)
        assert names(table) == ["row", "id", "name", "born"]
        assert [n.name for n in read_schema(file).roots[0].type.children] == ["id", "name", "born"]


@window_test
async def test_types_limits_and_the_tree_follow_what_is_written(small: Path) -> None:
    file = small / "schemas" / "customers.yaml"
    async with running(small, size="1366x768") as drive:
        table = await new_schema(drive)
        drive.click("Add a field")
        await write(drive, "limit")
        drive.key("Right", table)
        drive.key("F2", table)
        await drive.until(lambda: drive.all("Write: Type"))
        drive.pick("Write: Type", "decimal")
        drive.key("Return", drive.find("Write: Type"))
        await drive.until(lambda: "type: decimal" in file.read_text() or "limit: decimal" in file.read_text())
        drive.key("Right", table)
        drive.key("F2", table)
        await write(drive, "0..x")
        await drive.until(lambda: drive.shows("This is no number of times: 0..x."))
        drive.click("Close")
        drive.key("F2", table)
        await write(drive, "1")
        await drive.until(lambda: "required: true" in file.read_text())
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Tree")
        map = Map(drive)
        await drive.until(lambda: "row/limit" in map.shown("Tree of customers.yaml"))
        assert map.value("Tree of customers.yaml", "row/limit") == "decimal"


@window_test
async def test_a_record_inside_and_another_delimiter(small: Path) -> None:
    file = small / "schemas" / "customers.yaml"
    async with running(small, size="1366x768") as drive:
        table = await new_schema(drive)
        drive.pick("Delimiter", "semicolon")
        await drive.until(lambda: "delimiter: ;" in file.read_text().replace('"', ""))
        drive.click("Add a record")
        await write(drive, "line")
        drive.click("Add a field")
        await write(drive, "sku")
        await drive.until(lambda: names(table) == ["row", "line", "sku"])
        assert read_schema(file).find("row/line/sku") is not None
