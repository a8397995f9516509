"""Breakpoints beside scripts, in the text and in the table of a map; the log of a debugged run, and the room it takes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QTableView

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, open_map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from ui.widgets.code import CodeEdit

NUMBER = f"{INVOICE}/@number"
DATE = f"{INVOICE}/issueDate"
SIZE = "1600x1000"


def click_beside(drive: Drive, name: str, line: int) -> None:
    """A click on the number of a line."""
    code = drive.find(name, CodeEdit)
    block = code.document().findBlockByNumber(line - 1)
    top = code.blockBoundingGeometry(block).translated(code.contentOffset()).top()
    place = code.mapToGlobal(QPoint(6, round(top) + 6 + code.contentsRect().top()))
    under = code.window().childAt(code.window().mapFromGlobal(place))
    assert under is not None
    QTest.mouseClick(under, LEFT, NONE, under.mapFromGlobal(place))


@window_test
async def test_a_click_beside_a_script_or_the_text_is_a_breakpoint_as_f9_is(small: Path) -> None:
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        await map.click(TARGET, NUMBER)
        script = drive.find("Script of the rule", CodeEdit)
        click_beside(drive, "Script of the rule", 1)
        await drive.until(lambda: map.state(TARGET, NUMBER) == "mapped, breakpoint")
        assert script.accessibleDescription() == "breakpoint"
        await map.click(TARGET, DATE)
        await drive.until(lambda: script.accessibleDescription() == "")
        await map.key(TARGET, "F9")
        await drive.until(lambda: script.accessibleDescription() == "breakpoint")
        # The table shows both.
        drive.key("Ctrl+T", drive.window)
        await drive.until(lambda: drive.all("Rules", QTableView))
        model = drive.find("Rules", QTableView).model()
        states = {str(model.index(row, 0).data()): str(model.index(row, 4).data()) for row in range(3)}
        assert (states[NUMBER], states[DATE], states[INVOICE]) == (
            "mapped, breakpoint", "mapped, breakpoint", "loop",
        )  # fmt: skip
        drive.key("Ctrl+T", drive.window)
        await drive.rest()
        # A click in the text takes one away.
        drive.key("Ctrl+Shift+T", drive.window)
        await drive.until(lambda: drive.all("Map as text", CodeEdit))
        text = drive.find("Map as text", CodeEdit).toPlainText().split("\n")
        line = next(n for n, each in enumerate(text, start=1) if NUMBER in each)
        click_beside(drive, "Map as text", line)
        drive.key("Ctrl+Shift+T", drive.window)
        await drive.until(lambda: map.state(TARGET, NUMBER) == "mapped")
        assert map.state(TARGET, DATE) == "mapped, breakpoint"


@window_test
async def test_a_debugged_run_shows_its_log_and_gives_the_room_back(small: Path) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    script = "WriteToOperationLog('order ' + [@id]); [placed]"
    file.write_text(file.read_text().replace('"[placed]"', f'"{script}"'))
    async with running(small, agent=True, size=SIZE) as drive:
        map = await open_map(drive)
        bottom = drive.window.panel("bottom")
        before = bottom.height()
        await map.click(TARGET, DATE)
        await map.key(TARGET, "F9")
        drive.key("Ctrl+F5", drive.window)
        await drive.until(lambda: drive.window.session.debugging.state == "held", 180)
        await drive.until(lambda: bottom.height() > before)
        drive.key("F8", drive.window)
        await drive.until(lambda: drive.all("Log of the debugged run", QPlainTextEdit), 180)
        log = drive.find("Log of the debugged run", QPlainTextEdit)
        await drive.until(lambda: log.toPlainText() == "order 10248")
        drive.key("Shift+F8", drive.window)
        await drive.until(lambda: not drive.window.session.debugging.state, 180)
        await drive.until(lambda: bottom.height() == before)
        assert log.toPlainText().startswith("order 10248")


@window_test
async def test_no_breakpoint_is_set_on_a_target_that_is_not_looked_at(small: Path) -> None:
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        await map.click(TARGET, NUMBER)
        before = map.state(TARGET, NUMBER)
        await map.click(SOURCE, f"{ORDER}/placed")
        for keys in ("F9", "Ctrl+F9"):
            await map.key(SOURCE, keys)
            await drive.rest()
            assert map.state(TARGET, NUMBER) == before
        assert drive.shows("select a target field")
        await map.click(TARGET, NUMBER)
        await map.key(TARGET, "F9")
        await drive.until(lambda: map.state(TARGET, NUMBER) == "mapped, breakpoint")
