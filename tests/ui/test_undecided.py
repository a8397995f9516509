"""What a pull from a real server could not decide is decided in the window: rules, whole objects, files, deletions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton

from studio.repository.undecided import undecided
from tests.repository.conftest import server_tables, site
from tests.repository.copies import Copy, shared
from tests.repository.running_server import Site
from tests.ui.driver import Drive, running, window_test
from ui.dialogs.conflicts.marked_text import MarkedText
from ui.widgets.tabs import TabBar

__all__ = ["server_tables", "site"]

ORDERS = "transformations/orders-to-invoices.yaml"
SCRIPT = "scripts/mine-and-theirs.jb"
LOGO = "samples/logo.png"
DUE = "invoices/invoice/dueDate"
LOOP = "invoices/invoice"
AMOUNT = "Round([qty] * [price], 2)"
OPEN = """invoices/invoice: {loop: orders/order, when: "[@status] == 'open'"}"""


def before(folder: Path) -> None:
    (folder / SCRIPT).write_text("x = 1;\n")
    (folder / LOGO).write_bytes(b"\x89PNG\0 first")


def due(copy: Copy) -> str:
    return next(line for line in copy.read(ORDERS).decode().splitlines() if "/dueDate:" in line)


async def both_changed(site: Site, place: Path) -> tuple[Copy, Copy]:
    one, other = await shared(site, place, before=before)
    line = due(one)
    one.change(ORDERS, line, f'  {DUE}: DateAdd("dd", 45, [placed])')
    one.change(ORDERS, OPEN, OPEN.replace("open'\"}", 'open\'", sort: ["[placed]"]}'))
    one.change(ORDERS, "typeCode: \"'380'\"", "typeCode: \"'381'\"")
    one.change(SCRIPT, "1", "2")
    one.write(LOGO, b"\x89PNG\0 theirs, longer")
    (one.folder / "operations" / "send-invoices.yaml").unlink()
    await one.push("45 days for everyone")
    other.change(ORDERS, line, f'  {DUE}: DateAdd("dd", 30, [placed])')
    other.change(ORDERS, OPEN, OPEN.replace("== 'open'", "!= 'cancelled'"))
    other.change(ORDERS, AMOUNT, "Round([qty] * [price], 3)")
    other.change(SCRIPT, "1", "3")
    other.write(LOGO, b"\x89PNG\0 mine")
    other.change("operations/send-invoices.yaml", "Every open", "Each open")
    pulled = await other.pull()
    assert pulled.undecided == 5
    return one, other


@pytest.fixture
def copies(site: Site, tmp_path: Path) -> tuple[Copy, Copy]:
    """Two people's folders after the second one's pull."""
    return asyncio.run(both_changed(site, tmp_path))


def press(drive: Drive, name: str) -> None:
    drive.click(drive.find(name, QAbstractButton))


def turn(drive: Drive, text: str) -> None:
    bar = drive.find("Objects with conflicts", TabBar)
    assert text in [bar.tabText(index) for index in range(bar.count())]
    drive.click_tab(bar, text)


async def opened(drive: Drive) -> Any:
    drive.choose("Repository", "Conflicts…")
    await drive.until(lambda: drive.all("Conflicts"))
    return drive.find("Conflicts")


@window_test
async def test_all_kinds_of_conflicts_are_decided_and_can_be_pushed_then(
    copies: tuple[Copy, Copy],
) -> None:
    _one, other = copies
    async with running(other.folder) as drive:
        window = await opened(drive)
        assert drive.shows("5 things were changed on both sides", window)
        assert drive.shows("“45 days for everyone”", window)
        assert drive.shows("revision 1", window)
        # What one side alone changed in the map was joined, and can be looked at.
        press(drive, "Show what was joined")
        assert drive.rows(drive.find("What was joined"), 1) == [
            "invoices/invoice/typeCode",
            "invoices/invoice/line/amount",
        ]
        turn(drive, "Orders to invoices")
        await drive.until(lambda: drive.all(f"Keep mine: {DUE}"))
        assert drive.find(f"Theirs of {DUE}", MarkedText).text == 'DateAdd("dd", 45, [placed])'
        press(drive, f"Take theirs: {DUE}")
        press(drive, f"Join both: {LOOP}")
        turn(drive, "mine-and-theirs")
        await drive.until(lambda: drive.all(f"Keep mine: {SCRIPT}"))
        drive.write("Your own version", "x = 5;")
        press(drive, "Use this one")
        turn(drive, "logo.png")
        await drive.until(lambda: drive.all(f"Keep both: {LOGO}"))
        press(drive, f"Keep both: {LOGO}")
        turn(drive, "Send invoices")
        await drive.until(lambda: drive.shows("you changed it, they deleted it", window))
        press(drive, "Keep mine: operations/send-invoices.yaml")
        assert drive.shows("5 of 5 decided", window)
        assert len(undecided(other.folder)) == 5
        press(drive, "Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        await drive.until(lambda: not undecided(other.folder))
        rules = drive.window.session.workspace.project.transformations["orders-to-invoices"].mapping.by_path
        assert rules[DUE].script == 'DateAdd("dd", 45, [placed])'
        assert (rules[LOOP].when, len(rules[LOOP].sort)) == ("[@status] != 'cancelled'", 1)
        assert rules["invoices/invoice/typeCode"].script == "'381'"
        assert rules["invoices/invoice/line/amount"].script == "Round([qty] * [price], 3)"
        assert other.read(SCRIPT) == b"x = 5;"
        assert other.read(LOGO) == b"\x89PNG\0 mine"
        assert [file.read_bytes() for file in (other.folder / "samples").glob("logo-*")] == [
            b"\x89PNG\0 theirs, longer"
        ]
        kept = drive.window.session.workspace.project.operations["send-invoices"]
        assert kept.description.startswith("Each open")
        assert "there is nothing to decide" in drive.window.table.reason("repository.conflicts")
        pushed = await asyncio.to_thread(asyncio.run, other.push("decided"))
        assert pushed.made


@window_test
async def test_nothing_is_lost_where_nothing_is_decided(copies: tuple[Copy, Copy]) -> None:
    _one, other = copies
    files = other.files()
    async with running(other.folder) as drive:
        await opened(drive)
        press(drive, "Take all theirs")
        press(drive, "Decide later")
        await drive.until(lambda: not drive.all("Conflicts"))
        assert len(undecided(other.folder)) == 5
        assert other.files() == files
