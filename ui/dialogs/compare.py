"""Two versions of a text side by side, line by line, with what differs marked."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout

from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.code import CodeEdit
from ui.widgets.labels import Text


def side_by_side(one: str, other: str) -> tuple[list[str], list[str], list[int]]:
    """The lines of both, with empty lines where one has none, and the numbers (from 0) of those that differ."""
    left: list[str] = []
    right: list[str] = []
    differing: list[int] = []
    ones, others = one.splitlines(), other.splitlines()
    for kind, start, end, first, last in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        rows = max(end - start, last - first)
        if kind != "equal":
            differing += range(len(left), len(left) + rows)
        left += ones[start:end] + [""] * (rows - (end - start))
        right += others[first:last] + [""] * (rows - (last - first))
    return left, right, differing


def side(name: str, lines: Sequence[str], differing: Sequence[int], role: str) -> CodeEdit:
    """One of the two texts, the lines that differ on a ground in a colour role."""
    made = CodeEdit(name)
    made.setReadOnly(True)
    made.setPlainText("\n".join(lines))
    look = QTextCharFormat()
    look.setBackground(theme.color(role))
    look.setProperty(QTextFormat.Property.FullWidthSelection, True)
    marks = []
    for line in differing:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(made.document().findBlockByNumber(line))
        mark.format = look
        marks.append(mark)
    made.paint_lines(marks)
    return made


def titled(title: str, code: CodeEdit) -> QFrame:
    """A text below its title."""
    frame = QFrame()
    frame.setProperty("band", "base")
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    head = QFrame()
    head.setProperty("band", "header")
    head.setFixedHeight(metrics.TABLE_HEAD)
    row = QHBoxLayout(head)
    row.setContentsMargins(metrics.PAD_PANEL, 0, metrics.PAD_PANEL, 1)
    row.addWidget(Text(title, "text2", step=fonts.SECONDARY, weight=500))
    column.addWidget(head)
    column.addWidget(code, 1)
    return frame
