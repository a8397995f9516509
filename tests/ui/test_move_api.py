"""What carries a move, shown and chosen in the move window; records deleted and taken back by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, in_the_org, kept
from ui.dialogs.move.choices import Step
from ui.widgets.checks import Radio
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


async def again(wizard: Wizard, action: str, path: Path) -> None:
    """Another move with another action and a result file as its source, up to the preflight."""
    wizard.click("Another move")
    wizard.click("Action")
    await wizard.at(Step.ACTION)
    wizard.click(action, Radio)
    wizard.click("Next")
    await wizard.at(Step.ORG)
    wizard.click("Next")
    await wizard.at(Step.OBJECT)
    # The filter still holds the name typed before.
    objects = wizard.find("Objects", Rows)
    await wizard.drive.until(lambda: "Account" in wizard.drive.rows(objects), 30)
    wizard.drive.click_row(objects, wizard.drive.index(objects, "Account"))
    await wizard.ready()
    await wizard.choose_file(path)
    await wizard.to_map()
    await wizard.to_preflight()


@window_test
async def test_what_carries_the_rows_is_shown_and_chosen_and_deletes_are_taken_back(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("ERP_Id__c,Name\n" + "".join(f"V-{n},Name {n}\n" for n in range(3)))
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(source)
        await wizard.to_map()
        await wizard.to_preflight()
        shown = wizard.find("Sent by", QComboBox)
        assert (shown.currentText(), wizard.window.choices.carried_by) == (
            "what suits the rows",
            "collections",
        )
        drive.pick("Sent by", "Bulk API 2.0 jobs")
        assert wizard.window.choices.carried_by == "bulk"
        wizard.picture("move-api")
        await wizard.send()
        assert wizard.window.choices.summary["api"] == "bulk"  # type: ignore[index]
        done = Path(wizard.window.choices.summary["files"]["succeeded"])  # type: ignore[index]

        await again(wizard, "Delete", done)
        assert wizard.window.next.text() == "Delete 3 records"
        await wizard.send()
        assert wizard.window.choices.summary["api"] == "collections"  # type: ignore[index]
        assert in_the_org("ERP_Id__c LIKE 'V-%'") == []
        done = Path(wizard.window.choices.summary["files"]["succeeded"])  # type: ignore[index]

        await again(wizard, "Undelete", done)
        assert wizard.window.next.text() == "Undelete 3 records"
        assert not wizard.find("Sent by", QComboBox).isEnabled()
        await wizard.send()
        assert wizard.figure("Succeeded") == "3"

        await again(wizard, "Hard delete", done)
        assert wizard.window.next.text() == "Delete 3 records for good"
        await wizard.send()
        assert wizard.figure("Succeeded") == "3"
        await wizard.close()
    assert kept("ERP_Id__c LIKE 'V-%'") == []
