"""Findings of the preflight mended for all rows by mouse and keyboard, undone, checked again at once, sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, kept
from ui.dialogs.move.fix_choice import FixDialog
from ui.widgets.checks import Radio
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


class Fixes(Wizard):
    """Hands on the preflight page's fixes."""

    @property
    def dialog(self) -> FixDialog | None:
        found = (w for w in QApplication.topLevelWidgets() if isinstance(w, FixDialog) and w.isVisible())
        return next(found, None)

    @property
    def held(self) -> int:
        checked: Any = self.window.choices.checked
        return -1 if checked is None else int(checked["held"])

    def dialog_picture(self, name: str) -> None:
        """For people to look at, where WEFT_SHOTS names a folder."""
        if os.environ.get("WEFT_SHOTS") and self.dialog is not None:
            self.dialog.grab().save(str(Path(os.environ["WEFT_SHOTS"]) / f"{name}.png"))

    async def fix(self, starts_with: str) -> None:
        """Choose a fix in the dialog that is open, and wait for the new check."""
        await self.drive.until(lambda: self.dialog is not None)
        dialog = self.dialog
        assert dialog is not None
        radio = next(r for r in dialog.findChildren(Radio) if r.text().startswith(starts_with))
        self.drive.click(radio)
        mapped = self.window.choices.mapped
        self.drive.click(self.drive.find("Fix all rows", QPushButton, dialog))
        await self.checked(mapped)

    async def checked(self, mapped: object) -> None:
        """Until another map than `mapped` is checked."""
        await self.drive.until(lambda: self.dialog is None and self.window.choices.mapped != mapped)
        await self.drive.until(lambda: self.held >= 0 and self.find("Check again").isEnabled(), 30)
        await self.drive.rest()


@window_test
async def test_all_rows_are_mended_undone_and_sent(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    rows = [("X-1", "One", "5" * 60, "Pending", "1.250,00"), ("X-2", "Two", "1", "pendng", "2,50")]
    lines = [";".join(row) for row in [("ERP_Id__c", "Name", "Phone", "CleanStatus", "AnnualRevenue"), *rows]]
    source.write_text("\n".join(lines) + "\n")
    async with running() as drive:
        wizard = Fixes(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(source)
        await wizard.to_map()
        await wizard.to_preflight()
        assert wizard.held == 2
        view = wizard.find("Checks by field", Rows)
        # The first field that something helps is in front.
        wizard.picture("move-preflight-fixes")
        wizard.click("Fix for all rows…")
        await drive.until(lambda: wizard.dialog is not None)
        wizard.dialog_picture("move-fix")
        await wizard.fix("cut to 40")
        assert wizard.held == 1
        drive.click_row(view, drive.index(view, "CleanStatus", column=1))
        wizard.click("Fix for all rows…")
        await wizard.fix("pendng becomes Pending")
        assert wizard.held == 0
        mapped = wizard.window.choices.mapped
        wizard.window.activateWindow()
        await drive.until(lambda: QApplication.activeWindow() is wizard.window)
        drive.key("Ctrl+Z", view)
        await wizard.checked(mapped)
        assert wizard.held == 1
        drive.click_row(view, drive.index(view, "CleanStatus", column=1))
        drive.key("Return", view)
        await wizard.fix("pendng becomes Pending")
        assert wizard.held == 0
        wizard.picture("move-preflight-fixed")
        await wizard.send()
        assert wizard.figure("Succeeded") == "2"
        await wizard.close()
    assert kept("ERP_Id__c = 'X-2' AND CleanStatus = 'Pending' AND AnnualRevenue = 2") != []
