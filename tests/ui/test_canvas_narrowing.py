"""Views of the trees, alone and with a filter; links under them; the size of the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.mock_scene import INVOICE, ORDER
from ui.canvas.canvas import MappingCanvas
from ui.canvas.limit import Limit, joined, limited_to
from ui.canvas.link_index import Side
from ui.canvas.views import View
from ui.canvas.zoom import ZOOMS, known, stepped


def _shown(canvas: MappingCanvas, side: Side) -> list[str]:
    return [row.path for row in canvas.rows[side]]


def test_mapped_only_unfolds_every_mapped_node_and_nothing_else(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.TARGET, View.MAPPED)
    shown = set(_shown(canvas, Side.TARGET))
    ruled = {rule.path for rule in canvas.scene.mapping.rules}
    assert ruled <= shown
    # Folded before the view was chosen, and unmapped ones:
    assert f"{INVOICE}/seller/taxId" in shown
    assert not shown & {f"{INVOICE}/paymentTerms", f"{INVOICE}/total"}
    # The parked rule is kept in sight.
    assert f"{INVOICE}/freightCharge" in shown
    canvas.narrowing.show_view(Side.TARGET, View.ALL)
    # The person's own folding is back.
    assert f"{INVOICE}/seller/taxId" not in _shown(canvas, Side.TARGET)
    assert f"{INVOICE}/total" in _shown(canvas, Side.TARGET)


def test_hide_unmapped_keeps_what_needs_a_rule_and_the_folding(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.TARGET, View.USED)
    shown = _shown(canvas, Side.TARGET)
    assert f"{INVOICE}/paymentTerms" in shown
    assert f"{INVOICE}/seller" in shown
    assert f"{INVOICE}/seller/name" not in shown
    canvas.narrowing.show_view(Side.SOURCE, View.USED)
    assert f"{ORDER}/requiredBy" not in _shown(canvas, Side.SOURCE)
    assert f"{ORDER}/placed" in _shown(canvas, Side.SOURCE)


def test_problems_only_on_both_sides(canvas: MappingCanvas) -> None:
    for side in Side:
        canvas.narrowing.show_view(side, View.PROBLEMS)
    assert [path.removeprefix(INVOICE) for path in _shown(canvas, Side.TARGET)] == [
        "Invoices", "", "/paymentTerms", "/line", "/line/taxRate", "/total", "/freightCharge",
    ]  # fmt: skip
    # What the failing rule reads.
    assert _shown(canvas, Side.SOURCE)[-1] == f"{ORDER}/lines/line/product/taxClass"


def test_mandatory_only(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.TARGET, View.MANDATORY)
    shown = _shown(canvas, Side.TARGET)
    assert f"{INVOICE}/issueDate" in shown
    assert f"{INVOICE}/dueDate" not in shown
    # Optional, but the map makes it, so that what it must hold is asked for.
    assert f"{INVOICE}/line/allowance" in shown
    canvas.narrowing.show_view(Side.SOURCE, View.MANDATORY)
    assert f"{ORDER}/freight" not in _shown(canvas, Side.SOURCE)


def test_data_only_follows_the_record(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.SOURCE, View.DATA)
    shown = _shown(canvas, Side.SOURCE)
    assert f"{ORDER}/shipTo/postalCode" in shown
    assert f"{ORDER}/pickUp/shop" not in shown
    assert f"{ORDER}/customer/terms" in shown
    evidence = canvas.scene.evidence
    assert evidence is not None
    kept = {path: seen for path, seen in evidence.source.items() if "shipTo" not in path}
    scene = replace(canvas.scene, evidence=replace(evidence, source=kept))
    canvas.show_scene(scene, canvas.rows[Side.TARGET].shape)
    assert f"{ORDER}/shipTo/postalCode" not in _shown(canvas, Side.SOURCE)
    canvas.show_scene(replace(scene, evidence=None), canvas.rows[Side.TARGET].shape)
    assert f"{ORDER}/pickUp" in _shown(canvas, Side.SOURCE)


def test_a_filter_and_a_view_show_what_both_let_through(canvas: MappingCanvas) -> None:
    rows = canvas.rows[Side.TARGET]
    canvas.narrowing.show_view(Side.TARGET, View.PROBLEMS)
    canvas.narrowing.filter(Side.TARGET, "ta")
    for _ in range(50):
        QApplication.processEvents()
    assert _shown(canvas, Side.TARGET) == ["Invoices", INVOICE, f"{INVOICE}/line", f"{INVOICE}/line/taxRate", f"{INVOICE}/total"]  # fmt: skip
    canvas.narrowing.show_view(Side.TARGET, View.ALL)
    assert rows.search is not None
    assert f"{INVOICE}/buyer/taxId" in _shown(canvas, Side.TARGET)
    assert f"{INVOICE}/issueDate" not in _shown(canvas, Side.TARGET)


@pytest.mark.parametrize("view", list(View))
def test_links_end_on_the_nearest_visible_node_in_every_view(canvas: MappingCanvas, view: View) -> None:
    for side in Side:
        canvas.narrowing.show_view(side, view)
    ends = {side: _shown(canvas, side) for side in Side}
    drawn = 0
    for bundle in canvas.index.bundles:
        rows = {Side.SOURCE: bundle.source_row, Side.TARGET: bundle.target_row}
        drawn += len(bundle.lines)
        for line in bundle.lines:
            for side, path in ((Side.SOURCE, line.source), (Side.TARGET, line.target)):
                shown = ends[side][rows[side]]
                assert path == shown or path.startswith(f"{shown}/")
                # Nothing nearer is shown.
                nearer = [other for other in ends[side] if path == other or path.startswith(f"{other}/")]
                assert len(max(nearer, key=len)) == len(shown)
    assert drawn == len(canvas.scene.drawing.lines)


def _lit(canvas: MappingCanvas, side: Side) -> set[str]:
    return {canvas.rows[side][row].path.rpartition("/")[2] for row in canvas.views[side].lit}


@pytest.mark.parametrize(
    ("view", "operands"),
    [(View.ALL, {"placed", "customer"}), (View.MAPPED, {"placed", "terms"}), (View.MANDATORY, {"placed", "customer"})],
)  # fmt: skip
def test_hovering_an_operand_lights_the_whole_chain(
    canvas: MappingCanvas, view: View, operands: set[str]
) -> None:
    canvas.narrowing.show_view(Side.SOURCE, view)
    rows, tree = canvas.rows[Side.SOURCE], canvas.source
    at = tree.row_rect(rows.at(f"{ORDER}/placed")).center()
    QTest.mouseMove(tree.viewport(), at)
    # Both rules that read it, and what else these read, wherever that shows.
    assert _lit(canvas, Side.TARGET) == {"issueDate", "dueDate"}
    assert _lit(canvas, Side.SOURCE) == operands
    QTest.mouseMove(tree.viewport(), tree.row_rect(rows.at(f"{ORDER}/currency")).center())
    assert _lit(canvas, Side.SOURCE) == {"currency"}


def test_every_operand_of_a_script_is_drawn(canvas: MappingCanvas) -> None:
    for side in Side:
        canvas.narrowing.show_view(side, View.MAPPED)
    row = canvas.rows[Side.TARGET].at(f"{INVOICE}/line/amount")
    drawn = [
        canvas.rows[Side.SOURCE][bundle.source_row].path for bundle in canvas.index.row(Side.TARGET, row)
    ]
    line = f"{ORDER}/lines/line"
    assert sorted(drawn) == [f"{line}/discount", f"{line}/price", f"{line}/qty"]
    assert canvas.index.marks(row) == (True, False)


def test_a_new_rule_appears_in_a_view(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.TARGET, View.PROBLEMS)
    scene = replace(canvas.scene, missing=frozenset({f"{INVOICE}/total"}))
    canvas.show_scene(scene, canvas.rows[Side.TARGET].shape)
    assert f"{INVOICE}/paymentTerms" not in _shown(canvas, Side.TARGET)


def test_a_limit_joins_a_page() -> None:
    assert joined(None, None) is None
    page = joined(limited_to({"a/b/c", "a/d"}), frozenset({"a/b"}))
    assert page is not None
    assert page.tops == {"a/b"}
    assert page.paths == {"a/b/c", "a/d"}
    assert limited_to(["a/b/c"]).above == {"a", "a/b"}
    assert Limit().narrowed(lambda _path: False) == Limit()


def test_sizes_step_and_come_back() -> None:
    assert [stepped(1.0, by) for by in (1, -1, 0)] == [1.1, 0.9, 1.0]
    assert stepped(ZOOMS[-1], 1) == ZOOMS[-1]
    assert stepped(0.7, -1) == 0.7
    assert stepped(1.3, 1) == 1.5
    assert [known(each) for each in (1.5, 9, "x", True, None, 0)] == [1.5, 2.0, 1.0, 1.0, 1.0, 0.7]


def test_the_wheel_with_ctrl_zooms_both_trees_and_the_top_row_stays(canvas: MappingCanvas) -> None:
    canvas.resize(1072, 300)
    QApplication.processEvents()
    canvas.target.verticalScrollBar().setValue(10 * canvas.target.row_height)
    height, top = canvas.target.row_height, canvas.target.visible_rows().start
    place = QPointF(100, 100)
    for _ in range(3):
        event = QWheelEvent(
            place, canvas.source.viewport().mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas.source.viewport(), event)
    assert canvas.zoom == 1.5
    assert canvas.target.row_height == canvas.source.row_height == round(height * 1.5)
    assert canvas.target.visible_rows().start == top
    state = canvas.state()
    canvas.zoom_to(1.0)
    canvas.restore(state)
    assert canvas.zoom == 1.5


def test_views_and_sizes_come_back(canvas: MappingCanvas) -> None:
    canvas.narrowing.show_view(Side.TARGET, View.MAPPED)
    state = canvas.state()
    canvas.narrowing.show_view(Side.TARGET, View.ALL)
    canvas.restore(state | {"source": {"view": "no such view"}})
    assert canvas.narrowing.view(Side.TARGET) is View.MAPPED
    assert canvas.narrowing.view(Side.SOURCE) is View.ALL
    assert canvas.rows[Side.TARGET].narrowed
