"""A screen reader's way through a map: the painted trees and the table of rules, asked as Qt's accessibility asks."""

from __future__ import annotations

import gc
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QTableView

from tests.ui.canvas_hands import INVOICE, TARGET, open_map
from tests.ui.driver import running, window_test
from tests.ui.mock_scene import INVOICE as MOCK_INVOICE
from tests.ui.mock_scene import ORDER
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side

NAME, VALUE, SAID = QAccessible.Text.Name, QAccessible.Text.Value, QAccessible.Text.Description


def _face(widget: QObject) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def _row(canvas: MappingCanvas, side: Side, path: str) -> QAccessibleInterface:
    found = _face(canvas.views[side]).child(canvas.rows[side].at(path))
    assert found is not None
    return found


def test_a_tree_has_a_name_and_its_rows_as_items(canvas: MappingCanvas) -> None:
    face = _face(canvas.target)
    assert (face.role(), face.text(NAME)) == (QAccessible.Role.Tree, "Target tree")
    assert face.childCount() == len(canvas.rows[Side.TARGET])
    row = _row(canvas, Side.TARGET, f"{MOCK_INVOICE}/dueDate")
    assert row.role() is QAccessible.Role.TreeItem
    assert row.parent() is face
    assert face.indexOfChild(row) == canvas.rows[Side.TARGET].at(f"{MOCK_INVOICE}/dueDate")
    assert face.child(face.childCount()) is None


def test_rows_say_name_value_and_state(canvas: MappingCanvas) -> None:
    row = _row(canvas, Side.TARGET, f"{MOCK_INVOICE}/dueDate")
    assert (row.text(NAME), row.text(VALUE)) == ("dueDate", "2026-04-07")
    assert row.text(SAID) == f"{MOCK_INVOICE}/dueDate, level 3, 0..1, mapped, reads terms, placed"
    assert "mandatory, no rule" in _row(canvas, Side.TARGET, f"{MOCK_INVOICE}/paymentTerms").text(SAID)
    assert "is not a decimal" in _row(canvas, Side.TARGET, f"{MOCK_INVOICE}/line/taxRate").text(SAID)
    assert "loop A" in _row(canvas, Side.TARGET, MOCK_INVOICE).text(SAID)
    source = _row(canvas, Side.SOURCE, f"{ORDER}/placed")
    assert (source.text(NAME), source.text(VALUE)) == ("placed", "2026-03-08")
    assert source.text(SAID).endswith("mapped, read by issueDate, dueDate")


def test_states_follow_folding_and_the_selection(canvas: MappingCanvas) -> None:
    seller, due = f"{MOCK_INVOICE}/seller", f"{MOCK_INVOICE}/dueDate"
    folded = _row(canvas, Side.TARGET, seller).state()
    assert (folded.expandable, folded.collapsed, folded.expanded) == (1, 1, 0)
    assert _row(canvas, Side.TARGET, MOCK_INVOICE).state().expanded
    assert not _row(canvas, Side.TARGET, due).state().expandable
    rows = canvas.rows[Side.TARGET]
    canvas.activateWindow()
    canvas.target.setFocus()
    canvas.target.set_current(rows.at(due))
    assert _row(canvas, Side.TARGET, due).state().selected
    face = _face(canvas.target)
    assert face.focusChild() is _row(canvas, Side.TARGET, due)
    assert face.text(VALUE).startswith("dueDate, 0..1, mapped")
    # A face answers for what stands at its row now, and for nothing where there is none.
    last = face.child(len(rows) - 1)
    assert last is not None
    canvas.target.toggle(rows.at(MOCK_INVOICE))
    assert not last.isValid()
    assert (last.text(NAME), last.rect().isEmpty(), last.state().invalid) == ("", True, 1)


def test_rows_are_found_where_they_are_on_the_screen(canvas: MappingCanvas) -> None:
    row = _row(canvas, Side.TARGET, f"{MOCK_INVOICE}/issueDate")
    middle = row.rect().center()
    assert _face(canvas.target).childAt(middle.x(), middle.y()) is row


def test_a_closed_map_leaves_no_face_that_answers(canvas: MappingCanvas) -> None:
    face = _face(canvas.source)
    other = MappingCanvas(canvas.scene)
    gone = _face(other.target)
    row = gone.child(0)
    assert row is not None
    other.deleteLater()
    del other
    QApplication.sendPostedEvents(None, 52)
    gc.collect()
    assert not row.isValid()
    assert face.childCount() == len(canvas.rows[Side.SOURCE])


@window_test
async def test_the_table_of_rules_is_read_cell_by_cell(small: Path) -> None:
    async with running(small, size="1400x900") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Ctrl+T")
        table = drive.find("Rules", QTableView)
        face = _face(table)
        assert (face.role(), face.text(NAME)) == (QAccessible.Role.Table, "Rules")
        cells = [face.child(number) for number in range(face.childCount())]
        texts = [cell.text(NAME) for cell in cells if cell is not None]
        # Each line begins with the head of the row, which is not shown.
        columns = table.model().columnCount() + 1
        head, *rows = [texts[at + 1 : at + columns] for at in range(0, len(texts), columns)]
        assert head == ["Target", "Script", "Type", "Value", "State", "Loop", "Condition"]
        assert [row[:2] + row[4:5] for row in rows] == [
            [INVOICE, "", "loop"],
            [f"{INVOICE}/@number", "[@id]", "mapped"],
            [f"{INVOICE}/issueDate", "[placed]", "mapped"],
        ]
        current = [cell for cell in cells if cell is not None and cell.state().selected]
        assert [cell.text(NAME) for cell in current][:2] == [f"{INVOICE}/issueDate", "[placed]"]
