"""Pictures that need hands: a script being written, and the steps of a move. Drives the real window as the tests do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from tests.ui.driver import Drive, running
from ui.app import application
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.widgets.checks import Check
from ui.widgets.trees import Rows

SIZE = "1600x1000"
MAP = "transformations/orders-to-invoices"
PATIENCE = 120.0


async def script(project: Path, pictures: Path) -> None:
    """A rule of the sample while it is typed: what may follow, and what it would give."""
    async with running(project, agent=True, size=SIZE, first_time=True) as drive:
        window = drive.window
        window.open_object(MAP, "invoices/invoice/paymentTerms")
        await drive.until(lambda: drive.studio.session.agent.state == "ready", PATIENCE)
        await drive.until(lambda: "preview" in window.area.current.summary(), PATIENCE)
        drive.key("F4", window)
        await drive.rest()
        edit = drive.find("Script of the rule", QPlainTextEdit)
        drive.key("Ctrl+A", edit)
        drive.type("[customer/terms] + ' days for ' + [cus", edit)
        await drive.until(lambda: drive.all("Completions"))
        await drive.rest(1)
        window.grab().save(str(pictures / "script.png"))
        drive.key("Escape", edit)
        drive.key("Escape", edit)


async def debugger(project: Path, pictures: Path) -> None:
    """A run held at a rule: what it has in hand, and the rules that have run."""
    async with running(project, agent=True, size=SIZE, first_time=True) as drive:
        window = drive.window
        window.open_object(MAP, "invoices/invoice/line/amount")
        await drive.until(lambda: "preview" in window.area.current.summary(), PATIENCE)
        height = window.upright.height()
        window.upright.setSizes([height - 300, 300])
        drive.key("F9", drive.focus())
        drive.key("Ctrl+F5", window)
        await drive.until(lambda: drive.shows("Held at"), PATIENCE)
        await drive.rest(1)
        window.grab().save(str(pictures / "debugger.png"))
        drive.key("Shift+F8", window)
        await drive.until(lambda: drive.shows("The debugged run was stopped."), PATIENCE)


async def changes(project: Path, pictures: Path) -> None:
    """Schemas that changed under the map: where each lost node may be now."""
    async with running(project, agent=True, size=SIZE, first_time=True) as drive:
        window = drive.window
        window.open_object(MAP, "invoices/invoice/dueDate")
        await drive.until(lambda: "preview" in window.area.current.summary(), PATIENCE)
        await drive.until(lambda: list((project / ".weft" / "shapes").glob("*.json")), PATIENCE)
        workspace = drive.studio.session.workspace
        assert workspace is not None
        kept: dict[Path, str] = {}
        for name, old, new in (
            ("orders.xsd", "placed", "placedOn"),
            ("orders.xsd", "customer", "buyer"),
            ("invoices.xsd", "paymentTerms", "terms"),
        ):
            file = project / "schemas" / name
            kept.setdefault(file, file.read_text())
            file.write_text(file.read_text().replace(f'name="{old}"', f'name="{new}"'))
        workspace.check_outside()
        await drive.until(lambda: drive.all("Review the changes"), PATIENCE)
        drive.click("Review the changes")
        await drive.rest(1)
        window.grab().save(str(pictures / "changes.png"))
        for file, text in kept.items():
            file.write_text(text)


async def text(project: Path, pictures: Path) -> None:
    """The map as the text of its file."""
    async with running(project, agent=True, size=SIZE, first_time=True, theme="dark") as drive:
        window = drive.window
        window.open_object(MAP, "invoices/invoice/dueDate")
        await drive.until(lambda: "preview" in window.area.current.summary(), PATIENCE)
        drive.key("Ctrl+Shift+T", window)
        await drive.rest(1)
        window.grab().save(str(pictures / "text.png"))


async def operation(project: Path, pictures: Path) -> None:
    """An operation that has run: its counts, and the beginning of its log."""
    async with running(project, agent=True, size=SIZE) as drive:
        window = drive.window
        window.open_object("operations/send-invoices")
        await drive.rest()
        before = len(drive.studio.book.runs())
        drive.key("F5", window)
        await drive.until(
            lambda: len(drive.studio.book.runs()) > before and not drive.studio.book.going(), PATIENCE
        )
        height = window.upright.height()
        window.upright.setSizes([height - 240, 240])
        await drive.rest(1)
        # The end of the log names the folder of this machine.
        log = drive.find("Log of the run", QAbstractScrollArea)
        log.verticalScrollBar().setValue(0)
        await drive.rest()
        window.grab().save(str(pictures / "operation.png"))


async def move(project: Path, pictures: Path) -> None:
    """The customers of the sample, as they are, upserted into the practice org's accounts."""
    async with running(size=SIZE) as drive:
        drive.key("Ctrl+M", drive.window)
        await drive.until(lambda: _moves())
        wizard = _Wizard(drive)
        await wizard.next(Step.ORG)
        await drive.until(lambda: drive.rows(wizard.find("Orgs", Rows)), PATIENCE)
        await wizard.next(Step.OBJECT)
        objects = wizard.find("Objects", Rows)
        await drive.until(lambda: "Account" in drive.rows(objects), PATIENCE)
        drive.type("Account", wizard.find("Filter objects", QLineEdit))
        await drive.rest()
        drive.click_row(objects, drive.index(objects, "Account"))
        await wizard.next(Step.SOURCE)
        field = wizard.find("File", QLineEdit)
        drive.type(str(project / "samples" / "customers.csv"), field)
        drive.key("Return", field)
        await wizard.next(Step.MAP)
        await drive.until(lambda: wizard.window.choices.mapped, PATIENCE)
        wizard.map("employees", "not sent")
        await drive.rest(1)
        wizard.map("customer_no", "ERP Id")
        await wizard.picture(pictures / "move-map.png")
        await wizard.next(Step.PREFLIGHT)
        await drive.until(lambda: wizard.window.choices.checked is not None, PATIENCE)
        await wizard.picture(pictures / "move-preflight.png")
        # What the org itself says is worth a picture, too.
        drive.click(wizard.find("Keep back rows that would fail", Check))
        await wizard.next(Step.RESULTS)
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)), PATIENCE)
        await wizard.picture(pictures / "move-results.png")
        drive.click(wizard.find("Fix and resend…", QAbstractButton))
        await drive.until(lambda: drive.all("Rows to fix", within=wizard.window), PATIENCE)
        await wizard.picture(pictures / "move-fix.png")
        wizard.window.close()
        await drive.until(lambda: not _moves() and not drive.studio.session.ends, PATIENCE)


def _moves() -> list[MoveWindow]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, MoveWindow) and one.isVisible()]


class _Wizard:
    """Hands on the window of the move."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive
        self.window = _moves()[0]
        self.window.resize(1320, 820)

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        return self.drive.find(name, kind, self.window)

    async def next(self, step: Step) -> None:
        """Press the button at the bottom right as soon as it may be, and wait for a step."""
        await self.drive.until(self.window.next.isEnabled, PATIENCE)
        self.drive.click(self.window.next)
        await self.drive.until(lambda: self.window.step is step, PATIENCE)
        await self.drive.rest()

    def map(self, column: str, field: str) -> None:
        """Choose a column's field in its row."""
        view = self.find("Field map", Rows)
        self.drive.click_row(view, self.drive.index(view, column))
        name = f"Field for {column}"
        combo = self.find(name)
        texts = [combo.itemText(at) for at in range(combo.count())]
        self.drive.pick(name, next(text for text in texts if text.startswith(field)))

    async def picture(self, file: Path) -> None:
        """The window when everything has come to rest."""
        await self.drive.rest(1)
        self.window.grab().save(str(file))


def main() -> int:
    """`picture_hands.py script|operation|move|debugger|changes|text PROJECT FOLDER`."""
    name, project, pictures = sys.argv[1:]
    work = {each.__name__: each for each in (script, operation, move, debugger, changes, text)}[name]
    loop = qasync.QEventLoop(application())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(work(Path(project), Path(pictures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
