"""The grid failed rows are corrected in: cells are written, copied, pasted, filled down and emptied by key."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLineEdit,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from studio.base.i18n import _
from ui import theme
from ui.dialogs.move.fix_rows import CHANGED, LEADING, WRONG, FixRows
from ui.theme import metrics
from ui.widgets.cells import CellDelegate, Index

_WIDTHS = (64, 280)
_COLUMN_WIDTH = 150
# A paste of more is more than a clipboard is for: the file is taken in instead.
_MOST_COPIED = 20_000


class FixGrid(QTableView):
    """`keys` are what Ctrl+D, paste and Del ask for: fill(first, last, column), paste(place, column, block)."""

    def __init__(
        self,
        rows: FixRows,
        fill: Callable[[int, int, int], object],
        paste: Callable[[int, int, list[list[str]]], object],
    ) -> None:
        super().__init__()
        self.rows, self._fill, self._paste = rows, fill, paste
        self.setAccessibleName(_("Rows to fix"))
        self.setModel(rows)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setItemDelegate(_Writer(self))
        side, head = self.verticalHeader(), self.horizontalHeader()
        side.hide()
        side.setDefaultSectionSize(theme.row_height())
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setFixedHeight(metrics.TABLE_HEAD)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(False)
        rows.modelReset.connect(self.lay_out)

    def lay_out(self) -> None:
        """Give columns their first widths."""
        for column in range(self.rows.columnCount()):
            if column < LEADING or self.columnWidth(column) < _COLUMN_WIDTH:
                self.setColumnWidth(column, _WIDTHS[column] if column < LEADING else _COLUMN_WIDTH)

    def selected(self) -> tuple[int, int, int, int] | None:
        """The rectangle around the selected cells of own columns: first and last row, first and last column."""
        chosen = self.selectionModel().selection()
        ranges = [chosen.at(at) for at in range(chosen.count())]
        ranges = [one for one in ranges if one.right() >= LEADING]
        if not ranges:
            return None
        return (
            min(one.top() for one in ranges),
            max(one.bottom() for one in ranges),
            max(min(one.left() for one in ranges), LEADING) - LEADING,
            max(one.right() for one in ranges) - LEADING,
        )

    def copy(self) -> None:
        """Selected cells as a spreadsheet takes them."""
        found = self.selected()
        if found is None:
            return
        top, bottom, left, right = found
        text = io.StringIO()
        writer = csv.writer(text, delimiter="\t", lineterminator="\n")
        for place in range(top, min(bottom, top + _MOST_COPIED) + 1):
            row = self.rows.row(place)
            writer.writerow(row[3][left : right + 1] if row is not None else [""])
        QGuiApplication.clipboard().setText(text.getvalue())

    def paste(self) -> None:
        """What a spreadsheet copied, from the first selected cell on; one value fills all that is selected."""
        found = self.selected()
        text = QGuiApplication.clipboard().text()
        if found is None or not text:
            return
        top, bottom, left, right = found
        block = list(csv.reader(io.StringIO(text.removesuffix("\n"), newline=""), delimiter="\t"))
        if len(block) == 1 and len(block[0]) == 1:
            block = [block[0] * (right - left + 1)] * (bottom - top + 1)
        self._paste(top, left, block)

    def empty(self) -> None:
        """Empty the selected cells."""
        found = self.selected()
        if found is not None:
            top, bottom, left, right = found
            self._paste(top, left, [[""] * (right - left + 1)] * (bottom - top + 1))

    def fill_down(self) -> None:
        """The first selected row's value into the rows selected below it, or one row down."""
        found = self.selected()
        if found is not None:
            top, bottom, left, _right = found
            self._fill(top, bottom if bottom > top else top + 1, left)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, paste, fill down, empty; a letter begins to write."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.fill_down()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.empty()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Enter that ended the writing in a cell comes here, too.
            if self.state() == QAbstractItemView.State.NoState and self.currentIndex().column() >= LEADING:
                self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def show_current(self) -> None:
        """Bring the current cell into sight, with as many columns before it as there is room for."""
        self.horizontalScrollBar().setValue(0)
        self.scrollTo(self.currentIndex())

    def go_to(self, row: int, column: int) -> None:
        """Make a cell current."""
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self.rows.index(row, column), flag)
        self.scrollTo(self.rows.index(row, column))


class _Writer(CellDelegate):
    """Paints cells at fault on red, changed ones on the accent's tint; a line to write in."""

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """The ground says what is wrong and what was changed, a frame which cell is current."""
        view = self.parent()
        assert isinstance(view, FixGrid)
        role = "base"
        if index.data(WRONG):
            role = "red_tint"
        if index.data(CHANGED):
            role = "accent_tint"
        if view.selectionModel().isSelected(index):
            role = "selected" if view.hasFocus() else "selected_off"
        painter.fillRect(option.rect, theme.color(role))
        super().paint(painter, option, index)
        painter.setPen(theme.color("separator"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if view.currentIndex() == index and view.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(option.rect).adjusted(0, 0, -1, -1))

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field with a name a screen reader can say."""
        line = QLineEdit(parent)
        line.setFrame(False)
        head = index.model().headerData(
            index.column(), Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole
        )
        line.setAccessibleName(_("Write: {what}").format(what=head))
        return line

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Any) -> None:
        """Over the cell, no higher than it."""
        editor.setGeometry(QRect(option.rect))
