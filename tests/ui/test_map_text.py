"""The map as text in the real window: read, edited and followed by the canvas, with mouse and keyboard alone."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from studio.project.texts import parsed
from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, map_of, open_map, script_of
from tests.ui.driver import Drive, running, window_test
from ui.canvas.tree_view import TreeView
from ui.widgets.tabs import TabBar

MAP = "transformations/orders-to-invoices.yaml"


async def as_text(drive: Drive) -> QPlainTextEdit:
    """Open the text from the toolbar."""
    drive.click("Map as text")
    await drive.rest(0.05)
    return drive.find("Map as text", QPlainTextEdit)


def at_line(code: QPlainTextEdit) -> str:
    return code.textCursor().block().text()


async def to_line(drive: Drive, code: QPlainTextEdit, part: str) -> None:
    """Put the cursor at the end of the first line that holds a text, with the keyboard."""
    drive.key("Ctrl+Home", code)
    for _line in range(code.toPlainText()[: code.toPlainText().index(part)].count("\n")):
        drive.key("Down", code)
    drive.key("End", code)
    await drive.rest(0.02)


@window_test
async def test_the_text_is_what_the_file_will_hold_and_stands_at_the_rule(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        code = await as_text(drive)
        assert "issueDate" in at_line(code)
        await map.drive.rest(0.02)
        drive.key("Ctrl+S", drive.window)
        assert code.toPlainText() == (small / MAP).read_text()
        drive.key("Escape", code)
        await drive.rest(0.02)
        assert drive.find(TARGET, TreeView).hasFocus()


@window_test
async def test_what_is_typed_is_the_map_after_a_pause_and_one_step(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        before = (small / MAP).read_text()
        code = await as_text(drive)
        await to_line(drive, code, "issueDate:")
        drive.key("Return", code)
        drive.type("invoices/invoice/issueDate: \"'2030-01-01'\"", code)
        # A path twice is no map: the place is told, the map stays, Esc shows it again.
        await drive.until(lambda: drive.shows("already used above"))
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placed]"
        # What stands here is in no file: nobody is told that everything is saved.
        assert drive.shows("1 object has unsaved changes")
        assert drive.find("Open objects", TabBar).face(0).changed
        drive.key("Escape", code)
        await drive.rest(0.02)
        assert code.toPlainText() == before
        assert drive.shows("Everything is saved")
        assert not drive.find("Open objects", TabBar).face(0).changed
        await to_line(drive, code, "issueDate:")
        drive.key("Shift+Home", code)
        drive.type("  invoices/invoice/issueDate: \"'2030-01-01'\"", code)
        await drive.until(lambda: script_of(drive, f"{INVOICE}/issueDate") == "'2030-01-01'")
        drive.key("Escape", code)
        await drive.rest(0.05)
        drive.click("Undo “Text of Orders to invoices”")
        await drive.rest(0.05)
        assert map_of(drive).mapping == _map_of(before)


@window_test
async def test_text_and_canvas_follow_each_other(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        code = await as_text(drive)
        await to_line(drive, code, "issueDate:")
        drive.key("Escape", code)
        await drive.rest(0.02)
        # The node of the line is the current one, here and in the Inspector.
        assert drive.all(f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        code = await as_text(drive)
        assert "issueDate:" not in code.toPlainText()
        drive.click("Undo “Remove 1 rule”")
        await drive.rest(0.05)
        assert "issueDate:" in code.toPlainText()


@window_test
async def test_a_rule_with_a_problem_is_told_at_its_line(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        code = await as_text(drive)
        await to_line(drive, code, "issueDate:")
        drive.key("Shift+Home", code)
        drive.type('  invoices/invoice/issueDate: "[nowhere/to/be/found]"', code)
        line = code.textCursor().blockNumber() + 1
        await drive.until(lambda: drive.shows(f"Line {line}: "))
        assert code.extraSelections()
        drive.key("Up", code)
        await drive.rest(0.02)
        assert not drive.shows(f"Line {line}: ")


def _map_of(text: str) -> object:
    return parsed("transformations/orders-to-invoices", text.encode()).mapping


@window_test
async def test_a_text_with_a_mistake_outlives_its_tab_and_is_told(small: Path) -> None:
    file = small / MAP
    before = file.read_text()
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        code = await as_text(drive)
        drive.key("Ctrl+End", code)
        drive.type("oops: [", code)
        wrong = code.toPlainText()
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: drive.shows("The map stays as it was"))
        # The strip below takes room, and the line that is written on stays in sight.
        await drive.until(lambda: code.cursorRect().bottom() <= code.viewport().height())
        drive.key("Ctrl+W", drive.window)
        await drive.rest(0.05)
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.until(lambda: drive.all("Map as text", QPlainTextEdit))
        drive.key("Ctrl+Shift+T", drive.window)
        await drive.until(lambda: drive.shows("The text of this map has a mistake"))
        code = await as_text(drive)
        assert code.toPlainText() == wrong
        assert drive.shows("The map stays as it was")
        drive.key("Escape", code)
        await drive.rest(0.02)
        assert code.toPlainText() == before
        drive.key("Escape", code)
        await drive.until(lambda: not drive.shows("The text of this map has a mistake"))
    assert file.read_text() == before
    assert not list((small / ".weft" / "drafts").glob("*"))


@window_test
async def test_ctrl_f_finds_in_the_text(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        code = await as_text(drive)
        drive.key("Ctrl+Home", code)
        drive.key("Ctrl+F", drive.window)
        field = drive.find("Find in the text", QLineEdit)
        drive.type("invoice", field)
        first = code.textCursor().position()
        drive.key("Return", field)
        assert code.textCursor().position() > first
        assert code.textCursor().selectedText() == "invoice"
        drive.key("Escape", field)
        drive.key("Escape", field)
        await drive.rest(0.02)
        assert code.hasFocus()


@window_test
async def test_what_may_stand_there_is_offered_while_the_text_is_written(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(SOURCE, f"{ORDER}/@id") == "10248", 180)
        code = await as_text(drive)
        await to_line(drive, code, "issueDate:")
        drive.key("Shift+Home", code)
        drive.type("  invoices/invoice/i", code)
        assert drive.find("Completions").accessibleDescription().startswith("issueDate")
        drive.key("Return", code)
        assert at_line(code) == "  invoices/invoice/issueDate: "
        # A path would be a list without its quotes.
        drive.type("[pl", code)
        assert drive.find("Completions").accessibleDescription() == "placed date 2026-03-01"
        drive.key("Tab", code)
        assert at_line(code) == '  invoices/invoice/issueDate: "[placed]"'
        drive.type(" + Tri", code)
        drive.key("Return", code)
        assert at_line(code) == '  invoices/invoice/issueDate: "[placed] + Trim()"'
        assert drive.find("Signature").accessibleDescription().startswith("Trim(")
        drive.key("Ctrl+Space", code)
        drive.key("Escape", code)
        assert not drive.all("Completions")
        await drive.until(lambda: script_of(drive, f"{INVOICE}/issueDate") == "[placed] + Trim()")


@window_test
async def test_options_loops_and_mandatory_nodes_are_offered_in_the_text(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        code = await as_text(drive)
        await to_line(drive, code, "issueDate:")
        drive.key("Return", code)
        drive.type("invoices/invoice: {lo", code)
        drive.key("Return", code)
        assert at_line(code) == "  invoices/invoice: {loop: "
        drive.type("ord", code)
        drive.key("Return", code)
        assert at_line(code) == "  invoices/invoice: {loop: orders/order"
        drive.type(", wh", code)
        drive.key("Return", code)
        drive.type("[@sta", code)
        drive.key("Return", code)
        assert at_line(code) == '  invoices/invoice: {loop: orders/order, when: "[@status]"'
