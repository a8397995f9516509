"""Data of people cleared in the window: shown before, gone after, the project open again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPlainTextEdit

from tests.ui.driver import Drive, running, window_test


def listed(drive: Drive) -> str:
    """What the dialog says would go; "…" while it is not open."""
    found = drive.all("What would go", QPlainTextEdit)
    return found[0].toPlainText() if found else "…"


@window_test
async def test_samples_and_history_are_cleared(small: Path) -> None:
    async with running(small) as drive:
        drive.choose("File", "Clear data of this project…")
        await drive.until(lambda: "samples/orders.xml" in listed(drive))
        assert "tests/" not in listed(drive)
        drive.click("Sample documents")
        await drive.until(lambda: "samples/orders.xml" not in listed(drive) and "…" not in listed(drive))
        drive.click("Sample documents")
        await drive.until(lambda: "samples/orders.xml" in listed(drive))
        await drive.until(lambda: drive.find("Clear").isEnabled())
        drive.click("Clear")
        await drive.until(lambda: drive.shows("The data was cleared."))
        assert drive.window.project_panel.head.toolTip() == str(small)
    assert not [path for path in (small / "samples").rglob("*") if path.is_file()]


@window_test
async def test_closed_while_it_still_looks_nothing_is_amiss(small: Path) -> None:
    async with running(small) as drive:
        drive.choose("File", "Clear data of this project…")
        await drive.until(lambda: listed(drive) == "Looking…")
        drive.key("Escape", drive.find("What would go", QPlainTextEdit))
        await drive.until(lambda: not drive.all("What would go"))
        await drive.until(lambda: not drive.studio.session.tasks.waiting)
        assert not drive.shows("Something went wrong")
        drive.choose("File", "Clear data of this project…")
        await drive.until(lambda: "samples/orders.xml" in listed(drive))
        drive.click("Cancel")


@window_test
async def test_given_up_nothing_goes(small: Path) -> None:
    before = {path: path.read_bytes() for path in (small / "samples").iterdir()}
    async with running(small) as drive:
        drive.choose("File", "Clear data of this project…")
        await drive.until(lambda: "samples/orders.xml" in listed(drive))
        drive.click("Cancel")
        await drive.rest()
    assert {path: path.read_bytes() for path in (small / "samples").iterdir()} == before


@window_test
async def test_given_up_before_anybody_has_looked(small: Path) -> None:
    async with running(small) as drive:
        drive.choose("File", "Clear data of this project…")
        await drive.until(lambda: drive.all("What would go", QPlainTextEdit))
        assert listed(drive) == "Looking…"
        drive.click("Cancel")
        await drive.until(lambda: not drive.all("What would go", QPlainTextEdit))
        # The answer comes to a dialog that has gone.
        await drive.until(lambda: not drive.studio.session.tasks.waiting)
        assert not drive.shows("already deleted")
