"""The rows of one schema tree: paints those in sight, scrolls by moving what is painted, folds and selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QPoint, QPropertyAnimation, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui import theme
from ui.canvas.accessible import install, tell_current
from ui.canvas.link_index import End, Side
from ui.canvas.row_look import Look
from ui.canvas.row_painter import Columns, RowPainter, RowState
from ui.canvas.rows import Rows
from ui.canvas.selection import Selection
from ui.theme import metrics

_EDGE = 24
# So many rows of a tree tell how wide its names are.
_MEASURED = 200


class PaintedTree(QAbstractScrollArea):
    """The visible rows of one side, without hands: TreeView adds mouse and keys.

    `look` and `end` answer what a row looks like and how its links end. `scrolled` follows every scroll step,
    `unfolded` any change of the visible rows, `chosen` the current row (-1: none).
    """

    scrolled = Signal()
    unfolded = Signal()
    chosen = Signal(int)

    def __init__(self, side: Side, name: str, rows: Rows) -> None:
        super().__init__()
        self.side = side
        self.rows = rows
        self.selection = Selection(rows)
        self.look: Callable[[int], Look] = lambda row: Look("text-t", rows[row].path)
        self.end: Callable[[int], End | None] = lambda _row: None
        # The links of a row in words, for people who hear it.
        self.said_links: Callable[[int], str] = lambda _row: ""
        self.lit: frozenset[int] = frozenset()
        self.flashing: frozenset[str] = frozenset()
        self.value_width = metrics.VALUE_WIDTH
        # The values leave room to all the names, where this much stays for them; 0: to nine in ten only.
        self.values_keep = 0
        self.painter = RowPainter(side)
        self._hover = -1
        self._drop = -1
        self._top = 0
        self._goal: int | None = None
        self._fitting = False
        self._rails: list[tuple[tuple[int, int], ...]] = []
        self._glide: QPropertyAnimation | None = None
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if side is Side.SOURCE:
            # The bar stands at the outer edge: links must not cross it.
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.viewport().setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().setSingleStep(self.painter.height)
        self.verticalScrollBar().setAccessibleName(name)
        theme.signals.changed.connect(self._retheme)
        install(PaintedTree)

    # What is shown

    def show_rows(self, loops: Mapping[str, int]) -> None:
        """Rows or what they show changed: measure and paint anew. `loops` are the indexes of loops by address."""
        self._rails = _rails(self.rows, loops)
        self.selection.keep_visible()
        self.painter.names = self._name_room()
        self._fit_bar()
        self.viewport().update()

    def _name_room(self) -> int:
        """The width that shows the names of nine rows in ten, or of all; a longer one pushes only its own value aside."""
        step = max(1, len(self.rows) // _MEASURED)
        rows = (self.rows[at] for at in range(0, len(self.rows), step))
        ends = sorted(self.painter.name_end(r.place.node.name, r.depth) for r in rows if r.place is not None)
        self.painter.pull = self.values_keep > 0
        if not ends:
            return 0
        room = self.viewport().width() - self.values_keep if self.values_keep else 0
        return ends[-1] if ends[-1] <= room else ends[len(ends) * 9 // 10]

    def refresh_rows(self, rows: Iterable[int]) -> None:
        """Paint some rows again."""
        for row in rows:
            self.viewport().update(self.row_rect(row))

    def light(self, rows: frozenset[int]) -> None:
        """Tint the ends of the links in focus."""
        if rows != self.lit:
            changed, self.lit = rows ^ self.lit, rows
            self.refresh_rows(changed)

    def flash(self, paths: frozenset[str]) -> None:
        """Tint the values at these paths once."""
        before, self.flashing = self.flashing, paths
        self.refresh_paths(before ^ paths)
        if paths:
            QTimer.singleShot(metrics.FLASH, self, lambda: self._unflash(paths))

    def _unflash(self, paths: frozenset[str]) -> None:
        if self.flashing is paths:
            self.flashing = frozenset()
            self.refresh_paths(paths)

    def refresh_paths(self, paths: frozenset[str]) -> None:
        """Paint the rows of these addresses again."""
        if paths:
            self.refresh_rows(row for row in self.visible_rows() if self.rows[row].path in paths)

    # Geometry

    @property
    def row_height(self) -> int:
        """The height of every row, in pixels."""
        return self.painter.height

    @property
    def offset(self) -> int:
        """How far the tree is scrolled, in pixels."""
        return self._top

    def visible_rows(self) -> range:
        """The rows in sight, in part or whole."""
        height = self.row_height
        first = self._top // height
        last = (self._top + self.viewport().height() + height - 1) // height
        return range(min(first, len(self.rows)), min(last, len(self.rows)))

    def row_rect(self, row: int) -> QRect:
        """Where a row is painted, in the viewport's coordinates; it may lie outside."""
        return QRect(0, row * self.row_height - self._top, self.viewport().width(), self.row_height)

    def row_at(self, y: int) -> int:
        """The row at a height of the viewport, -1 below the last one."""
        row = (y + self._top) // self.row_height
        return row if 0 <= row < len(self.rows) else -1

    def row_at_screen(self, point: QPoint) -> int:
        """The row under a point of the screen, -1 outside the tree."""
        here = self.viewport().mapFromGlobal(point)
        return self.row_at(here.y()) if self.viewport().rect().contains(here) else -1

    def show_drop(self, row: int) -> None:
        """Frame the row a drop would hit; -1 none."""
        if row != self._drop:
            old, self._drop = self._drop, row
            self.refresh_rows(each for each in (old, row) if each >= 0)

    def scroll_near_edge(self, point: QPoint) -> None:
        """Scroll one row when the pointer is near the upper or lower edge."""
        here = self.viewport().mapFromGlobal(point)
        if not 0 <= here.x() < self.viewport().width():
            return
        bar = self.verticalScrollBar()
        if here.y() < _EDGE:
            bar.setValue(bar.value() - self.row_height)
        elif here.y() > self.viewport().height() - _EDGE:
            bar.setValue(bar.value() + self.row_height)

    def bring_into_view(self, row: int) -> None:
        """Scroll, gliding, until the row is in sight; nothing moves if it is."""
        rect = self.row_rect(row)
        bar = self.verticalScrollBar()
        if rect.top() >= 0 and rect.bottom() < self.viewport().height():
            return
        goal = row * self.row_height - (self.viewport().height() - self.row_height) // 2
        if abs(goal - bar.value()) > 4 * self.viewport().height():
            bar.setValue(goal)
            return
        self._glide = QPropertyAnimation(bar, b"value", self)
        self._glide.setDuration(metrics.SCROLL)
        self._glide.setEndValue(max(bar.minimum(), min(bar.maximum(), goal)))
        self._glide.start(QPropertyAnimation.DeletionPolicy.KeepWhenStopped)

    # Folding

    def toggle(self, row: int) -> None:
        """Fold or unfold a row."""
        self.fold([row], expanded=not self.rows.is_expanded(self.rows[row]))

    def fold(self, rows: Iterable[int], *, expanded: bool) -> None:
        """Fold or unfold rows."""
        found = [self.rows[row] for row in rows if self.rows[row].expandable]
        if found:
            self.rows.set_expanded(found, expanded)
            self.unfolded.emit()

    def set_current(self, row: int) -> None:
        """Select one row and make it the current one; -1 selects nothing."""
        self.select(lambda: self.selection.choose(row))

    def select(self, change: Callable[[], None]) -> None:
        """Carry out a change of the selection, paint the rows it touches and tell."""
        before = self.selection.selected | {self.selection.current}
        change()
        for key in before | self.selection.selected | {self.selection.current}:
            self.refresh_rows([self.rows.index(key)])
        row = self.selection.row
        if row >= 0:
            look = self.look(row)
            said = (look.prefix + look.name, look.note, look.state, look.value)
            self.setAccessibleDescription(", ".join(part for part in said if part))
            tell_current(self, row)
        self.chosen.emit(row)

    # Painting and scrolling

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that touch the region."""
        painter = QPainter(self.viewport())
        columns = self.painter.columns(self.viewport().width(), self.value_width)
        rect, region = event.rect(), event.region()
        painter.fillRect(rect, theme.color("base"))
        first = max(0, (rect.top() + self._top) // self.row_height)
        last = min(len(self.rows), (rect.bottom() + self._top) // self.row_height + 1)
        for row in range(first, last):
            if region.intersects(self.row_rect(row)):
                self._paint_row(painter, row, columns)
        painter.end()

    def _paint_row(self, painter: QPainter, row: int, columns: Columns) -> None:
        here = self.rows[row]
        search = self.rows.search
        hit = search is not None and here.place is not None and search.hit(here.place)
        state = RowState(
            selected=here.key in self.selection.selected,
            current=here.key == self.selection.current,
            focused=self.hasFocus(),
            hover=row == self._hover,
            lit=row in self.lit,
            drop=row == self._drop,
            flash=here.path in self.flashing,
            expanded=self.rows.is_expanded(here) if here.expandable else None,
            match=search.span(here.place.node.name) if hit and search and here.place else (0, 0),
        )
        top = row * self.row_height - self._top
        rails = self._rails[row] if row < len(self._rails) else ()
        self.painter.paint(painter, top, self.look(row), here.depth, state, columns, self.end(row), rails)

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """Move what is painted; only what comes into sight is painted."""
        self._top = self.verticalScrollBar().value()
        if not self._fitting:
            self._goal = None
        self.viewport().scroll(0, dy)
        self.scrolled.emit()

    @property
    def kept_top(self) -> int:
        """Where the tree is scrolled to, or is to be as soon as it has its size."""
        return self.verticalScrollBar().value() if self._goal is None else self._goal

    def scroll_to(self, top: int) -> None:
        """Scroll there; where there is no room to scroll in yet, once there is."""
        bar = self.verticalScrollBar()
        bar.setValue(top)
        self._goal = top if bar.value() != top else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bar's range follows the height, the room of names the width; the current row in sight stays there."""
        super().resizeEvent(event)
        bottom = (self.selection.row + 1) * self.row_height - self._top
        seen = self.selection.row >= 0 and self.row_height <= bottom <= event.oldSize().height()
        if self.values_keep:
            self.painter.names = self._name_room()
        self._fit_bar()
        if seen and bottom > self.viewport().height() > self.row_height:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + bottom - self.viewport().height())

    def _fit_bar(self) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(max(self.row_height, height - self.row_height))
        self._fitting = True
        bar.setRange(0, max(0, len(self.rows) * self.row_height - height))
        if self._goal is not None:
            self.scroll_to(self._goal)
        self._fitting = False
        self._top = bar.value()

    def _retheme(self) -> None:
        self._renew_painter(self.painter.zoom)

    def zoom_to(self, zoom: float) -> None:
        """Show rows larger or smaller than the system's size (1.0); the row at the top stays there."""
        before = self.painter.zoom
        if zoom == before:
            return
        first = self._top / self.row_height
        self.value_width = round(self.value_width * zoom / before)
        self._renew_painter(zoom)
        self.verticalScrollBar().setValue(round(first * self.row_height))
        self.scrolled.emit()

    def _renew_painter(self, zoom: float) -> None:
        self.painter = RowPainter(self.side, zoom)
        self.painter.names = self._name_room()
        self.verticalScrollBar().setSingleStep(self.row_height)
        self._fit_bar()
        self.viewport().update()


def _rails(rows: Rows, loops: Mapping[str, int]) -> list[tuple[tuple[int, int], ...]]:
    """For each row the loops it stands inside: the depth of the looping row and the loop's index."""
    found: list[tuple[tuple[int, int], ...]] = [()] * len(rows)
    looping = sorted((row, index) for path, index in loops.items() if (row := rows.at(path)) >= 0)
    for row, index in looping:
        # Outer loops come first, so all rows inside still share what their looping row has.
        inside = (*found[row], (rows[row].depth, index))
        end = rows.extent(row)
        found[row + 1 : end] = [inside] * (end - row - 1)
    return found
