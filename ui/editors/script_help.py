"""Writing a script of the project: the completion and signatures of the rule bar, the project's objects in texts."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from studio.project.model import Project
from studio.script import complete, editing
from studio.script.cursor import Where, locate
from studio.script.scope import Scope
from ui.editors.mapping.help import Completions, Signature
from ui.editors.mapping.language import hover_text, item_of, signature_of
from ui.editors.mapping.script_edit import ScriptEdit
from ui.editors.mapping.signature_box import HEIGHT
from ui.editors.writing.object_texts import ProjectNames

# Beyond this many characters only Ctrl+Space asks: every key would read the whole text.
LONG = 30_000
# What a name of JavaScript must follow to be a function of ours.
_OURS = re.compile(r"Jitterbit\s*\.\s*(\w*)$")


class ScriptHelper:
    """Knows the language, the global variables of the project and what texts may name."""

    def __init__(self, project: Callable[[], Project], name: str, *, javascript: bool = False) -> None:
        self._project = project
        self._name = name
        self._javascript = javascript
        self._names = ProjectNames(project)

    def complete(self, text: str, cursor: int) -> Completions:
        """What may stand at the cursor."""
        where = locate(text, cursor)
        if where.where is Where.NOTHING:
            return self._names.offer(text, cursor, where)
        found = complete.complete(text, cursor, self._scope())
        items = found.items
        if self._javascript:
            wanted = (complete.Sort.VARIABLE,) if where.where is Where.GLOBAL else ()
            wanted = (complete.Sort.FUNCTION,) if _OURS.search(text, 0, cursor) else wanted
            items = tuple(each for each in items if each.sort in wanted)
        return Completions(found.start, found.end, tuple(item_of(each, {}) for each in items), found.typed)

    def signature(self, text: str, cursor: int) -> Signature | None:
        """The call around the cursor."""
        found = complete.signature(text, cursor)
        if found is not None and self._javascript and not _OURS.search(text, 0, found.start):
            return None
        return signature_of(found)

    def hover(self, text: str, cursor: int) -> str:
        """What is known of a variable or object."""
        if not self._javascript:
            return hover_text(editing.hover(text, cursor, self._scope()))
        return ""

    def _scope(self) -> Scope:
        return Scope(variables=self._names.variables())


class ScriptText(ScriptEdit):
    """The text of a whole script: Enter begins a line unless the list has something else to write."""

    def __init__(self, name: str, *, javascript: bool) -> None:
        super().__init__(name, every_call=javascript)
        self.enter_commits = False
        self._javascript = javascript
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A word that is written out is left with the first Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.completing and self.is_written():
            self.close_list()
        super().keyPressEvent(event)

    def after_typing(self, typed: str) -> None:
        """Ask after each character, also where a text begins; not in a long script."""
        if self.document().characterCount() > LONG:
            self.close_list()
        elif typed and typed in (".'\"<" if self._javascript else "'\"<"):
            self.complete()
        else:
            super().after_typing(typed)

    def show_signature_here(self) -> None:
        """Not in a long script."""
        if self.document().characterCount() <= LONG:
            super().show_signature_here()

    def signature_place(self) -> QPoint:
        """Above the line of the cursor, so that the list has the room below it; on the first lines under the text."""
        line = self.cursorRect()
        if line.top() < HEIGHT + 4:
            last = QTextCursor(self.document())
            last.movePosition(QTextCursor.MoveOperation.End)
            below = self.cursorRect(last).bottom() + HEIGHT + 8
            if below > self.viewport().height():
                return super().signature_place()
            return self.viewport().mapToGlobal(QPoint(self.viewport().width() - 4, below))
        return self.viewport().mapToGlobal(QPoint(max(line.left(), self.viewport().width() // 2), line.top()))

    def _scrolled(self) -> None:
        self.close_list()
        self.show_signature_here()
