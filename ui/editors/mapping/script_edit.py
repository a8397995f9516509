"""The text of one rule: completion while typing, the signature of the call, Enter takes it over, Esc gives it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
)

from studio.base.i18n import _
from studio.script.brackets import enclosing, partner
from ui.bridge.script_hover import ScriptHover
from ui.bridge.script_text import ScriptHighlighter
from ui.editors.mapping.completion_list import CompletionList
from ui.editors.mapping.help import NOTHING, Completions, Helper, Item
from ui.editors.mapping.signature_box import HEIGHT, SignatureBox
from ui.theme import metrics
from ui.widgets.code import CodeEdit, offset, units

if TYPE_CHECKING:
    from ui.editors.writing.work import ScriptWork

# Brackets of longer texts are not looked for at every key.
_BRACKETS = 30_000
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


@dataclass(frozen=True)
class Mistake:
    """A problem from offset `start` to `end`, underlined in the colour `role`."""

    start: int
    end: int
    message: str
    role: str = "red"


class ScriptEdit(CodeEdit):
    """`committed` and `cancelled` end the writing, `left` tells that the focus went elsewhere.

    `weighing` tells the completion under consideration with the text that taking it would give (None, "" when the
    list closes), `reference_wanted` asks what the chosen completion is. Without a list F1 is the window's.
    """

    committed = Signal()
    cancelled = Signal()
    left = Signal()
    weighing = Signal(object, str)
    reference_wanted = Signal(str)

    def __init__(self, name: str, *, every_call: bool = False) -> None:
        super().__init__(name)
        self.helper: Helper | None = None
        self.enter_commits = True
        self._highlighter = ScriptHighlighter(self.document(), every_call=every_call)
        self.hover = ScriptHover(self)
        self.hover.more = self._known_at
        self.work: ScriptWork | None = None
        self.mistakes: tuple[Mistake, ...] = ()
        self._found = NOTHING
        self._list: CompletionList | None = None
        self._signature: SignatureBox | None = None
        self.cursorPositionChanged.connect(self.show_signature_here)
        self.cursorPositionChanged.connect(self._pair_here)

    def show_mistakes(self, found: Iterable[Mistake]) -> None:
        """Underline what is wrong; it is told where the pointer rests on it."""
        self.mistakes = tuple(found)
        self.mark_extents([(each.start, each.end, each.role) for each in self.mistakes])

    def _known_at(self, at: int) -> str:
        wrong = next((each.message for each in self.mistakes if each.start <= at <= each.end), "")
        if wrong or self.helper is None:
            return wrong
        return self.helper.hover(self.toPlainText(), at)

    @property
    def selection_start(self) -> int:
        """Where the selection begins, or the cursor is, as an offset of the text."""
        return offset(self.toPlainText(), self.textCursor().selectionStart())

    def enclosing_brackets(self) -> tuple[int, int] | None:
        """The innermost brackets around the cursor."""
        return enclosing(self.toPlainText(), self.offset)

    def _pair_here(self) -> None:
        """Set off the bracket beside the cursor and its partner."""
        short = self.document().characterCount() <= _BRACKETS
        pair = partner(self.toPlainText(), self.offset) if short and self.hasFocus() else None
        if pair is None:
            self.show_pair(())
        else:
            self.show_pair([place for place in pair if place is not None], alone=pair[1] is None)

    @property
    def completing(self) -> bool:
        """The list of completions is open."""
        return self._list is not None and self._list.isVisible()

    @property
    def completions(self) -> CompletionList:
        """The list of completions, made when first wanted."""
        if self._list is None:
            self._list = CompletionList(self.window())
            self._list.taken.connect(self._take)
            self._list.turned.connect(self._weigh)
        return self._list

    def show_text(self, text: str) -> None:
        """Show a rule's text as it is kept, from its first letter: nothing to undo, nothing typed yet."""
        blocked = self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(blocked)
        # Who goes on writing writes at the end; who only looks reads from the beginning.
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.show_beginning()
        self.close_help()

    def show_beginning(self) -> None:
        """Scroll to the first letter; the cursor stays where it is."""
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Qt would scroll to the cursor."""
        super().showEvent(event)
        if not self.hasFocus():
            self.show_beginning()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A text nobody is writing begins at the left at every width."""
        super().resizeEvent(event)
        if not self.hasFocus():
            self.show_beginning()
        if self._signature is not None and self._signature.isVisible():
            self.show_signature_here()

    def insert(self, text: str) -> None:
        """Write something at the cursor."""
        self.textCursor().insertText(text)

    def complete(self) -> None:
        """Offer what may stand at the cursor."""
        if self.helper is None or self.isReadOnly():
            return
        text = self.toPlainText()
        self._found = self.helper.complete(text, offset(text, self.textCursor().position()))
        cursor = QTextCursor(self.document())
        cursor.setPosition(units(text, self._found.start))
        below = self.cursorRect(cursor).bottomLeft() + QPoint(-26, 4)
        self.completions.open(self._found, self.viewport().mapToGlobal(below))
        if not self._found.items:
            self.weighing.emit(None, "")

    def close_list(self) -> None:
        """Close the list of completions."""
        if self.completing:
            self.completions.hide()
            self.weighing.emit(None, "")

    def close_help(self) -> None:
        """Close the list and the signature."""
        self.close_list()
        if self._signature is not None:
            self._signature.hide()

    def drop_help(self) -> None:
        """Take the list and the signature out of the window: the text is going."""
        self.close_help()
        for made in (self._list, self._signature):
            if made is not None:
                made.deleteLater()
        self._list = self._signature = None

    def event(self, event: QEvent) -> bool:
        """Our keys are ours while the text has the focus, whatever the window binds them to."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, *_TAKES) or (
                event.key() == Qt.Key.Key_F1 and self.completing
            ):
                event.accept()
                return True
            if event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list first, then ours, then those of the text."""
        if self.completing and self._list_key(event):
            return
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Space and control:
            self.complete()
        elif key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (control or (self.enter_commits and not shift)):
            self.committed.emit()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self.enter_commits:
            event.ignore()
        else:
            before = self.toPlainText()
            super().keyPressEvent(event)
            if self.toPlainText() != before:
                self.after_typing(event.text())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The help closes; a menu or another window is only a moment away."""
        super().focusOutEvent(event)
        self.show_pair(())
        self.close_help()
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the name under the pointer, below the usual."""
        menu = self.createStandardContextMenu()
        menu.setAccessibleName(_("Menu of the script"))
        if self.work is not None:
            if event.reason() is QContextMenuEvent.Reason.Mouse and not self.textCursor().hasSelection():
                self.setTextCursor(self.cursorForPosition(event.pos()))
            menu.addSeparator()
            for action in self.work.actions():
                menu.addAction(action)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def hideEvent(self, event: QHideEvent) -> None:
        """The help goes with the text."""
        super().hideEvent(event)
        self.close_help()

    def _list_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.completions.move_choice(_MOVES[key])
        elif key in _TAKES:
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

    def _take(self, item: Item) -> None:
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(units(text, self._found.start))
        cursor.setPosition(units(text, self._found.end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(item.text)
        cursor.setPosition(cursor.position() - item.back)
        self.setTextCursor(cursor)
        self.weighing.emit(None, "")
        self.show_signature_here()

    def _weigh(self, item: Item | None) -> None:
        self.weighing.emit(item, self.text_with(item, self._found) if item is not None else "")

    def is_written(self) -> bool:
        """What the list would write stands there already."""
        item = self.completions.current
        return (
            item is not None
            and item.text == self.toPlainText()[self._found.start : self._found.end]
            and not item.back
        )

    def text_with(self, item: Item, found: Completions) -> str:
        """The whole text once an item is taken."""
        text = self.toPlainText()
        return text[: found.start] + item.text + text[found.end :]

    def show_signature_here(self) -> None:
        """Show the call around the cursor, if the text is in hand."""
        if self.helper is None or not self.hasFocus():
            return
        text = self.toPlainText()
        signature = self.helper.signature(text, offset(text, self.textCursor().position()))
        if self._signature is None:
            if signature is None:
                return
            self._signature = SignatureBox(self.window())
        self._signature.show_signature(signature, self.signature_place())

    def signature_place(self) -> QPoint:
        """In the free lines below the text; above the bar, where there are none: its head must stay readable."""
        here = self.viewport()
        last = QTextCursor(self.document())
        last.movePosition(QTextCursor.MoveOperation.End)
        if self.cursorRect(last).bottom() + HEIGHT + 4 <= here.height():
            return here.mapToGlobal(here.rect().bottomRight() - QPoint(4, 0))
        return here.mapToGlobal(here.rect().topRight() - QPoint(4, metrics.SCRIPT_HEAD))
