"""Values of conditions and of parts of a script while they are written."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import INVOICE, TARGET, open_map
from tests.ui.driver import running, window_test
from ui.editors.mapping.script_bar import ScriptBar
from ui.editors.mapping.script_edit import ScriptEdit


@window_test
async def test_the_part_under_the_cursor_and_the_selected_one_tell_their_value(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Shift+F4")
        edit: ScriptEdit = drive.find("Script of the rule", ScriptEdit)
        bar: ScriptBar = drive.window.area.current.bar
        drive.key("Ctrl+A", edit)
        drive.type("n = 2; Left([@id], n) + 'x'", edit)
        await drive.until(lambda: bar.result == "10x")
        for _step in range(8):
            drive.key("Left", edit)
        await drive.until(lambda: bar.part_result == "n = 2")
        drive.key("Home", edit)
        for _step in range(8):
            drive.key("Right", edit)
        await drive.until(lambda: bar.part_result == 'Left([@id], n) = "10"')
        drive.key("Shift+End", edit)
        await drive.until(lambda: not bar.part_result)
        drive.key("Ctrl+Home", edit)
        for _step in range(7):
            drive.key("Right", edit)
        drive.key("Shift+End", edit)
        await drive.until(lambda: bar.part_result == "Left([@id], n) + 'x' = \"10x\"")


@window_test
async def test_a_condition_tells_what_it_gives_for_the_record_shown(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        bar: ScriptBar = drive.window.area.current.bar
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "C")
        edit: ScriptEdit = drive.find("Script of the rule", ScriptEdit)
        drive.key("Ctrl+A", edit)
        drive.type("Length([@status]) == 7", edit)
        await drive.until(lambda: bar.result == "false")
        drive.key("Alt+Right", edit)
        await drive.until(lambda: drive.shows("Condition for record 2"))
        await drive.until(lambda: bar.result == "true")
        assert edit.toPlainText() == "Length([@status]) == 7"


@window_test
async def test_the_path_of_a_loop_tells_how_many_nodes_it_leads_to(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        bar: ScriptBar = drive.window.area.current.bar
        await drive.until(lambda: map.value(TARGET, INVOICE) != "", 180)
        await map.click(TARGET, INVOICE)
        drive.click("Loop")
        edit: ScriptEdit = drive.find("Script of the rule", ScriptEdit)
        assert edit.toPlainText() == "orders/order"
        await drive.until(lambda: bar.part_result == "orders/order = 3 ×")
        drive.key("End", edit)
        drive.type("[[@status] == 'open']", edit)
        await drive.until(lambda: bar.part_result == "orders/order[[@status] == 'open'] = 2 ×")
