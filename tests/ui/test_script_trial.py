"""Scripts tried out: of the project and on the pad, with variables, a record, steps and Stop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPlainTextEdit

from tests.ui.driver import Drive, running, window_test
from tests.ui.test_script_editor import written
from ui.editors.writing.try_panel import TryPanel
from ui.widgets.code import CodeEdit
from ui.widgets.fields import Combo


def panel(drive: Drive) -> TryPanel:
    found: TryPanel = drive.find("Try the script", TryPanel)
    return found


def changes(drive: Drive) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in panel(drive).changes]


@window_test
async def test_a_script_of_the_project_is_tried_with_its_log_and_its_variables(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(
            drive, "WriteToOperationLog('hello ' + $currency); one = 1; $n = 2; $currency = 'USD'; $n + one"
        )
        drive.key("Ctrl+Return", code)
        await drive.until(lambda: panel(drive).result == "3")
        log: QPlainTextEdit = drive.find("Log of the trial", QPlainTextEdit)
        assert log.toPlainText() == "hello BRL"
        assert changes(drive) == [("one", "", "1"), ("$currency", '"BRL"', '"USD"'), ("$n", "", "2")]
        # Nothing of the project has changed but the script.
        assert dict(drive.studio.session.workspace.project.variables) == {"currency": "BRL"}
        drive.click("Variables at the start")
        drive.type("currency = EUR")
        drive.key("Ctrl+F6", drive.window)
        await drive.until(lambda: log.toPlainText() == "hello EUR" and panel(drive).result == "3")


@window_test
async def test_a_trial_that_does_not_end_is_stopped(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(
            drive, "$jitterbit.scripting.while.max_iterations = 900000000; $i = 0; While(true, $i++)"
        )
        drive.key("Ctrl+Return", code)
        await drive.until(lambda: panel(drive).running)
        assert not drive.find("Run", within=panel(drive)).isEnabled()
        drive.click(drive.find("Stop", within=panel(drive)))
        await drive.until(lambda: not panel(drive).running)
        assert panel(drive).result


@window_test
async def test_a_script_is_stepped_through_and_its_error_is_shown_in_its_place(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "a = 1;\n$b = a + 1;\nDebugBreak();\nRaiseError('no');")
        drive.key("Ctrl+F6", code)
        # DebugBreak holds a trial by itself.
        await drive.until(lambda: drive.shows("Held at line 3"))
        assert ("$b", "", "2") in changes(drive)
        drive.click(drive.find("Go on", within=panel(drive)))
        await drive.until(lambda: "no (line 4" in panel(drive).result)
        drive.click(drive.find("Step", within=panel(drive)))
        await drive.until(lambda: drive.shows("Held at line 1"))
        assert code.textCursor().selectedText() == "a = 1"
        drive.click(drive.find("Step", within=panel(drive)))
        await drive.until(lambda: drive.shows("Held at line 2"))
        assert ("a", "", "1") in changes(drive)
        drive.click("Close the trial")
        await drive.until(lambda: not drive.all("Try the script", TryPanel))


@window_test
async def test_the_pad_reads_a_record_and_keeps_what_was_written(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        drive.key("Ctrl+Alt+E", drive.window)
        await drive.until(lambda: drive.all("Script of the pad", CodeEdit))
        code: CodeEdit = drive.find("Script of the pad", CodeEdit)
        drive.type("Left([@id], 4) + [placed]", code)
        drive.key("Escape", code)
        drive.pick("Source of the trial", "Orders to invoices")
        drive.write("Record of the trial", "3")
        drive.click(code.viewport(), QPoint(80, 60))
        drive.key("Ctrl+Return", code)
        await drive.until(lambda: panel(drive).result == '"10252026-03-08"')
        combo: Combo = drive.find("Source of the trial", Combo)
        assert combo.count() == 2
        # An error is told of the text it was found in, not of another one; the key is that of the window.
        assert not drive.find("Step", within=panel(drive)).isEnabled()
        assert drive.find("Step", within=panel(drive)).toolTip()
        drive.key("Ctrl+A", code)
        drive.type("RaiseError('no')", code)
        drive.key("Escape", code)
        drive.key("Ctrl+F6", code)
        await drive.until(lambda: "no (line 1" in panel(drive).result)
        drive.key("Ctrl+A", code)
        drive.type("Left([@id], 4) + [placed]", code)
        drive.key("Escape", code)
        await drive.until(lambda: panel(drive).result == "")
        drive.find("Script pad").close()
        await drive.until(lambda: not drive.all("Script of the pad"))
        drive.choose("Script", "Script pad")
        await drive.until(lambda: drive.all("Script of the pad", CodeEdit))
        assert drive.find("Script of the pad", CodeEdit).toPlainText() == "Left([@id], 4) + [placed]"
        assert drive.find("Source of the trial", Combo).currentText() == "Orders to invoices"
