"""At the widths people have: a rule is shown from its first letter, a card keeps to its place, heads say less, not half."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea, QToolButton, QWidget

from tests.ui.canvas_hands import INVOICE, TARGET, open_map
from tests.ui.driver import running, window_test
from ui.canvas.heads import LinksHead
from ui.editors.card import Card
from ui.editors.mapping.record_stepper import RecordStepper
from ui.editors.mapping.script_edit import ScriptEdit
from ui.widgets.labels import Elided, Text

DATE = f"{INVOICE}/issueDate"
LONG = "If(IsNull([placed]), Null(), FormatDate(DateAdd('dd', 30, [placed]), 'yyyy-mm-dd') + [@id] + [@id] + [@id])"


def with_long_rule(small: Path) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    head = file.read_text().partition("map:")[0]
    rules = f'map:\n  invoices/invoice: {{loop: orders/order}}\n  {DATE}: "{LONG}"\n'
    file.write_text(head + rules)


@window_test
async def test_a_long_rule_is_shown_from_its_first_letter(small: Path) -> None:
    with_long_rule(small)
    async with running(small, size="1440x900") as drive:
        map = await open_map(drive)
        await map.click(TARGET, DATE)
        edit = drive.find("Script of the rule", ScriptEdit)
        assert edit.toPlainText() == LONG
        across = edit.horizontalScrollBar()
        assert across.maximum() > 0
        assert across.value() == 0
        for width in (1200, 1100, 1440):
            drive.window.resize(width, 800)
            await drive.rest()
            assert across.value() == 0
        drive.key("F4", map.tree(TARGET))
        await drive.rest()
        assert edit.hasFocus()
        assert across.value() == 0
        drive.type("1", edit)
        await drive.rest()
        assert across.value() > 0
        drive.key("Escape", edit)
        await drive.rest()
        assert edit.toPlainText() == LONG
        assert across.value() == 0


@pytest.mark.parametrize("language", ["en", "pt_BR"])
@window_test
async def test_the_result_of_a_test_keeps_to_the_inspector(small: Path, language: str) -> None:
    async with running(small, agent=True, language=language, size="1440x900") as drive:
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.until(lambda: drive.window.table.reason("map.test") == "")
        await drive.rest()
        drive.key("F6", drive.window)
        panel = drive.window.panel("inspector")
        scroll = panel.findChild(QScrollArea)
        await drive.until(lambda: isinstance(scroll.widget(), Card), 180)
        await drive.rest()
        place = scroll.viewport().width()
        card = scroll.widget()
        assert card.width() == place
        for part in card.findChildren(QWidget):
            if isinstance(part, Text | Elided) and part.isVisible():
                assert part.mapTo(card, QPoint(part.width(), 0)).x() <= place
        figures = [each for each in card.findChildren(Elided) if each.text() in ("2", "3", "0")]
        assert figures
        assert not [each.text() for each in figures if each.toolTip()]


@window_test
async def test_the_head_of_the_links_says_less_where_it_is_narrow(small: Path) -> None:
    with_long_rule(small)
    async with running(small, size="1440x900") as drive:
        map = await open_map(drive)
        await map.click(TARGET, DATE)
        head = drive.window.findChild(LinksHead)
        said = next(each for each in head.findChildren(Elided))
        assert said.text() == "2 links of issueDate"
        for width in (1600, 1440, 1100):
            drive.window.resize(width, 700)
            await drive.rest()
            assert said.shown in ("2 links of issueDate", "2 links", "2")
        assert said.shown != said.text()


@pytest.mark.parametrize("language", ["en", "pt_BR"])
@window_test
async def test_a_map_fits_a_window_of_1024_pixels(small: Path, language: str) -> None:
    async with running(small, language=language, size="1600x800") as drive:
        drive.window.open_object("transformations/orders-to-invoices", DATE)
        await drive.rest()
        bar = drive.find("Script of the rule" if language == "en" else "Script da regra", ScriptEdit).window()
        stepper = next(each for each in bar.findChildren(RecordStepper) if each.isVisible())
        loop = next(part for part in bar.findChildren(QToolButton) if part.text() in ("Loop", "Laço"))
        flat = stepper.mapTo(bar, QPoint()).y() - loop.mapTo(bar, QPoint()).y()
        assert abs(flat) < loop.height()
        drive.window.resize(1024, 700)
        await drive.until(lambda: drive.window.width() == 1024)
        assert drive.window.minimumSizeHint().width() <= 1024
        # The record has a line of its own then, and all of it is to be seen.
        await drive.until(
            lambda: stepper.mapTo(bar, QPoint()).y() - loop.mapTo(bar, QPoint()).y() >= loop.height()
        )
        assert stepper.width() >= stepper.sizeHint().width()
        # What opens later does not push the window apart: lists, panels, long sentences.
        drive.key("Ctrl+H", drive.window)
        await drive.rest()
        drive.window.tell("So many words " * 20)
        await drive.rest()
        assert drive.window.minimumSizeHint().width() <= 1024
        assert drive.window.width() == 1024
        drive.key("Escape")
        drive.window.resize(1600, 800)
        await drive.until(
            lambda: abs(stepper.mapTo(bar, QPoint()).y() - loop.mapTo(bar, QPoint()).y()) < loop.height()
        )
