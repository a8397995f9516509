"""The one-shot move by mouse and keyboard: from the shortcut to counts that add up, against the practice org."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QWidget,
)

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, break_practice, good, in_the_org, kept, source
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.widgets.checks import Check, Radio
from ui.widgets.trees import Rows

__all__ = ["source"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


def nameless(wizard: Wizard) -> list[str]:
    """The visible controls that no screen reader could tell."""
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView)
    inner = (QAbstractScrollArea, QComboBox, QLineEdit)
    return [
        f"{wizard.window.step.name}: {type(widget).__name__}"
        for widget in wizard.window.findChildren(QWidget)
        if widget.isVisible() and isinstance(widget, kinds) and not isinstance(widget.parent(), inner)
        if not widget.accessibleName()
    ]


@window_test
async def test_a_file_is_upserted_and_every_row_is_told(source: Callable[..., Path]) -> None:
    rows = [
        *good(20),
        ["U-0090", "", "1", "x"],
        ["U-0091", "Long " * 60, "2", "x"],
        ["U-0001", "Twin", "3", "x"],
    ]
    async with running(theme="dark") as drive:
        wizard = Wizard(drive)
        await wizard.open()
        assert wizard.shows("No org chosen yet")
        assert nameless(wizard) == []
        await wizard.to_object()
        assert wizard.shows("Weft Practice")
        assert not wizard.window.next.isEnabled()
        assert nameless(wizard) == []
        await wizard.choose_object()
        assert wizard.window.choices.key == "ERP_Id__c"
        await wizard.choose_file(source(rows))
        await drive.until(lambda: wizard.shows("UTF-8, comma"))
        assert drive.rows(wizard.find("First rows", Rows))[:2] == ["U-0001", "U-0002"]
        assert nameless(wizard) == []
        await wizard.to_map()
        assert not wizard.window.next.isEnabled()
        wizard.pick_field("Key", "ERP Id")
        assert wizard.shows("3 of 4 columns go to a field.")
        assert drive.rows(wizard.find("Field map", Rows), 5) == [
            "chosen by you",
            "same label",
            "same name",
            "",
        ]
        wizard.picture("move-map")
        await wizard.to_preflight()
        assert wizard.shows(
            "23 rows checked against Account. 4 rows would be refused. Nothing has been sent."
        )
        fields = wizard.find("Checks by field", Rows)
        assert drive.rows(fields, 7)[:3] == ["2", "2", "0"]
        assert drive.rows(wizard.find("Rows that would fail", Rows)) == ["1", "21", "22", "23"]
        assert in_the_org("ERP_Id__c LIKE 'U-%'") == []
        assert nameless(wizard) == []
        wizard.picture("move-preflight")
        wizard.click("Keep back rows that would fail", Check)
        # Two rows share a key: they stay here whatever is chosen.
        assert wizard.window.next.text() == "Send 21 rows"
        await wizard.send()
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)))
        assert nameless(wizard) == []
        wizard.picture("move-results")
        assert [wizard.figure(name) for name in ("Succeeded", "Failed", "Unprocessed", "Not sent", "Read")] == [
            "19", "2", "0", "2", "23",
        ]  # fmt: skip
        assert wizard.shows("adds up")
        assert drive.rows(wizard.find("Failed rows", Rows)) == ["1", "21", "22", "23"]
        reasons = wizard.find("Reasons", Rows)
        assert drive.rows(reasons)[0] == "All of them"
        drive.click_row(reasons, drive.index(reasons, "String too long"))
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)) == ["22"])
        files = wizard.window.choices.summary["files"]  # type: ignore[index]
        assert wizard.find("failed.csv", QPushButton)
        await wizard.close()
    assert {record["ERP_Id__c"] for record in kept("ERP_Id__c LIKE 'U-%'")} == {row[0] for row in rows[1:20]}
    with Path(files["failed"]).open(encoding="utf-8", newline="") as file:
        assert [row["Extra"] for row in csv.DictReader(file)] == ["x", "x"]


@window_test
async def test_holding_back_constants_and_the_map_by_hand(source: Callable[..., Path]) -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object("Insert")
        assert not drive.all("Key field", within=wizard.window)
        await wizard.choose_object()
        await wizard.choose_file(source([*good(5), ["U-0099", "", "1", "x"]]))
        await wizard.to_map()
        wizard.pick_field("Extra", "Account Name")
        assert wizard.shows("Name is mapped twice.")
        assert not wizard.window.next.isEnabled()
        wizard.pick_field("Extra", "not sent")
        wizard.click("Add a constant")
        await drive.rest()
        wizard.pick_field("constant 1", "Industry")
        assert nameless(wizard) == []
        value = wizard.find("Value of constant 1", QLineEdit)
        drive.click(value)
        drive.type("Retail", value)
        wizard.click("Add a constant")
        await drive.rest()
        assert drive.rows(wizard.find("Field map", Rows))[-1] == "constant 2"
        wizard.click("Remove")
        await drive.rest()
        wizard.pick_field("Key", "ERP Id")
        await wizard.to_preflight()
        assert wizard.window.next.text() == "Send 5 rows"
        await wizard.send()
        assert [wizard.figure(name) for name in ("Succeeded", "Not sent", "Read")] == ["5", "1", "6"]
        # The row that was kept back is listed with its reason, and goes once it is corrected.
        await drive.until(lambda: drive.rows(wizard.find("Reasons", Rows)) == ["Not sent", "Succeeded"])
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)) == ["6"])
        wizard.click("Fix and resend…")
        await drive.until(lambda: drive.all("Rows to fix", QAbstractItemView, wizard.window))
        assert wizard.shows("Change a row first.")
        assert not wizard.window.next.isEnabled()
        grid = wizard.find("Rows to fix", QAbstractItemView)
        await drive.until(lambda: wizard.shows("Row 6: Name: empty, but required"))
        drive.key("Return", grid)
        drive.type("Ninety-nine", wizard.find("Write: Account Name", QLineEdit))
        drive.key("Return", wizard.find("Write: Account Name", QLineEdit))
        await drive.until(lambda: wizard.shows("1 cell changed."))
        await drive.until(
            lambda: wizard.window.next.text() == "Resend 1 row" and wizard.window.next.isEnabled()
        )
        # Stopped before a row was sent, nothing has changed but what the page says; it begins with no figure of before.
        break_practice("delay", 2)
        drive.click(wizard.window.next)
        await wizard.at(Step.RUN)
        assert [wizard.figure(name) for name in ("Succeeded", "Not sent", "Read")] == ["0", "0", "0"]
        assert not wizard.shows("M-0001")
        wizard.click("Stop")
        await drive.until(lambda: wizard.shows("Stopped before the first row was sent"))
        assert drive.all("Rows to fix", QAbstractItemView, wizard.window)
        break_practice()
        await drive.until(wizard.window.next.isEnabled)
        drive.click(wizard.window.next)
        await drive.until(lambda: wizard.shows("M-0001, M-0002 together: 6 of 6 rows succeeded"))
        wizard.click("Earlier moves")
        moves = wizard.find("Earlier moves", Rows)
        await drive.until(lambda: drive.rows(moves, 5) == ["Done", "Done with M-0002"])
        assert drive.rows(moves, 3) == ["accounts.csv", "accounts.csv"]
        wizard.click("Back")
        # A step can be opened again, and another move begun.
        wizard.click("Field map")
        assert wizard.window.step is Step.MAP
        wizard.click("Results")
        wizard.click("Another move")
        assert wizard.window.step is Step.OBJECT
        assert wizard.window.choices.summary is None
        objects = wizard.find("Objects", Rows)
        assert not objects.currentIndex().isValid()
        drive.click_row(objects, drive.index(objects, "Account"))
        await wizard.ready()
        await wizard.close()
    assert {record["Industry"] for record in kept("ERP_Id__c LIKE 'U-%'")} == {"Retail"}


@window_test
async def test_a_path_is_taken_while_it_is_typed_a_wrong_file_is_told_and_leaving_twice_is_leaving_once(
    source: Callable[..., Path], tmp_path: Path
) -> None:
    path = source(good(3))
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        window = wizard.window
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 760
        # Enter goes on, from a choice and from a list.
        drive.key("Return", wizard.find("Upsert", Radio))
        await wizard.at(Step.ORG)
        await drive.until(lambda: drive.rows(wizard.find("Orgs", Rows)))
        drive.key("Return", wizard.find("Orgs", Rows))
        await wizard.at(Step.OBJECT)
        await wizard.choose_object()
        wizard.click("Next")
        await wizard.at(Step.SOURCE)
        field = wizard.find("File", QLineEdit)
        drive.click(field)
        drive.type(str(path)[:-1], field)
        await drive.until(lambda: wizard.shows("There is no file of this name"))
        assert not window.next.isEnabled()
        drive.type(str(path)[-1], field)
        await wizard.ready()
        assert drive.rows(wizard.find("First rows", Rows)) == ["U-0001", "U-0002", "U-0003"]
        drive.type("x", field)
        assert not window.next.isEnabled()
        await wizard.type_path(tmp_path / "gone.csv")
        await drive.until(lambda: wizard.shows("The file could not be read"))
        assert not window.next.isEnabled()
        latin = tmp_path / "latin.csv"
        latin.write_bytes("Key;Name\nU-1;São\n".encode("cp1252"))
        await wizard.type_path(latin)
        await drive.until(lambda: wizard.shows("Windows-1252, as it is not UTF-8, semicolon"))
        assert drive.rows(wizard.find("First rows", Rows), 1) == ["São"]
        drive.pick("Encoding", "UTF-8")
        await drive.until(lambda: wizard.shows("byte 0xE3 makes no character in UTF-8"))
        drive.pick("Encoding", "CP1252")
        await drive.until(lambda: wizard.shows("CP1252, semicolon"))
        assert drive.rows(wizard.find("First rows", Rows), 1) == ["São"]
        drive.pick("Delimiter", "Comma")
        await drive.until(lambda: wizard.shows("CP1252, comma"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["U-1;São"]
        # Esc, and the window system asking once more before the loop comes round.
        drive.key("Escape", field)
        window.close()
        window.leave.click()
        await drive.until(lambda: not drive.studio.session.ends, 20)
        await drive.rest()
        assert not any(isinstance(w, MoveWindow) and w.isVisible() for w in QApplication.topLevelWidgets())
        assert not drive.all("Copy the report")
