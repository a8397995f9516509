"""A text that is written with help: completions in a list under the cursor, the signature of the call around it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QTextCursor

from ui.editors.mapping.completion_list import CompletionList
from ui.editors.mapping.help import NOTHING, Helper, Item
from ui.editors.mapping.signature_box import HEIGHT, SignatureBox
from ui.theme import metrics
from ui.widgets.code import CodeEdit, offset, units

_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7}
TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class HelpedEdit(CodeEdit):
    """What may stand at the cursor is offered while one types; `helper` knows it.

    `reference_wanted` asks what the chosen completion is. Without a list F1 is the window's.
    """

    reference_wanted = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.helper: Helper | None = None
        self.found = NOTHING
        self._list: CompletionList | None = None
        self.signature_box: SignatureBox | None = None
        self.cursorPositionChanged.connect(self.show_signature_here)

    @property
    def completing(self) -> bool:
        """The list of completions is open."""
        return self._list is not None and self._list.isVisible()

    @property
    def completions(self) -> CompletionList:
        """The list of completions, made when first wanted."""
        if self._list is None:
            self._list = CompletionList(self.window())
            self._list.taken.connect(self.take)
            self._list.turned.connect(self.weigh)
        return self._list

    def complete(self) -> None:
        """Offer what may stand at the cursor."""
        if self.helper is None or self.isReadOnly():
            return
        text = self.toPlainText()
        self.found = self.helper.complete(text, offset(text, self.textCursor().position()))
        cursor = QTextCursor(self.document())
        cursor.setPosition(units(text, self.found.start))
        below = self.cursorRect(cursor).bottomLeft() + QPoint(-26, 4)
        self.completions.open(self.found, self.viewport().mapToGlobal(below))
        if not self.found.items:
            self.weigh(None)

    def close_list(self) -> None:
        """Close the list of completions."""
        if self.completing:
            self.completions.hide()
            self.weigh(None)

    def close_help(self) -> None:
        """Close the list and the signature."""
        self.close_list()
        if self.signature_box is not None:
            self.signature_box.hide()

    def drop_help(self) -> None:
        """Take the list and the signature out of the window: the text is going."""
        self.close_help()
        for made in (self._list, self.signature_box):
            if made is not None:
                made.deleteLater()
        self._list = self.signature_box = None

    def event(self, event: QEvent) -> bool:
        """Our keys are ours while the text has the focus, whatever the window binds them to."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, *TAKES) or (
                event.key() == Qt.Key.Key_F1 and self.completing
            ):
                event.accept()
                return True
            if event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.accept()
                return True
        return super().event(event)

    def list_key(self, event: QKeyEvent) -> bool:
        """Do what a key means for the list; tells whether it means something."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.completions.move_choice(_MOVES[key])
        elif key in TAKES:
            self.completions.take()
        elif key == Qt.Key.Key_Escape:
            self.close_list()
        elif key == Qt.Key.Key_F1:
            item = self.completions.current
            self.reference_wanted.emit(item.name if item else "")
        else:
            return False
        return True

    def after_typing(self, typed: str) -> None:
        """Offer what may follow a character just typed, or close the list."""
        if typed and (typed.isalnum() or typed in "[/@$_"):
            self.complete()
        elif self.completing:
            self.complete() if typed in ("", "\b") else self.close_list()

    def take(self, item: Item) -> None:
        """Write an item of the list."""
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(units(text, self.found.start))
        cursor.setPosition(units(text, self.found.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(item.text)
        cursor.setPosition(cursor.position() - item.back)
        self.setTextCursor(cursor)
        self.weigh(None)
        self.show_signature_here()

    def is_written(self) -> bool:
        """What the list would write stands there already."""
        item = self.completions.current
        return (
            item is not None
            and item.text == self.toPlainText()[self.found.start : self.found.end]
            and not item.back
        )

    def weigh(self, item: Item | None) -> None:
        """An item of the list is considered; None when the list closes."""

    def hideEvent(self, event: QHideEvent) -> None:
        """The help goes with the text."""
        super().hideEvent(event)
        self.close_help()

    def show_signature_here(self) -> None:
        """Show the call around the cursor, if the text is in hand."""
        if self.helper is None or not self.hasFocus():
            return
        text = self.toPlainText()
        signature = self.helper.signature(text, offset(text, self.textCursor().position()))
        if self.signature_box is None:
            if signature is None:
                return
            self.signature_box = SignatureBox(self.window())
        self.signature_box.show_signature(signature, self.signature_place())

    def signature_place(self) -> QPoint:
        """In the free lines below the text; above the bar, where there are none: its head must stay readable."""
        here = self.viewport()
        last = QTextCursor(self.document())
        last.movePosition(QTextCursor.MoveOperation.End)
        if self.cursorRect(last).bottom() + HEIGHT + 4 <= here.height():
            return here.mapToGlobal(here.rect().bottomRight() - QPoint(4, 0))
        return here.mapToGlobal(here.rect().topRight() - QPoint(4, metrics.SCRIPT_HEAD))
