"""A schema tree with hands: clicks, drags, wheel and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from ui.canvas.gestures import ColumnDrag, GestureArea
from ui.canvas.link_index import Side
from ui.canvas.painted_tree import PaintedTree
from ui.canvas.rows import Rows
from ui.canvas.shape import RowKind
from ui.theme import metrics

_LEAST_VALUE = 40
_GRIP = 3


class TreeView(PaintedTree):
    """The tree of one side.

    `hovered` follows the row under the pointer, `activated` a double click, `picker_wanted` a click on a choice's
    picker, `menu_wanted` a context menu, `drag_wanted` the start of a drag (whether it began on the value), `released`
    Esc, `value_clicked` a click on a value, `widened` another width of the value column, `zoomed` a turn of the wheel with Ctrl held (1 larger, -1 smaller).
    """

    hovered = Signal(int)
    activated = Signal(int)
    picker_wanted = Signal(int, QPoint)
    menu_wanted = Signal(int, QPoint)
    drag_wanted = Signal(int, bool)
    released = Signal()
    zoomed = Signal(int)
    value_clicked = Signal(int)
    widened = Signal()

    def __init__(self, side: Side, name: str, rows: Rows, area: GestureArea) -> None:
        super().__init__(side, name, rows)
        self._area = area
        self._pressed: QPoint | None = None
        self._select_on_release = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips and the pointer leaving."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tip(event)
            return True
        if event.type() is QEvent.Type.Leave:
            self._hover_row(-1)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold, pick, grab the column's edge or select; a drag may follow."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        row = self.row_at(point.y())
        if self._on_grip(point.x()):
            shown = self.painter.columns(self.viewport().width(), self.value_width).value_width
            self._area.start(ColumnDrag(event.globalPosition().toPoint(), shown, self.resize_value))
            return
        if row < 0:
            self.set_current(-1)
            return
        here = self.rows[row]
        if here.expandable and point.x() in self.painter.expander(here.depth):
            self.toggle(row)
            return
        if self.painter.picker(self.look(row), here.depth, self.row_rect(row).top()).contains(point):
            self.set_current(row)
            self.picker_wanted.emit(row, event.globalPosition().toPoint())
            return
        self._pressed = point
        self._press_row(row, event.modifiers())

    def _press_row(self, row: int, keys: Qt.KeyboardModifier) -> None:
        self._select_on_release = -1
        if keys & Qt.KeyboardModifier.ShiftModifier:
            self.select(lambda: self.selection.extend(row))
        elif keys & Qt.KeyboardModifier.ControlModifier:
            self.select(lambda: self.selection.toggle(row))
        elif self.rows[row].key in self.selection.selected and len(self.selection.selected) > 1:
            # The press may begin a drag of them all.
            self._select_on_release = row
        else:
            self.set_current(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a gesture, begin a drag, or light the row under the pointer."""
        screen = event.globalPosition().toPoint()
        if self._area.move(screen):
            return
        point = event.position().toPoint()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                self._begin_drag(screen)
            return
        self._hover_row(self.row_at(point.y()))
        grip = self._on_grip(point.x())
        self.viewport().setCursor(Qt.CursorShape.SplitHCursor if grip else Qt.CursorShape.ArrowCursor)

    def _begin_drag(self, screen: QPoint) -> None:
        assert self._pressed is not None
        row = self.row_at(self._pressed.y())
        on_value = self._on_value(row, self._pressed.x())
        self._pressed, self._select_on_release = None, -1
        self._hover_row(-1)
        self.drag_wanted.emit(row, on_value)
        self._area.move(screen)

    def _on_value(self, row: int, x: int) -> bool:
        columns = self.painter.columns(self.viewport().width(), self.value_width)
        look = self.look(row)
        spread = self.painter.spread(look, self.rows[row].depth, columns)
        return x >= spread.value and bool(look.value) and spread.value_width > 0

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a gesture or a click."""
        pressed, self._pressed = self._pressed, None
        if self._area.finish(event.globalPosition().toPoint()):
            return
        if self._select_on_release >= 0:
            self.set_current(self._select_on_release)
            self._select_on_release = -1
        elif pressed is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            row = self.row_at(pressed.y())
            if row >= 0 and self._on_value(row, pressed.x()):
                self.value_clicked.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A node unfolds, a field is opened."""
        row = self.row_at(event.position().toPoint().y())
        if row < 0:
            return
        here = self.rows[row]
        if (
            here.expandable and event.position().toPoint().x() in self.painter.expander(here.depth)
        ) or here.expandable:
            self.toggle(row)
        else:
            self.activated.emit(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of a row, at the pointer or below the current row."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            row = self.selection.row
            rect = self.row_rect(max(row, 0))
            point = self.viewport().mapToGlobal(rect.bottomLeft() + QPoint(metrics.INDENT * 4, 0))
        else:
            row = self.row_at(self.viewport().mapFromGlobal(event.globalPos()).y())
            point = event.globalPos()
            if row >= 0 and self.rows[row].key not in self.selection.selected:
                self.set_current(row)
        if row >= 0:
            self.menu_wanted.emit(row, point)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls; with Ctrl it zooms."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y():
                self.zoomed.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def resize_value(self, width: int) -> None:
        """Make the value column this wide, within reason."""
        self.value_width = max(_LEAST_VALUE, min(width, self.viewport().width() - 120))
        self.viewport().update()
        self.widened.emit()

    def _on_grip(self, x: int) -> bool:
        columns = self.painter.columns(self.viewport().width(), self.value_width)
        return abs(x - (columns.value - 4)) <= _GRIP

    def _hover_row(self, row: int) -> None:
        if row != self._hover:
            old, self._hover = self._hover, row
            self.refresh_rows(each for each in (old, row) if each >= 0)
            self.hovered.emit(row)

    def _tip(self, event: QHelpEvent) -> None:
        row = self.row_at(event.pos().y())
        if row < 0:
            QToolTip.hideText()
            return
        look = self.look(row)
        path = self.rows[row].path
        lines = [path, look.state, look.hint, look.value if not look.value_italic else ""]
        text = "\n".join(line for line in dict.fromkeys(lines) if line)
        QToolTip.showText(event.globalPos(), text, self.viewport(), self.row_rect(row))

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move and fold, Shift extends, Enter opens, Esc cancels or releases the focus."""
        if event.key() == Qt.Key.Key_Escape:
            if not self._area.cancel():
                self.released.emit()
            return
        keys = event.modifiers()
        step = self._step(event.key())
        if step is not None and len(self.rows):
            self._move(step, keys)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.selection.row >= 0:
            self._fold_or_move(right=event.key() == Qt.Key.Key_Right)
        elif event.key() == Qt.Key.Key_A and keys & Qt.KeyboardModifier.ControlModifier:
            self.select(self.selection.all_siblings)
        elif event.key() == Qt.Key.Key_Space and not keys and self.selection.row >= 0:
            self._space()
        else:
            event.ignore()

    def _step(self, key: int) -> int | None:
        page = max(1, self.viewport().height() // self.row_height - 1)
        return {
            Qt.Key.Key_Up.value: -1, Qt.Key.Key_Down.value: 1, Qt.Key.Key_PageUp.value: -page,
            Qt.Key.Key_PageDown.value: page, Qt.Key.Key_Home.value: -len(self.rows),
            Qt.Key.Key_End.value: len(self.rows),
        }.get(int(key))  # fmt: skip

    def _move(self, step: int, keys: Qt.KeyboardModifier) -> None:
        at = self.selection.row
        row = max(0, min(len(self.rows) - 1, at + step if at >= 0 else 0))
        if keys & Qt.KeyboardModifier.ShiftModifier:
            self.select(lambda: self.selection.extend(row))
        else:
            self.set_current(row)
        self._show_at_edge(row)

    def _show_at_edge(self, row: int) -> None:
        rect, bar = self.row_rect(row), self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() + 1 - self.viewport().height())

    def _fold_or_move(self, *, right: bool) -> None:
        row = self.selection.row
        here = self.rows[row]
        expanded = here.expandable and self.rows.is_expanded(here)
        if right and here.expandable and not expanded:
            self.toggle(row)
        elif right and expanded:
            self._move(1, Qt.KeyboardModifier.NoModifier)
        elif not right and expanded:
            self.toggle(row)
        elif not right and (parent := self.rows.parent(row)) >= 0:
            self.set_current(parent)
            self._show_at_edge(parent)

    def _space(self) -> None:
        row = self.selection.row
        look = self.look(row)
        if look.picker and self.rows[row].kind is not RowKind.NODE:
            rect = self.painter.picker(look, self.rows[row].depth, self.row_rect(row).top())
            self.picker_wanted.emit(row, self.viewport().mapToGlobal(rect.bottomLeft()))
        elif self.rows[row].expandable:
            self.toggle(row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The selection takes its strong colour; without a current row the first is it."""
        super().focusInEvent(event)
        tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if self.selection.row < 0 and len(self.rows) and tab:
            self.set_current(self.visible_rows().start)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The selection takes its quiet colour."""
        super().focusOutEvent(event)
        self.viewport().update()
