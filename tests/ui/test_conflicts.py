"""Files changed here and outside at once: both versions can be seen, either chosen, and none is lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QAbstractButton

from tests.ui.driver import Drive, running, window_test
from ui.dialogs.compare import side_by_side
from ui.dialogs.conflicts.marked_text import MarkedText
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Tree

BAR = "Changed here and outside"
SCRIPT = "scripts/clean-phone.jb"


async def both_changed(drive: Drive, folder: Path) -> CodeEdit:
    """The script is typed into here, then written by somebody else."""
    tree = drive.find("Project", Tree)
    drive.click_row(tree, drive.index(tree, "Scripts", "clean-phone"), double=True)
    await drive.rest()
    code: CodeEdit = drive.find("Script clean-phone", CodeEdit)
    drive.click(code)
    drive.key("Ctrl+A", code)
    drive.type("mine = 1;", code)
    await drive.until(lambda: drive.window.session.workspace.dirty)
    (folder / SCRIPT).write_text("theirs = 2;\n")
    await drive.until(lambda: drive.all(BAR))
    return code


def script(drive: Drive) -> str:
    return str(drive.window.session.workspace.project.scripts["clean-phone"]).strip()


def press(drive: Drive, name: str) -> None:
    drive.click(drive.find(name, QAbstractButton))


@window_test
async def test_mine_is_kept_and_theirs_is_in_the_history(small: Path) -> None:
    async with running(small) as drive:
        code = await both_changed(drive, small)
        assert code.toPlainText() == "mine = 1;"
        press(drive, "Keep mine")
        await drive.until(lambda: not drive.all(BAR))
        assert script(drive) == "mine = 1;"
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: "mine" in (small / SCRIPT).read_text())
        drive.choose("Edit", "Undo “My version of clean-phone”")
        await drive.rest()
        assert script(drive) == "theirs = 2;"


@window_test
async def test_theirs_is_taken_and_undo_brings_mine_back(small: Path) -> None:
    async with running(small) as drive:
        code = await both_changed(drive, small)
        press(drive, "Take theirs")
        await drive.until(lambda: code.toPlainText().strip() == "theirs = 2;")
        assert not drive.all(BAR)
        assert not drive.window.session.workspace.dirty
        drive.choose("Edit", "Undo “Their version of clean-phone”")
        await drive.until(lambda: code.toPlainText() == "mine = 1;")


@window_test
async def test_both_are_compared_before_one_is_chosen(small: Path) -> None:
    async with running(small) as drive:
        await both_changed(drive, small)
        press(drive, "Compare")
        await drive.until(lambda: drive.all(f"Take theirs: {SCRIPT}"))
        assert drive.find(f"Mine of {SCRIPT}", MarkedText).text == "mine = 1;"
        assert drive.find(f"Theirs of {SCRIPT}", MarkedText).text.strip() == "theirs = 2;"
        assert drive.shows("0 of 1 decided")
        assert not drive.find("Finish", QAbstractButton).isEnabled()
        press(drive, "Decide later")
        await drive.until(lambda: not drive.all("Conflicts"))
        assert drive.all(BAR)
        press(drive, "Compare")
        await drive.until(lambda: drive.all(f"Take theirs: {SCRIPT}"))
        press(drive, f"Take theirs: {SCRIPT}")
        press(drive, "Finish")
        await drive.until(lambda: script(drive) == "theirs = 2;")
        assert not drive.all(BAR)
        drive.choose("Edit", "Undo “Their versions”")
        await drive.until(lambda: script(drive) == "mine = 1;")


@window_test
async def test_rules_both_changed_are_named_and_what_only_they_changed_is_there(small: Path) -> None:
    async with running(small) as drive:
        file = small / "operations" / "send-invoices.yaml"
        tree = drive.find("Project", Tree)
        drive.click_row(tree, drive.index(tree, "Operations", "Send invoices"), double=True)
        await drive.rest()
        drive.write("Name", "Send all invoices")
        drive.key("Return")
        await drive.until(lambda: drive.window.session.workspace.dirty)
        text = file.read_text().replace("name: Send invoices", "name: Send bills\ndescription: Monthly")
        file.write_text(text)
        await drive.until(lambda: drive.all(BAR))
        bar = drive.find(BAR)
        assert any(
            "name" in child.accessibleName() for child in bar.children() if hasattr(child, "accessibleName")
        )
        press(drive, "Take theirs")
        await drive.until(lambda: not drive.all(BAR))
        operation = drive.window.session.workspace.project.operations["send-invoices"]
        assert (operation.name, operation.description) == ("Send bills", "Monthly")


@window_test
async def test_what_is_not_open_is_named_and_deletions_can_be_chosen(small: Path) -> None:
    async with running(small) as drive:
        await both_changed(drive, small)
        press(drive, "Keep mine")
        await drive.until(lambda: not drive.all(BAR))
        (small / SCRIPT).unlink()
        await drive.until(lambda: drive.all(BAR))
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        assert not drive.all(BAR)
        tree = drive.find("Project", Tree)
        drive.click_row(tree, drive.index(tree, "Scripts", "clean-phone"), double=True)
        await drive.until(lambda: drive.all(BAR))
        press(drive, "Keep mine")
        await drive.until(lambda: not drive.all(BAR))
        assert script(drive) == "mine = 1;"
        assert drive.window.area.refs() == ["scripts/clean-phone"]


def test_lines_of_two_texts_stand_beside_each_other() -> None:
    left, right, differing = side_by_side("a\nb\nc\nd", "a\nx\ny\nc")
    assert left == ["a", "b", "", "c", "d"]
    assert right == ["a", "x", "y", "c", ""]
    assert differing == [1, 2, 4]
    assert side_by_side("same", "same") == (["same"], ["same"], [])
