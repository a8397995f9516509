"""A documented map on paper: the drawing of its nodes and links, sheet by sheet, then every rule in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMarginsF, QPointF, QRectF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QTextLayout,
    QTextOption,
)

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.mapping.documented import Documented, Entry
from studio.mapping.documented_svg import DIM, HEAD, LINE, LINKS, ROW, TEXT, TREE, drawn, svg_part
from ui.theme import fonts

if TYPE_CHECKING:
    from PySide6 import QtSvg
else:
    QtSvg = Lazily("PySide6.QtSvg")

# Everything is measured in pixels of a screen, of which an inch of paper has this many.
_INCH = 96.0
_MARGIN = 12.0
_FOOT = 22.0
_GAP = 10.0
# What share of the width each column of the table takes.
_COLUMNS = (0.30, 0.12, 0.34, 0.24)
# A drawing is made this much smaller than on the screen.
_SMALL = 0.85


def prepare(device: QPagedPaintDevice) -> None:
    """A4 across, with narrow margins; the person may choose other paper afterwards."""
    size = QPageSize(QPageSize.PageSizeId.A4)
    margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    layout = QPageLayout(size, QPageLayout.Orientation.Landscape, margins, QPageLayout.Unit.Millimeter)
    device.setPageLayout(layout)


class Paper:
    """Draws a map onto a device that has its paper already."""

    def __init__(self, device: QPagedPaintDevice, found: Documented) -> None:
        self._device = device
        self._found = found
        name = found.transformation.name
        self._title = f"{name} · {found.page}" if found.page else name
        self._painter = QPainter()
        self._page = 0
        room = device.pageLayout().paintRect(QPageLayout.Unit.Point)
        self._width = room.width() / 72 * _INCH
        self._height = room.height() / 72 * _INCH - _FOOT

    def sheets(self) -> Iterator[int]:
        """Draw sheet after sheet; between two of them the window can breathe. Raises OSError for a device that fails."""
        if not self._painter.begin(self._device):
            raise OSError(_("the paper cannot be drawn on"))
        try:
            scale = self._device.logicalDpiX() / _INCH
            self._painter.scale(scale, scale)
            yield from self._drawing()
            yield from self._table()
            self._foot()
        finally:
            if not self._painter.end() and self._page:
                raise OSError(_("the last sheet could not be written"))

    def _turn(self) -> None:
        if self._page:
            self._foot()
            if not self._device.newPage():
                raise OSError(_("no further sheet could be begun"))
        self._page += 1

    def _foot(self) -> None:
        place = QRectF(0, self._height + 4, self._width, _FOOT - 4)
        self._write(self._title, place, fonts.font(fonts.SMALL), DIM)
        number = _("Page {n}").format(n=self._page)
        font = _exact(fonts.font(fonts.SMALL))
        left = self._width - QFontMetricsF(font).horizontalAdvance(number)
        self._write(number, QRectF(left, place.top(), self._width - left, place.height()), font, DIM)

    def _write(self, text: str, place: QRectF, font: QFont, color: str) -> None:
        self._painter.setFont(_exact(font))
        self._painter.setPen(QColor(color))
        baseline = place.top() + QFontMetricsF(_exact(font)).ascent()
        self._painter.drawText(QPointF(place.left(), baseline), text)

    # The drawing

    def _drawing(self) -> Iterator[int]:
        picture = drawn(self._found)
        yield self._page
        scale = min(_SMALL, self._width / (2 * TREE + LINKS))
        most = max(1, int((self._height / scale - HEAD - ROW) // ROW))
        for first in range(0, picture.rows, most):
            count = min(most, picture.rows - first)
            sheet = svg_part(self._found, picture, first, count).encode("utf-8")
            yield self._page
            self._turn()
            place = QRectF(0, 0, (2 * TREE + LINKS) * scale, (HEAD + ROW * (count + 1)) * scale)
            self._painter.save()
            self._painter.setClipRect(place)
            QtSvg.QSvgRenderer(QByteArray(sheet)).render(self._painter, place)
            self._painter.restore()
            yield self._page

    # The table

    def _table(self) -> Iterator[int]:
        top = self._begin_table()
        for number, entry in enumerate(self._found.entries):
            for line in self._lines(entry):
                height = max((QFontMetricsF(font).height() for _text, font, _color in line), default=0)
                if top + height > self._height:
                    yield self._page
                    top = self._begin_table()
                left = 0.0
                for (text, font, color), share in zip(line, _COLUMNS, strict=True):
                    self._write(text, QRectF(left, top, 0, height), font, color)
                    left += share * self._width
                top += height
            top += 3
            self._rule(top)
            top += 3
            if number % 40 == 39:
                yield self._page
        yield self._page

    def _begin_table(self) -> float:
        self._turn()
        left, font = 0.0, _exact(fonts.font(fonts.SECONDARY, 600))
        for head, share in zip((_("Target"), _("Type"), _("Rule"), _("Reads")), _COLUMNS, strict=True):
            self._write(head, QRectF(left, 0, 0, 0), font, TEXT)
            left += share * self._width
        top = QFontMetricsF(font).height() + 4
        self._rule(top)
        return top + 4

    def _rule(self, top: float) -> None:
        self._painter.setPen(QColor(LINE))
        self._painter.drawLine(QPointF(0, top), QPointF(self._width, top))

    def _lines(self, entry: Entry) -> Iterator[Sequence[tuple[str, QFont, str]]]:
        """The lines of an entry, a piece of each column in every one."""
        mono, small = _exact(fonts.mono(fonts.SMALL)), _exact(fonts.font(fonts.SMALL))
        rule = [
            (f"{_('for each')} {entry.loop}", small) if entry.loop else None,
            (f"{_('where')} {entry.when}", small) if entry.when else None,
            (entry.script, mono) if entry.script else None,
            (entry.note, small) if entry.note else None,
        ]
        columns = (
            [(entry.path, mono)],
            [(f"{entry.type} {entry.occurs}", small)],
            [part for part in rule if part is not None] or [(entry.state, small)],
            [(source, mono) for source in entry.sources],
        )
        wrapped = [
            [
                (line, font, DIM if place == 1 else TEXT)
                for text, font in column
                for line in _wrapped(text, font, _COLUMNS[place] * self._width - _GAP)
            ]
            for place, column in enumerate(columns)
        ]
        for number in range(max(map(len, wrapped))):
            yield [column[number] if number < len(column) else ("", small, TEXT) for column in wrapped]


def _exact(font: QFont) -> QFont:
    # Hinting is for the pixels of a screen; on paper the letters would stand apart from where they were measured.
    made = QFont(font)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def _wrapped(text: str, font: QFont, width: float) -> Iterator[str]:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    for part in text.splitlines():
        layout = QTextLayout(part, font)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            start, length = line.textStart(), line.textLength()
            # Qt counts in UTF-16.
            yield part.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")
        layout.endLayout()
