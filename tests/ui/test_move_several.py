"""Accounts, contacts and opportunities from three files by mouse and keyboard: found, changed, checked, sent, gone on with."""

from __future__ import annotations

import csv
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, ask_practice
from ui.dialogs.move.choices import Step
from ui.dialogs.move.several_page import SeveralPage
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


def write(folder: Path, name: str, header: list[str], rows: list[list[str]]) -> None:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def records(soql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask_practice(
        "GET", f"/services/data/v60.0/query?q={urllib.parse.quote(soql)}"
    )["records"]
    return found


async def to_several(wizard: Wizard, keys: str = "") -> None:
    if keys:
        wizard.drive.key(keys, wizard.drive.window)
        await wizard.drive.rest()
        wizard.window.activateWindow()
    else:
        await wizard.open()
        wizard.click("Several objects…")
    await wizard.at(Step.ORG)
    await wizard.drive.until(lambda: wizard.drive.rows(wizard.find("Orgs", Rows)))
    wizard.click("Next")
    await wizard.drive.until(lambda: wizard.shows("No object yet"), 60)


def page(wizard: Wizard) -> SeveralPage:
    found = wizard.window.beside
    assert isinstance(found, SeveralPage)
    return found


async def add(wizard: Wizard, path: Path) -> None:
    field = wizard.find("Files or folder", QLineEdit)
    wizard.drive.click(field)
    wizard.drive.key("Ctrl+A", field)
    wizard.drive.type(str(path), field)
    wizard.drive.key("Return", field)
    await wizard.drive.until(lambda: not field.text())


@window_test
async def test_three_files_go_parents_first_and_a_lookup_is_filled_by_another_column(tmp_path: Path) -> None:
    write(tmp_path, "opportunities.csv", ["Id", "Name", "StageName", "CloseDate", "AccountId"],
          [[f"O{n}", f"Deal {n}", "Prospecting", "2026-12-31", f"A{n}"] for n in (1, 2, 3)])  # fmt: skip
    # The people name their company by its number, in a column called after nothing of the org's.
    write(tmp_path, "contacts.csv", ["LastName", "Firm"], [[f"Person {n}", f"N-{n}"] for n in (1, 2, 3)])
    write(tmp_path, "accounts.csv", ["Id", "Name", "Number", "ParentId"],
          [["A1", "First", "N-1", ""], ["A2", "Second", "N-2", "A1"], ["A3", "", "N-3", ""]])  # fmt: skip
    async with running() as drive:
        wizard = Wizard(drive)
        await to_several(wizard)
        assert wizard.shows("Choose the files.")
        await add(wizard, tmp_path)
        objects = wizard.find("Objects of the move", Rows)
        assert drive.rows(objects) == ["Account", "Contact", "Opportunity"]
        wizard.picture("several-files")
        wizard.click("Check")
        await drive.until(lambda: page(wizard).found is not None, 60)
        order = wizard.find("Order of the objects", Rows)
        assert drive.rows(order, 1) == ["Account", "Contact", "Opportunity", "Account, second pass"]
        lookups = wizard.find("Lookups between the objects", Rows)
        said = dict(zip(drive.rows(lookups), drive.rows(lookups, 1), strict=True))
        assert said["Opportunity.AccountId"] == "opportunities.csv: AccountId → Account whose Id it is"
        assert said["Account.ParentId"] == "accounts.csv: ParentId → Account whose Id it is, in a second pass"
        assert said["Contact.AccountId"] == "contacts.csv: no column fills it"
        # The company without a name has no record, so its deal is not sent either.
        refused = wizard.find("Rows that would not be sent", Rows)
        assert drive.rows(refused) == ["Account", "Opportunity"]
        drive.click_row(lookups, drive.index(lookups, "Contact.AccountId"))
        drive.pick("Column that fills the lookup", "Firm")
        # Nothing tells yet that the firm's number is meant.
        await drive.until(lambda: any("Firm → Account" in text for text in drive.rows(lookups, 1)), 60)
        drive.pick("What the column names", "Number of accounts.csv")
        await drive.until(
            lambda: "contacts.csv: Firm → Account whose Number it is" in drive.rows(lookups, 1), 60
        )
        await drive.until(lambda: drive.rows(refused) == ["Account", "Contact", "Opportunity"], 60)
        assert records("SELECT Name FROM Account WHERE Name = 'First'") == []
        wizard.picture("several-plan")
        assert wizard.window.next.text() == "Send 6 rows"
        await wizard.ready()
        drive.click(wizard.window.next)
        await drive.until(lambda: page(wizard).done is not None, 60)
        await drive.until(lambda: drive.rows(wizard.find("Rows without success", Rows)))
        wizard.picture("several-results")
        steps = wizard.find("Objects of the run", Rows)
        assert drive.rows(steps, 3) == ["2", "2", "2", "1"]
        assert drive.rows(steps, 6) == ["1", "1", "1", ""]
        drive.click_row(steps, drive.index(steps, "Contact"))
        reasons = wizard.find("Rows without success", Rows)
        await drive.until(
            lambda: drive.rows(reasons, 2) == ["AccountId: its Account N-3 (row 3) was not sent"]
        )
        found = records("SELECT LastName, Account.Name FROM Contact WHERE LastName LIKE 'Person %'")
        assert {r["LastName"]: r["Account"]["Name"] for r in found} == {
            "Person 1": "First", "Person 2": "Second",
        }  # fmt: skip
        assert (
            records("SELECT Parent.Name FROM Account WHERE Name = 'Second'")[0]["Parent"]["Name"] == "First"
        )
        # It stands among the earlier moves and can be opened from there.
        wizard.click("Earlier moves")
        moves = wizard.find("Earlier moves", Rows)
        await drive.until(lambda: "S-0001" in drive.rows(moves))
        drive.click_row(moves, drive.index(moves, "S-0001"))
        assert not wizard.find("Run again…").isEnabled()
        wizard.click("Show results")
        await drive.until(lambda: isinstance(wizard.window.beside, SeveralPage))
        assert drive.rows(wizard.find("Objects of the run", Rows), 3) == ["2", "2", "2", "1"]
        await wizard.close()


@window_test
async def test_wrong_files_are_told_and_a_stopped_move_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "people.csv", ["LastName", "AccountId"], [[f"P {n}", f"A{n % 50}"] for n in range(1500)])
    write(tmp_path, "account.csv", ["Id", "Name"], [[f"A{n}", f"Firm {n}"] for n in range(50)])
    async with running() as drive:
        wizard = Wizard(drive)
        await to_several(wizard, "Ctrl+Alt+M")
        field = wizard.find("Files or folder", QLineEdit)
        drive.click(field)
        drive.type(str(tmp_path / "nothing.csv"), field)
        drive.key("Return", field)
        await drive.until(lambda: wizard.shows("nothing.csv"))
        assert not wizard.window.next.isEnabled()
        await add(wizard, tmp_path)
        objects = wizard.find("Objects of the move", Rows)
        # Nothing in the org is called people: the file is asked about.
        assert drive.rows(objects) == ["Account", "Choose the object"]
        assert wizard.shows("Choose the object of people.csv.")
        drive.pick("Object of the file", "Contact")
        await drive.until(lambda: drive.rows(objects) == ["Account", "Contact"])
        wizard.click("Check")
        await drive.until(lambda: page(wizard).found is not None, 60)
        wizard.click("Back")
        assert drive.rows(objects) == ["Account", "Contact"]
        wizard.click("Check")
        await drive.until(lambda: wizard.window.next.text() == "Send 1,550 rows", 60)
        await wizard.ready()
        drive.click(wizard.window.next)
        await drive.until(lambda: page(wizard).running)
        wizard.click("Stop")
        await drive.until(lambda: not page(wizard).running, 60)
        # However early the stop was heard: what is left goes on until everything is there.
        if page(wizard).done is None:
            await wizard.ready()
            drive.click(wizard.window.next)
            await drive.until(lambda: page(wizard).done is not None and not page(wizard).running, 120)
        if page(wizard).done["state"] != "done":  # type: ignore[index]
            await wizard.ready()
            wizard.click("Continue")
            await drive.until(lambda: page(wizard).done["state"] == "done", 120)  # type: ignore[index]
        assert wizard.shows("Every row succeeded")
        assert len(records("SELECT Id FROM Account WHERE Name LIKE 'Firm %'")) == 50
        found = ask_practice("GET", "/services/data/v60.0/query?q=" + urllib.parse.quote(
            "SELECT count() FROM Contact WHERE LastName LIKE 'P %' AND AccountId != null"))  # fmt: skip
        assert found["totalSize"] == 1500
        await wizard.close()
