"""Names in scripts: where they come from, where they stand, renamed with a preview; brackets and problems."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeView

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, open_map, script_of
from tests.ui.driver import LEFT, Drive, running, window_test
from tests.ui.test_script_editor import offered, underlined, written
from ui.editors.mapping.script_edit import ScriptEdit
from ui.editors.writing.names_panel import NamesPanel
from ui.editors.writing.problem_label import ProblemText
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows

RULE = "Script of the rule"


def with_rates(folder: Path) -> None:
    """A variable set in one script, read in a condition, a rule and a script in JavaScript."""
    (folder / "scripts" / "rates.jb").write_text("// rates\n$rate = 1.5;\n", "utf-8")
    (folder / "scripts" / "use.js").write_text("SetScriptResult($rate);\n", "utf-8")
    map = folder / "transformations" / "orders-to-invoices.yaml"
    text = map.read_text("utf-8").replace("== 'open'", "== $rate")
    map.write_text(text.replace('"[placed]"', '"[placed] + Length($rate)"'), "utf-8")


async def writing(drive: Drive, node: str, text: str) -> ScriptEdit:
    """Write over the script of a target node; it is not taken over yet."""
    map = await open_map(drive)
    await map.click(TARGET, node)
    await map.key(TARGET, "F4")
    edit: ScriptEdit = drive.find(RULE, ScriptEdit)
    drive.key("Ctrl+A", edit)
    drive.type(text, edit)
    if edit.completing:
        drive.key("Escape", edit)
    return edit


def cursor_to(edit: CodeEdit, drive: Drive, words: str) -> None:
    """Put the cursor into some words by keyboard."""
    drive.key("Ctrl+Home", edit)
    for _step in range(edit.toPlainText().index(words) + 1):
        drive.key("Right", edit)


def places(drive: Drive) -> list[tuple[str, str, str]]:
    """What the panel lists: where, the line, and as it would be."""
    panel: NamesPanel = drive.find("Places of a name", NamesPanel)
    return [(line.place, line.use.text, line.new) for line in panel.lines]


@window_test
async def test_f12_leads_from_a_rule_to_function_field_variable_and_object(small: Path) -> None:
    with_rates(small)
    async with running(small, size="1600x1000") as drive:
        edit = await writing(drive, f"{INVOICE}/@number", "Left([@id], $rate) + '<TAG>Scripts/rates</TAG>'")
        cursor_to(edit, drive, "Left")
        drive.key("F12", edit)
        await drive.rest()
        assert drive.shows("Left(str, n)", drive.window.inspector)
        cursor_to(edit, drive, "@id")
        drive.key("F12", edit)
        await drive.rest()
        tree = (await open_map(drive)).tree(SOURCE)
        assert tree.rows[tree.selection.row].path == f"{ORDER}/@id"
        # What is being written stands there still.
        assert edit.hasFocus()
        assert edit.toPlainText().startswith("Left([@id]")
        cursor_to(edit, drive, "rate)")
        drive.key("F12", edit)
        await drive.until(lambda: drive.all("Script rates", CodeEdit))
        code: CodeEdit = drive.find("Script rates", CodeEdit)
        assert code.textCursor().selectedText() == "rate"
        assert code.textCursor().blockNumber() == 1
        # What was typed before is the rule now.
        assert script_of(drive, f"{INVOICE}/@number").startswith("Left([@id], $rate)")


@window_test
async def test_a_tag_opens_its_object_by_key_and_by_ctrl_and_a_click(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "RunOperation('<TAG>Operations/send-invoices</TAG>');")
        at = code.cursorRect().center()
        cursor = code.textCursor()
        cursor.setPosition(code.toPlainText().index("send") + 2)
        at = code.cursorRect(cursor).center()
        QTest.mouseClick(code.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, at)
        await drive.until(lambda: drive.window.area.current.ref == "operations/send-invoices")


@window_test
async def test_the_places_of_a_variable_are_listed_and_opened(small: Path) -> None:
    with_rates(small)
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "x = $rate;", "rates")
        cursor_to(code, drive, "rate")
        drive.key("Shift+F12", code)
        await drive.until(lambda: drive.all("Places of a name"))
        await drive.until(lambda: drive.find("Places", Rows).hasFocus())
        assert [each[0] for each in places(drive)] == [
            "orders-to-invoices · invoice · when", "orders-to-invoices · issueDate", "rates, line 1", "use.js, line 1",
        ]  # fmt: skip
        drive.key("Return", drive.find("Places", Rows))
        await drive.until(lambda: drive.all(RULE, ScriptEdit))
        edit: ScriptEdit = drive.find(RULE, ScriptEdit)
        assert edit.toPlainText() == "[@status] == $rate"
        assert edit.textCursor().selectedText() == "rate"


@window_test
async def test_a_variable_is_renamed_across_the_project_after_a_look_and_undone(small: Path) -> None:
    with_rates(small)
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "$rate = 2;", "rates")
        cursor_to(code, drive, "rate")
        drive.key("Ctrl+F12", code)
        await drive.until(lambda: drive.all("New name"))
        drive.write("New name", "currency")
        await drive.until(lambda: drive.shows("The project already has a variable $currency."))
        assert not drive.find("Rename").isEnabled()
        drive.write("New name", "$factor")
        await drive.until(lambda: places(drive)[0][2] == "[@status] == $factor")
        drive.click("Rename")
        await drive.until(lambda: code.toPlainText() == "$factor = 2;")
        project = drive.studio.session.workspace.project
        assert project.scripts["use.js"] == "SetScriptResult($factor);\n"
        assert script_of_map(project, f"{INVOICE}/issueDate") == "[placed] + Length($factor)"
        drive.key("Ctrl+Z", drive.window)
        await drive.rest()
        assert drive.studio.session.workspace.project.scripts["use.js"] == "SetScriptResult($rate);\n"


def script_of_map(project: object, path: str) -> str | None:
    rule = project.transformations["orders-to-invoices"].mapping.get(path)  # type: ignore[attr-defined]
    return rule.script


@window_test
async def test_an_object_is_renamed_from_a_script_that_names_it(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "RunOperation('<TAG>Operations/send-invoices</TAG>');")
        cursor_to(code, drive, "send")
        drive.key("Ctrl+F12", code)
        await drive.until(lambda: drive.all("New name"))
        drive.write("New name", "send-all")
        drive.key("Return", drive.find("New name"))
        await drive.until(lambda: "<TAG>Operations/send-all</TAG>" in code.toPlainText())
        assert "send-all" in drive.studio.session.workspace.project.operations


@window_test
async def test_a_variable_of_one_script_is_renamed_there_only(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "total = 1; // total\n$x = total + 'total';")
        cursor_to(code, drive, "total + ")
        drive.key("Ctrl+F12", code)
        assert len(places(drive)) == 2
        drive.write("New name", "1st")
        await drive.until(lambda: not drive.find("Rename").isEnabled())
        drive.write("New name", "sum")
        drive.key("Return", drive.find("New name"))
        assert code.toPlainText() == "sum = 1; // total\n$x = sum + 'total';"
        drive.key("Ctrl+Z", code)
        assert code.toPlainText() == "total = 1; // total\n$x = total + 'total';"


@window_test
async def test_problems_are_stepped_through_by_key_and_by_a_click(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "$a = Foo(1);\n$b = Bar(2);")
        await drive.until(lambda: len(underlined(code)) == 2)
        drive.key("Ctrl+Home", code)
        drive.key("F2", code)
        assert code.textCursor().selectedText() == "Foo"
        drive.key("F2", code)
        assert code.textCursor().selectedText() == "Bar"
        assert drive.shows("2 of 2: There is no function Bar.")
        drive.key("Shift+F2", code)
        assert code.textCursor().selectedText() == "Foo"
        drive.click(drive.window.findChild(ProblemText), QPoint(20, 8))
        assert code.textCursor().selectedText() == "Bar"


@window_test
async def test_all_problems_of_a_rule_are_underlined_and_a_click_on_the_first_leads_there(
    small: Path,
) -> None:
    async with running(small, size="1600x1000") as drive:
        edit = await writing(drive, f"{INVOICE}/@number", "[@id] + Foo(1) + Bar(2)")
        await drive.until(lambda: [text for text, _role in underlined(edit)] == ["Foo", "Bar"])
        label = drive.find("There is no function Foo. (line 1, column 9)")
        drive.click(label, QPoint(5, 5))
        assert edit.textCursor().selectedText() == "Foo"
        drive.key("F2", edit)
        assert edit.textCursor().selectedText() == "Bar"


@window_test
async def test_the_bracket_beside_the_cursor_and_its_partner_are_set_off(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        edit = await writing(drive, f"{INVOICE}/@number", "Left(Trim([@id]), 3)")

        def set_off() -> list[int]:
            marks = [mark for mark in edit.extraSelections() if mark.format.fontWeight() == 700]
            return [mark.cursor.selectionStart() for mark in marks]

        drive.key("End", edit)
        assert set_off() == [19, 4]
        drive.key("Ctrl+B", edit)
        assert edit.textCursor().position() == 4
        drive.key("Ctrl+B", edit)
        assert edit.textCursor().position() == 20
        drive.type(")", edit)
        assert set_off() == [20]


@window_test
async def test_objects_and_variables_of_the_project_are_offered_in_rules_and_javascript(small: Path) -> None:
    with_rates(small)
    async with running(small, size="1600x1000") as drive:
        edit = await writing(drive, f"{INVOICE}/@number", "$ra")
        drive.key("Ctrl+Space", edit)
        assert offered(drive)[0] == "rate"
        drive.key("Escape", edit)
        drive.key("Ctrl+A", edit)
        drive.type("RunScript('", edit)
        drive.key("Ctrl+Space", edit)
        assert offered(drive) == ["Scripts/clean-phone", "Scripts/rates", "Scripts/use.js"]
        drive.key("Escape", edit)
        drive.key("Escape", edit)
        view: QTreeView = drive.find("Project", QTreeView)
        drive.click_row(view, drive.index(view, "Scripts", "use.js"), double=True)
        await drive.rest()
        code: CodeEdit = drive.find("Script use.js", CodeEdit)
        drive.click(code.viewport(), QPoint(80, 60))
        drive.key("Ctrl+A", code)
        drive.type("var a = Jitterbit.DateA", code)
        assert offered(drive)[0] == "DateAdd"
        drive.key("Return", code)
        assert code.toPlainText() == "var a = Jitterbit.DateAdd()"
        drive.key("End", code)
        drive.type("; var b = Le", code)
        assert not offered(drive)


@window_test
async def test_after_a_rename_the_call_is_shown_right_under_the_text(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "ArgumentList(number);\nLeft(number, 2);")
        cursor_to(code, drive, "number")
        drive.key("Ctrl+F12", code)
        await drive.until(lambda: drive.all("New name"))
        drive.write("New name", "digits")
        await drive.until(lambda: places(drive)[0][2] == "ArgumentList(digits);")
        drive.click("Rename")
        await drive.until(lambda: code.toPlainText().startswith("ArgumentList(digits)"))
        await drive.until(lambda: drive.all("Signature"))
        await drive.rest()
        box = drive.find("Signature")
        last = code.document().lastBlock()
        end = code.blockBoundingGeometry(last).translated(code.contentOffset()).bottom()
        top = code.viewport().mapFromGlobal(box.mapToGlobal(box.rect().topLeft())).y()
        assert end <= top <= end + 2 * box.height()
