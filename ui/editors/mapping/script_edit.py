"""The text of one rule: completion while typing, the signature of the call, Enter takes it over, Esc gives it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
)

from studio.base.i18n import _
from studio.script.brackets import enclosing, partner
from ui.bridge.script_hover import ScriptHover
from ui.bridge.script_text import ScriptHighlighter
from ui.editors.mapping.help import Completions, Item
from ui.editors.mapping.helped_edit import HelpedEdit
from ui.widgets.code import offset

if TYPE_CHECKING:
    from ui.editors.writing.work import ScriptWork

# Brackets of longer texts are not looked for at every key.
_BRACKETS = 30_000


@dataclass(frozen=True)
class Mistake:
    """A problem from offset `start` to `end`, underlined in the colour `role`."""

    start: int
    end: int
    message: str
    role: str = "red"


class ScriptEdit(HelpedEdit):
    """`committed` and `cancelled` end the writing, `left` tells that the focus went elsewhere.

    `weighing` tells the completion under consideration with the text that taking it would give (None, "" when the
    list closes), `reference_wanted` asks what the chosen completion is. Without a list F1 is the window's.
    """

    committed = Signal()
    cancelled = Signal()
    left = Signal()
    weighing = Signal(object, str)

    def __init__(self, name: str, *, every_call: bool = False) -> None:
        super().__init__(name)
        self.enter_commits = True
        self._highlighter = ScriptHighlighter(self.document(), every_call=every_call)
        self.hover = ScriptHover(self)
        self.hover.more = self._known_at
        self.work: ScriptWork | None = None
        self.mistakes: tuple[Mistake, ...] = ()
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
        if self.signature_box is not None and self.signature_box.isVisible():
            self.show_signature_here()

    def insert(self, text: str) -> None:
        """Write something at the cursor."""
        self.textCursor().insertText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list first, then ours, then those of the text."""
        if self.completing and self.list_key(event):
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

    def weigh(self, item: Item | None) -> None:
        """Tell what taking an item would give."""
        self.weighing.emit(item, self.text_with(item, self.found) if item is not None else "")

    def text_with(self, item: Item, found: Completions) -> str:
        """The whole text once an item is taken."""
        text = self.toPlainText()
        return text[: found.start] + item.text + text[found.end :]
