"""Trees and flat lists: rows of 24 px, our carets, one background for selection and hover."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.cells import CELL, EMPTY, CellDelegate


class Tree(QTreeView):
    """A tree of cells. `panel` paints it on the window's grey instead of the base."""

    def __init__(self, name: str, *, panel: bool = False, inset: int = 4) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._ground = "window" if panel else "base"
        self._inset = inset
        self._hovered = QPersistentModelIndex()
        self.setProperty("panel", panel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setIndentation(metrics.INDENT)
        self.setHeaderHidden(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(CellDelegate(self, inset=inset))

    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One background over the whole row, then branches and cells."""
        first = index.sibling(index.row(), 0)
        rect = QRect(0, options.rect.top(), self.viewport().width(), options.rect.height())
        painter.fillRect(rect, theme.color(self._row_role(first)))
        self._draw_branch(painter, rect, first)
        for column in range(self.model().columnCount(index.parent())):
            if self.isColumnHidden(column):
                continue
            cell = index.sibling(index.row(), column)
            option = QStyleOptionViewItem(options)
            option.rect = self.visualRect(cell)
            self.itemDelegateForIndex(cell).paint(painter, option, cell)
        self._draw_focus(painter, rect, first)

    def _row_role(self, index: QModelIndex) -> str:
        if self.selectionModel().isSelected(index):
            return "selected" if self.hasFocus() else "selected_off"
        if (
            self._hovered.isValid()
            and self._hovered.row() == index.row()
            and self._hovered.parent() == index.parent()
        ):
            return "hover"
        return self._ground

    def _draw_branch(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        if not self.rootIsDecorated() or not self.model().hasChildren(index):
            return
        left = self.visualRect(index).left() - self.indentation() + self._inset
        name = "caret-down" if self.isExpanded(index) else "caret-right"
        theme.draw(painter, name, left + 2, rect.top() + (rect.height() - 12) // 2, "text2", 12)

    def _draw_focus(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:
        if self.hasFocus() and self.currentIndex().siblingAtColumn(0) == index.siblingAtColumn(0):
            painter.fillRect(rect.left(), rect.top(), metrics.EDGE, rect.height(), theme.color("accent"))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the row under the pointer."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def _hover(self, index: QModelIndex) -> None:
        found = QPersistentModelIndex(index.siblingAtColumn(0))
        if found != self._hovered:
            self._hovered = found
            self.viewport().update()


class Rows(Tree):
    """A flat table: `opened` tells a row was double-clicked or Enter was pressed, `followed` that a link was clicked."""

    opened = Signal(int)
    followed = Signal(int, int)

    def __init__(
        self, name: str, *, panel: bool = False, head: bool = False, inset: int = metrics.PAD_CELL
    ) -> None:
        super().__init__(name, panel=panel, inset=inset)
        self.setRootIsDecorated(False)
        self.setHeaderHidden(not head)
        self.setItemsExpandable(False)
        self._fitted: tuple[tuple[int, int], ...] = ()
        self._spare: tuple[int, ...] = ()
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Take a model; the columns then have to be laid out with `lay_out`."""
        super().setModel(model)

    def lay_out(self, *widths: int) -> None:
        """Column widths in pixels; 0 shares what is left."""
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        for column, width in enumerate(widths):
            if width:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
                header.resizeSection(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def fit(self, *columns: tuple[int, int], spare: Sequence[int] = ()) -> None:
        """Columns as (least, wanted) pixels: narrowed together where there is less room, scrolled where there is none.

        A column that wants 0 takes what is left; none is narrower than its head. Before anything is scrolled, the
        columns in `spare` are hidden one after the other.
        """
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        heads = [self._head_width(column) for column in range(len(columns))]
        self._fitted = tuple(
            (max(least, head), wanted and max(wanted, head))
            for head, (least, wanted) in zip(heads, columns, strict=True)
        )
        self._spare = tuple(spare)
        self._share_out()

    def _head_width(self, column: int) -> int:
        text = str(self.model().headerData(column, Qt.Orientation.Horizontal) or "")
        return head_width(text) if text and not self.isHeaderHidden() else 0

    def _share_out(self) -> None:
        room = self.viewport().width()
        shown = list(range(len(self._fitted)))
        for column in self._spare:
            if sum(self._fitted[at][0] for at in shown) > room:
                shown.remove(column)
        for column in self._spare:
            self.setColumnHidden(column, column not in shown)
        for column, width in zip(shown, shares([self._fitted[at] for at in shown], room), strict=True):
            self.header().resizeSection(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns that fit themselves do so again."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if (
            event.button() is Qt.MouseButton.LeftButton
            and index.isValid()
            and (index.data(CELL) or EMPTY).link
        ):
            self.followed.emit(index.row(), index.column())

    def _hover(self, index: QModelIndex) -> None:
        super()._hover(index)
        link = index.isValid() and (index.data(CELL) or EMPTY).link
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)


def head_width(text: str, least: int = 0) -> int:
    """How wide a column has to be for its head, in pixels."""
    metric = QFontMetrics(fonts.font(fonts.SECONDARY, 500))
    return max(least, metric.horizontalAdvance(text) + 2 * metrics.PAD_CELL + 4)


def shares(columns: Sequence[tuple[int, int]], room: int) -> list[int]:
    """The widths of columns (least, wanted) in so much room; those that want 0 share what is left over."""
    wants = [max(least, wanted) for least, wanted in columns]
    spare = room - sum(wants)
    if spare >= 0:
        elastic = [at for at, (_least, wanted) in enumerate(columns) if not wanted]
        for place, at in enumerate(elastic):
            wants[at] += (spare + place) // len(elastic)
        return wants
    gives = [want - least for want, (least, _wanted) in zip(wants, columns, strict=True)]
    part = min(1.0, -spare / sum(gives)) if any(gives) else 0.0
    return [want - math.ceil(give * part) for want, give in zip(wants, gives, strict=True)]


def current_row(view: QAbstractItemView) -> int:
    """The row the keyboard is on; -1 where there is none."""
    index = view.currentIndex()
    return index.row() if index.isValid() else -1


def fit_rows(view: QWidget, rows: int, *, head: bool = False) -> None:
    """Make a list exactly as high as its rows, so that the page around it scrolls."""
    view.setFixedHeight(rows * theme.row_height() + (metrics.TABLE_HEAD if head else 0))
