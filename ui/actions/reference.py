"""The function reference: opened at the word under the cursor, its Insert writes into the text in hand."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from studio.script.complete import function_at, word_at
from studio.script.functions import Function, find
from studio.script.reference import call_text, found
from ui.actions.frame import Frame
from ui.dialogs.reference import FunctionReference
from ui.editors.functions import function_card
from ui.widgets.code import CodeEdit, offset

JAVASCRIPT = "javascript"
"""The property of an editor's text that is JavaScript, where functions are members of Jitterbit."""


def show_reference(frame: Frame) -> None:
    """Open the reference, or bring it to the front, at the word under the cursor."""
    code = text_in_hand(frame)
    name, words = asked_for(code) if code is not None else ("", "")
    shown = frame.widget().findChild(FunctionReference)
    reference = (
        shown if isinstance(shown, FunctionReference) else FunctionReference(frame.widget(), function_card)
    )
    reference.turn_to(name, partial(insert_call, code) if code is not None else None, words)
    reference.show()
    reference.raise_()
    reference.activateWindow()


def text_in_hand(frame: Frame) -> CodeEdit | None:
    """The script being written: the text with the focus, else the one the editor in front shows."""
    focus = QApplication.focusWidget()
    if isinstance(focus, CodeEdit) and not focus.isReadOnly():
        return focus
    editor = frame.area.current
    texts = editor.findChildren(CodeEdit) if editor is not None else []
    return next((text for text in texts if text.isVisible() and not text.isReadOnly()), None)


def asked_for(code: CodeEdit) -> tuple[str, str]:
    """The function to open the reference at, and what to search instead where the word is the start of something."""
    text = code.toPlainText()
    position = offset(text, code.textCursor().position())
    word = word_at(text, position)
    function = find(word) if word else None
    if function is None and word and found(word):
        return "", word
    function = function or function_at(text, position)
    return (function.name if function is not None else "", "")


def insert_call(code: CodeEdit, function: Function) -> None:
    """Write a call at the cursor, its first argument selected to be written over; nothing where the text has gone."""
    if not isValid(code):
        return
    lead = "Jitterbit." if code.property(JAVASCRIPT) else ""
    call = lead + call_text(function)
    cursor = code.textCursor()
    cursor.insertText(call)
    inside = call[call.index("(") + 1 : -1]
    start = cursor.position() - 1 - len(inside)
    if inside:
        cursor.setPosition(start)
        cursor.setPosition(start + len(inside.split(",")[0]), QTextCursor.MoveMode.KeepAnchor)
    code.setTextCursor(cursor)
    code.window().activateWindow()
    code.setFocus()
