"""A plain text editor for code: one monospace, line numbers, places marked with a wavy line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ui import theme
from ui.theme import metrics


class _Gutter(QWidget):
    def __init__(self, code: CodeEdit) -> None:
        super().__init__(code)
        self._code = code

    def sizeHint(self) -> QSize:
        return QSize(self._code.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._code.paint_gutter(QPainter(self), event.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click is told with its line."""
        if event.button() == Qt.MouseButton.LeftButton:
            under = self._code.cursorForPosition(QPoint(0, round(event.position().y())))
            self._code.gutter_clicked.emit(under.blockNumber() + 1)


class CodeEdit(QPlainTextEdit):
    """Text in the monospace with a gutter of line numbers; Tab writes two spaces.

    `gutter_clicked` tells a click on the number of a line (from 1).
    """

    gutter_clicked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        # The number of the text's first line: a part of a file keeps the numbers it has there.
        self.first_number = 1
        self.setAccessibleName(name)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setFont(theme.mono())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._gutter = _Gutter(self)
        self._marks: list[QTextEdit.ExtraSelection] = []
        self._lines: list[QTextEdit.ExtraSelection] = []
        self._pair: list[QTextEdit.ExtraSelection] = []
        self._points: Mapping[int, tuple[str, str]] = {}
        self.blockCountChanged.connect(self._fit)
        self.updateRequest.connect(self._scroll)
        self.cursorPositionChanged.connect(self._light)
        theme.signals.changed.connect(self._restyle)
        self._restyle()
        self._fit()

    def gutter_width(self) -> int:
        """Room for the last line's number."""
        digits = max(2, len(str(self.blockCount() + self.first_number - 1)))
        return self.fontMetrics().horizontalAdvance("0") * digits + 2 * metrics.PAD_CELL

    def show_points(self, points: Mapping[int, tuple[str, str]], hint: str = "") -> None:
        """Show icons (name and colour role) instead of the numbers of lines (from 1); `hint` says what a click does."""
        self._gutter.setToolTip(hint)
        self._gutter.setCursor(Qt.CursorShape.PointingHandCursor if hint else Qt.CursorShape.ArrowCursor)
        if points != self._points:
            self._points = dict(points)
            self._gutter.update()

    def paint_gutter(self, painter: QPainter, rect: QRect) -> None:
        """The numbers of the visible lines."""
        painter.fillRect(rect, theme.color("header"))
        painter.fillRect(self._gutter.width() - 1, rect.top(), 1, rect.height(), theme.color("separator"))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= rect.bottom():
            height = self.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= rect.top():
                here = block.blockNumber() == self.textCursor().blockNumber()
                point = self._points.get(block.blockNumber() + 1)
                if point is not None:
                    size = metrics.ICON
                    left = (self._gutter.width() - size) // 2
                    line = min(height, self.fontMetrics().lineSpacing())
                    theme.draw(painter, point[0], left, round(top + (line - size) / 2), point[1], size)
                else:
                    painter.setPen(theme.color("text2" if here else "text3"))
                    room = QRect(0, round(top), self._gutter.width() - metrics.PAD_CELL, round(height))
                    painter.drawText(
                        room, int(Qt.AlignmentFlag.AlignRight), str(block.blockNumber() + self.first_number)
                    )
            top += height
            block = block.next()

    def mark_places(self, places: Sequence[tuple[int, int]]) -> None:
        """Underline what stands at (line, column), both from 1."""
        self._marks = []
        for line, column in places:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + min(column - 1, max(0, block.length() - 2)))
                cursor.movePosition(QTextCursor.MoveOperation.EndOfWord, QTextCursor.MoveMode.KeepAnchor)
                if not cursor.hasSelection():
                    cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
                self._marks.append(_underlined(cursor, "red"))
        self._light()

    def mark_extents(self, extents: Sequence[tuple[int, int, str]]) -> None:
        """Underline the text from one offset to another, each in a colour of the theme."""
        self._marks = []
        text = self.toPlainText()
        for start, end, role in extents:
            cursor = self.textCursor()
            cursor.setPosition(units(text, start))
            cursor.setPosition(units(text, end), QTextCursor.MoveMode.KeepAnchor)
            self._marks.append(_underlined(cursor, role))
        self._light()

    def show_pair(self, places: Sequence[int], *, alone: bool = False) -> None:
        """Set off single characters, by their offsets: brackets that belong together, or one that stands `alone`."""
        self._pair = []
        text = self.toPlainText()
        for place in places:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self.textCursor()
            mark.cursor.setPosition(units(text, place))
            mark.cursor.setPosition(units(text, place + 1), QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            look.setFontWeight(700)
            look.setBackground(theme.color("red_tint" if alone else "selected"))
            look.setForeground(theme.color("red_text" if alone else "text"))
            mark.format = look
            self._pair.append(mark)
        self._light()

    def show_offsets(self, start: int, end: int | None = None) -> None:
        """Put the cursor at an offset, with everything up to `end` selected, and bring it into sight."""
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(units(text, max(0, min(start, len(text)))))
        if end is not None:
            wanted = units(text, max(0, min(end, len(text))))
            cursor.setPosition(wanted, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    @property
    def offset(self) -> int:
        """Where the cursor is, as an offset of the text."""
        return offset(self.toPlainText(), self.textCursor().position())

    def paint_lines(self, lines: Sequence[QTextEdit.ExtraSelection]) -> None:
        """Lay a ground under whole lines."""
        self._lines = list(lines)
        self._light()

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor at a line and column, both from 1."""
        block = self.document().findBlockByNumber(max(0, line - 1))
        if block.isValid():
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + min(max(0, column - 1), max(0, block.length() - 1)))
            self.setTextCursor(cursor)
            self.centerCursor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The gutter is as high as the text."""
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._gutter.setGeometry(QRect(inside.left(), inside.top(), self.gutter_width(), inside.height()))

    def _fit(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scroll(self, rect: QRect, by: int) -> None:
        if by:
            self._gutter.scroll(0, by)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def _light(self) -> None:
        line = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setBackground(theme.color("hover"))
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        line.format = look
        line.cursor = self.textCursor()
        line.cursor.clearSelection()
        own = [line] if self.hasFocus() and not self.isReadOnly() else []
        self.setExtraSelections([*self._lines, *own, *self._pair, *self._marks])
        self._gutter.update()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, theme.color("selected"))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.color("text"))
        self.setPalette(palette)
        self._light()


def units(text: str, offset: int) -> int:
    """Where the document has an offset of its text: rare characters count twice there."""
    before = text[:offset]
    return len(before) if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2


def offset(text: str, position: int) -> int:
    """The offset in its text of a position in the document, the reverse of `units`."""
    if text[:position].isascii():
        return min(position, len(text))
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * position]
    return len(before.decode("utf-16-le", "ignore"))


def _underlined(cursor: QTextCursor, role: str) -> QTextEdit.ExtraSelection:
    look = QTextCharFormat()
    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    look.setUnderlineColor(theme.color(role))
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.format = look
    return mark
