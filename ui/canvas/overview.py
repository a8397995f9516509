"""The overview beside a tree's scroll bar: where rules, loops, gaps and problems are in all the rows, and what is in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from studio.base.errors import Severity
from studio.base.i18n import _, ngettext
from ui import theme
from ui.canvas.link_index import LinkIndex, Side
from ui.canvas.painted_tree import PaintedTree
from ui.canvas.scene import Scene
from ui.theme import metrics

# From the outer edge inwards: the rails of the loops, then what is mapped, then what is wanting or wrong.
_RAIL, _MAPPED, _WRONG = (1, 2), (4, 4), (9, 4)
_LEAST = 2


@dataclass(frozen=True)
class Marks:
    """What an overview shows, by row: mapped ones with their loop, those wanting a rule, those with a problem.

    `loops` are the first row, the end and the index of each loop's extent. The counts are of nodes, hidden ones too.
    """

    mapped: dict[int, int | None] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    problems: frozenset[int] = frozenset()
    loops: tuple[tuple[int, int, int], ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)

    def said(self) -> str:
        """The counts in words."""
        mapped, missing, problems = self.counts
        parts = [ngettext("{n} node mapped", "{n} nodes mapped", mapped).format(n=mapped)]
        if missing:
            parts.append(ngettext("{n} wants a rule", "{n} want a rule", missing).format(n=missing))
        if problems:
            parts.append((_("{n} problem") if problems == 1 else _("{n} problems")).format(n=problems))
        if self.loops:
            count = len(self.loops)
            parts.append(ngettext("{n} loop", "{n} loops", count).format(n=count))
        return " · ".join(parts)


def marks_of(scene: Scene, index: LinkIndex, side: Side) -> Marks:
    """The marks of one side; what is folded away counts on the row it is folded into."""
    rows = index.rows[side]
    mapped = {row: bundles[0].loop for row, bundles in index.by_row[side].items()}
    wrong: Iterable[str] = (path for path, each in scene.problems.items() if each.severity is Severity.ERROR)
    missing: Iterable[str] = scene.missing
    nodes = {line.source if side is Side.SOURCE else line.target for line in scene.links}
    if side is Side.TARGET:
        for rule in scene.mapping.rules:
            mapped.setdefault(rows.nearest(rule.path)[0], None)
        nodes = {rule.path for rule in scene.mapping.rules}
        broken = {*wrong, *scene.failed}
    else:
        missing = ()
        broken = {line.source for line in scene.drawing.lines if not line.known}
    loops = scene.source_loops if side is Side.SOURCE else scene.target_loops
    found = ((rows.at(path), loop.index) for path, loop in loops.items())
    return Marks(
        {row: loop for row, loop in mapped.items() if row >= 0},
        frozenset(rows.nearest(path)[0] for path in missing) - {-1},
        frozenset(rows.nearest(path)[0] for path in broken) - {-1},
        tuple((row, rows.extent(row), loop) for row, loop in sorted(found) if row >= 0),
        (len(nodes), len(frozenset(missing)), len(broken)),
    )


def same_marks(scene: Scene, before: Scene) -> bool:
    """Two scenes with the same links have the same marks."""
    wrong = scene.problems == before.problems and scene.failed.keys() == before.failed.keys()
    return wrong and scene.missing == before.missing


class Overview(QWidget):
    """All rows of a tree in the height of what is seen of it; a click or a drag scrolls there.

    Rows that all fit stand beside themselves, more are pressed together. The marks are asked for when they are next
    painted after `renew`, and kept as a picture: scrolling moves only the frame.
    """

    def __init__(self, name: str, view: PaintedTree, marks: Callable[[], Marks]) -> None:
        super().__init__()
        self._view = view
        self._ask = marks
        self._marks = Marks()
        self._known = False
        self._picture = QPixmap()
        self.setAccessibleName(name)
        self.setFixedWidth(metrics.OVERVIEW)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        view.scrolled.connect(self.update)
        theme.signals.changed.connect(self.renew)

    @property
    def marks(self) -> Marks:
        """What is shown now."""
        if not self._known:
            self._marks, self._known = self._ask(), True
            self.setAccessibleDescription(self._marks.said())
        return self._marks

    def renew(self) -> None:
        """Rows, rules or problems changed."""
        self._known = False
        self._picture = QPixmap()
        self.update()

    def follow(self, marks: Marks) -> None:
        """The marks as they are now: painted again where they differ."""
        if not self._known or marks != self._marks:
            self.renew()
            self._marks, self._known = marks, True
            self.setAccessibleDescription(marks.said())

    def top(self, row: int) -> int:
        """Where a row begins, in pixels from the top."""
        return int(row * self._scale)

    @property
    def _scale(self) -> float:
        return min(float(self._view.row_height), self.height() / max(1, len(self._view.rows)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The kept picture of the marks and the frame around what is in sight."""
        ratio = self.devicePixelRatioF()
        if self._picture.size() != self.size() * ratio:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._paint_marks()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("header"))
        edge = self.width() - 1 if self._view.side is Side.SOURCE else 0
        painter.fillRect(edge, 0, 1, self.height(), theme.color("separator"))
        if self._view.verticalScrollBar().maximum() > 0:
            painter.setPen(theme.color("border_strong"))
            painter.setBrush(theme.color("base"))
            painter.drawRect(self.frame())
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def frame(self) -> QRect:
        """What is in sight of the tree."""
        share = self._scale / self._view.row_height
        top = int(self._view.offset * share)
        height = max(8, int(self._view.viewport().height() * share))
        return QRect(0, min(top, self.height() - height), self.width() - 1, height - 1)

    def _paint_marks(self) -> None:
        found = self.marks
        self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        scale = self._scale
        for first, end, loop in found.loops:
            height = max(_LEAST, int((end - first) * scale))
            painter.fillRect(self._across(_RAIL, int(first * scale), height), theme.loop_color(loop))
        colors = {of: theme.loop_color(of) for of in set(found.mapped.values()) if of is not None}
        by_color: dict[int | None, set[int]] = {}
        for row, of in found.mapped.items():
            by_color.setdefault(of, set()).add(row)
        for of, rows in sorted(by_color.items(), key=lambda item: -1 if item[0] is None else item[0]):
            self._paint_rows(painter, _MAPPED, rows, theme.color("accent") if of is None else colors[of])
        self._paint_rows(painter, _WRONG, found.missing, theme.color("orange"))
        # Wider than what is only wanting: it can be told without its colour.
        wide = _MAPPED[0], _WRONG[0] + _WRONG[1] - _MAPPED[0]
        self._paint_rows(painter, wide, found.problems, theme.color("red"))
        painter.end()

    def _paint_rows(
        self, painter: QPainter, column: tuple[int, int], rows: Iterable[int], color: QColor
    ) -> None:
        """Marks of one kind; rows pressed into the same pixels are painted once."""
        scale = self._scale
        thick = max(_LEAST, int(scale) - 2) if scale < 6 else 4
        for top in {int(row * scale) for row in rows}:
            painter.fillRect(self._across(column, top, thick, scale), color)

    def _across(self, column: tuple[int, int], top: int, height: int, scale: float = 0.0) -> QRect:
        """A mark in a column counted from the outer edge of the window's half, in the middle of a row's height."""
        left, width = column
        if self._view.side is Side.TARGET:
            left = self.width() - left - width
        shift = int((scale - height) / 2) if height < scale else 0
        return QRect(left, top + shift, width, height)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Scroll there."""
        self._scroll_to(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on scrolling while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scroll_to(event.position().y())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the tree as it does over the tree."""
        self._view.verticalScrollBar().event(event)

    def _scroll_to(self, y: float) -> None:
        """Bring the middle of what is in sight to a height of the strip."""
        middle = y / self._scale * self._view.row_height
        self._view.verticalScrollBar().setValue(round(middle - self._view.viewport().height() / 2))

    def event(self, event: QEvent) -> bool:
        """The tooltip tells the counts."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.marks.said(), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height, another picture."""
        super().resizeEvent(event)
        self.renew()
