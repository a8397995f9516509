"""The editor of a script: problems underlined and said, completion, signatures, the reference of the word in hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QTreeView, QWidget

from tests.ui.driver import Drive, running, window_test
from ui import theme
from ui.editors.mapping.completion_list import CompletionList
from ui.editors.script import MOST
from ui.widgets.code import CodeEdit, offset, units


async def written(drive: Drive, text: str, name: str = "clean-phone") -> CodeEdit:
    """Open a script and type over what it has."""
    view: QTreeView = drive.find("Project", QTreeView)
    drive.click_row(view, drive.index(view, "Scripts", name), double=True)
    await drive.rest()
    code: CodeEdit = drive.find(f"Script {name}", CodeEdit)
    drive.click(code.viewport(), QPoint(80, 60))
    drive.key("Ctrl+A", code)
    for number, line in enumerate(text.split("\n")):
        if number:
            drive.key("Return", code)
        drive.type(line, code)
    return code


def underlined(code: CodeEdit) -> list[tuple[str, str]]:
    """What is underlined, with the colour."""
    colours = {theme.color(role).name(): role for role in ("red", "orange")}
    wave = QTextCharFormat.UnderlineStyle.WaveUnderline
    marks = [mark for mark in code.extraSelections() if mark.format.underlineStyle() is wave]
    return [(mark.cursor.selectedText(), colours[mark.format.underlineColor().name()]) for mark in marks]


def coloured(code: CodeEdit, line: int) -> list[str]:
    """The words of a line in the colour of functions."""
    block = code.document().findBlockByNumber(line)
    accent = theme.color("accent").name()
    parts = [part for part in block.layout().formats() if part.format.foreground().color().name() == accent]
    return [block.text()[part.start : part.start + part.length] for part in parts]


@window_test
async def test_every_problem_of_a_script_is_underlined_and_the_first_is_said(small: Path) -> None:
    async with running(small) as drive:
        code = await written(drive, "$a = Length('e');\n$x = Foo(1);\n$y = Rep ")
        await drive.until(lambda: drive.shows("Line 2, column 6: There is no function Foo."))
        assert [text for text, _role in underlined(code)] == ["Foo", "Rep"]
        assert underlined(code)[0] == ("Foo", "red")
        assert coloured(code, 0) == ["Length"]
        assert coloured(code, 1) == []
        drive.key("Ctrl+A", code)
        drive.type("$a = 1; ", code)
        await drive.until(lambda: not underlined(code))
        assert not drive.shows("Line 2")
        drive.type("$b = $jitterbit.nothing; ", code)
        drive.key("Escape", code)
        await drive.until(lambda: drive.shows("There is no system variable $jitterbit.nothing."))
        assert underlined(code) == [("$jitterbit.nothing", "orange")]


def offered(drive: Drive) -> list[str]:
    """The names in the list of completions; none where it is not shown."""
    lists = drive.all("Completions", CompletionList)
    return [item.name for item in lists[0].items] if lists else []


@window_test
async def test_what_may_follow_is_offered_while_a_script_is_typed(small: Path) -> None:
    (small / "scripts" / "other.jb").write_text("$order_count = 1;\n", "utf-8")
    async with running(small) as drive:
        code = await written(drive, "rest = 1;\n$n = Repl")
        assert offered(drive)[0] == "Replace"
        drive.key("Return", code)
        assert code.toPlainText().endswith("\n$n = Replace()")
        assert drive.find("Signature", QWidget).accessibleDescription().startswith("Replace(")
        drive.type("re", code)
        assert "rest" in offered(drive)
        drive.key("Escape", code)
        assert not offered(drive)
        drive.key("End", code)
        drive.type(" + $ord", code)
        assert offered(drive)[0] == "order_count"
        drive.key("Tab", code)
        assert code.toPlainText().endswith("+ $order_count")
        drive.type("; ", code)
        drive.key("Ctrl+Space", code)
        assert {"Array", "rest"} <= set(offered(drive))
        drive.key("Escape", code)
        # A word that is written out does not hold up the next line.
        drive.type("rest", code)
        assert "rest" in offered(drive)
        drive.key("Return", code)
        assert code.toPlainText().endswith("; rest\n")
        assert not offered(drive)


@window_test
async def test_objects_of_the_project_are_offered_in_texts(small: Path) -> None:
    async with running(small) as drive:
        code = await written(drive, "RunOperation('")
        assert offered(drive) == ["Operations/nothing-yet", "Operations/send-invoices"]
        drive.type("send", code)
        drive.key("Return", code)
        assert code.toPlainText() == "RunOperation('<TAG>Operations/send-invoices</TAG>"
        drive.type("'); $a = '<TAG>Scr", code)
        assert "Scripts/clean-phone" in offered(drive)
        drive.key("Tab", code)
        drive.type("'; $b = 'plain", code)
        assert not offered(drive)
        drive.type("'; Le", code)
        drive.key("F1", code)
        await drive.rest()
        assert drive.shows("Left(str, n)", drive.window.inspector)
        drive.key("Escape", code)
        drive.key("Ctrl+W", code)
        await drive.until(lambda: not drive.window.findChildren(CompletionList))


@window_test
async def test_what_stands_behind_rare_characters_is_underlined_itself(small: Path) -> None:
    (small / "scripts" / "clean-phone.jb").write_text("$a = '🙂🙂' + Foo(1);\n", "utf-8")
    async with running(small) as drive:
        view: QTreeView = drive.find("Project", QTreeView)
        drive.click_row(view, drive.index(view, "Scripts", "clean-phone"), double=True)
        await drive.until(lambda: drive.shows("There is no function Foo."))
        code: CodeEdit = drive.find("Script clean-phone", CodeEdit)
        assert underlined(code) == [("Foo", "red")]


@window_test
async def test_a_long_script_full_of_mistakes_is_opened_and_written_on(small: Path) -> None:
    (small / "scripts" / "clean-phone.jb").write_text("Foo();\n" * 1_500, "utf-8")
    async with running(small, watched=False) as drive:
        view: QTreeView = drive.find("Project", QTreeView)
        drive.click_row(view, drive.index(view, "Scripts", "clean-phone"), double=True)
        await drive.until(lambda: drive.shows("Line 1, column 1: There is no function Foo."))
        code: CodeEdit = drive.find("Script clean-phone", CodeEdit)
        assert underlined(code) == [("Foo", "red")] * MOST
        drive.key("Ctrl+A", code)
        drive.type("$a = 1; $a", code)
        await drive.until(lambda: not underlined(code))


def test_offsets_and_places_of_a_document_lead_to_each_other() -> None:
    text = "a🙂b"
    assert [units(text, at) for at in range(4)] == [0, 1, 3, 4]
    assert [offset(text, at) for at in (0, 1, 3, 4)] == [0, 1, 2, 3]
    assert offset(text, 99) == 3
