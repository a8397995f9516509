"""The editor of a script: problems underlined and said, completion, signatures, the reference of the word in hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QTreeView

from tests.ui.driver import Drive, running, window_test
from ui import theme
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


@window_test
async def test_what_stands_behind_rare_characters_is_underlined_itself(small: Path) -> None:
    (small / "scripts" / "clean-phone.jb").write_text("$a = '🙂🙂' + Foo(1);\n", "utf-8")
    async with running(small) as drive:
        view: QTreeView = drive.find("Project", QTreeView)
        drive.click_row(view, drive.index(view, "Scripts", "clean-phone"), double=True)
        await drive.until(lambda: drive.shows("There is no function Foo."))
        code: CodeEdit = drive.find("Script clean-phone", CodeEdit)
        assert underlined(code) == [("Foo", "red")]


def test_offsets_and_places_of_a_document_lead_to_each_other() -> None:
    text = "a🙂b"
    assert [units(text, at) for at in range(4)] == [0, 1, 3, 4]
    assert [offset(text, at) for at in (0, 1, 3, 4)] == [0, 1, 2, 3]
    assert offset(text, 99) == 3
