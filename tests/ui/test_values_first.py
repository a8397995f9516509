"""After an edit of a large map its values come first: what else follows from the edit is done when they are painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ui.canvas_hands import INVOICE, TARGET, Map, open_map
from tests.ui.driver import Drive, running, window_test
from ui.actions import checks
from ui.canvas import catching_up
from ui.canvas.painted_tree import PaintedTree
from ui.editors.mapping import editor as editors
from ui.editors.mapping import map_state
from ui.editors.mapping.inspector import MapInspector
from ui.editors.mapping.records import MapRecords
from ui.editors.mapping.suggestions import Suggestions
from ui.main_window import MainWindow

NUMBER = f"{INVOICE}/@number"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done, in its order; the sample's map counts as a large one, and nothing loses its patience."""
    done: list[str] = []
    monkeypatch.setattr(map_state, "_LARGE", 0)
    monkeypatch.setattr(editors, "_LINKS", 600.0)
    monkeypatch.setattr(editors, "_INSPECTOR", 600.0)

    def told(owner: Any, name: str, what: str) -> None:
        kept: Callable[..., Any] = getattr(owner, name)

        def wrapped(*args: Any, **named: Any) -> Any:
            done.append(what)
            return kept(*args, **named)

        monkeypatch.setattr(owner, name, wrapped)

    told(MapRecords, "_arrived", "values")
    told(catching_up, "LinkIndex", "links")
    told(catching_up, "marks_of", "overviews")
    told(MapInspector, "show_node", "inspector")
    told(Suggestions, "show_for", "suggestions")
    told(MainWindow, "_refresh", "window")
    told(checks.ProjectCheck, "_check_in_steps", "project check")
    return done


async def _opened(drive: Drive) -> Map:
    map = await open_map(drive)
    await drive.until(lambda: map.value(TARGET, NUMBER) == "10248")
    await map.click(TARGET, NUMBER)
    await _quiet(drive)
    return map


async def _quiet(drive: Drive) -> None:
    editor = drive.window.area.current
    await drive.until(lambda: not editor.quiet.waiting and not editor.map.busy and not editor.preview.waits)
    await drive.rest()


async def _write(drive: Drive, map: Map, text: str) -> None:
    drive.key("F4", map.tree(TARGET))
    script = drive.find("Script of the rule")
    drive.key("Ctrl+A", script)
    script.insertPlainText(text)


@window_test
async def test_links_inspector_and_window_wait_for_the_values(small: Path, log: list[str]) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await _opened(drive)
        await _write(drive, map, "[placed] + [@id]")
        await _quiet(drive)
        log.clear()
        drive.key("Return", drive.find("Script of the rule"))
        await drive.until(lambda: map.value(TARGET, NUMBER).endswith("10248") and "links" in log)
        assert log[0] == "values"
        await drive.until(lambda: {"overviews", "inspector", "suggestions", "window"} <= set(log))
        # Once, not for the edit and again for its values; the Inspector follows what the check finds, too.
        assert log.count("links") == 1
        await _quiet(drive)
        reads = {line.source for line in drive.window.area.current.canvas.index.focus}
        assert reads == {"orders/order/placed", "orders/order/@id"}


@window_test
async def test_only_rows_that_say_something_else_are_painted(
    small: Path, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await _opened(drive)
        await _write(drive, map, "'N-' + [@id]")
        await _quiet(drive)
        log.clear()
        painted: list[str] = []
        kept = PaintedTree._paint_row

        def paint(view: PaintedTree, painter: Any, row: int, columns: Any) -> None:
            painted.append(view.rows[row].path)
            kept(view, painter, row, columns)

        monkeypatch.setattr(PaintedTree, "_paint_row", paint)
        drive.key("Return", drive.find("Script of the rule"))
        await drive.until(lambda: map.value(TARGET, NUMBER) == "N-10248" and NUMBER in painted)
        await _quiet(drive)
        # The row itself, and the folded ones above that show the first value inside; the focus goes back to the tree.
        others = set(painted) - {NUMBER, INVOICE, "invoices"}
        assert painted.count(NUMBER) >= 1
        assert len(others) <= 2, others


@window_test
async def test_an_edit_gives_up_what_the_one_before_left_to_do(small: Path, log: list[str]) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await _opened(drive)
        log.clear()
        for script in ("[placed]", "[customer/name]", "[currency]"):
            drive.window.area.current.wishes.set_script(NUMBER, script)
        await drive.until(lambda: bool(log) and "links" in log)
        await _quiet(drive)
        assert log.count("links") == 1
        focus = drive.window.area.current.canvas.index.focus
        assert {line.source for line in focus} == {"orders/order/currency"}
        drive.key("Ctrl+Z", map.tree(TARGET))
        drive.key("Ctrl+Z", map.tree(TARGET))
        # What the bar shows is the rule as it is, at once.
        assert drive.find("Script of the rule").toPlainText() == "[placed]"
