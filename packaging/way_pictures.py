"""Pictures of the window of conflicts and of the proxy doctor, on the sample project and a company's proxy on this computer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import qasync
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.mapping.versions import rule_of, with_rule
from studio.project.create import create
from studio.project.texts import with_value
from studio.repository import alone, undecided
from studio.repository.alone import Alone, Joined
from studio.repository.undecided import Book, Item, Undecided
from tests.ui.driver import Drive, running
from tests.ui.network_hands import company
from ui.app import application

PATIENCE = 120.0
SIZE = (800, 1000)
NAMES = ("conflict", "doctor")
MAP = "transformations/orders-to-invoices"
FILE = f"{MAP}.yaml"
TOP = "invoices/invoice"
LINE = f"{TOP}/line"
DUE = f"{TOP}/dueDate"
AMOUNT = f"{LINE}/amount"
FORMAT = 'FormatDate(DateAdd("dd", {days}, [placed]), "yyyy-mm-dd")'
# Base, mine and theirs of the rules both have changed.
SIDES = {
    DUE: tuple(FORMAT.format(days=days) for days in (30, "[customer/terms]", 45)),
    TOP: (
        {"loop": "orders/order", "when": "[@status] == 'open'"},
        {"loop": "orders/order", "when": "[@status] != 'cancelled'"},
        {"loop": "orders/order", "when": "[@status] == 'open'", "sort": ["[placed]"]},
    ),
    AMOUNT: (
        "Round([qty] * [price], 2)",
        "Round([qty] * [price] * (1 - [discount] / 100), 2)",
        "If([qty] > 0, Round([qty] * [price], 2), 0)",
    ),
}
WHY = {
    DUE: (58, "45 days for everyone, as agreed with finance"),
    TOP: (59, "invoices by date; a line without quantity must not fail one"),
    AMOUNT: (59, "invoices by date; a line without quantity must not fail one"),
}
# What the project talks to, beside the sample's own.
CONNECTION = """\
weft: connection/1
name: CRM
kind: salesforce
login: {flow: web, url: "https://login.salesforce.com", client_id: 3MVG9}
"""
PARTNER = """\
weft: connection/1
name: Partner
kind: http
url: https://api.partner.example/orders
"""
ONE_SIDE = (
    "net",
    "freight",
    "total",
    "note",
    "line/unitPrice",
    "line/quantity",
    "lineCount",
    "currency",
    "typeCode",
)


def both_changed(folder: Path) -> None:
    """The list that a pull leaves behind: three rules both have changed, and what one side alone did."""
    items = []
    for number, (path, (base, mine, theirs)) in enumerate(SIDES.items(), 1):
        revision, why = WHY[path]
        then = datetime.fromtimestamp(time.time() - 9600 + 600 * (revision - 58), UTC).isoformat(
            timespec="seconds"
        )
        conflict = Undecided(
            number, FILE, MAP, ("map", path), base, mine, theirs, revision, "Bruno Reis", then, why
        )
        items.append(Item(conflict, mine))
    (folder / undecided.PATH).parent.mkdir(parents=True, exist_ok=True)
    (folder / undecided.PATH).write_bytes(undecided.content_of(Book(4, tuple(items))))
    beside = tuple(Alone(FILE, ("map", f"{TOP}/{name}"), n % 3 > 0) for n, name in enumerate(ONE_SIDE))
    (folder / alone.PATH).write_bytes(alone.content_of(Joined(57, beside)))


async def shot(drive: Drive, window: QWidget, file: Path) -> None:
    """Keep a picture of a window as large as it wants to be."""
    window.resize(*SIZE)
    await drive.rest(1)
    window.grab().save(str(file))


async def conflict(folder: Path, file: Path, theme: str) -> None:
    """Three rules changed on both sides, one of them joined, another being written anew."""
    async with running(folder, agent=True, theme=theme) as drive:
        workspace = drive.window.session.workspace
        changed = workspace.project.transformations["orders-to-invoices"]
        for path, (_base, mine, _theirs) in SIDES.items():
            changed = with_rule(changed, path, rule_of(path, mine))
        workspace.edit(
            "terms of each customer; discount in the amount", with_value(workspace.project, MAP, changed)
        )
        both_changed(folder)
        drive.window.table.refresh()
        drive.choose("Repository", "Conflicts…")
        await drive.until(lambda: drive.all(f"Take theirs: {AMOUNT}"), PATIENCE)
        window = drive.find("Conflicts")
        drive.click(drive.find(f"Join both: {TOP}", QAbstractButton))
        drive.click(drive.find(f"Theirs of {DUE}"))
        text = drive.find("Your own version")
        drive.click(text)
        drive.key("Ctrl+A", text)
        drive.type(
            'If([customer/terms] > 0, FormatDate(DateAdd("dd", [customer/terms], [placed]), "yyyy-mm-dd"),',
            text,
        )
        drive.key("Escape", text)
        drive.key("Return", text)
        drive.type(f"  {SIDES[DUE][2]})", text)
        drive.key("Escape", text)
        await drive.until(lambda: drive.shows("as mine in", window), PATIENCE)
        await drive.until(lambda: drive.shows("→ 512 × invoice", window), PATIENCE)
        await shot(drive, window, file)
        window.close()


async def doctor(folder: Path, file: Path, theme: str) -> None:
    """A gateway that opens and seals anew what goes to Salesforce, and is not trusted here."""
    for name, text in (("crm", CONNECTION), ("partner", PARTNER)):
        (folder / "connections" / f"{name}.yaml").write_text(text)
    os.environ["LOGNAME"] = "ana.prado"
    with tempfile.TemporaryDirectory() as place, company(Path(place)):
        async with running(folder, theme=theme) as drive:
            drive.choose("Tools", "Proxy doctor…")
            await drive.until(lambda: drive.shows("not trusted"), PATIENCE)
            await drive.until(lambda: drive.all("Ask again"), PATIENCE)
            window = drive.find("Proxy doctor")
            await shot(drive, window, file)
            drive.click(drive.find("Close", QAbstractButton, window))
            await drive.rest()


async def all_of(pictures: Path, names: tuple[str, ...], theme: str) -> None:
    """Each on a project of its own."""
    works = {"conflict": conflict, "doctor": doctor}
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "orders-to-erp"
            create(folder, sample="orders")
            with contextlib.suppress(FileNotFoundError):
                (folder / ".weft" / "repository").mkdir(parents=True)
            await works[name](folder, pictures / f"{name}.png", theme)


def main() -> int:
    """`way_pictures.py FOLDER [THEME] [NAME…]`."""
    pictures, *more = sys.argv[1:]
    theme, *names = more or ["light"]
    loop = qasync.QEventLoop(application())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(all_of(Path(pictures), tuple(names) or NAMES, theme))
    return 0


if __name__ == "__main__":
    sys.exit(main())
