"""A schema opens as its tree: unfolded, searched, explained; its text is one click away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QScrollArea, QTabBar

from studio.project.create import create
from tests.ui.canvas_hands import Map
from tests.ui.driver import Drive, running, window_test
from ui.canvas.tree_view import TreeView
from ui.widgets.code import CodeEdit
from ui.widgets.fields import Combo, FilterField
from ui.widgets.trees import Tree

TREE = "Tree of orders.xsd"
ORDER = "orders/order"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    return tmp_path / "orders"


async def open_schema(drive: Drive, name: str = "orders.xsd") -> Map:
    tree = drive.find("Project", Tree)
    drive.click_row(tree, drive.index(tree, "Schemas", name), double=True)
    await drive.until(lambda: drive.all(f"Tree of {name}"))
    return Map(drive)


@window_test
async def test_nodes_are_shown_with_types_and_explained(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive)
        shown = map.shown(TREE)
        assert shown[0] == "orders"
        assert {ORDER, f"{ORDER}/@id", f"{ORDER}/customer/name"} <= set(shown)
        assert map.value(TREE, f"{ORDER}/placed") == "date"
        await map.click(TREE, f"{ORDER}/placed")
        assert drive.shows("placed", drive.find("Inspector", QScrollArea))
        assert drive.shows("Facts", drive.find("Inspector", QScrollArea))
        drive.key("Up", map.tree(TREE))
        assert not drive.shows("placed", drive.find("Inspector", QScrollArea))


@window_test
async def test_the_filter_finds_what_nobody_has_unfolded(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive)
        await map.click(TREE, "orders")
        drive.key("Left", map.tree(TREE))
        assert map.shown(TREE) == ["orders"]
        field = drive.find("Filter the schema", FilterField)
        drive.click(field)
        drive.type("terms", field)
        await drive.until(lambda: f"{ORDER}/customer/terms" in map.shown(TREE))
        assert f"{ORDER}/placed" not in map.shown(TREE)
        drive.key("Esc", field)
        await drive.until(lambda: map.shown(TREE) == ["orders"])


@window_test
async def test_the_text_and_what_was_in_front_come_back(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive)
        await map.click(TREE, f"{ORDER}/placed")
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Text")
        await drive.rest()
        text = drive.find("Text of orders.xsd", CodeEdit)
        assert text.toPlainText().startswith("<?xml")
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Tree")
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        await open_schema(drive)
        assert drive.find(TREE, TreeView).isVisible()


@window_test
async def test_roots_are_chosen_and_a_changed_file_is_followed(small: Path) -> None:
    async with running(small, size="1366x768") as drive:
        map = await open_schema(drive)
        assert not drive.all("Root", Combo)
        file = small / "schemas" / "orders.xsd"
        text = file.read_text()
        more = '<xs:element name="note" type="xs:string"/></xs:schema>'
        file.write_text(text.replace("</xs:schema>", more))
        await drive.until(lambda: drive.all("Root", Combo))
        drive.pick("Root", "note")
        await drive.until(lambda: map.shown(TREE) == ["note"])
        file.write_text(text[:200])
        await drive.until(lambda: drive.shows("The schema does not read"))
        file.write_text(text)
        await drive.until(lambda: drive.all(TREE))
        assert map.shown(TREE)[0] == "orders"
