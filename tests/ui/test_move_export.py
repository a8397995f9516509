"""Records taken out of the practice org by ticking and by writing a query; the file is opened and compared."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QPlainTextEdit

from studio.moves.desks import memory
from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, ask_practice, break_practice
from ui.dialogs.move.choices import Step
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


def query(wizard: Wizard) -> str:
    return str(wizard.find("Query", QPlainTextEdit).toPlainText())


async def to_export(wizard: Wizard) -> None:
    await wizard.open()
    wizard.click("Export records…")
    await wizard.at(Step.ORG)
    assert wizard.shows("From which org?")
    await wizard.drive.until(lambda: wizard.drive.rows(wizard.find("Orgs", Rows)))
    wizard.click("Next")
    await wizard.drive.until(
        lambda: wizard.drive.all("Objects to export", QAbstractItemView, wizard.window), 60
    )
    objects = wizard.find("Objects to export", Rows)
    await wizard.drive.until(lambda: "Account" in wizard.drive.rows(objects), 30)


@window_test
async def test_ticking_and_the_query_are_the_same_and_the_file_holds_the_records(tmp_path: Path) -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await to_export(wizard)
        for number in range(3):
            ask_practice(
                "POST",
                "/services/data/v60.0/sobjects/Account",
                {"Name": f"Out {number}", "ERP_Id__c": f"X-{number}"},
            )
        objects = wizard.find("Objects to export", Rows)
        drive.click_row(objects, drive.index(objects, "Account"))
        await drive.until(lambda: query(wizard).startswith("SELECT Id"))
        wizard.click("Tick none")
        fields = wizard.find("Fields to export", Rows)
        drive.write("Filter fields", "erp")
        await drive.rest()
        drive.click_row(fields, drive.index(fields, "ERP Id"))
        drive.write("Filter fields", "account name")
        await drive.rest()
        fields.setFocus()
        drive.key("Down", fields)
        drive.key("Space", fields)
        await drive.until(lambda: query(wizard) == "SELECT ERP_Id__c, Name FROM Account")
        wizard.click("Add a condition")
        await drive.rest()
        drive.pick("Field of condition 1", "ERP_Id__c")
        drive.key("Return", wizard.find("Field of condition 1"))
        # Only begun, it filters nothing away; "is empty" needs no value.
        await drive.rest()
        assert query(wizard) == "SELECT ERP_Id__c, Name FROM Account"
        drive.pick("Comparison of condition 1", "is empty")
        await drive.until(lambda: query(wizard).endswith("WHERE ERP_Id__c = null"))
        assert not drive.all("Value of condition 1", QLineEdit, wizard.window)
        drive.pick("Comparison of condition 1", "begins with")
        await drive.until(lambda: query(wizard) == "SELECT ERP_Id__c, Name FROM Account")
        value = wizard.find("Value of condition 1", QLineEdit)
        drive.click(value)
        drive.type("X-", value)
        await drive.until(lambda: "LIKE 'X-%'" in query(wizard))
        wizard.click("Show the first records")
        await drive.until(lambda: wizard.shows("3 records"))
        assert drive.rows(wizard.find("First records", Rows)) == ["X-0", "X-1", "X-2"]
        wizard.picture("move-export")
        # The other way round: what is written is ticked.
        text = wizard.find("Query", QPlainTextEdit)
        drive.click(text)
        drive.key("Ctrl+A", text)
        drive.type("SELECT Name FROM Account WHERE ERP_Id__c != 'X-1' AND Name LIKE 'Out%'", text)
        drive.key("Escape", text)
        await drive.until(lambda: wizard.shows("1 of "))
        await drive.until(lambda: drive.all("Value of condition 2", QLineEdit, wizard.window))
        assert wizard.find("Value of condition 2", QLineEdit).text() == "Out"
        target = tmp_path / "out.jsonl"
        drive.write("Write to", str(target))
        wizard.click("Export")
        await drive.until(lambda: wizard.shows("2 records written"), 60)
        assert [json.loads(line)["Name"] for line in target.read_text().splitlines()] == ["Out 0", "Out 2"]
        # More than can be ticked is exported as it is written; the org's own words stand beside a wrong one.
        drive.click(text)
        drive.key("Ctrl+A", text)
        drive.type("SELECT Nam FROM Account", text)
        drive.key("Escape", text)
        wizard.click("Show the first records")
        await drive.until(lambda: wizard.shows("Nam"))
        drive.key("Ctrl+A", text)
        drive.type(
            "SELECT Name FROM Account WHERE ERP_Id__c = 'X-1' OR ERP_Id__c = 'X-0' ORDER BY Name", text
        )
        drive.key("Escape", text)
        await drive.until(lambda: wizard.shows("more than can be ticked"))
        drive.write("Write to", str(tmp_path / "out.csv"))
        wizard.click("Export")
        await drive.until(lambda: (tmp_path / "out.csv").exists() and wizard.shows("2 records written"), 60)
        with (tmp_path / "out.csv").open(newline="") as file:
            assert [row["Name"] for row in csv.DictReader(file)] == ["Out 0", "Out 1"]
        # A file that is there is asked about; what is stopped on its way goes on.
        wizard.click("Export")
        await drive.until(lambda: drive.all("Replace out.csv?"))
        drive.click("Keep it")
        await drive.until(lambda: not drive.all("Replace out.csv?"))
        break_practice("delay", 1)
        wizard.click("Export")
        await drive.until(lambda: drive.all("Replace out.csv?"))
        drive.click("Replace it")
        await drive.until(lambda: bool(drive.all("Stop", within=wizard.window)))
        wizard.click("Stop")
        await drive.until(lambda: bool(drive.all("Continue", within=wizard.window)))
        break_practice()
        assert "Out 0" in (tmp_path / "out.csv").read_text()
        wizard.click("Continue")
        await drive.until(lambda: wizard.shows("M-0003: 2 records written"), 60)
        # As a spreadsheet wants it, which is remembered.
        drive.pick("How the CSV is written", "CSV for Excel: semicolon")
        drive.write("Write to", str(tmp_path / "excel.csv"))
        wizard.click("Export")
        await drive.until(lambda: (tmp_path / "excel.csv").exists(), 60)
        assert (tmp_path / "excel.csv").read_bytes() == b"\xef\xbb\xbfName\r\nOut 0\r\nOut 1\r\n"
        await drive.until(lambda: memory.remembered() == {"export csv": "excel,semicolon"})
        await drive.until(lambda: wizard.drive.all("Earlier moves", within=wizard.window), 60)
        wizard.click("Earlier moves")
        moves = wizard.find("Earlier moves", Rows)
        await drive.until(lambda: drive.rows(moves, 2) == ["Export Account"] * 4)
        await wizard.close()
