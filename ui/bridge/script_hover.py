"""What the word under the pointer means: a function's signature, meaning, example and failure, or a system variable's meaning."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QToolTip

from studio.base.i18n import _
from studio.script.functions import find
from studio.script.reference import type_name
from studio.script.system_variables import system_variable
from ui.widgets.code import offset

_WORD = re.compile(r"\$[\w.]+|[^\W\d]\w*")


class ScriptHover(QObject):
    """Shows a tooltip over the names of a text; `more` answers an offset before the reference is asked."""

    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self.more: Callable[[int], str] = lambda _offset: ""
        edit.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer the wish for a tooltip."""
        if event.type() is not QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().eventFilter(watched, event)
        cursor = self._edit.cursorForPosition(event.pos())
        rect = self._edit.cursorRect(cursor)
        beside = abs(rect.center().x() - event.pos().x()) > 2 * self._edit.fontMetrics().averageCharWidth()
        below = not rect.top() <= event.pos().y() <= rect.bottom()
        text = "" if beside or below else self.at(cursor)
        if text:
            QToolTip.showText(event.globalPos(), text, self._edit.viewport())
        else:
            QToolTip.hideText()
        return True

    def at(self, cursor: QTextCursor) -> str:
        """What is known of the name at a cursor: a problem there first."""
        known = self.more(offset(self._edit.toPlainText(), cursor.position()))
        return known or meaning(cursor.block().text(), cursor.positionInBlock())

    def show_here(self) -> bool:
        """Show it beside the cursor; whether there was something to show."""
        cursor = self._edit.textCursor()
        text = self.at(cursor)
        if text:
            corner = self._edit.viewport().mapToGlobal(self._edit.cursorRect(cursor).bottomLeft())
            QToolTip.showText(corner, text, self._edit.viewport())
        return bool(text)


def meaning(line: str, position: int) -> str:
    """What the word at a position of a line means, "" for any other word."""
    for match in _WORD.finditer(line):
        if match.start() <= position <= match.end():
            return _of_variable(match[0]) if match[0].startswith("$") else _of_function(match[0])
    return ""


def _of_function(word: str) -> str:
    function = find(word)
    if function is None:
        return ""
    lines = [f"{function.signature} → {type_name(function.result)}", function.explanation]
    if function.gives:
        lines.append(f"{function.example} → {function.gives}")
    if function.failure:
        lines.append(_("Fails: {when}").format(when=function.failure))
    return "\n".join(lines)


def _of_variable(word: str) -> str:
    variable = system_variable(word.removeprefix("$"))
    return f"{word}: {variable.type}\n{variable.explanation}" if variable is not None else ""
