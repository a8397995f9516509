"""A text of a few lines whose words complete: a query, an expression."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QPlainTextEdit


class WordText(QPlainTextEdit):
    """Ctrl+Space or typing completes the words it was given; a word is of letters, figures and `signs`."""

    def __init__(self, name: str, height: int, signs: str = "_.") -> None:
        super().__init__()
        self._signs = signs
        self.setAccessibleName(name)
        self.setProperty("field", True)
        self.setTabChangesFocus(True)
        self.setFixedHeight(height)
        self._model = QStringListModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.activated.connect(self._complete)

    def show_words(self, words: Sequence[str]) -> None:
        """The words that complete."""
        self._model.setStringList(list(words))

    def _word(self) -> QTextCursor:
        cursor = self.textCursor()
        text = cursor.block().text()[: cursor.positionInBlock()]
        length = 0
        for letter in reversed(text):
            if not (letter.isalnum() or letter in self._signs):
                break
            length += 1
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, length)
        return cursor

    def _complete(self, chosen: str) -> None:
        self._word().insertText(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The list takes Enter and Tab while it is open; Esc closes it."""
        popup = self.completer.popup()
        assert popup is not None
        if event.key() == Qt.Key.Key_Escape:
            # Further up it would close the whole window, with the query in it.
            popup.hide()
            event.accept()
            return
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
        if popup.isVisible() and event.key() in keys:
            event.ignore()
            return
        asked = event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if not asked:
            super().keyPressEvent(event)
        word = self._word().selectedText()
        if not asked and (len(word) < 2 or not event.text().strip()):
            popup.hide()
            return
        self.completer.setCompletionPrefix(word)
        if self.completer.completionCount() and self.completer.currentCompletion() != word:
            popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
            place = self.cursorRect()
            place.setWidth(320)
            self.completer.complete(place)
        else:
            popup.hide()
