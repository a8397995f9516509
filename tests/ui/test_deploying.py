"""Deployments from the window, on a real server: what changes is shown, production asks for its name, offline waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from tests.repository.running_server import Site
from tests.ui.driver import running, window_test
from tests.ui.test_together import MAP, others, pushed
from tests.ui.together_hands import Together, computer, server_tables, signed_in, site
from ui.dialogs.repository.deploy import DeployDialog
from ui.widgets.trees import Rows

__all__ = ["computer", "server_tables", "site"]
pytestmark = pytest.mark.network


async def deployed(site: Site, project: str, environment: str) -> tuple[str, ...]:
    """The paths an environment holds."""
    async with site.repository() as repository:
        found = await repository.deployed(project, site.environment(environment))
    return tuple(entry.path for entry in found.entries)


async def opened(hands: Together, entry: str, title: str) -> DeployDialog:
    hands.drive.choose("Repository", entry)
    dialog = await hands.dialog(title)
    assert isinstance(dialog, DeployDialog)
    await hands.drive.until(lambda: hands.drive.all("Objects that differ", Rows, dialog))
    await hands.drive.rest()
    return dialog


async def closed(hands: Together) -> None:
    await hands.drive.until(lambda: not hands.drive.studio.session.ends)
    await hands.free()


@window_test
async def test_deployed_then_promoted_to_production_by_name(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    project = await asyncio.to_thread(pushed, site, small)
    async with running(small, theme="dark") as drive:
        hands = Together(drive)
        await hands.stands("Everything here is in the repository")
        dialog = await opened(hands, "Deploy…", "Deploy")
        assert drive.shows("Nothing was deployed to Development yet.", dialog)
        drive.pick("Environment", "Test")
        await drive.until(
            lambda: drive.shows("Nothing was deployed to Test yet. With version 1: 9 new.", dialog)
        )
        await drive.until(lambda: drive.all("What differs in the object", Rows, dialog))
        await drive.rest()
        hands.picture("deploy", dialog)
        hands.press("Deploy to Test", dialog)
        await hands.says("Version 1 runs in Test now.")
        await closed(hands)
        assert MAP in await deployed(site, project, "test")
        # From test to production: the name has to be typed.
        hands.drive.choose("Repository", "Promote…")
        dialog = await hands.dialog("Promote from one environment to the next")
        await drive.until(lambda: drive.shows("Nothing is deployed", dialog))
        # Where it comes from is not where it goes to: the environment after it is meant.
        drive.pick("From", "Test")
        assert drive.find("To", QComboBox, dialog).currentText() == "Production"
        await drive.until(lambda: drive.shows("With version 1: 9 new", dialog))
        await drive.until(lambda: drive.all("What differs in the object", Rows, dialog))
        go = drive.find("Promote to Production", QAbstractButton, dialog)
        assert not go.isEnabled()
        await drive.rest()
        hands.picture("promote", dialog)
        hands.write("Name of the environment", "production")
        drive.key("Return", drive.find("Name of the environment", QLineEdit))
        await hands.says("Version 1 runs in Production now.")
        await closed(hands)
        assert MAP in await deployed(site, project, "production")


@window_test
async def test_one_object_and_the_variables_with_both_values(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    project = await asyncio.to_thread(pushed, site, small)
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("Everything here is in the repository")
        dialog = await opened(hands, "Deploy…", "Deploy")
        hands.press("Deploy to Development", dialog)
        await hands.says("Version 1 runs in Development now.")
        await closed(hands)
        changes = {
            MAP: (small / MAP).read_text().replace('"[placed]"', '"[placed] + 30"'),
            "project.yaml": (small / "project.yaml").read_text().replace("BRL", "EUR"),
        }
        await asyncio.to_thread(others, site, project, computer / "bens", changes, "thirty days")
        async with site.repository() as repository:
            await repository.set_variables(project, site.environment("development"), 0, {"host": "dev"})
        drive.window.open_object("scripts/clean-phone")
        await drive.rest()
        drive.window.open_object("operations/send-invoices")
        await drive.rest()
        dialog = await opened(hands, "Deploy…", "Deploy")
        assert drive.shows("2 changed", dialog)
        assert drive.shows(
            "You have version 1 here: pull first if you want to see what version 2 brought.", dialog
        )
        variables = drive.find("Variables that differ", Rows, dialog)
        assert drive.rows(variables) == ["currency"]
        assert (drive.rows(variables, 1), drive.rows(variables, 2)) == (["BRL"], ["EUR"])
        hands.picture("deploy-variables", dialog)
        hands.press("Only Send invoices", dialog)
        await drive.until(lambda: drive.shows("nothing differs", dialog))
        assert not drive.find("Deploy to Development", QAbstractButton, dialog).isEnabled()
        hands.press("Only the variables", dialog)
        await drive.until(lambda: drive.shows("1 changed", dialog))
        hands.press("Deploy to Development", dialog)
        await hands.says("Version 2 runs in Development now.")
        await closed(hands)
    async with site.repository() as repository:
        there = await repository.deployed(project, site.environment("development"))
        newest = (await repository.revisions(project)).items[0]
        whole = {entry.path: entry.hash for entry in await repository.manifest(project, newest.id)}
    held = {entry.path: entry.hash for entry in there.entries}
    assert held["project.yaml"] == whole["project.yaml"]
    assert held[MAP] != whole[MAP]
