"""The canvas itself, driven with mouse and keys: selection, focus, drags, filters, columns, what is painted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.mock_scene import INVOICE, ORDER, scene
from ui import theme
from ui.canvas.canvas import Drop, MappingCanvas
from ui.canvas.link_index import Side, Tone
from ui.canvas.shape import RowKind
from ui.canvas.tree_view import TreeView

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def _named(canvas: MappingCanvas, name: str) -> TreeView:
    found = [view for view in canvas.findChildren(TreeView) if view.accessibleName() == name]
    assert len(found) == 1
    return found[0]


def _point(view: TreeView, path: str, across: int = 120) -> QPoint:
    row = view.rows.at(path)
    assert row >= 0
    return QPoint(across, view.row_rect(row).center().y())


def _click(view: TreeView, path: str, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(view.viewport(), LEFT, keys, _point(view, path))


def _drag(view: TreeView, start: QPoint, other: QWidget, end: QPoint, *, release: bool = True) -> None:
    goal = view.viewport().mapFromGlobal(other.mapToGlobal(end))
    QTest.mousePress(view.viewport(), LEFT, NONE, start)
    for step in range(1, 6):
        QTest.mouseMove(view.viewport(), start + (goal - start) * step / 5)
    if release:
        QTest.mouseRelease(view.viewport(), LEFT, NONE, goal)


def _image(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def _near(one: QColor, other: QColor) -> bool:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return all(abs(a - b) <= 12 for a, b in pairs)


def _line_color(image: QImage, y: int) -> QColor:
    """The strongest colour of a horizontal line near the right edge."""
    around = [image.pixelColor(image.width() - 4, y + off) for off in (-2, -1, 0, 1, 2)]
    return min(around, key=lambda color: color.lightness())


def test_a_click_focuses_and_esc_shows_all(canvas: MappingCanvas) -> None:
    target = _named(canvas, "Target tree")
    _click(target, f"{INVOICE}/dueDate")
    assert canvas.links_head.text == "2 links of dueDate"
    assert canvas.source.lit == {
        canvas.source.rows.at(f"{ORDER}/placed"),
        canvas.source.rows.at(f"{ORDER}/customer"),
    }
    QTest.keyClick(target, Qt.Key.Key_Escape)
    assert canvas.links_head.text == f"{len(canvas.scene.links)} links"
    assert not canvas.focused
    assert canvas.path(Side.TARGET) == f"{INVOICE}/dueDate"


def test_what_is_in_focus_is_painted_strong_and_the_rest_faded(canvas: MappingCanvas) -> None:
    QTest.qWait(150)
    row = canvas.target.rows.at(f"{INVOICE}/dueDate")
    _click(canvas.target, f"{INVOICE}/dueDate")
    image = _image(canvas.links)
    assert _near(_line_color(image, canvas.target.row_rect(row).center().y()), theme.loop_color(0))
    other = canvas.target.row_rect(canvas.target.rows.at(INVOICE)).center().y()
    assert _near(_line_color(image, other), theme.loop_faded(0))


@pytest.mark.parametrize("dark", [False, True])
def test_rails_letters_and_tints_follow_the_theme(
    canvas: MappingCanvas, qapp: QApplication, dark: bool
) -> None:
    theme.apply(qapp, "dark" if dark else "light", strong=False)
    QApplication.processEvents()
    image = _image(canvas.source.viewport())
    inside = canvas.source.row_rect(canvas.source.rows.at(f"{ORDER}/@id")).center().y()
    rail = canvas.source.painter.expander(1).start + 8
    assert _near(image.pixelColor(rail, inside), theme.loop_color(0))
    assert _near(image.pixelColor(300, inside - 10), theme.color("base"))
    missing = _image(canvas.target.viewport())
    row = canvas.target.row_rect(canvas.target.rows.at(f"{INVOICE}/paymentTerms"))
    assert _near(missing.pixelColor(20, row.top() + 2), theme.color("orange_tint"))


def test_keys_walk_fold_and_extend(canvas: MappingCanvas) -> None:
    view = canvas.source
    _click(view, f"{ORDER}/placed")
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert canvas.path(Side.SOURCE) == f"{ORDER}/requiredBy"
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.rows.at(f"{ORDER}/customer/name") > 0
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert canvas.path(Side.SOURCE) == f"{ORDER}/customer/name"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert canvas.path(Side.SOURCE) == f"{ORDER}/customer"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.rows.at(f"{ORDER}/customer/name") == -1
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert canvas.path(Side.SOURCE) == "orders"
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.selection.row == len(view.rows) - 1
    _click(view, f"{ORDER}/@id")
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert canvas.selected(Side.SOURCE) == (f"{ORDER}/@id", f"{ORDER}/@status", f"{ORDER}/@lang")
    QTest.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert f"{ORDER}/currency" in canvas.selected(Side.SOURCE)
    assert f"{ORDER}/lines/line" not in canvas.selected(Side.SOURCE)


def test_control_and_shift_select_several(canvas: MappingCanvas) -> None:
    _click(canvas.source, f"{ORDER}/@id")
    _click(canvas.source, f"{ORDER}/placed", CONTROL)
    assert canvas.selected(Side.SOURCE) == (f"{ORDER}/@id", f"{ORDER}/placed")
    _click(canvas.source, f"{ORDER}/@id", CONTROL)
    assert canvas.selected(Side.SOURCE) == (f"{ORDER}/placed",)
    _click(canvas.source, f"{ORDER}/placed", SHIFT)
    assert len(canvas.selected(Side.SOURCE)) == 4


def test_dragging_several_fields_drops_them_all(canvas: MappingCanvas, qtbot: QtBot) -> None:
    _click(canvas.source, f"{ORDER}/@id")
    _click(canvas.source, f"{ORDER}/placed", CONTROL)
    with qtbot.waitSignal(canvas.dropped) as caught:
        _drag(
            canvas.source, _point(canvas.source, f"{ORDER}/placed"),
            canvas.target.viewport(), _point(canvas.target, f"{INVOICE}/@number"),
        )  # fmt: skip
    drop = caught.args[0]
    assert isinstance(drop, Drop)
    assert (drop.sources, drop.target, drop.value) == (
        (f"{ORDER}/@id", f"{ORDER}/placed"),
        f"{INVOICE}/@number",
        None,
    )


def test_a_drag_from_the_target_maps_the_other_way_round(canvas: MappingCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.dropped) as caught:
        _drag(
            canvas.target, _point(canvas.target, f"{INVOICE}/currency"),
            canvas.source.viewport(), _point(canvas.source, f"{ORDER}/freight"),
        )  # fmt: skip
    assert (caught.args[0].sources, caught.args[0].target) == ((f"{ORDER}/freight",), f"{INVOICE}/currency")


def test_a_value_taken_along(canvas: MappingCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.dropped) as caught:
        _drag(
            canvas.source, _point(canvas.source, f"{ORDER}/freight", across=270),
            canvas.target.viewport(), _point(canvas.target, f"{INVOICE}/currency"),
        )  # fmt: skip
    assert caught.args[0].value == "65.83"


def test_esc_cancels_a_drag(canvas: MappingCanvas, qtbot: QtBot) -> None:
    goal = _point(canvas.target, f"{INVOICE}/@number")
    with qtbot.assertNotEmitted(canvas.dropped):
        _drag(
            canvas.source,
            _point(canvas.source, f"{ORDER}/@id"),
            canvas.target.viewport(),
            goal,
            release=False,
        )
        assert canvas.area.active is not None
        QTest.keyClick(canvas.source, Qt.Key.Key_Escape)
        assert canvas.area.active is None
        here = canvas.source.viewport().mapFromGlobal(canvas.target.viewport().mapToGlobal(goal))
        QTest.mouseRelease(canvas.source.viewport(), LEFT, NONE, here)


def test_a_drop_beside_the_trees_does_nothing(canvas: MappingCanvas, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(canvas.dropped):
        _drag(canvas.source, _point(canvas.source, f"{ORDER}/@id"), canvas.links, QPoint(60, 60))


def test_a_parked_rule_is_dragged_to_another_node(canvas: MappingCanvas, qtbot: QtBot) -> None:
    parked = f"{INVOICE}/freightCharge"
    canvas.target.bring_into_view(canvas.target.rows.at(parked))
    QTest.qWait(200)
    with qtbot.waitSignal(canvas.moved) as caught:
        _drag(
            canvas.target, _point(canvas.target, parked),
            canvas.target.viewport(), _point(canvas.target, f"{INVOICE}/paymentTerms"),
        )  # fmt: skip
    assert caught.args[:2] == [parked, f"{INVOICE}/paymentTerms"]


def test_the_value_column_is_dragged(canvas: MappingCanvas) -> None:
    view = canvas.target
    columns = view.painter.columns(view.viewport().width(), view.value_width)
    start = QPoint(columns.value - 4, 40)
    _drag(view, start, view.viewport(), start - QPoint(40, 0))
    assert view.value_width == 200
    _drag(view, start - QPoint(40, 0), view.viewport(), start - QPoint(90, 0), release=False)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.value_width == 200


def test_a_click_on_a_link_focuses_it(canvas: MappingCanvas) -> None:
    links = canvas.links
    alone = (b for b in links.shown() if b.exact == (True, True) and links.at(QPointF(links.middle(b))) is b)
    bundle = next(b for b in alone if b.lines[0].target.endswith("/delivery/city"))
    QTest.mouseMove(links, links.middle(bundle))
    assert canvas.index.tone(bundle) is Tone.LIT
    QTest.mouseClick(links, LEFT, NONE, links.middle(bundle))
    assert canvas.path(Side.TARGET) == f"{INVOICE}/delivery/city"
    assert canvas.links_head.text == "1 link of city"
    QTest.mouseClick(canvas.links, LEFT, NONE, QPoint(3, 3))
    assert not canvas.focused


def test_the_button_in_the_head_shows_all(canvas: MappingCanvas) -> None:
    _click(canvas.target, f"{INVOICE}/dueDate")
    QTest.mouseClick(canvas.links_head.all_button, LEFT)
    assert not canvas.focused


def test_a_filter_keeps_parents_and_links(canvas: MappingCanvas, qtbot: QtBot) -> None:
    before = len(canvas.index.bundles)
    field = next(f for f in canvas.findChildren(QLineEdit) if f.accessibleName() == "Filter the source")
    QTest.mouseClick(field, LEFT)
    QTest.keyClicks(field, "sku")
    qtbot.waitUntil(lambda: len(canvas.source.rows) == 6)
    assert [row.path.rpartition("/")[2] for row in canvas.source.rows] == [
        "orders", "order", "lines", "line", "product", "@sku",
    ]  # fmt: skip
    shown = {line for bundle in canvas.index.bundles for line in bundle.lines}
    assert shown == set(canvas.scene.drawing.lines)
    assert len(canvas.index.bundles) < before
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(canvas.source.rows) > 20)
    assert len(canvas.index.bundles) == before


def test_scrolling_moves_the_links_with_the_quick_pen_first(canvas: MappingCanvas, qtbot: QtBot) -> None:
    canvas.resize(1072, 300)
    QTest.qWait(150)
    view = canvas.target
    place = QPointF(100, 100)
    wheel = QWheelEvent(
        place, view.viewport().mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), wheel)
    assert view.offset == 3 * view.row_height
    assert canvas.links._moving
    qtbot.waitUntil(lambda: not canvas.links._moving)


def test_what_was_unfolded_and_scrolled_comes_back(canvas: MappingCanvas, qtbot: QtBot) -> None:
    canvas.resize(1072, 300)
    QApplication.processEvents()
    canvas.source.verticalScrollBar().setValue(120)
    _click(canvas.target, f"{INVOICE}/dueDate")
    canvas.target.resize_value(190)
    kept = canvas.state()
    shown, shape = scene()
    other = MappingCanvas(shown)
    qtbot.addWidget(other)
    other.show_scene(shown, shape)
    other.resize(1072, 300)
    other.show()
    other.restore(kept)
    assert [row.key for row in other.source.rows] == [row.key for row in canvas.source.rows]
    assert other.source.offset == 120
    assert other.target.value_width == 190
    assert other.path(Side.TARGET) == f"{INVOICE}/dueDate"
    assert other.state() == kept


@pytest.mark.parametrize(
    "junk", [{}, {"source": 3, "split": "x"}, {"source": {"expanded": [1], "scroll": "a"}}]
)
def test_a_kept_state_that_makes_no_sense_is_ignored(canvas: MappingCanvas, junk: dict[str, object]) -> None:
    canvas.restore(junk)
    assert len(canvas.target.rows) > 10


def test_values_flash_once(canvas: MappingCanvas, qtbot: QtBot) -> None:
    path = f"{INVOICE}/currency"
    canvas.show_scene(canvas.scene, canvas.rows[Side.TARGET].shape, frozenset({path}))
    view = canvas.target
    columns = view.painter.columns(view.viewport().width(), view.value_width)
    at = QPoint(columns.value - 3, view.row_rect(view.rows.at(path)).top() + 4)
    assert _near(_image(view.viewport()).pixelColor(at), theme.color("accent_tint"))
    qtbot.waitUntil(lambda: not view.flashing)
    assert _near(_image(view.viewport()).pixelColor(at), theme.color("base"))


def test_a_choice_asks_for_its_alternatives(canvas: MappingCanvas, qtbot: QtBot) -> None:
    row = next(row for row in canvas.target.rows if row.kind is RowKind.CHOICE)
    index = canvas.target.rows.index(row.key)
    rect = canvas.target.painter.picker(
        canvas.target.look(index), row.depth, canvas.target.row_rect(index).top()
    )
    with qtbot.waitSignal(canvas.picker_wanted) as caught:
        QTest.mouseClick(canvas.target.viewport(), LEFT, NONE, rect.center())
    assert caught.args[:2] == [Side.TARGET, row.key]
    with qtbot.waitSignal(canvas.picker_wanted):
        QTest.keyClick(canvas.target, Qt.Key.Key_Space)


def test_the_tree_says_its_current_row(canvas: MappingCanvas) -> None:
    _click(canvas.target, f"{INVOICE}/paymentTerms")
    assert canvas.target.accessibleDescription() == "paymentTerms, 1, mandatory, no rule, needs a rule"


@pytest.mark.parametrize("width", [815, 700, 560, 480])
def test_a_narrow_map_keeps_its_names_and_gives_up_values_first(canvas: MappingCanvas, width: int) -> None:
    wide = canvas.target.painter.columns(canvas.target.viewport().width(), canvas.target.value_width)
    canvas.resize(width, 640)
    QApplication.processEvents()
    assert canvas.links.width() == 120
    for view in (canvas.source, canvas.target):
        columns = view.painter.columns(view.viewport().width(), view.value_width)
        assert columns.value_width < wide.value_width
        for row in range(len(view.rows)):
            look = view.look(row)
            spread = view.painter.spread(look, view.rows[row].depth, columns)
            wanted = view.painter._face(look).width(look.prefix + look.name)
            cut = wanted > spread.name + 1
            assert not cut or (not spread.value_width and not spread.note), look.name
            assert spread.left + min(wanted, spread.name) <= spread.mark
            if width >= 700:
                assert not cut, look.name


@pytest.mark.parametrize("name", ["Source tree", "Target tree"])
def test_scrolling_paints_only_the_rows_that_come_into_sight(
    canvas: MappingCanvas, qtbot: QtBot, name: str
) -> None:
    canvas.resize(1072, 420)
    view = _named(canvas, name)
    qtbot.wait(250)
    painted: list[int] = []
    look = view.look
    view.look = lambda row: (painted.append(row), look(row))[1]  # type: ignore[func-returns-value]
    bar = view.verticalScrollBar()
    assert bar.maximum() > 3 * view.row_height
    seen = set(view.visible_rows())
    bar.setValue(2 * view.row_height)
    QApplication.processEvents()
    assert painted
    assert set(painted) <= {row for row in view.visible_rows() if row not in seen or row == max(seen)}


def test_the_current_row_stays_in_sight_when_the_window_shrinks(canvas: MappingCanvas) -> None:
    target = _named(canvas, "Target tree")
    bottom = target.viewport().height()
    last = max(row for row in range(len(target.rows)) if target.row_rect(row).bottom() < bottom)
    QTest.mouseClick(target.viewport(), LEFT, NONE, QPoint(120, target.row_rect(last).center().y()))
    canvas.resize(canvas.width(), canvas.height() - 200)
    QApplication.processEvents()
    assert target.viewport().height() < bottom
    assert 0 <= target.row_rect(last).top() <= target.viewport().height() - target.row_height
    # One that was out of sight stays there.
    target.verticalScrollBar().setValue(0)
    canvas.resize(canvas.width(), canvas.height() + 100)
    canvas.resize(canvas.width(), canvas.height() - 50)
    QApplication.processEvents()
    assert target.verticalScrollBar().value() == 0 or target.row_rect(last).top() > 0
