"""The move window with workbooks and databases: the part is shown, chosen, previewed and sent."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtWidgets import QComboBox, QLineEdit

from studio.practice.shared import practice_org
from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, kept
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


@pytest.fixture(autouse=True)
def _practice(own_home: Path) -> object:
    with practice_org() as ready:
        yield ready


@window_test
async def test_a_sheet_is_chosen_shown_and_sent(tmp_path: Path) -> None:
    path = tmp_path / "accounts.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet("Cover").write_column(0, 0, ["Report", "of today"])
        sheet = made.add_worksheet("Accounts")
        sheet.write(0, 0, "All accounts")
        sheet.write_row(2, 0, ["ERP_Id__c", "Name", "Phone"])
        sheet.write_row(3, 0, ["X-1", "One", "+55 11"])
        sheet.write_row(4, 0, ["X-2", "Two", "007"])
        sheet.write(5, 0, "X-3")
        sheet.write_formula(5, 1, "=NA()", None, "#N/A")
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(path)
        # The sheet that holds rows is taken, not the one before it that only says something.
        await drive.until(lambda: wizard.shows("Excel, sheet Accounts, column names in row 3"))
        drive.pick("Sheet", "Cover")
        await drive.until(lambda: wizard.shows("Excel, sheet Cover, column names in row 1"))
        assert not wizard.find("Sheet", QComboBox).isHidden()
        drive.pick("Sheet", "Accounts")
        await drive.until(lambda: wizard.shows("Excel, sheet Accounts, column names in row 3"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["X-1", "X-2", "X-3"]
        drive.pick("Row of the column names", "Column names: row 4")
        await drive.until(lambda: wizard.shows("Excel, sheet Accounts, column names in row 4"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["X-2", "X-3"]
        drive.pick("Row of the column names", "Column names: found")
        await drive.until(lambda: wizard.shows("Excel, sheet Accounts, column names in row 3"))
        wizard.picture("move-source-excel")
        await wizard.to_map()
        await wizard.to_preflight()
        assert drive.rows(wizard.find("Rows that would fail", Rows), 1) == ["Name: cell B6 holds an error"]
        await wizard.send()
        assert [wizard.figure(name) for name in ("Succeeded", "Failed", "Not sent")] == ["2", "0", "1"]
        await wizard.close()
    assert [one["Name"] for one in kept("ERP_Id__c LIKE 'X-%'")] == ["One", "Two"]


@window_test
async def test_a_table_or_a_query_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE aside (a TEXT)")
        made.execute("CREATE TABLE customers (ERP_Id__c TEXT, Name TEXT)")
        made.execute("INSERT INTO customers VALUES ('Y-1', 'One'), ('Y-2', 'Two')")
    made.close()
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(f"sqlite:///{path}")  # type: ignore[arg-type]
        await drive.until(lambda: wizard.shows("table aside"))
        drive.pick("Table", "customers")
        await drive.until(lambda: wizard.shows("table customers"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["Y-1", "Y-2"]
        query = wizard.find("Query", QLineEdit)
        drive.click(query)
        drive.type("SELECT * FROM customers WHERE Name = 'Two'", query)
        drive.key("Return", query)
        await drive.until(lambda: wizard.shows("query of a database"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["Y-2"]
        wizard.picture("move-source-database")
        await wizard.to_map()
        await wizard.to_preflight()
        await wizard.send()
        assert wizard.figure("Succeeded") == "1"
        await wizard.close()
    assert [one["Name"] for one in kept("ERP_Id__c LIKE 'Y-%'")] == ["Two"]


@window_test
async def test_a_first_line_that_is_a_row_is_told_and_sent(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("One;(11) 5555-0001;W-1\nTwo;(11) 5555-0002;W-2\n")
    names = tmp_path / "names.csv"
    names.write_text("ERP_Id__c;Name\n")
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(names)
        await drive.until(lambda: wizard.shows("column names but no rows"))
        await wizard.type_path(path)
        await drive.until(lambda: wizard.shows("The first line looks like a row"))
        rows = wizard.find("First rows", Rows)
        assert drive.rows(rows) == ["Two"]
        wizard.picture("move-source-bare")
        drive.pick("First line", "First line: a row")
        await drive.until(lambda: not wizard.shows("The first line looks like a row"))
        assert drive.rows(rows) == ["One", "Two"]
        await wizard.to_map()
        wizard.pick_field("A", "Account Name")
        wizard.pick_field("B", "Account Phone")
        wizard.pick_field("C", "ERP Id")
        await wizard.to_preflight()
        await wizard.send()
        assert wizard.figure("Succeeded") == "2"
        await wizard.close()
    assert [one["Name"] for one in kept("ERP_Id__c LIKE 'W-%'")] == ["One", "Two"]
