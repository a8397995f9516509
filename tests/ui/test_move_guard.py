"""Before a move may harm an org people work in, the window asks: by mouse and key, and what happens on a no."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPushButton

from tests.ui.driver import Drive, running, window_test
from tests.ui.move_hands import Wizard, in_the_org
from ui.dialogs.move.choices import Step
from ui.dialogs.move.guard import GuardDialog
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]
TITLE = "Is this the right org?"


@pytest.fixture
def ids(tmp_path: Path) -> Callable[[], Path]:
    """A file with the ids of three accounts of the practice org."""

    def write() -> Path:
        path = tmp_path / "ids.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [(f"001000000000{n:03d}AAA", f"Company {n}") for n in range(1, 4)]
            csv.writer(file, lineterminator="\n").writerows([("Id", "Name"), *rows])
        return path

    return write


def said_to_be(wizard: Wizard, sort: str) -> None:
    """No test may sign in to a real org: the one we are in is said to be one where people work."""
    org = wizard.window.choices.org
    assert org is not None
    real = replace(
        org, production=sort == "production", practice=False, sort=sort, title="Aurora Comercio", url="https://aurora.example"
    )  # fmt: skip
    wizard.window.take(replace(wizard.window.choices, org=real))


def dialog(drive: Drive) -> GuardDialog:
    return drive.find(TITLE, GuardDialog)


async def to_preflight(wizard: Wizard, action: str, source: Path) -> None:
    await wizard.open()
    await wizard.to_object(action)
    await wizard.choose_object()
    await wizard.choose_file(source)
    await wizard.to_map()
    await wizard.to_preflight()


@window_test
async def test_a_delete_in_production_wants_the_name_typed(ids: Callable[[], Path]) -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await to_preflight(wizard, "Delete", ids())
        assert not drive.all("PRODUCTION", within=wizard.window)
        said_to_be(wizard, "production")
        await drive.rest()
        assert drive.all("PRODUCTION", within=wizard.window)
        assert wizard.find("Try it in the practice org first", QPushButton)
        text = wizard.window.next.text()
        drive.click(wizard.window.next)
        await drive.until(lambda: drive.all(TITLE, GuardDialog))
        asked = dialog(drive)
        wizard.picture("move-guard")
        assert drive.shows("Aurora Comercio", asked)
        assert drive.shows("3 records of Account would be deleted.", asked)
        assert drive.rows(drive.find("First rows", Rows, asked))[0] == "001000000000001AAA"
        go = drive.find(text, QAbstractButton, asked)
        field = drive.find("Name of the org", QLineEdit, asked)
        assert not go.isEnabled()
        drive.type("Aurora Com", field)
        drive.key("Return", field)
        assert not go.isEnabled()
        assert asked.isVisible()
        drive.key("Escape", field)
        await drive.until(lambda: wizard.window.next.isEnabled())
        assert wizard.window.step is Step.PREFLIGHT
        # Asked again, by key, and typed whole.
        drive.key("Return", wizard.window)
        await drive.until(lambda: drive.all(TITLE, GuardDialog))
        field = drive.find("Name of the org", QLineEdit, dialog(drive))
        drive.type("aurora comercio", field)
        assert drive.find(text, QAbstractButton, dialog(drive)).isEnabled()
        drive.key("Return", field)
        await wizard.at(Step.RESULTS)
        assert wizard.figure("Failed") == "3"
        await wizard.close()


@window_test
async def test_for_good_is_asked_in_a_sandbox_too_and_few_changes_are_not(
    ids: Callable[[], Path], tmp_path: Path
) -> None:
    async with running(theme="dark") as drive:
        wizard = Wizard(drive)
        await to_preflight(wizard, "Hard delete", ids())
        said_to_be(wizard, "sandbox")
        drive.click(wizard.window.next)
        await drive.until(lambda: drive.all(TITLE, GuardDialog))
        assert drive.shows("deleted for good", dialog(drive))
        assert not drive.all("PRODUCTION", within=dialog(drive))
        drive.click(drive.find("Cancel", QAbstractButton, dialog(drive)))
        await drive.until(lambda: wizard.window.next.isEnabled())
        assert wizard.window.step is Step.PREFLIGHT
        assert in_the_org("ERP_Id__c LIKE 'U-%'") == []
        await wizard.close()
