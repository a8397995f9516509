"""Pictures that need hands: a script being written, a run held. Drives the real window as the tests do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import qasync
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QPlainTextEdit,
)

from tests.ui.driver import running
from ui.app import application

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
        await drive.until(lambda: not drive.shows("No problems"), PATIENCE)
        await drive.rest(1)
        window.grab().save(str(pictures / "changes.png"))
        for file, text in kept.items():
            file.write_text(text)


async def coverage(project: Path, pictures: Path) -> None:
    """Every order of the sample tried: what none of them has or does is marked, in the trees and in a sentence."""
    file = project / "transformations" / "orders-to-invoices.yaml"
    before = file.read_text()
    changed = before
    for old, new in (
        ("""typeCode: "'380'\"""", """typeCode: If([customer/terms] > 120, "384", "380")"""),
        ('freight: "[freight]"', """freight: If([currency] == "JPY", Round([freight], 0), [freight])"""),
    ):
        assert old in changed
        changed = changed.replace(old, new)
    file.write_text(changed)
    async with running(project, agent=True, size=SIZE, first_time=True) as drive:
        window = drive.window
        window.open_object(MAP, "invoices/invoice/dueDate")
        await drive.until(lambda: "preview" in window.area.current.summary(), PATIENCE)
        drive.key("Ctrl+Alt+C", window)
        await drive.until(lambda: drive.shows("never ran"), PATIENCE)
        await drive.until(lambda: drive.all("Next one found"))
        drive.key("F7", window)
        await drive.rest(1)
        window.grab().save(str(pictures / "coverage.png"))
    file.write_text(before)


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


def main() -> int:
    """`picture_hands.py script|operation|debugger|changes|coverage|text PROJECT FOLDER`."""
    name, project, pictures = sys.argv[1:]
    work = {each.__name__: each for each in (script, operation, debugger, changes, coverage, text)}[name]
    loop = qasync.QEventLoop(application())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(work(Path(project), Path(pictures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
