"""A move saved as an operation from its window, and opened in it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from studio.project import folder as folders
from studio.project.check import problems
from tests.ui.driver import Drive, running, window_test
from tests.ui.move_hands import good, source
from tests.ui.test_files import answer
from tests.ui.test_move_map import at_the_map, goes_to
from ui.dialogs.move.choices import Step

__all__ = ["source"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


async def pressed(drive: Drive, title: str, name: str) -> None:
    """Press a button of the question with this title once it is there."""
    await drive.until(lambda: _front() == title, 60)
    drive.click(drive.find(name, within=QApplication.activeModalWidget()))
    await drive.until(lambda: _front() != title)


def _front() -> str:
    widget = QApplication.activeModalWidget()
    return widget.windowTitle() if widget is not None else ""


@window_test
async def test_a_move_is_saved_and_opened_again(source: Callable[..., Path], tmp_path: Path) -> None:
    project = tmp_path / "saved"
    async with running() as drive:
        wizard = await at_the_map(drive, source(good(3)))
        wizard.pick_field("Key", "ERP Id")
        wizard.pick_field("Extra", "Account Site")
        await drive.rest()
        before = wizard.window.choices
        wizard.click("Save as an operation…")
        await answer(drive, project / "operations" / "accounts.yaml")
        await pressed(drive, "The move is saved as an operation", "OK")
        kept = folders.load(project).project
        assert not problems(kept, project)
        assert {rule.path: rule.script for rule in kept.transformations["accounts"].mapping.rules} == {
            "row": None,
            "row/ERP_Id__c": "[Key]",
            "row/Name": "[`Account Name`]",
            "row/Phone": "[Phone]",
            "row/Site": "[Extra]",
        }
        wizard.click("Cancel")
        await drive.rest()
        await wizard.open()
        wizard.click("Open a saved move…")
        await answer(drive, project / "operations" / "accounts.yaml")
        await wizard.at(Step.MAP)
        after = wizard.window.choices
        await drive.rest()
        assert goes_to(wizard)["Extra"] == "Site"
        assert after.request == before.request
        await wizard.to_preflight()
        await wizard.send()
        assert wizard.figure("Succeeded") == "3"
        await wizard.close()
