"""Failed rows corrected in the grid and sent again, by mouse and key alone, against the practice org."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, good, kept, source
from ui.dialogs.move.choices import Step
from ui.widgets.checks import Check
from ui.widgets.trees import Rows

__all__ = ["source"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


def cell(wizard: Wizard, row: int, column: int) -> str:
    """What the grid holds in a cell, as it would be edited."""
    grid = wizard.find("Rows to fix", QAbstractItemView)
    return str(grid.model().index(row, column).data(Qt.ItemDataRole.EditRole) or "")


async def to_failed(wizard: Wizard, path: Path) -> None:
    """Send a file with failing rows as it is, up to the results."""
    await wizard.open()
    await wizard.to_object()
    await wizard.choose_object()
    await wizard.choose_file(path)
    await wizard.to_map()
    wizard.pick_field("Key", "ERP Id")
    await wizard.to_preflight()
    wizard.click("Keep back rows that would fail", Check)
    await wizard.send()
    await wizard.drive.until(lambda: wizard.drive.rows(wizard.find("Failed rows", Rows)))


async def resend(wizard: Wizard, run: str) -> None:
    """Send the rows shown, up to the results of the new move."""
    wizard.drive.click(wizard.window.next)
    await wizard.drive.until(lambda: (wizard.window.choices.summary or {}).get("run") == run, 60)
    await wizard.at(Step.RESULTS)


async def to_grid(wizard: Wizard) -> QAbstractItemView:
    wizard.click("Fix and resend…")
    await wizard.drive.until(lambda: wizard.drive.all("Rows to fix", QAbstractItemView, wizard.window))
    grid: QAbstractItemView = wizard.find("Rows to fix", QAbstractItemView)
    await wizard.drive.until(lambda: cell(wizard, 0, 2))
    await wizard.drive.rest()
    return grid


@window_test
async def test_rows_are_corrected_in_the_grid_and_only_they_are_sent_again(
    source: Callable[..., Path],
) -> None:
    rows = [*good(5), ["U-0090", "", "1", "a"], ["U-0091", "L" * 300, "2", "b"], ["U-0092", "", "3", "c"]]
    async with running() as drive:
        wizard = Wizard(drive)
        await to_failed(wizard, source(rows))
        grid = await to_grid(wizard)
        assert drive.rows(wizard.find("Reasons to fix", Rows))[1:] == [
            "Required field missing",
            "String too long",
        ]
        assert wizard.window.next.text() == "Resend 3 rows"
        # The error stands on the cell: it is the one the page begins on. A letter begins to write.
        assert grid.currentIndex().column() == 3
        wizard.picture("move-fix")
        drive.key("Return", grid)
        field = wizard.find("Write: Account Name", QLineEdit)
        drive.type("Ninety", field)
        drive.key("Return", field)
        await drive.until(lambda: cell(wizard, 0, 3) == "Ninety")
        # Undo and redo by key.
        drive.key("Ctrl+Z", grid)
        await drive.until(lambda: cell(wizard, 0, 3) == "")
        drive.key("Ctrl+Shift+Z", grid)
        await drive.until(lambda: cell(wizard, 0, 3) == "Ninety")
        # One reason, all its rows at once: cut.
        reasons = wizard.find("Reasons to fix", Rows)
        drive.click_row(reasons, drive.index(reasons, "String too long"))
        await drive.until(lambda: wizard.window.next.text() == "Resend 1 row")
        drive.pick("Column to change", "Account Name")
        drive.pick("What to do with it", "cut to a length")
        wizard.click("Apply")
        await drive.until(lambda: len(cell(wizard, 0, 3)) == 255)
        drive.click_row(reasons, drive.index(reasons, "All of them"))
        await drive.until(lambda: wizard.window.next.text() == "Resend 3 rows")
        wizard.click("Only changed rows", Check)
        await drive.until(lambda: wizard.window.next.text() == "Resend 2 rows")
        await resend(wizard, "M-0002")
        assert [wizard.figure(name) for name in ("Succeeded", "Failed", "Read")] == ["2", "0", "2"]
        await drive.until(lambda: wizard.shows("M-0001, M-0002 together: 7 of 8 rows succeeded, 1 failed"))
        wizard.picture("move-fix-results")
        await wizard.close()
    held = {record["ERP_Id__c"]: record["Name"] for record in kept("ERP_Id__c LIKE 'U-009%'")}
    assert held == {"U-0090": "Ninety", "U-0091": "L" * 255}


@window_test
async def test_many_cells_by_paste_fill_map_and_replace_and_edits_survive_the_window(
    source: Callable[..., Path],
) -> None:
    rows = [*good(2), *([f"U-009{n}", "", str(n), "x"] for n in range(4))]
    async with running() as drive:
        wizard = Wizard(drive)
        await to_failed(wizard, source(rows))
        grid = await to_grid(wizard)
        QGuiApplication.clipboard().setText("One\tP1\nTwo\tP2\n")
        drive.key("Ctrl+V", grid)
        await drive.until(lambda: (cell(wizard, 1, 3), cell(wizard, 1, 4)) == ("Two", "P2"))
        drive.key("Down", grid)
        QTest.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        drive.key("Ctrl+D", grid)
        await drive.until(lambda: [cell(wizard, row, 3) for row in range(4)] == ["One", "Two", "Two", "Two"])
        drive.pick("Column to change", "Extra")
        drive.pick("What to do with it", "find and replace")
        drive.write("Find", "X")
        drive.write("New value", "yes")
        wizard.click("Apply")
        await drive.until(lambda: cell(wizard, 3, 5) == "yes")
        drive.pick("What to do with it", "map values…")
        wizard.click("Apply")
        await drive.until(lambda: drive.all("Values", QAbstractItemView))
        table = drive.find("Values", QAbstractItemView)
        drive.key("F2", table)
        await drive.until(lambda: table.findChildren(QLineEdit))
        field = table.findChildren(QLineEdit)[0]
        drive.type("no", field)
        drive.key("Return", field)
        await drive.until(lambda: not table.findChildren(QLineEdit))
        drive.click("Map the values")
        await drive.until(lambda: [cell(wizard, row, 5) for row in range(4)] == ["no"] * 4)
        wizard.picture("move-fix-edited")
        await wizard.close()
        # Another day: the list of moves leads to what was left.
        await wizard.open()
        wizard.click("Earlier moves")
        moves = wizard.find("Earlier moves", Rows)
        await drive.until(lambda: drive.rows(moves) == ["M-0001"])
        wizard.picture("move-history")
        await to_grid(wizard)
        assert [cell(wizard, row, 3) for row in range(4)] == ["One", "Two", "Two", "Two"]
        await resend(wizard, "M-0002")
        assert wizard.figure("Succeeded") == "4"
        wizard.click("Earlier moves")
        await drive.until(lambda: drive.rows(moves) == ["M-0002", "M-0001"])
        drive.click_row(moves, drive.index(moves, "M-0002"))
        drive.key("Del", moves)
        await drive.until(lambda: drive.all("Delete M-0002 and its folder?"))
        drive.click("Delete")
        await drive.until(lambda: drive.rows(moves) == ["M-0001"])
        await wizard.close()
    assert {record["Name"] for record in kept("ERP_Id__c LIKE 'U-009%'")} == {"One", "Two"}
