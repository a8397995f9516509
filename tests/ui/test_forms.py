"""Editors made of fields and tables: nothing is cut, no holes, words instead of codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTableView, QWidget

from studio.project.create import create
from tests.ui.driver import Drive, running, window_test
from ui.widgets.cells import CELL
from ui.widgets.fields import Combo
from ui.widgets.trees import Tree


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    return tmp_path / "orders"


async def open_object(drive: Drive, group: str, name: str) -> None:
    tree = drive.find("Project", Tree)
    drive.click_row(tree, drive.index(tree, group, name), double=True)
    await drive.rest()


def top(drive: Drive, widget: QWidget) -> int:
    return widget.mapTo(drive.window, QPoint(0, 0)).y()


@window_test
async def test_the_settings_of_an_operation_follow_those_of_its_activity(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        await open_object(drive, "Operations", "List order lines")
        file, name = drive.find("File", QLineEdit), drive.find("Name", QLineEdit)
        assert 0 < top(drive, name) - top(drive, file) - file.height() < 100
        # A field keeps the width of a line one can read, and stays beside its label.
        assert name.width() <= 520
        assert name.mapTo(drive.window, QPoint(0, 0)).x() < 760


@window_test
async def test_a_description_is_read_whole_and_written_when_it_is_left(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        await open_object(drive, "Connections", "CRM")
        words = drive.find("Description", QPlainTextEdit)
        assert words.document().size().height() * words.fontMetrics().lineSpacing() <= words.height()
        drive.write("Description", "Where customers are kept")
        drive.key("Tab", words)
        await drive.rest()
        assert (
            drive.studio.session.workspace.project.connections["crm"].description
            == "Where customers are kept"
        )
        await open_object(drive, "Operations", "List order lines")
        drive.write("Description", "Flat")
        drive.key("Ctrl+S")
        await drive.rest()
        assert "description: Flat" in (orders / "operations" / "list-order-lines.yaml").read_text()


@window_test
async def test_a_sign_in_is_told_in_words_and_asks_for_what_it_needs(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        await open_object(drive, "Connections", "CRM")
        assert drive.find("Sign-in", Combo).currentText() == "Practice org"
        assert drive.shows("Salesforce")
        assert not drive.shows("flow: practice")
        assert "Address" not in drive.names()
        drive.pick("Sign-in", "In the browser")
        await drive.until(lambda: "Address" in drive.names())
        drive.write("Address", "https://aurora.example")
        drive.key("Return")
        await drive.rest()
        login = drive.studio.session.workspace.project.connections["crm"].settings["login"]
        assert login == {"flow": "web", "url": "https://aurora.example"}


@window_test
async def test_paths_types_and_rules_of_the_table_are_readable(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        await open_object(drive, "Transformations", "Orders to invoices")
        drive.key("Ctrl+T")
        await drive.rest()
        table = drive.find("Rules", QTableView)
        model = table.model()
        heads = [str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount())]
        assert heads[:3] == ["Target", "Script", "Type"]
        for column, head in enumerate(heads):
            wide = QFontMetrics(table.horizontalHeader().font()).horizontalAdvance(head)
            assert wide + 12 <= table.columnWidth(column), head
        for row in range(model.rowCount()):
            for column in (0, 2):
                cell = model.index(row, column).data(CELL)
                room = QFontMetrics(cell.font()).horizontalAdvance(cell.text) + 16
                assert room <= table.columnWidth(column), cell.text
        assert table.columnWidth(1) >= 240
        # What does not fit can be scrolled to.
        reach = table.viewport().width() + table.horizontalScrollBar().maximum()
        assert table.horizontalHeader().length() <= reach
        types = dict(zip(drive.rows(table), drive.rows(table, 2), strict=True))
        assert types["invoices/invoice/issueDate"] == "date"
