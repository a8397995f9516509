"""A short text in the monospace, wrapped: what is new in it on a ground and underlined, what is gone struck through."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.i18n import _
from ui import theme
from ui.theme import fonts
from ui.widgets.code import units

_INDENT = 14


class MarkedText(QWidget):
    """`marks` are extents (offsets), `gone` texts that are no longer there with the offsets where they were.

    `role` names the two colours: `accent` or `theirs`.
    """

    def __init__(
        self,
        name: str,
        text: str,
        marks: Sequence[tuple[int, int]] = (),
        role: str = "",
        gone: Sequence[tuple[int, str]] = (),
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        removed = [_("removes {part}").format(part=part.strip()) for _at, part in gone]
        self.setAccessibleDescription("\n".join((text, *removed)))
        self._text, self._marks, self._role = text, tuple(marks), role
        self._gone = tuple(gone)
        # A layout asks again and again.
        self._heights: dict[int, int] = {}
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(fonts.mono())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._document.setDefaultTextOption(option)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._style()
        theme.signals.changed.connect(self._style)

    def _style(self) -> None:
        self._document.setPlainText(self._text)
        block = QTextBlockFormat()
        # A line that goes on stands in a little.
        block.setLeftMargin(_INDENT)
        block.setTextIndent(-_INDENT)
        whole = QTextCursor(self._document)
        whole.select(QTextCursor.SelectionType.Document)
        whole.mergeBlockFormat(block)
        tint, line = ("accent_tint", "accent") if self._role == "accent" else ("theirs_tint", "theirs_text")
        for start, end in self._marks if self._role else ():
            look = QTextCharFormat()
            look.setBackground(theme.color(tint))
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            look.setUnderlineColor(theme.color(line))
            cursor = QTextCursor(self._document)
            cursor.setPosition(units(self._text, start))
            cursor.setPosition(units(self._text, end), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look)
        struck = QTextCharFormat()
        struck.setFontStrikeOut(True)
        struck.setForeground(theme.color("text2"))
        # From the end on, so that the offsets before stay true.
        for at, part in reversed(self._gone):
            cursor = QTextCursor(self._document)
            cursor.setPosition(units(self._text, at))
            cursor.insertText(part, struck)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the wrapped text."""
        if width not in self._heights:
            before = self._document.textWidth()
            self._document.setTextWidth(max(width, 40))
            self._heights[width] = round(self._document.size().height()) + 1
            self._document.setTextWidth(before)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """A column's width."""
        return QSize(200, self.heightForWidth(200))

    def minimumSizeHint(self) -> QSize:
        """One line."""
        return QSize(80, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._document.setTextWidth(self.width())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text with its marks."""
        painter = QPainter(self)
        painter.setClipRect(self.rect())
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        context.palette = palette
        self._document.documentLayout().draw(painter, context)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def marked(self) -> list[str]:
        """The parts that differ."""
        return [self._text[start:end] for start, end in self._marks]

    @property
    def gone(self) -> list[str]:
        """The parts that were there before and are not any more."""
        return [part.strip() for _at, part in self._gone]
