"""The links between the trees: one widget, culled by row, a quick pen while moving, a kept picture when still."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from studio.mapping.lines import Bundle, LineKind
from ui import theme
from ui.canvas.link_index import LinkIndex, Side, Tone
from ui.canvas.painted_tree import PaintedTree
from ui.canvas.row_painter import link_color, link_width, paint_letter
from ui.theme import fonts, metrics

# Curves beyond this many are drawn thin even at rest: a wide smooth pen costs ten times as much.
_MOST_PRETTY = 300
# So many are painted between two looks at the clock, and so long (seconds) between two events.
_SOME, _SLICE = 10, 0.01
_NEAR = 5.0


class LinkLayer(QWidget):
    """Draws the bundles of an index between two trees standing left and right of it at the same height.

    `hovered` tells the bundle under the pointer (None: none), `clicked` a click on one, `opened` a double click,
    `released` a click beside all links.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    opened = Signal(object)
    released = Signal()

    def __init__(self, name: str, source: PaintedTree, target: PaintedTree) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setMinimumWidth(metrics.LINKS_LEAST)
        self._views = {Side.SOURCE: source, Side.TARGET: target}
        self._index: LinkIndex | None = None
        self._still = QPixmap()
        self._still_is_good = False
        self._moving = False
        # The picture that is being painted to take the place of the one kept.
        self._repaint: Iterator[QPixmap] | None = None
        self._next = QPixmap()
        self._soon = QTimer(self, interval=0)
        self._soon.timeout.connect(self._paint_on)
        self._hover: Bundle | None = None
        self._rest = QTimer(self, singleShot=True, interval=metrics.PRETTY_AFTER)
        self._rest.timeout.connect(self._come_to_rest)
        theme.signals.changed.connect(self.refresh)

    def show_index(self, index: LinkIndex) -> None:
        """Draw these links from now on."""
        self._index = index
        self._hover = None
        self.refresh()

    def follow_index(self, index: LinkIndex) -> None:
        """Draw these links between the same rows: what is lit at once, the others when they are painted, bit by bit."""
        self._index = index
        self._hover = None
        self.update()
        if self._still_is_good:
            self._repaint = self._still_steps(self.shown(), index)
            self._soon.start()

    def refresh(self) -> None:
        """Draw everything again: the focus, the rows or the theme changed."""
        self._spoil()
        self.update()

    def _spoil(self) -> None:
        self._still_is_good = False
        self._repaint = None
        self._soon.stop()

    def relight(self) -> None:
        """Only what is lit changed: the picture kept is still right."""
        self.update()

    def move_along(self) -> None:
        """A tree scrolled: draw with the quick pen, and prettily once nothing has moved for a while."""
        self._moving = True
        self._spoil()
        self._rest.start()
        self.update()

    def shown(self) -> list[Bundle]:
        """The bundles drawn now."""
        if self._index is None:
            return []
        return self._index.visible(
            self._views[Side.SOURCE].visible_rows(), self._views[Side.TARGET].visible_rows()
        )

    def middle(self, bundle: Bundle) -> QPoint:
        """The point in the middle of a bundle's curve."""
        start, end = self._heights(bundle)
        return QPoint(self.width() // 2, round((start + end) / 2))

    def at(self, point: QPointF) -> Bundle | None:
        """The bundle whose curve passes within a few pixels of a point."""
        share = _height_share(point.x() / max(1, self.width()))
        best, found = _NEAR, None
        for bundle in self.shown():
            start, end = self._heights(bundle)
            away = abs(start + (end - start) * share - point.y())
            if away <= best:
                best, found = away, bundle
        return found

    def _heights(self, bundle: Bundle) -> tuple[float, float]:
        source, target = self._views[Side.SOURCE], self._views[Side.TARGET]
        half = source.row_height / 2
        return (
            bundle.source_row * source.row_height - source.offset + half,
            bundle.target_row * target.row_height - target.offset + half,
        )

    def _come_to_rest(self) -> None:
        self._moving = False
        self.update()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The kept picture and what is lit over it; while moving, everything with the quick pen."""
        painter = QPainter(self)
        index = self._index
        if index is None:
            self._paint_ground(painter)
            return
        bundles = self.shown()
        if self._moving:
            self._paint_ground(painter)
            self._paint_quickly(painter, bundles)
            self._paint_marks(painter, bundles, index)
            return
        if not self._still_is_good:
            self._paint_still(bundles, index)
        painter.drawPixmap(0, 0, self._still)
        lit = [bundle for bundle in bundles if index.tone(bundle) is Tone.LIT]
        if lit:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for bundle in lit:
                self._paint_pretty(painter, bundle, Tone.LIT)
            self._paint_marks(painter, lit, index)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.color("canvas"))
        for left in (0, self.width() - metrics.SEPARATOR):
            painter.fillRect(left, 0, metrics.SEPARATOR, self.height(), theme.color("separator"))

    def _paint_still(self, bundles: list[Bundle], index: LinkIndex) -> None:
        for picture in self._still_steps(bundles, index):
            self._still = picture
        self._still_is_good = True

    def _paint_on(self) -> None:
        """Go on with the picture for a moment; show it when it is whole."""
        until = time.perf_counter() + _SLICE
        while self._repaint is not None and time.perf_counter() < until:
            picture = next(self._repaint, None)
            if picture is None:
                self._still, self._repaint = self._next, None
                self._soon.stop()
                self.update()
            else:
                self._next = picture

    def _still_steps(self, bundles: list[Bundle], index: LinkIndex) -> Iterator[QPixmap]:
        """Paint all that is not lit, some links at a time; each step gives the picture so far."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        self._paint_ground(painter)
        painter.end()
        # The least important come first: they get the thin pen when there are too many, and lie below.
        thin = max(0, len(bundles) - _MOST_PRETTY)
        tone = Tone.FADED if index.focus else Tone.NORMAL
        some = range(0, len(bundles), _SOME)
        for at in some:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for number, bundle in enumerate(bundles[at : at + _SOME], at):
                if not index.focus or index.tone(bundle) is not Tone.LIT:
                    self._paint_pretty(painter, bundle, tone, thin=number < thin)
            painter.end()
            yield picture
        rows: set[int] = set()
        for at in some:
            painter = QPainter(picture)
            self._paint_marks(painter, bundles[at : at + _SOME], index, rows, base=True)
            painter.end()
            yield picture
        yield picture

    def _paint_pretty(self, painter: QPainter, bundle: Bundle, tone: Tone, *, thin: bool = False) -> None:
        width = 1.0 if thin else link_width(bundle.kind, tone, bundled=bundle.bundled)
        pen = QPen(link_color(bundle.loop, bundle.kind, tone), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        dashes = _dashes(bundle.kind)
        if dashes:
            pen.setDashPattern([length / width for length in dashes])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath()
        self._add_curve(path, bundle)
        painter.drawPath(path)

    def _paint_quickly(self, painter: QPainter, bundles: list[Bundle]) -> None:
        index = self._index
        assert index is not None
        paths: dict[tuple[int, bool], tuple[QColor, QPainterPath]] = {}
        for bundle in bundles:
            color = link_color(bundle.loop, bundle.kind, index.tone(bundle))
            key = color.rgba(), bool(_dashes(bundle.kind))
            if key not in paths:
                paths[key] = color, QPainterPath()
            self._add_curve(paths[key][1], bundle)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for (_rgba, dashed), (color, path) in paths.items():
            pen = QPen(color, metrics.LINK_MOVING)
            pen.setCosmetic(True)
            if dashed:
                pen.setDashPattern(list(metrics.DASH_CONDITION))
            painter.setPen(pen)
            painter.drawPath(path)

    def _add_curve(self, path: QPainterPath, bundle: Bundle) -> None:
        start, end = self._heights(bundle)
        width = float(self.width())
        path.moveTo(0.0, start)
        if abs(start - end) < 0.5:
            path.lineTo(width, end)
        else:
            path.cubicTo(width / 2, start, width / 2, end, width, end)

    def _paint_marks(
        self,
        painter: QPainter,
        bundles: list[Bundle],
        index: LinkIndex,
        rows: set[int] | None = None,
        *,
        base: bool = False,
    ) -> None:
        """Chips, letters and counts of these bundles; `base`: of those that are not lit. `rows` have their chips."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = set() if rows is None else rows
        for bundle in bundles:
            tone = index.tone(bundle)
            if base and tone is Tone.LIT:
                continue
            start, end = self._heights(bundle)
            if bundle.bundled:
                self._paint_count(painter, len(bundle.lines), (start + end) / 2, bundle, tone)
            if bundle.kind is LineKind.LOOP and bundle.loop is not None:
                share = _height_share(metrics.LETTER_AFTER_SOURCE / max(1, self.width()))
                middle = round(start + (end - start) * share)
                left = metrics.LETTER_AFTER_SOURCE - metrics.CHIP // 2
                square = QRect(left, middle - metrics.CHIP // 2, metrics.CHIP, metrics.CHIP)
                paint_letter(painter, square, bundle.loop, fonts.font(fonts.SMALL, 700))
            if bundle.target_row not in rows:
                rows.add(bundle.target_row)
                self._paint_chips(painter, bundle, end, index)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_chips(self, painter: QPainter, bundle: Bundle, middle: float, index: LinkIndex) -> None:
        computed, conditional = index.marks(bundle.target_row)
        strongest = max(index.row(Side.TARGET, bundle.target_row), key=index.tone)
        tone = index.tone(strongest)
        color = link_color(strongest.loop, LineKind.VALUE, tone)
        center = self.width() - metrics.CHIP_BEFORE_TARGET
        if conditional:
            self._paint_chip(painter, QPointF(center, middle), color, tone, diamond=True)
            center -= metrics.CHIP + 2
        if computed:
            self._paint_chip(painter, QPointF(center, middle), color, tone, diamond=False)

    def _paint_chip(
        self, painter: QPainter, center: QPointF, color: QColor, tone: Tone, *, diamond: bool
    ) -> None:
        half = metrics.CHIP / 2
        rect = QRectF(round(center.x()) - half + 0.5, round(center.y()) - half + 0.5, 15, 15)
        painter.setPen(QPen(color, 1.5 if tone is Tone.LIT else 1.0))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(rect, metrics.RADIUS_LETTER, metrics.RADIUS_LETTER)
        ink = theme.color("text3" if tone is Tone.FADED else "text")
        if diamond:
            theme.draw_colored(
                painter, "diamond-fill", round(rect.center().x()) - 5, round(rect.center().y()) - 5, ink, 10
            )
        else:
            painter.setFont(fonts.font(fonts.SECONDARY, 500, italic=True))
            painter.setPen(ink)
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), "ƒ")

    def _paint_count(self, painter: QPainter, count: int, middle: float, bundle: Bundle, tone: Tone) -> None:
        text = str(count)
        painter.setFont(fonts.font(fonts.SMALL, 500))
        width = max(metrics.PILL_WIDTH, painter.fontMetrics().horizontalAdvance(text) + 12)
        rect = QRectF(round((self.width() - width) / 2) + 0.5, round(middle) - 7.5, width - 1, 15)
        painter.setPen(QPen(link_color(bundle.loop, bundle.kind, tone), 1))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(rect, metrics.RADIUS_PILL, metrics.RADIUS_PILL)
        painter.setPen(theme.color("text"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)

    # Pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the link under the pointer."""
        self._hover_bundle(self.at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Focus the link, or release the focus."""
        if event.button() is Qt.MouseButton.LeftButton:
            found = self.at(event.position())
            if found is None:
                self.released.emit()
            else:
                self.clicked.emit(found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the rule behind a link."""
        found = self.at(event.position())
        if found is not None:
            self.opened.emit(found)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self._hover_bundle(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other curves."""
        super().resizeEvent(event)
        self._spoil()

    def _hover_bundle(self, bundle: Bundle | None) -> None:
        if bundle is not self._hover:
            self._hover = bundle
            pointing = Qt.CursorShape.PointingHandCursor
            self.setCursor(pointing if bundle is not None else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(bundle)


def _dashes(kind: LineKind) -> tuple[float, float] | None:
    if kind is LineKind.CONDITION:
        return metrics.DASH_CONDITION
    return metrics.DASH_PARKED if kind is LineKind.PARKED else None


def _height_share(across: float) -> float:
    """How much of its height a curve has covered at a share of its width; both handles stand at half the width."""
    across = min(1.0, max(0.0, across))
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        if 1.5 * middle - 1.5 * middle**2 + middle**3 < across:
            low = middle
        else:
            high = middle
    return 3 * low**2 - 2 * low**3
