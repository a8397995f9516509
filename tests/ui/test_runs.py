"""Operations run on the real agent: figures, log, Stop; a map is tested; the agent's death harms nobody."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit

from tests.ui.driver import Drive, running, window_test
from ui.widgets.trees import Rows

pytestmark = pytest.mark.network


def cells(drive: Drive, row: int = 0) -> list[str]:
    view = drive.find("Runs", Rows)
    return [str(view.model().index(row, column).data()) for column in range(view.model().columnCount())]


@window_test
async def test_an_operation_runs_with_counts_and_log(small: Path) -> None:
    async with running(small, agent=True) as drive:
        drive.window.open_object("operations/send-invoices")
        await drive.rest()
        drive.key("F5", drive.window)
        await drive.until(lambda: drive.all("Runs", Rows) and cells(drive)[1] == "Done")
        assert cells(drive)[:6] == ["Send invoices", "Done", "3", "2", "0", "1"]
        # No figure is behind a scroll bar.
        assert drive.find("Runs", Rows).horizontalScrollBar().maximum() == 0
        log = drive.find("Log of the run", QPlainTextEdit).toPlainText()
        assert "invoices.xml" in log
        written = (small / "samples" / "invoices.xml").read_text()
        assert "10248" in written
        assert "10249" not in written


@window_test
async def test_a_run_uses_the_unsaved_state(small: Path) -> None:
    async with running(small, agent=True) as drive:
        drive.window.open_object("operations/send-invoices")
        await drive.rest()
        drive.click_row(
            drive.find("Activities", Rows), drive.index(drive.find("Activities", Rows), "Write it")
        )
        await drive.rest()
        drive.write("File", "elsewhere.xml")
        drive.key("F5", drive.window)
        await drive.until(lambda: drive.all("Runs", Rows) and cells(drive)[1] == "Done")
        assert (small / "samples" / "elsewhere.xml").is_file()
        assert "invoices.xml" in (small / "operations" / "send-invoices.yaml").read_text()


@window_test
async def test_a_failed_run_says_why(small: Path) -> None:
    (small / "samples" / "orders.xml").unlink()
    async with running(small, agent=True) as drive:
        drive.window.open_object("operations/send-invoices")
        await drive.rest()
        drive.click("Run")
        await drive.until(lambda: drive.all("Runs", Rows) and cells(drive)[1] == "Failed")
        assert "orders.xml" in drive.find("Log of the run", QPlainTextEdit).toPlainText()


@window_test
async def test_stop_ends_the_run(small: Path) -> None:
    # Without the limit of turns raised it would end by itself, before a quick machine's Stop.
    endless = "$jitterbit.scripting.while.max_iterations = 1000000000;\ni = 0; While(true, i++); i\n"
    (small / "scripts" / "clean-phone.jb").write_text(endless)
    text = "weft: operation/1\nname: Endless\nactivities:\n  - script: clean-phone\n"
    (small / "operations" / "endless.yaml").write_text(text)
    async with running(small, agent=True) as drive:
        drive.window.open_object("operations/endless")
        await drive.rest()
        drive.click("Run")
        await drive.until(lambda: any(run.activity.startswith("1 ") for run in drive.window.book.runs()))
        drive.key("Shift+F5", drive.window)
        await drive.until(lambda: cells(drive)[1] == "Stopped")


@window_test
async def test_a_map_is_tested_over_all_records(small: Path) -> None:
    async with running(small, agent=True) as drive:
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest()
        drive.click("Test")
        await drive.until(lambda: drive.shows("Records read"))
        assert drive.shows("3 records read, 2 written, 0 failed.")
        assert "10250" in drive.find("Target document", QPlainTextEdit).toPlainText()


@window_test
async def test_a_killed_agent_is_started_again(small: Path) -> None:
    async with running(small, agent=True) as drive:
        agent = drive.studio.session.agent
        first = agent.worker_id
        os.kill(first, signal.SIGKILL)
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest(0.2)
        drive.click("Test")
        await drive.until(lambda: agent.worker_id not in (None, first) and agent.state == "ready")
        await drive.until(lambda: drive.shows("Records read") or bool(drive.all("Close")))
        if drive.all("Close"):
            drive.click("Close")


@window_test
async def test_a_double_click_shows_the_log_large_with_the_files_written(small: Path) -> None:
    async with running(small, agent=True, size="1280x800") as drive:
        drive.window.open_object("operations/send-invoices")
        await drive.rest()
        drive.key("F5", drive.window)
        await drive.until(lambda: drive.all("Runs", Rows) and cells(drive)[1] == "Done")
        view = drive.find("Runs", Rows)
        assert drive.find("Log of the run").width() >= 0.3 * view.parentWidget().width()
        view.setFocus()
        drive.key("Return", view)
        await drive.until(lambda: drive.all("Whole log of the run"))
        assert "invoices.xml" in drive.find("Whole log of the run", QPlainTextEdit).toPlainText()
        assert drive.find("Open invoices.xml").isEnabled()
        drive.click("Close")
        await drive.until(lambda: not drive.all("Whole log of the run"))
