"""The overview strips: what they mark, where, in words too, and that a click or a drag scrolls."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.mock_scene import INVOICE, ORDER
from ui import theme
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side
from ui.canvas.overview import Overview

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def _strip(canvas: MappingCanvas, name: str) -> Overview:
    found = [strip for strip in canvas.findChildren(Overview) if strip.accessibleName() == name]
    assert len(found) == 1
    return found[0]


def _colors(strip: Overview, row: int) -> set[str]:
    """The colours a strip shows at a row."""
    image = strip.grab().toImage()
    top = strip.top(row)
    bottom = max(top + 1, strip.top(row + 1))
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(top, bottom)}


def test_mapped_missing_and_broken_rows_are_marked(canvas: MappingCanvas) -> None:
    strip = _strip(canvas, "Overview of the target")
    rows = canvas.rows[Side.TARGET]
    loop = theme.loop_color(0).name()
    assert theme.color("orange").name() in _colors(strip, rows.at(f"{INVOICE}/paymentTerms"))
    assert theme.color("red").name() in _colors(strip, rows.at(f"{INVOICE}/line/taxRate"))
    assert {loop} <= _colors(strip, rows.at(f"{INVOICE}/issueDate"))
    assert theme.color("orange").name() not in _colors(strip, rows.at(f"{INVOICE}/issueDate"))
    # A constant is mapped though no link shows it; what is folded away counts on its parent.
    assert rows.at(f"{INVOICE}/typeCode") in strip.marks.mapped
    assert rows.at(f"{INVOICE}/seller") in strip.marks.mapped


def test_the_counts_are_said(canvas: MappingCanvas) -> None:
    target, source = _strip(canvas, "Overview of the target"), _strip(canvas, "Overview of the source")
    assert target.marks.said() == "31 nodes mapped · 2 want a rule · 1 problem · 2 loops"
    assert target.accessibleDescription() == target.marks.said()
    assert "want" not in source.marks.said()
    assert source.marks.said().endswith("2 loops")


def test_what_is_in_sight_is_framed_and_clicks_scroll(canvas: MappingCanvas) -> None:
    canvas.resize(1072, 300)
    QApplication.processEvents()
    strip, bar = _strip(canvas, "Overview of the target"), canvas.target.verticalScrollBar()
    assert bar.maximum() > 0
    assert strip.frame().top() == 0
    QTest.mouseClick(strip, LEFT, NONE, QPoint(5, strip.height() - 2))
    assert bar.value() == bar.maximum()
    assert strip.frame().bottom() >= strip.height() - 3
    QTest.mousePress(strip, LEFT, NONE, QPoint(5, strip.height() - 2))
    QTest.mouseMove(strip, QPoint(5, 1))
    QTest.mouseRelease(strip, LEFT, NONE, QPoint(5, 1))
    assert bar.value() == 0
    # A click on a mark brings its row into sight.
    row = canvas.rows[Side.TARGET].at(f"{INVOICE}/line/taxRate")
    QTest.mouseClick(strip, LEFT, NONE, QPoint(5, strip.top(row) + 1))
    assert row in canvas.target.visible_rows()


def test_marks_follow_folding_and_the_scene(canvas: MappingCanvas) -> None:
    strip = _strip(canvas, "Overview of the source")
    before = strip.marks.mapped
    rows = canvas.rows[Side.SOURCE]
    canvas.source.toggle(rows.at(ORDER))
    assert set(strip.marks.mapped) == {rows.at(ORDER)} != set(before)
    target = _strip(canvas, "Overview of the target")
    scene = replace(canvas.scene, missing=frozenset())
    canvas.show_scene(scene, canvas.rows[Side.TARGET].shape)
    assert target.marks.missing == frozenset()
