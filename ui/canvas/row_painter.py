"""Paints one row of a schema tree. Fonts and widths are kept, so that a scroll step costs only its new rows."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from studio.mapping.lines import LineKind
from ui import theme
from ui.canvas.link_index import End, Side, Tone
from ui.canvas.row_look import Look
from ui.theme import fonts, metrics

# Left of the first expander: the target tree leaves room for the ends of the links.
INSET = {Side.SOURCE: 8, Side.TARGET: 28}
# Right of the value column.
VALUE_END = {Side.SOURCE: 20, Side.TARGET: 4}
_MARK_WIDTH = 24
_CARET = 12
_MARK = 14
# Where a breakpoint stands: right of the ends of the links, left of the first expander.
_GUTTER = 17
# The gap, a cardinality such as 0..n and a letter, which most names are followed by.
_USUAL_NOTE = 44
# A value that has less room is not shown: two letters and dots tell nothing.
# What a value keeps of a row that is larger than usual.
_LARGE_VALUE = 56
_LEAST_VALUE = 32


@dataclass(frozen=True)
class RowState:
    """What a row is at the moment besides its look."""

    selected: bool = False
    current: bool = False
    focused: bool = False
    hover: bool = False
    lit: bool = False
    drop: bool = False
    flash: bool = False
    expanded: bool | None = None
    match: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Columns:
    """Where things stand in a row of a given width: the state mark (target only) and the value column."""

    width: int
    mark: int
    value: int
    value_width: int


@dataclass(frozen=True)
class Spread:
    """How one row shares its width: the name first, then cardinality, then the value (0 wide: hidden)."""

    left: int
    name: int
    note: bool
    mark: int
    value: int
    value_width: int


class RowPainter:
    """Paints rows of one side; make a new one when the theme, the font or the zoom changes."""

    def __init__(self, side: Side, zoom: float = 1.0) -> None:
        self.side = side
        self.zoom = zoom
        self.height = round(theme.row_height() * zoom)
        self._indent, self._expander, self._icon = (
            round(size * zoom) for size in (metrics.INDENT, metrics.EXPANDER, metrics.ICON)
        )
        self._gap, self._note_gap = round(metrics.GAP * zoom), round(metrics.CARDINALITY_GAP * zoom)
        # A letter or a pill is never higher than its row.
        self._chip = min(round(metrics.CHIP * zoom), self.height - 2)
        self._caret, self._mark = round(_CARET * zoom), round(_MARK * zoom)
        # What most rows take up to the end of their names: the value column leaves them this much.
        self.names = 0
        # A value too long for its column begins further left, as far as its row is empty there.
        self.pull = False
        self._plain = _Face(fonts.font(), zoom)
        self._bold = _Face(fonts.font(0, 600), zoom)
        self._italic = _Face(fonts.font(0, 400, italic=True), zoom)
        self._small = _Face(fonts.font(fonts.SMALL), zoom)
        self._small_bold = _Face(fonts.font(fonts.SMALL, 500), zoom)
        self._letter = _Face(fonts.font(fonts.SMALL, 700), zoom)
        self._mono = _Face(fonts.mono(), zoom)
        self._aside = _Face(fonts.font(fonts.SECONDARY, 400, italic=True), zoom)

    def columns(self, width: int, value_width: int) -> Columns:
        """The columns of rows `width` wide with a value column of the wanted width, kept within reason."""
        end = max(0, width - VALUE_END[self.side])
        wanted = max(80, end - value_width, self.names + self._mark_width)
        value = min(wanted, max(80, end - self._least(value_width)), end)
        return Columns(width, value - self._mark_width, value, end - value)

    def _least(self, wanted: int) -> int:
        """Of rows larger than usual the names are cut rather than the values left out."""
        return min(wanted, round(_LARGE_VALUE * self.zoom)) if self.zoom > 1 else 0

    def name_end(self, name: str, depth: int) -> int:
        """About where a row of this name and depth ends, before its value."""
        return self._name_left(depth) + round(self._plain.width(name)) + round(_USUAL_NOTE * self.zoom)

    def spread(self, look: Look, depth: int, columns: Columns) -> Spread:
        """Share a row's width: a long name pushes its value aside, then out, then its cardinality."""
        left = self._name_left(depth)
        face = self._face(look)
        name = round(self._plain.width(look.prefix)) + round(face.width(look.name)) + 1
        extras = self._extras_width(look)
        end = columns.width - VALUE_END[self.side]
        least = self._least(columns.value_width) if look.value else 0
        # Where a mark stands between them, a name needs less room before its value.
        space = 4 if self._mark_width else 10
        mark = max(columns.mark, min(left + name + extras + space, end - self._mark_width - least))
        value = mark + self._mark_width
        room = mark - space - left
        note = name + extras <= room
        if not note and look.note:
            extras -= self._note_width(look)
        if self.pull and look.value:
            whole = end - round(self._mono.width(look.value)) - 1
            value = min(value, max(left + name + extras + space + self._mark_width, whole))
        width = end - value
        return Spread(left, max(0, room - extras), note, mark, value, width if width >= _LEAST_VALUE else 0)

    @property
    def _mark_width(self) -> int:
        return round(_MARK_WIDTH * self.zoom) if self.side is Side.TARGET else 0

    def _name_left(self, depth: int) -> int:
        return INSET[self.side] + depth * self._indent + self._expander + self._icon + self._gap

    def _face(self, look: Look) -> _Face:
        return self._bold if look.weight >= 600 else self._italic if look.italic else self._plain

    def expander(self, depth: int) -> range:
        """The columns of pixels that fold a row of this depth."""
        left = INSET[self.side] + depth * self._indent
        return range(left, left + self._expander)

    def picker(self, look: Look, depth: int, top: int) -> QRect:
        """Where the picker of a choice is painted, empty where there is none."""
        if not look.picker:
            return QRect()
        left = self._name_left(depth) + round(self._plain.width(look.prefix))
        left += round(self._face(look).width(look.name)) + self._note_gap
        width = round(self._small.width(look.picker)) + 26
        return QRect(left, top + (self.height - self._chip - 2) // 2, width, self._chip + 2)

    def paint(
        self, painter: QPainter, top: int, look: Look, depth: int, state: RowState, columns: Columns,
        end: End | None, rails: tuple[tuple[int, int], ...],
    ) -> None:  # fmt: skip
        """One row with its upper edge at `top`; `rails` are depth and index of the loops it stands in."""
        rect = QRect(0, top, columns.width, self.height)
        painter.fillRect(rect, theme.color(self._ground(look, state)))
        if state.current and state.focused:
            painter.fillRect(0, top, metrics.EDGE, self.height, theme.color("accent"))
        for rail_depth, loop in rails:
            self._rail(painter, top, rail_depth, loop)
        left = INSET[self.side] + depth * self._indent
        if state.expanded is not None:
            caret = "caret-down" if state.expanded else "caret-right"
            theme.draw(painter, caret, left + 2, top + (self.height - self._caret) // 2, "text2", self._caret)
        left += self._expander
        theme.draw(
            painter, look.icon, left, top + (self.height - self._icon) // 2, look.icon_role, self._icon
        )
        spread = self.spread(look, depth, columns)
        self._name(painter, top, look, state, spread)
        if look.mark is not None and self.side is Side.TARGET:
            icon, role = look.mark
            theme.draw(painter, icon, spread.mark, top + (self.height - self._mark) // 2, role, self._mark)
        self._value(painter, top, look, state, spread)
        if end is not None:
            self._end(painter, top, end, columns.width)
        if look.gutter is not None:
            icon, role = look.gutter
            theme.draw(painter, icon, _GUTTER, top + (self.height - self._caret) // 2, role, self._caret)
        if state.drop or look.framed:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _ground(self, look: Look, state: RowState) -> str:
        if state.selected:
            return "selected" if state.focused else "selected_off"
        if look.tint:
            return look.tint
        if state.lit or state.drop:
            return "accent_tint"
        return "hover" if state.hover else "base"

    def _rail(self, painter: QPainter, top: int, depth: int, loop: int) -> None:
        left = INSET[self.side] + depth * self._indent + self._expander // 2 - 1
        for number in range(theme.loop_rails(loop)):
            painter.fillRect(left + 4 * number, top, metrics.RAIL, self.height, theme.loop_color(loop))

    def _name(self, painter: QPainter, top: int, look: Look, state: RowState, spread: Spread) -> None:
        left, room = spread.left, spread.name
        if look.prefix:
            prefix = self._plain.elided(look.prefix, room)
            self._plain.draw(painter, left, top, self.height, prefix, theme.color("text2"))
            width = round(self._plain.width(prefix))
            left, room = left + width, room - width
        face = self._face(look)
        role = "text" if state.selected and look.name_role == "text3" else look.name_role
        shown = face.elided(look.name, room)
        face.draw(painter, left, top, self.height, shown, theme.color(role))
        if state.match[1]:
            self._match(painter, face, left, top, shown, state.match)
        width = round(face.width(shown))
        if look.struck:
            middle = top + self.height // 2
            painter.fillRect(left, middle, width, 1, theme.color("text3"))
        self._after_name(painter, left + width + self._note_gap, top, look, note=spread.note)

    def _match(
        self, painter: QPainter, face: _Face, left: int, top: int, shown: str, match: tuple[int, int]
    ) -> None:
        """The letters a filter found, in the accent, over the name."""
        before, found = shown[: match[0]], shown[match[0] : match[0] + match[1]]
        x = left + face.width(before)
        face.draw(painter, x, top, self.height, found, theme.color("accent"))
        painter.fillRect(QRectF(x, top + self.height - 5, face.width(found), 1), theme.color("accent"))

    def _extras_width(self, look: Look) -> int:
        width = self._note_width(look) if look.note else 0
        width += self._chip + self._gap if look.letter is not None else 0
        width += round(self._small_bold.width(str(look.pill))) + 16 if look.pill else 0
        width += round(self._small.width(look.picker)) + 32 if look.picker else 0
        return width

    def _note_width(self, look: Look) -> int:
        return round(self._small.width(look.note)) + self._note_gap

    def _after_name(self, painter: QPainter, left: int, top: int, look: Look, *, note: bool) -> None:
        if look.picker:
            left += self._picker(painter, left, top, look.picker) + self._note_gap
        if look.note and note:
            self._small.draw(painter, left, top, self.height, look.note, theme.color("text3"))
            left += round(self._small.width(look.note)) + self._note_gap
        if look.letter is not None:
            square = QRect(left, top + (self.height - self._chip) // 2, self._chip, self._chip)
            paint_letter(painter, square, look.letter, self._letter.font)
            left += self._chip + self._gap
        if look.pill:
            self._pill(painter, left, top, str(look.pill))

    def _picker(self, painter: QPainter, left: int, top: int, text: str) -> int:
        width = round(self._small.width(text)) + 26
        rect = QRectF(left + 0.5, top + (self.height - self._chip - 2) // 2 + 0.5, width - 1, self._chip + 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(rect, metrics.RADIUS, metrics.RADIUS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._small.draw(painter, left + 6, top, self.height, text, theme.color("text"))
        theme.draw(painter, "caret-down", left + width - 16, top + (self.height - 10) // 2, "text2", 10)
        return width

    def _pill(self, painter: QPainter, left: int, top: int, text: str) -> None:
        width = max(self._chip, round(self._small_bold.width(text)) + 10)
        rect = QRectF(left, top + (self.height - self._chip) // 2, width, self._chip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("selected_off"))
        painter.drawRoundedRect(rect, metrics.RADIUS_PILL, metrics.RADIUS_PILL)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        middle = left + (width - self._small_bold.width(text)) / 2
        self._small_bold.draw(painter, middle, top, self.height, text, theme.color("text"))

    def _value(self, painter: QPainter, top: int, look: Look, state: RowState, spread: Spread) -> None:
        if not look.value or not spread.value_width:
            return
        face = self._aside if look.value_italic else self._mono
        shown = face.elided(look.value, spread.value_width)
        if state.flash:
            wide = round(face.width(shown)) + 8
            painter.fillRect(spread.value - 4, top + 2, wide, self.height - 4, theme.color("accent_tint"))
        role = "text" if (state.selected or state.lit) and look.value_role == "text3" else look.value_role
        face.draw(painter, spread.value, top, self.height, shown, theme.color(role))

    def _end(self, painter: QPainter, top: int, end: End, width: int) -> None:
        color = link_color(end.loop, end.kind, end.tone)
        middle = top + self.height / 2
        radius = metrics.DOT_STRONG if end.strong else metrics.DOT
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color, link_width(end.kind, end.tone, bundled=end.bundled))
        if self.side is Side.SOURCE:
            center = QPointF(width - metrics.DOT_INSIDE_SOURCE, middle)
            line = center, QPointF(width, middle)
        else:
            center = QPointF(metrics.DOT_INSIDE_TARGET, middle)
            line = QPointF(0, middle), center
        if end.kind is LineKind.PARKED:
            pen.setDashPattern(list(metrics.DASH_PARKED))
        painter.setPen(pen)
        painter.drawLine(*line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class _Face:
    """A font with the widths of texts it has measured."""

    def __init__(self, font: QFont, zoom: float) -> None:
        if zoom != 1.0:
            font.setPixelSize(max(6, round(font.pixelSize() * zoom)))
        self.font = font
        measure = QFontMetricsF(font)
        self._measure = measure
        self._rise = (measure.ascent() - measure.descent()) / 2
        self._widths: dict[str, float] = {}
        self._elided: dict[tuple[str, int], str] = {}

    def width(self, text: str) -> float:
        known = self._widths.get(text)
        if known is None:
            if len(self._widths) > 20_000:
                self._widths.clear()
            known = self._measure.horizontalAdvance(text)
            self._widths[text] = known
        return known

    def elided(self, text: str, room: int) -> str:
        if self.width(text) <= room:
            return text
        known = self._elided.get((text, room))
        if known is None:
            if len(self._elided) > 20_000:
                self._elided.clear()
            known = self._measure.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
            self._elided[text, room] = known
        return known

    def draw(self, painter: QPainter, left: float, top: int, height: int, text: str, color: QColor) -> None:
        painter.setFont(self.font)
        painter.setPen(color)
        painter.drawText(QPointF(left, round(top + height / 2 + self._rise)), text)


def link_color(loop: int | None, kind: LineKind, tone: Tone) -> QColor:
    """The colour of a link: its loop's, the accent outside loops, a faint grey for a parked rule."""
    if kind is LineKind.PARKED:
        return theme.color("border")
    if loop is None:
        faded = theme.mixed("accent", "canvas", metrics.FADED_SHARE)
        return faded if tone is Tone.FADED else theme.color("accent")
    return theme.loop_faded(loop) if tone is Tone.FADED else theme.loop_color(loop)


def link_width(kind: LineKind, tone: Tone, *, bundled: bool) -> float:
    """The width of a link's line."""
    if bundled and kind is not LineKind.CONDITION:
        return metrics.LINK_BUNDLE
    if kind is LineKind.LOOP:
        return metrics.LINK_LOOP
    return metrics.LINK_FOCUSED if tone is Tone.LIT else metrics.LINK


def paint_letter(painter: QPainter, square: QRect, loop: int, font: QFont) -> None:
    """A loop's letter on its colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.loop_color(loop))
    painter.drawRoundedRect(square, metrics.RADIUS_LETTER, metrics.RADIUS_LETTER)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(font)
    painter.setPen(theme.loop_ink(loop))
    painter.drawText(square, int(Qt.AlignmentFlag.AlignCenter), theme.loop_letter(loop))
