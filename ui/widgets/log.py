"""A log in a plain text: lines in the colour of their level, put at the end."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from ui import theme

LEVELS = {"error": "red_text", "warning": "orange_text"}


def log_view(name: str, hint: str = "") -> QPlainTextEdit:
    """An empty log to read, its lines wrapped."""
    made = QPlainTextEdit()
    made.setAccessibleName(name)
    made.setReadOnly(True)
    made.setFont(theme.mono())
    made.setFrameShape(QPlainTextEdit.Shape.NoFrame)
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    made.setPlaceholderText(hint)
    return made


def append_log(view: QPlainTextEdit, lines: Iterable[tuple[str, str]]) -> None:
    """Put lines at the end, each a level (`info`, `warning` or `error`) and a text."""
    cursor = QTextCursor(view.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    look = cursor.charFormat()
    for level, text in lines:
        look.setForeground(theme.color(LEVELS.get(level, "text")))
        if not cursor.atStart():
            cursor.insertBlock()
        cursor.insertText(text, look)
