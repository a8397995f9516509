"""The wide editor: the script between the trees, fields written into it from the tree beside it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, open_map, script_of
from tests.ui.driver import Drive, running, window_test
from tests.ui.test_turns import NAME as ITEM_NAME
from tests.ui.test_turns import rewrite
from ui.editors.mapping.script_edit import ScriptEdit

RULE = "Script of the rule"


async def wide(drive: Drive, text: str) -> tuple[Map, ScriptEdit]:
    """The rule of the invoice's number in the wide editor, with this text, not taken over."""
    map = await open_map(drive)
    await map.click(TARGET, f"{INVOICE}/@number")
    await map.key(TARGET, "Shift+F4")
    edit: ScriptEdit = drive.find(RULE, ScriptEdit)
    assert edit.hasFocus()
    drive.key("Ctrl+A", edit)
    drive.type(text, edit)
    if edit.completing:
        drive.key("Escape", edit)
    return map, edit


def between(drive: Drive, map: Map, edit: ScriptEdit) -> bool:
    """The script stands right of the source tree and left of the target tree, as high as they are."""
    source, target = map.tree(SOURCE), map.tree(TARGET)
    left = source.mapToGlobal(QPoint(source.width(), 0)).x()
    right = target.mapToGlobal(QPoint(0, 0)).x()
    here = edit.mapToGlobal(QPoint(0, 0)).x()
    return left <= here and here + edit.width() <= right and edit.height() > source.height() // 2


@window_test
async def test_the_script_stands_between_the_trees_and_goes_back(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map, edit = await wide(drive, "1 +")
        drive.key("Return", edit)
        drive.type("2", edit)
        await drive.rest()
        assert between(drive, map, edit)
        assert not drive.all("Links")
        drive.key("Ctrl+Return", edit)
        assert (script_of(drive, f"{INVOICE}/@number") or "").split() == ["1", "+", "2"]
        drive.click("Wide editor")
        await drive.rest()
        assert not between(drive, map, edit)
        assert drive.all("Links")


@window_test
async def test_a_double_click_writes_a_field_where_the_cursor_stands(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map, edit = await wide(drive, "Left(, 3)")
        for _step in range(4):
            drive.key("Left", edit)
        drive.double_click(map.tree(SOURCE).viewport(), map.point(SOURCE, f"{ORDER}/@id"))
        await drive.rest()
        assert edit.toPlainText() == "Left([@id], 3)"
        assert edit.hasFocus()
        drive.type(" + ", edit)
        # The keyboard's twin, from the tree.
        await map.click(SOURCE, f"{ORDER}/placed")
        await map.key(SOURCE, "Ctrl+Return")
        assert edit.toPlainText() == "Left([@id] + [placed], 3)"


@window_test
async def test_a_field_is_dragged_into_the_wide_script(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map, edit = await wide(drive, "Length()")
        start = map.point(SOURCE, f"{ORDER}/placed")
        cursor = edit.textCursor()
        cursor.setPosition(7)
        await drive.drag(
            map.tree(SOURCE).viewport(), start, edit.viewport(), edit.cursorRect(cursor).center()
        )
        assert edit.toPlainText() == "Length([placed])"


@window_test
async def test_a_condition_is_written_wide_too_and_another_node_shows_its_own(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map, edit = await wide(drive, "[@id]")
        drive.click("Condition")
        drive.type("Length()", edit)
        drive.key("Left", edit)
        drive.double_click(map.tree(SOURCE).viewport(), map.point(SOURCE, f"{ORDER}/@status"))
        await drive.rest()
        assert edit.toPlainText() == "Length([@status])"
        await map.click(TARGET, f"{INVOICE}/issueDate")
        assert edit.toPlainText() == "[placed]"
        map_now = drive.studio.session.workspace.project.transformations["orders-to-invoices"].mapping
        assert map_now.get(f"{INVOICE}/@number").when == "Length([@status])"


@window_test
async def test_wide_comes_back_with_the_map(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await wide(drive, "[@id]")
        drive.key("Ctrl+Return")
        drive.key("Ctrl+S", drive.window)
        await drive.rest()
        drive.window.keep_layout()
    async with running(small, size="1600x1000", first_time=True) as drive:
        await drive.until(lambda: drive.all(RULE, ScriptEdit))
        map = Map(drive)
        assert between(drive, map, drive.find(RULE, ScriptEdit))
        QTest.keySequence(map.tree(TARGET), "Shift+F4")


@window_test
async def test_a_window_does_not_grow_and_a_rule_left_with_esc_keeps_its_result(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size="1280x860") as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(TARGET, ITEM_NAME) == "ant", 180)
        await map.click(TARGET, ITEM_NAME)
        await map.key(TARGET, "Shift+F4")
        edit: ScriptEdit = drive.find(RULE, ScriptEdit)
        await drive.until(lambda: drive.shows("of 3") and drive.all("Next turn"))
        drive.key("Ctrl+A", edit)
        drive.type("[sku] + " * 20 + '"!"', edit)
        await drive.rest()
        # A long rule is wrapped: nothing of it lies beside the window.
        assert edit.horizontalScrollBar().maximum() == 0
        assert drive.window.width() == 1280
        drive.key("Escape", edit)
        if edit.toPlainText() != "[sku]":
            drive.key("Escape", edit)
        assert edit.toPlainText() == "[sku]"
        await drive.until(lambda: drive.shows("ant", edit.parentWidget()))
