"""Rows of icon, text and marks: what a model says about a cell, and the delegate that paints it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui import theme
from ui.theme import fonts, metrics

Index = QModelIndex | QPersistentModelIndex
CELL = Qt.ItemDataRole.UserRole + 1
DOT = "dot"
BAR_WIDTH = 72
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ROOT = QModelIndex()
Row = TypeVar("Row")


@dataclass(frozen=True)
class Cell:
    """What one cell shows.

    `tone` and `icon_tone` are colour roles; `note` a dim text after the first; `second` a second line; `marks` icons
    (or DOT) with their role at the right edge; `share` a bar from 0 to 1 at the right; `pill` a count. Where there is
    no room the start is shown, the end with `tail` (of a second line its start and end), or both with `ends`.
    """

    text: str = ""
    tone: str = "text"
    icon: str = ""
    icon_tone: str = "text2"
    note: str = ""
    second: str = ""
    weight: int = 400
    mono: bool = False
    italic: bool = False
    small: bool = False
    right: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    share: float | None = None
    link: bool = False
    pill: str = ""
    hint: str = ""
    tail: bool = False
    ends: bool = False

    @property
    def said(self) -> str:
        """The cell in words, for a screen reader."""
        return " ".join(part for part in (self.text, self.second, self.note, self.pill) if part)

    def font(self) -> QFont:
        """The font of the first text."""
        step = fonts.SECONDARY if self.small else 0
        return (
            fonts.mono(weight=self.weight) if self.mono else fonts.font(step, self.weight, italic=self.italic)
        )


EMPTY = Cell()


def cell_data(cell: Cell, role: int) -> Any:
    """A model's answer for a cell: the cell itself, its text, its tooltip or its words."""
    if role == CELL:
        return cell
    if role == Qt.ItemDataRole.DisplayRole:
        return cell.text
    if role == Qt.ItemDataRole.ToolTipRole:
        return cell.hint or None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return cell.said
    return None


class CellTable(QAbstractTableModel, Generic[Row]):
    """A table of any rows: `cells` says how one looks, one cell a column; `right` are the columns of figures."""

    def __init__(
        self,
        columns: Sequence[str],
        cells: Callable[[Row], Sequence[Cell]],
        parent: QObject | None,
        *,
        right: Collection[int] = (),
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._right = frozenset(right)
        self._cells = cells
        self._rows: list[Row] = []
        self._made: dict[int, Sequence[Cell]] = {}

    @property
    def rows(self) -> Sequence[Row]:
        """The rows shown."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; equal ones change nothing."""
        if list(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = list(rows)
        self._made.clear()
        self.endResetModel()

    def change_row(self, row: int, value: Row) -> None:
        """Show another value in one row."""
        self._rows[row] = value
        self._made.pop(row, None)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        if not index.isValid():
            return None
        row = index.row()
        if row not in self._made:
            self._made[row] = self._cells(self._rows[row])
        return cell_data(self._made[row][index.column()], role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Qt's question."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in self._right else Qt.AlignmentFlag.AlignLeft
            return side | _MIDDLE
        return None


class CellDelegate(QStyledItemDelegate):
    """Paints cells on the background the view has already painted."""

    def __init__(self, parent: QWidget, *, inset: int = metrics.PAD_CELL, height: int = 0) -> None:
        super().__init__(parent)
        self._inset = inset
        self._height = height

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """A row's height; the width of the texts."""
        cell = index.data(CELL) or EMPTY
        metric = QFontMetrics(cell.font())
        wide = metric.horizontalAdvance(cell.text) + metric.horizontalAdvance(cell.note) + 2 * self._inset
        return QSize(
            wide + (24 if cell.icon else 0) + 20 * len(cell.marks), self._height or theme.row_height()
        )

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """Icon, text, note, marks."""
        cell: Cell = index.data(CELL) or EMPTY
        painter.save()
        room = QRect(option.rect).adjusted(self._inset, 0, -metrics.PAD_CELL, 0)
        for icon, role in reversed(cell.marks):
            _paint_mark(painter, room, icon, role)
            room.setRight(room.right() - metrics.ICON - 4)
        if cell.icon:
            top = room.top() + (room.height() - metrics.ICON) // 2
            theme.draw(painter, cell.icon, room.left(), top, cell.icon_tone)
            room.setLeft(room.left() + metrics.ICON + metrics.GAP)
        if cell.share is not None:
            _paint_bar(painter, room, cell.share)
            room.setRight(room.right() - BAR_WIDTH - metrics.PAD_CELL)
        if cell.second:
            _paint_two_lines(painter, room, cell)
        else:
            _paint_line(painter, room, cell)
        painter.restore()


def _paint_line(painter: QPainter, room: QRect, cell: Cell) -> None:
    font = cell.font()
    painter.setFont(font)
    painter.setPen(theme.color("accent" if cell.link else cell.tone))
    metric = QFontMetrics(font)
    where = Qt.TextElideMode.ElideLeft if cell.tail else Qt.TextElideMode.ElideRight
    where = Qt.TextElideMode.ElideMiddle if cell.ends else where
    shown = metric.elidedText(cell.text, where, room.width())
    flag = Qt.AlignmentFlag.AlignRight if cell.right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, int(flag | _MIDDLE), shown)
    rest = QRect(room)
    rest.setLeft(room.left() + metric.horizontalAdvance(shown) + metrics.CARDINALITY_GAP)
    if cell.pill and rest.width() > 16:
        paint_pill(painter, rest, cell.pill)
    elif cell.note and rest.width() > 16:
        painter.setFont(fonts.font(fonts.SMALL))
        painter.setPen(theme.color("text3"))
        note = painter.fontMetrics().elidedText(cell.note, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, int(_MIDDLE), note)


def _paint_two_lines(painter: QPainter, room: QRect, cell: Cell) -> None:
    middle = room.center().y() + 1
    first = QRect(room.left(), middle - 18, room.width(), 18)
    _paint_line(painter, first, cell)
    painter.setFont(fonts.font(fonts.SECONDARY))
    painter.setPen(theme.color("text2"))
    where = Qt.TextElideMode.ElideMiddle if cell.tail else Qt.TextElideMode.ElideRight
    shown = painter.fontMetrics().elidedText(cell.second, where, room.width())
    painter.drawText(QRect(room.left(), middle, room.width(), 18), int(_MIDDLE), shown)


def _paint_mark(painter: QPainter, room: QRect, icon: str, role: str) -> None:
    left = room.right() + 1 - metrics.ICON
    if icon == DOT:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(role))
        painter.drawEllipse(left + 4, room.top() + (room.height() - 8) // 2, 8, 8)
    else:
        theme.draw(painter, icon, left, room.top() + (room.height() - metrics.ICON) // 2, role)


def _paint_bar(painter: QPainter, room: QRect, share: float) -> None:
    bar = QRect(room.right() + 1 - BAR_WIDTH, room.center().y() - 3, BAR_WIDTH, metrics.BAR)
    painter.fillRect(bar, theme.color("selected_off"))
    bar.setWidth(round(bar.width() * min(1.0, max(0.0, share))))
    painter.fillRect(bar, theme.color("accent"))


def text_width(cell: Cell) -> int:
    """How wide a cell wants to be for its first text, in pixels."""
    return QFontMetrics(cell.font()).horizontalAdvance(cell.text) + 2 * metrics.PAD_CELL + 2


def paint_pill(painter: QPainter, room: QRect, text: str) -> int:
    """A count in a rounded field at the left of `room`, in the middle of its height; returns its width."""
    painter.setFont(fonts.font(fonts.SMALL, 500))
    width = max(metrics.PILL_HEIGHT, painter.fontMetrics().horizontalAdvance(text) + 10)
    pill = QRect(
        room.left(), room.top() + (room.height() - metrics.PILL_HEIGHT) // 2, width, metrics.PILL_HEIGHT
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("selected_off"))
    painter.drawRoundedRect(pill, metrics.RADIUS_PILL, metrics.RADIUS_PILL)
    painter.setPen(theme.color("text"))
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
    return width
