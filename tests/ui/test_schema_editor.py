"""A schema opens as its tree: unfolded, searched, explained; its text is one click away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QScrollArea, QTabBar

from studio.project.create import create
from tests.ui.canvas_hands import Map
from tests.ui.driver import Drive, running, window_test
from ui.canvas.tree_view import TreeView
from ui.editors.file_view import SHOWN_BYTES
from ui.widgets.cells import CELL
from ui.widgets.code import CodeEdit
from ui.widgets.fields import FilterField
from ui.widgets.trees import Rows, Tree

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
        text = drive.find("Text of orders.xsd", CodeEdit)
        await drive.until(lambda: text.toPlainText().startswith("<?xml"))
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Tree")
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        await open_schema(drive)
        assert drive.find(TREE, TreeView).isVisible()


@window_test
async def test_roots_are_chosen_and_a_changed_file_is_followed(small: Path) -> None:
    async with running(small, size="1366x768") as drive:
        map = await open_schema(drive)
        assert not drive.all("Roots", Rows)
        file = small / "schemas" / "orders.xsd"
        text = file.read_text()
        more = '<xs:element name="note" type="xs:string"/></xs:schema>'
        file.write_text(text.replace("</xs:schema>", more))
        await drive.until(lambda: drive.all("Roots", Rows))
        roots = drive.find("Roots", Rows)
        assert drive.rows(roots) == ["orders", "note"]
        drive.click_row(roots, drive.index(roots, "note"))
        await drive.until(lambda: map.shown(TREE) == ["note"])
        file.write_text(text[:200])
        await drive.until(lambda: drive.shows("The schema does not read"))
        file.write_text(text)
        await drive.until(lambda: drive.all(TREE))
        assert map.shown(TREE)[0] == "orders"


@window_test
async def test_tree_and_text_follow_each_other(orders: Path) -> None:
    async with running(orders, size="1600x900") as drive:
        map = await open_schema(drive)
        text = drive.find("Text of orders.xsd", CodeEdit)
        await map.click(TREE, f"{ORDER}/placed")
        await drive.until(lambda: 'name="placed"' in text.textCursor().block().text())
        block = next(b for b in _blocks(text) if 'name="requiredBy"' in b.text())
        text.setTextCursor(QTextCursor(block))
        drive.click(text.viewport(), text.cursorRect().center())
        await drive.until(lambda: drive.shows("requiredBy", drive.find("Inspector", QScrollArea)))
        drive.click("Text beside the tree")
        assert not drive.all("Text of orders.xsd", CodeEdit)


@window_test
async def test_anything_is_found_by_name_type_or_words(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive)
        drive.key("Ctrl+F", drive.window)
        field = drive.find("Find in the schema", FilterField)
        assert drive.focus() is field
        drive.type("date", field)
        found = await _found(drive)
        assert drive.shows("nodes found")
        drive.key("Ctrl+A", field)
        drive.type("customer/name", field)
        await drive.until(lambda: drive.rows(found) == ["name"])
        drive.key("Return", field)
        assert f"{ORDER}/customer/name" in map.shown(TREE)
        await drive.until(lambda: drive.shows(f"{ORDER}/customer/name", drive.find("Inspector", QScrollArea)))
        drive.key("Ctrl+A", field)
        drive.type("nothing is called so", field)
        await drive.until(lambda: drive.shows("No node has that name, type or documentation."))


@window_test
async def test_what_uses_the_schema_and_a_node_is_listed(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive)
        await map.click(TREE, f"{ORDER}/placed")
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Used by")
        objects = drive.find("Uses of the schema", Rows)
        assert "Orders to invoices" in drive.rows(objects)
        await drive.until(lambda: drive.all("Rules of the node", Rows))
        rules = drive.find("Rules of the node", Rows)
        assert "invoices/invoice/issueDate" in drive.rows(rules)
        drive.click_row(rules, drive.index(rules, "invoices/invoice/issueDate"), double=True)
        await drive.until(lambda: drive.window.windowTitle().startswith("Orders to invoices"))


@window_test
async def test_a_problem_leads_to_its_line(small: Path) -> None:
    file = small / "schemas" / "orders.xsd"
    include = '<xs:include schemaLocation="missing.xsd"/>\n<xs:element name="orders">'
    file.write_text(file.read_text().replace('<xs:element name="orders">', include))
    async with running(small, agent=True, size="1366x768") as drive:
        await open_schema(drive)
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Problems")
        problems = drive.find("Problems of the schema", Rows)
        await drive.until(lambda: any("missing.xsd" in row for row in drive.rows(problems)))
        drive.click_row(problems, problems.model().index(0, 0), double=True)
        await drive.until(lambda: drive.all("Text of orders.xsd", CodeEdit))
        text = drive.find("Text of orders.xsd", CodeEdit)
        await drive.until(lambda: "missing.xsd" in text.textCursor().block().text())


def _blocks(text: CodeEdit) -> list[QTextBlock]:
    document = text.document()
    return [document.findBlockByNumber(number) for number in range(document.blockCount())]


async def _found(drive: Drive) -> Rows:
    await drive.until(lambda: drive.all("Found in the schema", Rows))
    return drive.find("Found in the schema", Rows)


@window_test
async def test_a_broken_schema_is_marked_listed_and_shown_where_it_is_wrong(orders: Path) -> None:
    broken = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:element name="a">\n\n'
    (orders / "schemas" / "broken.xsd").write_text(broken)
    async with running(orders, size="1600x900") as drive:
        drive.key("Ctrl+Shift+M", drive.window)
        await drive.until(lambda: drive.all("Problems", Rows))
        listed = drive.find("Problems", Rows)
        assert len(drive.rows(listed)) == 1
        tree = drive.find("Project", Tree)
        at = drive.index(tree, "Schemas", "broken.xsd")
        assert at.data(CELL).marks == (("x-circle-fill", "red"),)
        drive.click_row(tree, at, double=True)
        await drive.until(lambda: drive.shows("The schema does not read"))
        assert not drive.shows(str(orders))
        text = drive.find("Text of broken.xsd", CodeEdit)
        await drive.until(lambda: text.isVisible() and text.toPlainText().startswith("<xs:schema"))
        # The file ends one line further, where nothing can be shown.
        line = 2
        await drive.until(lambda: text.textCursor().blockNumber() == line)
        drive.click("broken.xsd:4")
        await drive.until(lambda: drive.find("Views of the schema", QTabBar).currentIndex() == 1)
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Used by")
        drive.click_row(listed, listed.model().index(0, 0), double=True)
        await drive.until(lambda: text.isVisible() and text.textCursor().blockNumber() == line)


@window_test
async def test_the_text_beside_begins_at_the_root(orders: Path) -> None:
    dtd = "<!--" + "\n" * 60 + "-->\n<!ELEMENT note (words)>\n<!ELEMENT words (#PCDATA)>\n"
    dtd += "<!--" + (" " * 99 + "\n") * (SHOWN_BYTES // 99) + "-->\n"
    (orders / "schemas" / "note.dtd").write_text(dtd)
    async with running(orders, agent=True, size="1600x900") as drive:
        await open_schema(drive, "note.dtd")
        text = drive.find("Text of note.dtd", CodeEdit)
        await drive.until(lambda: "ELEMENT note" in text.textCursor().block().text())
        assert not drive.shows("Only the first megabyte")


@window_test
async def test_columns_are_called_as_people_call_them(orders: Path) -> None:
    (orders / "schemas" / "pedidos.csv").write_text("Pedido,Total (R$)\n1,10.5\n2,21\n")
    (orders / "schemas" / "parts").mkdir()
    (orders / "schemas" / "parts" / "A.csv").write_text("a,b\n1,2\n")
    async with running(orders, size="1600x900") as drive:
        await open_schema(drive, "pedidos.csv")
        tree = drive.find("Project", Tree)
        # Capitals stand among small letters; what is in a folder comes last, and says so.
        rows = _below(tree, "Schemas")
        listed = [index.data(0) for index in rows]
        assert (listed[-1], rows[-1].data(CELL).note) == ("A.csv", "parts")
        assert listed[:-1] == sorted(listed[:-1], key=str.casefold)
        drive.key("Ctrl+F", drive.window)
        field = drive.find("Find in the schema", FilterField)
        drive.type("Total", field)
        found = await _found(drive)
        assert drive.shows("0 of 1 root")
        assert found.model().index(0, 0).data(CELL).text == "Total (R$)"
        drive.key("Return", field)
        inspector = drive.find("Inspector", QScrollArea)
        await drive.until(lambda: drive.shows("Total (R$)", inspector))
        assert not drive.shows("`", inspector)


def _below(tree: Tree, title: str) -> list[QModelIndex]:
    model = tree.model()
    kinds = (model.index(row, 0) for row in range(model.rowCount()))
    kind = next(index for index in kinds if str(index.data(0)) == title)
    return [model.index(row, 0, kind) for row in range(model.rowCount(kind))]


@window_test
async def test_types_stand_in_one_column_where_there_is_room(orders: Path) -> None:
    head = ",".join(
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "A_name_longer_than_nine_in_ten_others"]
    )
    (orders / "schemas" / "long.csv").write_text(f"{head}\n{','.join('1' * 12)}\n")
    async with running(orders, size="1366x768") as drive:
        await open_schema(drive, "long.csv")
        await drive.rest()
        view = drive.find("Tree of long.csv", TreeView)
        columns = view.painter.columns(view.viewport().width(), view.value_width)
        rows = range(len(view.rows))
        starts = {view.painter.spread(view.look(row), view.rows[row].depth, columns).value for row in rows}
        assert starts == {columns.value}


@window_test
async def test_a_type_too_long_for_its_column_takes_the_empty_room_before_it(orders: Path) -> None:
    long, kind = (
        "a_name_that_takes_nearly_all_of_the_room_there_is_in_this_tree",
        "A_kind_with_quite_a_long_name_too_" * 2 + "x",
    )
    text = f'''<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType><xs:sequence>
    <xs:element name="{long}" type="xs:int"/><xs:element name="b" type="{kind}"/></xs:sequence></xs:complexType></xs:element>
    <xs:simpleType name="{kind}"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>'''
    (orders / "schemas" / "long.xsd").write_text(text)
    async with running(orders, size="1366x768") as drive:
        map = await open_schema(drive, "long.xsd")
        await drive.rest()
        view = drive.find("Tree of long.xsd", TreeView)
        columns = view.painter.columns(view.viewport().width(), view.value_width)
        row = map.shown("Tree of long.xsd").index("r/b")
        spread = view.painter.spread(view.look(row), view.rows[row].depth, columns)
        assert spread.value < columns.value
