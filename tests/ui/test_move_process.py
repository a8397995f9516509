"""A move over the processes it really has, one for the move and one for the practice org: stopped, resumed, ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, break_practice, good, kept, source
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.widgets.trees import Rows

__all__ = ["source"]
pytestmark = pytest.mark.network


@window_test
async def test_stop_and_resume(source: Callable[..., Path]) -> None:
    path = source(good(25_000))
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object("Insert")
        break_practice("processing", 3)
        await wizard.choose_object()
        await wizard.choose_file(path)
        await wizard.to_map()
        wizard.pick_field("Key", "ERP Id")
        await wizard.to_preflight()
        drive.click(wizard.window.next)
        await wizard.at(Step.RUN)
        chunks = wizard.find("Chunks", Rows)
        await drive.until(lambda: "In progress" in drive.rows(chunks, 3), 30)
        assert wizard.window.next.isHidden()
        wizard.picture("move-run")
        # Closing the window is asked about; the move goes on.
        wizard.window.close()
        await drive.until(lambda: drive.all("Let it run"))
        drive.click("Let it run")
        await drive.rest()
        wizard.click("Stop")
        await wizard.at(Step.RESULTS)
        assert wizard.shows("Stopped: what was applied is counted")
        counts = [
            int(wizard.figure(n).replace(",", "")) for n in ("Succeeded", "Failed", "Unprocessed", "Not sent")
        ]
        assert sum(counts) == 25_000
        assert counts[0] < 25_000
        break_practice()
        wizard.click("Resume")
        await drive.until(lambda: wizard.shows("Every row succeeded"), 60)
        assert wizard.figure("Succeeded") == "25,000"
        await wizard.close()
    assert len({record["ERP_Id__c"] for record in kept("ERP_Id__c LIKE 'U-000%'")}) == 9


@window_test
async def test_the_studio_ends_with_a_move_open() -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        assert wizard.window.choices.org is not None
    # The checks for windows, tasks and processes left behind do the rest.
    assert not any(isinstance(w, MoveWindow) and w.isVisible() for w in QApplication.topLevelWidgets())
