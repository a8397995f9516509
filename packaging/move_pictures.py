"""Pictures of the move window: every step of a move and what comes after it, driven on the real window as the tests do."""

from __future__ import annotations

import argparse
import asyncio
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from studio.base.i18n import _
from tests.ui.driver import Drive, running
from ui.app import application
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.dialogs.orgs.window import OrgsDialog
from ui.widgets.checks import Check, Radio
from ui.widgets.trees import Rows

PATIENCE = 120.0
# So many rows take long enough for a picture of them on their way.
MANY = 60_000


class Hands:
    """Hands on the move window of a running studio; `shot` keeps a picture of it under a name."""

    def __init__(
        self, drive: Drive, size: tuple[int, int], folder: Path, names: set[str], ending: str
    ) -> None:
        self.drive = drive
        self._size, self._folder, self._names, self._ending = size, folder, names, ending

    @property
    def window(self) -> MoveWindow:
        """The one window of a move."""
        return _moves()[0]

    async def open(self) -> None:
        """Begin a new move."""
        self.drive.key("Ctrl+M", self.drive.window)
        await self.drive.until(_moves, PATIENCE)
        self.window.resize(*self._size)
        self.window.activateWindow()
        await self.drive.rest()

    async def close(self) -> None:
        """End the window and its process."""
        self.window.close()
        await self.drive.until(lambda: not _moves() and not self.drive.studio.session.ends, PATIENCE)

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        """A control of the window by its accessible name."""
        return self.drive.find(name, kind, self.window)

    def click(self, name: str, kind: type[Any] = QAbstractButton) -> None:
        """Press a button by its name."""
        self.drive.click(self.find(name, kind))

    def listed(self, name: str) -> list[str]:
        """What a list holds; nothing while it is not there."""
        views = self.drive.all(name, Rows, self.window)
        return self.drive.rows(views[0]) if views and views[0].model() is not None else []

    def figure(self, name: str) -> int:
        """One of the counts, as shown."""
        shown = next((w.text() for w in self.drive.all(name, QWidget, self.window) if w.text()), "")  # type: ignore[attr-defined]
        return int("".join(letter for letter in shown if letter.isdigit()) or 0)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait for something."""
        await self.drive.until(is_so, PATIENCE)

    async def next(self, step: Step | None = None) -> None:
        """Press the button at the bottom right as soon as it may be, and wait for a step."""
        await self.until(self.window.next.isEnabled)
        self.drive.click(self.window.next)
        if step is not None:
            await self.until(lambda: self.window.step is step)
        await self.drive.rest()

    async def shot(self, name: str, window: QWidget | None = None) -> None:
        """The window when everything has come to rest, if it is wanted."""
        if not self._names or name in self._names:
            await self.drive.rest(1)
            (window or self.window).grab().save(str(self._folder / f"{name}{self._ending}.png"))

    def map(self, column: str, field: str) -> None:
        """Choose a column's field in its row; "" does not send it."""
        view = self.find(_("Field map"), Rows)
        self.drive.click_row(view, self.drive.index(view, column))
        name = _("Field for {column}").format(column=column)
        combo = self.find(name, QComboBox)
        self.drive.pick(name, combo.itemText(combo.findData(field)))

    async def to_map(self, action: str, file: Path) -> None:
        """From the first step to the field map of the accounts."""
        self.click(action, Radio)
        await self.shot("move-action")
        await self.next(Step.ORG)
        await self.until(lambda: self.drive.rows(self.find(_("Orgs"), Rows)))
        await self.shot("move-org")
        await self.next(Step.OBJECT)
        objects = self.find(_("Objects"), Rows)
        await self.until(lambda: "Account" in self.drive.rows(objects))
        self.drive.type("Account", self.find(_("Filter objects"), QLineEdit))
        await self.drive.rest()
        self.drive.click_row(objects, self.drive.index(objects, "Account"))
        await self.until(self.window.next.isEnabled)
        await self.shot("move-object")
        await self.next(Step.SOURCE)
        field = self.find(_("File"), QLineEdit)
        self.drive.type(str(file), field)
        self.drive.key("Return", field)
        await self.until(self.window.next.isEnabled)
        await self.shot("move-source")
        await self.next(Step.MAP)
        await self.until(lambda: self.window.choices.mapped)
        await self.drive.rest(1)


def _moves() -> list[MoveWindow]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, MoveWindow) and one.isVisible()]


async def journey(hands: Hands, project: Path) -> None:
    """The sample's customers into the practice org: tried, sent, corrected, looked at again, taken back."""
    drive = hands.drive
    await hands.open()
    await hands.to_map(_("Upsert"), project / "samples" / "customers.csv")
    hands.map("customer_no", "ERP_Id__c")
    await hands.shot("move-map")
    await hands.next(Step.PREFLIGHT)
    await hands.until(lambda: hands.window.choices.checked is not None)
    await hands.shot("move-preflight")
    # What the org itself says is worth a picture, too.
    hands.click(_("Keep back rows that would fail"), Check)
    hands.click(_("Try the first rows, then go on"), Check)
    rows = hands.find(_("Rows to try"), QSpinBox)
    rows.setFocus()
    drive.key("Ctrl+A", rows)
    drive.type("50", rows)
    drive.key("Tab", rows)
    await hands.next(Step.RESULTS)
    await hands.shot("move-trial")
    await hands.next()
    await hands.until(lambda: (hands.window.choices.summary or {}).get("state") == "done")
    await hands.until(lambda: hands.window.step is Step.RESULTS)
    await hands.until(lambda: hands.listed(_("Failed rows")))
    await hands.shot("move-results")
    hands.click(_("Fix and resend…"))
    await hands.until(lambda: drive.all(_("Rows to fix"), QAbstractItemView, hands.window))
    await hands.shot("move-fix")
    hands.click(_("Back"))
    hands.click(_("Undo…"))
    await hands.until(lambda: drive.all(_("What the undo would do"), Rows, hands.window))
    await hands.until(lambda: hands.listed(_("What the undo would do")))
    await hands.shot("move-undo")
    await hands.close()


async def progress(hands: Hands, project: Path) -> None:
    """A file long enough to see it on its way; then stopped, offered again and listed with the moves before."""
    drive = hands.drive
    file = project / "samples" / "prospects.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["ERP Id", "Account Name", "Phone"])
        writer.writerows((f"P-{n:06}", f"Prospect {n:,}", f"+55 11 {n:08}") for n in range(1, MANY + 1))
    await hands.open()
    await hands.to_map(_("Insert"), file)
    await hands.next(Step.PREFLIGHT)
    await hands.until(lambda: hands.window.choices.checked is not None)
    await hands.next(Step.RUN)
    unit = _("{rate} rows/s").format(rate="")
    await hands.until(lambda: drive.shows(unit, hands.window) and hands.figure(_("Succeeded")) > 9_999)
    await hands.shot("move-progress")
    hands.click(_("Stop"))
    await hands.until(lambda: hands.window.step is Step.RESULTS)
    await hands.shot("move-stopped")
    await hands.close()
    await hands.open()
    await hands.until(hands.window.offer.isVisible)
    await hands.shot("move-offer")
    hands.click(_("Earlier moves"))
    await hands.until(lambda: hands.listed(_("Earlier moves")))
    await hands.shot("move-history")
    await hands.close()


async def export(hands: Hands, _project: Path) -> None:
    """Accounts taken out by ticking, with a condition, the first of them shown."""
    drive = hands.drive
    await hands.open()
    hands.click(_("Export records…"))
    await hands.until(lambda: hands.listed(_("Orgs")))
    await hands.next()
    await hands.until(lambda: drive.all(_("Objects to export"), Rows, hands.window))
    objects = hands.find(_("Objects to export"), Rows)
    await hands.until(lambda: "Account" in drive.rows(objects))
    drive.type("Account", hands.find(_("Filter objects to export"), QLineEdit))
    await drive.rest()
    drive.click_row(objects, drive.index(objects, "Account"))
    await hands.until(lambda: hands.window.later.exporting.soql)
    hands.click(_("Add a condition"))
    await drive.rest()
    drive.pick(_("Field of condition {n}").format(n=1), "Name")
    drive.key("Return", hands.find(_("Field of condition {n}").format(n=1)))
    drive.pick(_("Comparison of condition {n}").format(n=1), _("begins with"))
    value = hands.find(_("Value of condition {n}").format(n=1), QLineEdit)
    drive.click(value)
    drive.type("Ca", value)
    drive.write(_("Write to"), "accounts.xlsx")
    await drive.rest(1)
    hands.click(_("Show the first records"))
    await hands.until(lambda: hands.listed(_("First records")))
    await hands.shot("move-export")
    await hands.close()


async def orgs(hands: Hands, _project: Path) -> None:
    """An org about to be added, with the guide to what an admin sets up in it once."""
    drive = hands.drive
    drive.key("Ctrl+Alt+O", drive.window)
    name = _("Salesforce orgs")
    await hands.until(lambda: drive.all(name, OrgsDialog))
    dialog = drive.find(name, OrgsDialog)
    await hands.until(drive.find(_("Add an org…"), QAbstractButton, dialog).isEnabled)
    drive.click(drive.find(_("Add an org…"), QAbstractButton, dialog))
    for field, text in (
        (_("Call it"), "production"),
        (_("Consumer key"), "3MVG9example"),
        # Not left: there is no such org to be asked what it offers.
        (_("Address"), "https://acme.my.salesforce.com"),
    ):
        line = drive.find(field, QLineEdit, dialog)
        drive.click(line)
        drive.type(text, line)
    await hands.shot("orgs-add", dialog)
    dialog.close()
    await hands.until(lambda: not drive.studio.session.ends)


async def all_of_it(given: argparse.Namespace) -> None:
    """Every scene asked for, in one studio."""
    scenes = {each.__name__: each for each in (journey, progress, export, orgs)}
    width, height = map(int, given.size.split("x"))
    names = set(filter(None, given.only.split(",")))
    async with running(language=given.language, theme=given.theme, watched=False) as drive:
        hands = Hands(drive, (width, height), given.pictures, names, given.ending)
        for name in given.scenes.split(","):
            await scenes[name](hands, given.project)


def main() -> int:
    """`move_pictures.py PROJECT FOLDER [--scenes …] [--only …] [--language …] [--theme …] [--size …] [--ending …]`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--scenes", default="journey,progress,export,orgs")
    parser.add_argument("--only", default="")
    parser.add_argument("--language", default="en")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--size", default="1320x820")
    parser.add_argument("--ending", default="")
    given = parser.parse_args()
    loop = qasync.QEventLoop(application())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(all_of_it(given))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
