"""The function reference in the window: F1 at a function, searching, reading, inserting; the tooltip over a word."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea, QToolTip, QTreeView, QWidget

from studio.script.complete import word_at
from studio.script.functions import FUNCTIONS
from tests.ui.driver import Drive, running, window_test
from ui.bridge.script_hover import meaning
from ui.dialogs.reference import FunctionReference
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows


async def script(drive: Drive, name: str = "clean-phone") -> CodeEdit:
    view: QTreeView = drive.find("Project", QTreeView)
    drive.click_row(view, drive.index(view, "Scripts", name), double=True)
    await drive.rest()
    code: CodeEdit = drive.find(f"Script {name}", CodeEdit)
    drive.click(code.viewport(), QPoint(80, 60))
    return code


def reference(drive: Drive) -> FunctionReference:
    found: FunctionReference = drive.find("Function reference", FunctionReference)
    return found


def page(drive: Drive) -> QWidget:
    found: QScrollArea = drive.find("Page of the function", QScrollArea)
    return found


def chosen(drive: Drive) -> str:
    rows: Rows = drive.find("Functions", Rows)
    return str(rows.currentIndex().data())


@window_test
async def test_f1_shows_the_function_under_the_cursor_and_insert_writes_a_call(small: Path) -> None:
    async with running(small) as drive:
        code = await script(drive)
        code.moveCursor(QTextCursor.MoveOperation.End)
        drive.type("Left", code)
        drive.key("F1", code)
        await drive.rest()
        assert chosen(drive) == "Left"
        assert drive.shows("Left(str, n) → string", page(drive))
        assert drive.shows("Left('cockroach', 4)", page(drive))
        assert drive.shows("How many characters.", page(drive))
        drive.write("Search the functions", "round")
        await drive.rest()
        assert chosen(drive) == "Round"
        drive.click("Insert")
        await drive.rest()
        assert code.toPlainText().endswith("LeftRound(d)")
        assert code.textCursor().selectedText() == FUNCTIONS["Round"].arguments[0].name
        assert code.hasFocus()
        drive.type("1.5", code)
        assert "Round(1.5" in code.toPlainText()
        reference(drive).close()


@window_test
async def test_f1_searches_the_word_under_the_cursor_where_it_is_no_function(small: Path) -> None:
    async with running(small) as drive:
        code = await script(drive)
        drive.key("Ctrl+A", code)
        drive.type("rep = 1; $n = Rep", code)
        drive.key("Escape", code)
        drive.key("F1", code)
        await drive.rest()
        search: QLineEdit = drive.find("Search the functions", QLineEdit)
        assert search.text() == "Rep"
        assert chosen(drive) == "Replace"
        assert drive.shows("Replace(str, old, new) → string", page(drive))
        # A function itself is shown among all others.
        drive.window.activateWindow()
        code.setFocus()
        await drive.rest()
        drive.type("lace(rep", code)
        drive.key("Escape", code)
        for _letter in "(rep":
            drive.key("Left", code)
        drive.key("F1", code)
        await drive.rest()
        assert search.text() == ""
        assert chosen(drive) == "Replace"
        reference(drive).close()


def test_a_word_is_looked_up_where_a_function_may_stand() -> None:
    for text, word in (
        ("$n = Re|p", "Rep"), ("|Rep", "Rep"), ("Left(Rep|", "Rep"), ("$Rep|", ""), ("'Rep|'", ""), ("// Rep|", ""),
        ("[Rep|]", ""), ("Rep = 1; $a = Rep|", ""), ("true|", ""), ("1 + | 2", ""), ("Foo|", "Foo"),
    ):  # fmt: skip
        assert word_at(text.replace("|", ""), text.index("|")) == word, text


@window_test
async def test_it_is_searched_by_name_family_and_words(small: Path) -> None:
    async with running(small) as drive:
        drive.choose("Help", "Function reference…")
        await drive.rest()
        rows: Rows = drive.find("Functions", Rows)
        all_rows = drive.rows(rows)
        assert all_rows[0] == "Text"
        assert set(FUNCTIONS) <= set(all_rows)
        assert drive.shows(f"{len(FUNCTIONS)} of {len(FUNCTIONS)} functions")
        search: QLineEdit = drive.find("Search the functions", QLineEdit)
        assert search.hasFocus()
        drive.type("capitals", search)
        assert "ToUpper" in drive.rows(rows)
        assert "Left" not in drive.rows(rows)
        drive.key("Down", search)
        assert rows.hasFocus()
        drive.write("Search the functions", "no such thing")
        assert drive.rows(rows) == []
        drive.key("Escape", search)
        assert drive.rows(rows) == all_rows
        insert: QPushButton = drive.find("Insert", QPushButton)
        assert not insert.isEnabled()
        assert "Open a script" in insert.toolTip()
        reference(drive).close()


@window_test
async def test_it_is_one_window_that_follows_the_cursor(small: Path) -> None:
    async with running(small) as drive:
        code = await script(drive)
        code.moveCursor(QTextCursor.MoveOperation.End)
        drive.key("Return", code)
        drive.type("Left('a', 1)", code)
        for function in ("Left", "Length"):
            cursor = code.document().find(function)
            cursor.clearSelection()
            drive.window.activateWindow()
            code.setFocus()
            code.setTextCursor(cursor)
            await drive.rest()
            drive.key("F1", code)
            await drive.rest()
            assert chosen(drive) == function
        assert len(drive.all("Function reference", FunctionReference)) == 1
        reference(drive).close()


@window_test
async def test_a_javascript_gets_calls_of_jitterbit(small: Path) -> None:
    (small / "scripts" / "mark.js").write_text("var a = 1;\n", "utf-8")
    async with running(small) as drive:
        code = await script(drive, "mark.js")
        code.moveCursor(QTextCursor.MoveOperation.End)
        drive.key("F1", code)
        await drive.rest()
        drive.write("Search the functions", "toupper")
        drive.key("Return")
        await drive.rest()
        assert code.toPlainText() == "var a = 1;\nJitterbit.ToUpper(str)"
        reference(drive).close()


@window_test
async def test_a_javascript_is_checked_as_such(small: Path) -> None:
    (small / "scripts" / "mark.js").write_text("if (1) {}\nvar a = ;\n", "utf-8")
    async with running(small) as drive:
        await script(drive, "mark.js")
        await drive.until(lambda: drive.shows("Line 2, column 9: ; is not expected here."))


@window_test
async def test_hovering_a_function_tells_what_it_does(small: Path) -> None:
    async with running(small) as drive:
        code = await script(drive)
        cursor = code.document().find("Length")
        at = code.cursorRect(cursor).center() - QPoint(12, 0)
        QApplication.sendEvent(
            code.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, at, code.viewport().mapToGlobal(at))
        )
        assert QToolTip.text().startswith("Length(x) → number\n")
        empty = QPoint(code.viewport().width() - 10, code.viewport().height() - 10)
        QApplication.sendEvent(
            code.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, empty, code.viewport().mapToGlobal(empty))
        )
        QToolTip.hideText()
        await drive.until(lambda: not QToolTip.isVisible())


def test_what_a_word_means() -> None:
    line = "x = left($jitterbit.operation.last_error, other)"
    assert meaning(line, 5).startswith("Left(str, n) → string\n")
    assert meaning(line, 15).startswith("$jitterbit.operation.last_error: string\n")
    assert meaning(line, 44) == ""
    assert meaning(line, 0) == ""
    assert meaning("", 0) == ""


@window_test
async def test_it_is_read_in_portuguese(small: Path) -> None:
    async with running(small, language="pt_BR") as drive:
        drive.key("F1", drive.window)
        await drive.rest()
        dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, FunctionReference))
        rows = dialog.findChildren(Rows)[0]
        assert drive.rows(rows)[0] == "Texto"
        dialog.close()


@window_test
async def test_a_new_script_is_written_in_the_language_chosen(small: Path) -> None:
    async with running(small) as drive:
        for name, language, file in (("Mark", "JavaScript", "mark.js"), ("Note", "Jitterbit Script", "note")):
            drive.choose("Edit", "New script…")
            await drive.until(lambda: drive.all("New script"))
            drive.write("Name", name)
            drive.pick("Written in", language)
            drive.click("Create")
            await drive.until(lambda file=file: drive.all(f"Script {file}"))
        assert {"mark.js", "note"} <= set(drive.studio.window.session.workspace.project.scripts)


@window_test
async def test_every_mistake_of_a_script_is_marked(small: Path) -> None:
    (small / "scripts" / "torn.jb").write_text("x = 1;\ny = (x;\nz = 'a\n", "utf-8")
    async with running(small) as drive:
        code = await script(drive, "torn")
        await drive.until(lambda: drive.shows("Line 2, column 7: ; is not expected here."))
        assert [selection.cursor.blockNumber() for selection in code.extraSelections()][1:] == [1, 2]
