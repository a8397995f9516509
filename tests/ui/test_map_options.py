"""The options of a transformation in the Inspector: reached from the palette, changed with the keyboard, undone."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import map_of, open_map
from tests.ui.driver import running, window_test
from ui.widgets.checks import Check
from ui.widgets.fields import Combo


@window_test
async def test_the_policy_and_the_checks(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        drive.key("Ctrl+Shift+P")
        await drive.rest()
        drive.type("options of this transf")
        drive.key("Return")
        policy = drive.find("When a rule fails", Combo)
        await drive.until(policy.hasFocus)
        # The narrowest Inspector has room for it: nothing beside it is pushed out of sight.
        assert policy.parentWidget().minimumSizeHint().width() <= 216
        drive.key("Down", policy)
        await drive.until(lambda: map_of(drive).on_failure == "null-field")
        drive.click("Check the output against its schema")
        await drive.until(lambda: map_of(drive).validate == ("output",))
        drive.click("Check the input against its schema")
        await drive.until(lambda: map_of(drive).validate == ("input", "output"))
        for _step in range(2):
            drive.key("Ctrl+Z")
            await drive.rest()
        assert map_of(drive).validate == ()
        assert not drive.find("Check the output against its schema", Check).isChecked()
        assert (map_of(drive).on_failure, policy.currentData()) == ("null-field", "null-field")
        drive.key("Ctrl+Z")
        await drive.until(lambda: map_of(drive).on_failure == "")
        assert policy.currentData() == "set-aside"
        drive.pick("When a rule fails", "Stop the run")
        await drive.until(lambda: map_of(drive).on_failure == "stop")
        drive.pick("When a rule fails", "Set the record aside")
        await drive.until(lambda: map_of(drive).on_failure == "")
