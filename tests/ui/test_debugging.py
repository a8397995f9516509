"""Debugging a map with keys and mouse: breakpoints, steps, variables, watches, Stop whatever happens."""

from __future__ import annotations

from pathlib import Path

import psutil
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, open_map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows

NUMBER = f"{INVOICE}/@number"
DATE = f"{INVOICE}/issueDate"
MAP = "transformations/orders-to-invoices.yaml"
SIZE = "1600x1000"


def write_script(small: Path, script: str) -> None:
    """Another script for the number of an invoice."""
    file = small / MAP
    text = file.read_text().replace(
        'invoices/invoice/@number: "[@id]"', f"invoices/invoice/@number: |-\n    {script}"
    )
    file.write_text(text)


def lines(drive: Drive, name: str) -> list[tuple[str, str]]:
    """The rows of a list of the panel."""
    model = drive.find(name, Rows).model()
    return [
        (str(model.index(row, 0).data()), str(model.index(row, 1).data())) for row in range(model.rowCount())
    ]


def said(drive: Drive, text: str) -> bool:
    """The panel says this."""
    return drive.shows(text, drive.window.panel("bottom"))


def children() -> list[psutil.Process]:
    """The processes of debugged runs."""
    found = psutil.Process().children()
    return [child for child in found if "studio.agent.study_process" in " ".join(child.cmdline())]


async def click(drive: Drive, name: str) -> None:
    """A click on a button as soon as it may be clicked."""
    await drive.until(lambda: drive.find(name).isEnabled())
    drive.click(name)


async def begun(drive: Drive, *breakpoints: str) -> Map:
    """A debugged run of the map, held at the first of the breakpoints."""
    map = await open_map(drive)
    for path in breakpoints:
        await map.click(TARGET, path)
        await map.key(TARGET, "F9")
    drive.key("Ctrl+F5", drive.window)
    await drive.until(lambda: drive.all("Loops and source") and said(drive, "Held at"), 180)
    return map


@window_test
async def test_a_run_is_held_stepped_and_goes_on(small: Path) -> None:
    write_script(small, "a = [@id];\n    $seen = a + '!';\n    $seen")
    async with running(small, agent=True, size=SIZE) as drive:
        map = await begun(drive, NUMBER)
        assert said(drive, "Held at @number, record 1")
        assert map.state(TARGET, NUMBER) == "mapped, breakpoint, the run is held here"
        assert lines(drive, "Loops and source") == [
            ("Loops", ""), ("invoice", "turn 1  orders/order[1]"), ("Source", ""), ("order[1]/@id", "10248"),
        ]  # fmt: skip
        drive.key("F11", drive.window)
        await drive.until(lambda: said(drive, "line 1 of its script"))
        drive.key("F10", drive.window)
        await drive.until(lambda: said(drive, "line 2 of its script"))
        assert ("a", '"10248"') in lines(drive, "Variables and watches")
        drive.key("F10", drive.window)
        await drive.until(lambda: said(drive, "line 3 of its script"))
        assert ("$seen", '"10248!"') in lines(drive, "Variables and watches")
        assert drive.find("Script at hand", CodeEdit).toPlainText().startswith("a = [@id];")
        await click(drive, "Step over")
        await drive.until(lambda: said(drive, "Held at issueDate"))
        assert ("invoice/@number", "10248!") in lines(drive, "Loops and source")
        assert map.tree(TARGET).rows[map.tree(TARGET).selection.row].path == DATE
        drive.key("F8", drive.window)
        await drive.until(lambda: said(drive, "record 3"))
        await drive.until(lambda: map.value(SOURCE, ORDER) == "3 of 3")
        await click(drive, "Continue")
        await drive.until(lambda: said(drive, "3 records read, 2 written, 0 failed."))
        assert not children()


@window_test
async def test_breakpoints_have_conditions_and_stay_on_this_computer(small: Path) -> None:
    before = (small / MAP).read_text()
    async with running(small, agent=True, size=SIZE) as drive:
        map = await open_map(drive)
        await map.click(TARGET, DATE)
        await map.key(TARGET, "Ctrl+F9")
        await drive.until(lambda: drive.focus().accessibleName() == "Only where")
        drive.type("[@id] == '10250'")
        drive.key("Return")
        await drive.rest()
        assert map.state(TARGET, DATE) == "mapped, breakpoint with a condition"
        drive.key("Ctrl+F5", drive.window)
        await drive.until(lambda: said(drive, "Held at issueDate, record 3"), 180)
        drive.key("Shift+F8", drive.window)
        await drive.until(lambda: said(drive, "The debugged run was stopped."))
        assert lines(drive, "Breakpoints") == [("invoice/issueDate", "[@id] == '10250'")]
        drive.write("Only where", "")
        drive.key("Delete")
        drive.write("Only at turn", "2")
        drive.key("Return")
        await drive.until(lambda: lines(drive, "Breakpoints") == [("invoice/issueDate", "turn 2")])
        view = drive.find("Breakpoints", Rows)
        drive.click_row(view, view.model().index(0, 0))
        drive.key("Space", view)
        await drive.until(lambda: map.state(TARGET, DATE) == "mapped, breakpoint, off")
        drive.click("On")
        await drive.rest()
    async with running(small, size=SIZE) as drive:
        map = await open_map(drive)
        assert map.state(TARGET, DATE) == "mapped, breakpoint with a condition"
        menu = await map.context_menu(TARGET, DATE)
        drive.choose_in(menu, "Breakpoint")
        await drive.rest()
        assert map.state(TARGET, DATE) == "mapped"
        await map.key(TARGET, "F9")
        drive.choose("Run", "Remove all breakpoints")
        await drive.rest()
        assert map.state(TARGET, DATE) == "mapped"
    assert (small / MAP).read_text() == before


@window_test
async def test_watches_are_looked_at_wherever_the_run_is_held(small: Path) -> None:
    async with running(small, agent=True, size=SIZE) as drive:
        await begun(drive, DATE)
        field = drive.find("Watch", QLineEdit)
        drive.click(field)
        drive.type("[placed] + $currency", field)
        drive.key("Return", field)
        await drive.until(
            lambda: ("[placed] + $currency", '"2026-03-01BRL"') in lines(drive, "Variables and watches")
        )
        drive.type("[nowhere]", field)
        drive.key("Return", field)
        await drive.until(
            lambda: any("nowhere" in value for _name, value in lines(drive, "Variables and watches"))
        )
        drive.key("F8", drive.window)
        await drive.until(
            lambda: ("[placed] + $currency", '"2026-03-08BRL"') in lines(drive, "Variables and watches")
        )
        view = drive.find("Variables and watches", Rows)
        drive.click_row(view, drive.index(view, "[nowhere]"))
        drive.key("Del", view)
        await drive.until(
            lambda: "[nowhere]" not in [name for name, _value in lines(drive, "Variables and watches")]
        )


@window_test
async def test_a_script_without_end_is_held_and_stopped(small: Path) -> None:
    write_script(
        small, "$jitterbit.scripting.while.max_iterations = 1000000000; While(true, $n = $n + 1); 'x'"
    )
    async with running(small, agent=True, size=SIZE) as drive:
        map = await begun(drive, DATE, NUMBER)
        drive.key("F8", drive.window)
        await drive.until(lambda: said(drive, "Running"))
        drive.key("Ctrl+F8", drive.window)
        await drive.until(lambda: said(drive, "paused"))
        assert dict(lines(drive, "Variables and watches"))["$n"].isdigit()
        drive.key("F8", drive.window)
        await drive.until(lambda: said(drive, "Running"))
        await click(drive, "Stop debugging")
        await drive.until(lambda: said(drive, "The debugged run was stopped."))
        assert not children()
        assert map.state(TARGET, NUMBER).endswith(", breakpoint")


@window_test
async def test_without_a_breakpoint_the_first_rule_and_the_record_shown(small: Path) -> None:
    async with running(small, agent=True, size=SIZE) as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(SOURCE, ORDER) == "1 of 3")
        drive.choose("Run", "Debug")
        await drive.until(lambda: said(drive, "Held at invoice"), 180)
        assert drive.window.table.reason("debug.start") == "a map is being debugged"
        drive.key("Shift+F8", drive.window)
        await drive.until(lambda: said(drive, "The debugged run was stopped."))
        drive.key("Alt+Right", drive.window)
        drive.key("Alt+Right", drive.window)
        await drive.until(lambda: map.value(SOURCE, ORDER) == "3 of 3")
        drive.key("Ctrl+Shift+F5", drive.window)
        await drive.until(lambda: said(drive, "Held at invoice, record 3"), 180)


@window_test
async def test_a_rule_that_fails_holds_the_run_if_that_is_wanted(small: Path) -> None:
    write_script(small, "RaiseError('no good')")
    async with running(small, agent=True, size=SIZE) as drive:
        await open_map(drive)
        drive.choose("Run", "Hold where a rule fails")
        drive.key("Ctrl+F5", drive.window)
        await drive.until(lambda: said(drive, "the rule has failed"), 180)
        assert said(drive, "no good")


@window_test
async def test_closing_the_window_ends_the_run_that_is_held(small: Path) -> None:
    async with running(small, agent=True, size=SIZE) as drive:
        await begun(drive, DATE)
        assert children()
    assert not children()


@window_test
async def test_a_click_on_a_node_of_the_panel_shows_it(small: Path) -> None:
    async with running(small, agent=True, size=SIZE) as drive:
        map = await begun(drive, DATE)
        view = drive.find("Loops and source", Rows)
        at = view.visualRect(drive.index(view, "order[1]/placed")).center()
        QTest.mouseClick(view.viewport(), LEFT, NONE, at)
        QTest.mouseDClick(view.viewport(), LEFT, NONE, at)
        await drive.until(lambda: map.tree(SOURCE).selection.row >= 0)
        assert map.tree(SOURCE).rows[map.tree(SOURCE).selection.row].path == f"{ORDER}/placed"
