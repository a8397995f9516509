"""The server is away: nothing blocks, nothing jumps up, work goes on; what was asked for meanwhile is done later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog

from tests.repository.running_server import Site
from tests.ui.driver import running, window_test
from tests.ui.relay import Relay, relayed
from tests.ui.test_together import SCRIPT, pushed
from tests.ui.together_hands import Together, computer, server_tables, signed_in, site
from ui.dialogs.repository.deploy import DeployDialog
from ui.widgets.trees import Rows

__all__ = ["computer", "server_tables", "site"]
pytestmark = pytest.mark.network


@pytest.fixture
def cable(site: Site) -> Iterator[Relay]:
    """The server is reached through a cable."""
    with relayed(int(site.url.rpartition(":")[2])) as relay:
        site.url = f"http://127.0.0.1:{relay.port}"
        yield relay


def dialogs() -> list[QDialog]:
    return [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]


@window_test
async def test_work_goes_on_and_a_deployment_waits(
    site: Site, cable: Relay, computer: Path, small: Path
) -> None:
    signed_in(site)
    project = await asyncio.to_thread(pushed, site, small)
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("Everything here is in the repository")
        # What the environments hold is looked at once, while the server is there.
        drive.choose("Repository", "Deploy…")
        dialog = await hands.dialog("Deploy")
        await drive.until(lambda: drive.shows("9 new", dialog))
        hands.press("Cancel", dialog)
        await drive.until(lambda: not drive.studio.session.ends)
        cable.unplug()
        (small / SCRIPT).write_text((small / SCRIPT).read_text() + "// offline\n")
        await hands.stands("1 to push")
        drive.click(hands.item("Repository"))
        await hands.stands("the server cannot be reached; you can go on working")
        assert not dialogs()
        hands.picture("panel-offline")
        drive.key("Ctrl+Alt+G", drive.window)
        await hands.free()
        await drive.until(lambda: drive.all("Close the message"))
        assert not dialogs()
        drive.click("Close the message")
        drive.choose("Repository", "Deploy…")
        dialog = await hands.dialog("Deploy")
        assert isinstance(dialog, DeployDialog)
        await drive.until(
            lambda: drive.all("Deploy to Development once the server is there", QAbstractButton, dialog)
        )
        hands.picture("deploy-offline", dialog)
        hands.press("Deploy to Development once the server is there", dialog)
        await hands.says("It is deployed to Development once the server is there again.")
        view = drive.find("Changes since the last pull", Rows)
        await drive.until(lambda: "Deploy to Development" in drive.rows(view))
        hands.picture("panel-waiting")
        cable.plug()
        drive.click(hands.item("Repository"))
        await hands.says("The server is there again: Development holds version 1 now, as you asked.")
        await drive.until(lambda: drive.rows(view) == ["clean-phone"])
        await hands.free()
    async with site.repository() as repository:
        there = await repository.deployed(project, site.environment("development"))
    assert there.last is not None
