"""The server is away: nothing blocks, nothing jumps up, work goes on; what was asked for meanwhile is done later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QTreeView

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


@window_test
async def test_a_session_that_is_over_is_said_and_begun_again(
    site: Site, computer: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(site)
    await asyncio.to_thread(pushed, site, small)
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("Everything here is in the repository")
        async with site.repository() as repository:
            await repository.sign_out()
        drive.click(hands.item("Repository"))
        await hands.stands(f"You are not signed in to {site.url} any more")
        assert not dialogs()
        hands.picture("panel-signed-out")
        # Told on the mark of what changed too.
        (small / SCRIPT).write_text((small / SCRIPT).read_text() + "// mine\n")
        await hands.stands("1 to push")
        tree = drive.find("Project", QTreeView)
        hint = drive.index(tree, "Scripts", "clean-phone").data(Qt.ItemDataRole.ToolTipRole)
        assert "changed here since the last push" in hint
        drive.choose("Repository", "Sign in…")
        dialog = await hands.dialog("Sign in to your organization")
        assert drive.find("Server", QLineEdit, dialog).text() == site.url
        hands.press("With a personal token", dialog)
        hands.write("Personal token", site.new_session(site.organization.people["ana"]))
        hands.press("Sign in", dialog)
        await drive.until(lambda: not dialogs())
        await drive.until(lambda: "not signed in" not in hands.bar("Repository"))
        await hands.free()


@window_test
async def test_what_hangs_is_stopped(site: Site, cable: Relay, computer: Path, small: Path) -> None:
    signed_in(site)
    await asyncio.to_thread(pushed, site, small)
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("Everything here is in the repository")
        # The line stays open, and nothing comes any more.
        cable.unplug()
        cable.held = True
        cable.plug()
        drive.key("Ctrl+Alt+G", drive.window)
        await hands.says("Pulling …")
        assert "something is going on" in drive.window.table.reason("repository.push")
        hands.picture("panel-pulling")
        hands.press("Stop")
        await hands.free()
        assert drive.all("Pull", QAbstractButton)
        assert not dialogs()
        cable.held = False
        cable.unplug()
        cable.plug()
        drive.key("Ctrl+Alt+G", drive.window)
        await hands.says("Nothing new: you have version 1.")
        await hands.free()
