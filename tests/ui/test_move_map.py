"""The field map of a move by hand: quick changes of several rows, the answer of a match, narrow windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox

from tests.ui.driver import Drive, running, window_test
from tests.ui.move_hands import Wizard, good, source
from ui.dialogs.move.choices import Step
from ui.widgets.trees import Rows, shares

__all__ = ["source"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


async def at_the_map(drive: Drive, file: Path) -> Wizard:
    wizard = Wizard(drive)
    await wizard.open()
    await wizard.to_object()
    await wizard.choose_object()
    await wizard.choose_file(file)
    await wizard.to_map()
    return wizard


def goes_to(wizard: Wizard) -> dict[str, str]:
    return {one.column: one.field for one in wizard.window.choices.mapped}


@window_test
async def test_rows_changed_quickly_what_a_match_keeps_and_what_salesforce_will_hold(
    source: Callable[..., Path],
) -> None:
    rows = [["U-1", "First", "", "1.234,50"], ["U-2", "Second", "#N/A", "2.000,00"]]
    async with running() as drive:
        wizard = await at_the_map(drive, source(rows))
        # Without a pause: the lists of the rows left behind are not yet deleted.
        wizard.pick_field("Extra", "Industry")
        wizard.pick_field("Key", "ERP Id")
        wizard.pick_field("Extra", "Account Site")
        wizard.pick_field("Key", "not sent")
        wizard.pick_field("Key", "ERP Id")
        assert len(drive.all("Field for Key", QComboBox, wizard.window)) == 1
        assert not drive.all("Field for Extra", QComboBox, wizard.window)
        await drive.rest()
        assert goes_to(wizard) == {
            "Key": "ERP_Id__c",
            "Account Name": "Name",
            "Phone": "Phone",
            "Extra": "Site",
        }
        assert wizard.find("Field for Key", QComboBox).currentText().startswith("ERP Id")
        view = wizard.find("Field map", Rows)
        assert drive.rows(view, 3) == ["ERP Id", "Account Name", "Account Phone", "Account Site"]
        # A match is seen in the list, and keeps what was chosen meanwhile.
        wizard.pick_field("Phone", "not sent")
        await drive.rest()
        wizard.click("Match by name")
        wizard.pick_field("Extra", "Industry")
        wizard.pick_field("Phone", "not sent")
        await drive.until(lambda: goes_to(wizard)["Phone"] == "Phone")
        assert wizard.find("Field for Phone", QComboBox).currentText() == "Account Phone  Phone"
        assert goes_to(wizard)["Extra"] == "Industry"
        # What Salesforce will hold follows the map and the choice for blanks.
        wizard.pick_field("Key", "ERP Id")
        wizard.pick_field("Extra", "Annual Revenue")

        def held(field: str) -> list[str]:
            view = wizard.find("What Salesforce will hold", Rows)
            model = view.model()
            heads = (
                [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
                if model
                else []
            )
            return drive.rows(view, heads.index(field)) if field in heads else []

        await drive.until(lambda: held("Annual Revenue"))
        assert held("ERP Id") == ["U-1", "U-2"]
        assert held("Annual Revenue") == ["1234", "2000"]
        assert held("Account Phone") == ["left as it is", "emptied"]
        drive.pick("Blank cells", "empty the field (#N/A)")
        await drive.until(lambda: held("Account Phone") == ["emptied", "emptied"])
        assert not wizard.window.choices.blank_leaves
        await wizard.close()


@window_test
async def test_columns_of_a_narrow_window_fit_and_a_file_that_changed_is_shown_before_anything_is_sent(
    source: Callable[..., Path],
) -> None:
    async with running() as drive:
        wizard = await at_the_map(drive, source(good(30)))
        wizard.pick_field("Key", "ERP Id")
        await columns_can_be_seen(wizard, "Field map")
        await wizard.to_preflight()
        await columns_can_be_seen(wizard, "Checks by field")
        assert wizard.find("Checks by field", Rows).horizontalScrollBar().maximum() == 0
        path = source([["A long one of another size", "N", "1", "x"]])
        drive.click(wizard.window.next)
        await drive.until(lambda: wizard.shows("The file has changed since it was checked."))
        assert wizard.window.step is Step.SOURCE
        assert drive.rows(wizard.find("First rows", Rows)) == ["A long one of another size"]
        # Its columns are the same: so is their map. What cannot be read is said in this window.
        assert goes_to(wizard)["Key"] == "ERP_Id__c"
        wizard.click("Next")
        await wizard.at(Step.MAP)
        path.unlink()
        wizard.click("Next")
        await drive.until(lambda: wizard.shows("The rows could not be checked."))
        # The message comes a turn of the loop after the page has said so.
        await drive.until(lambda: bool(drive.all("Close the message", None, wizard.window)))
        wizard.click("Close the message")
        await wizard.close()


async def columns_can_be_seen(wizard: Wizard, name: str) -> None:
    for width in (1320, 1221, 1100):
        wizard.window.resize(width, 740)
        await wizard.drive.rest()
        assert wizard.window.width() == width
        view = wizard.find(name, Rows)
        header = view.header()
        reach = view.viewport().width() + view.horizontalScrollBar().maximum()
        assert header.length() <= reach, f"{name} at {width}: {header.length()} pixels of columns in {reach}"
        metric = QFontMetrics(header.font())
        for column in range(header.count()):
            if header.isSectionHidden(column):
                continue
            head = str(view.model().headerData(column, Qt.Orientation.Horizontal) or "")
            assert metric.horizontalAdvance(head) + 12 <= header.sectionSize(column), f"{head} at {width}"


def test_columns_share_what_there_is() -> None:
    columns = [(50, 100), (30, 30), (60, 0)]
    assert shares(columns, 400) == [100, 30, 270]
    assert shares(columns, 165) == [75, 30, 60]
    assert shares(columns, 90) == [50, 30, 60]
    assert sum(shares([(10, 33), (10, 34), (10, 35)], 71)) <= 71
