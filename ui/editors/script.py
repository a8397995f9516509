"""The editor of a script: text with colours; it is checked and taken over while a person pauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _
from studio.project import edits
from studio.script.errors import ScriptError
from studio.script.javascript.source import is_javascript, syntax_error
from studio.script.parse import parse_all
from studio.workspace import Changes, Workspace
from ui.bridge.script_hover import ScriptHover
from ui.bridge.script_text import ScriptHighlighter
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.theme import fonts
from ui.widgets.code import CodeEdit
from ui.widgets.labels import Text

# How long a pause in typing is, in milliseconds.
PAUSE = 600


class ScriptEditor(Editor):
    """One script. Its text is the project's after each pause; the editor's own undo is the finer one."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._name = ref.partition("/")[2]
        self._code = CodeEdit(_("Script {name}").format(name=self._name))
        self._code.setPlaceholderText(
            _("Write JavaScript here: SetScriptResult(…) gives the result.")
            if is_javascript("", self._name)
            else _("Write Jitterbit Script here: the value of the last statement is the result.")
        )
        # The reference writes calls as members of Jitterbit there.
        self._code.setProperty("javascript", is_javascript("", self._name))
        self._highlighter = ScriptHighlighter(self._code.document())
        self._hover = ScriptHover(self._code)
        self._wrong = Text("", "red_text", step=fonts.SECONDARY)
        self._wrong.setContentsMargins(12, 4, 12, 4)
        self._wrong.hide()
        self._card = Card("code")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._code, 1)
        column.addWidget(self._wrong)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.commit)
        self._unlisten = workspace.changed.connect(self._change)
        self._take(workspace.project.scripts.get(self._name, ""))
        self._code.textChanged.connect(self._pause.start)
        self.setFocusProxy(self._code)

    def inspector(self) -> QWidget:
        """Facts about the script."""
        return self._card

    def summary(self) -> str:
        """How long it is."""
        return _("{lines} lines").format(lines=self._code.blockCount())

    def go_to(self, path: str) -> None:
        """A line number, where the path is one."""
        if path.isdigit():
            self._code.go_to_line(int(path))

    def layout_state(self) -> Mapping[str, Any]:
        """Where the cursor is."""
        return {"cursor": self._code.textCursor().position()}

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Put the cursor back."""
        position = state.get("cursor")
        if isinstance(position, int) and 0 <= position <= len(self._code.toPlainText()):
            cursor = self._code.textCursor()
            cursor.setPosition(position)
            self._code.setTextCursor(cursor)

    def commit(self) -> None:
        """Take the text over into the project and check it."""
        self._pause.stop()
        text = self._code.toPlainText()
        project = self.workspace.project
        if self._name in project.scripts and project.scripts[self._name] != text:
            label = _("Edit script {name}").format(name=self._name)
            self.workspace.edit(label, edits.put(project, self.ref, text), initiator=self._initiator)
        self._check(text)

    def let_go(self) -> None:
        """Stop following."""
        self._pause.stop()
        self._unlisten()

    @property
    def _initiator(self) -> str:
        return f"editor {self.ref}"

    def _change(self, _changes: Changes, initiator: str) -> None:
        text = self.workspace.project.scripts.get(self._name)
        if initiator != self._initiator and text is not None and text != self._code.toPlainText():
            self._take(text)

    def _take(self, text: str) -> None:
        position = self._code.textCursor().position()
        blocked = self._code.blockSignals(True)
        self._code.setPlainText(text)
        self._code.blockSignals(blocked)
        self.restore_layout({"cursor": min(position, len(text))})
        self._check(text)

    def _check(self, text: str) -> None:
        found = mistakes(text, self._name)
        places = [(error.line or 1, error.column or 1) for error in found]
        if not found:
            self._wrong.hide()
        else:
            line, column = places[0]
            said = _("Line {line}, column {column}: {message}").format(
                line=line, column=column, message=found[0].message
            )
            self._wrong.setText(said)
            self._wrong.setToolTip(found[0].next_step)
            self._wrong.show()
        self._code.mark_places(places)
        facts = [(_("Lines"), str(text.count("\n") + 1)), (_("Characters"), str(len(text)))]
        self._card.show_facts(self._name, _("Script"), "", _("Text"), facts)
        self.summarised.emit()


def mistakes(text: str, name: str) -> tuple[ScriptError, ...]:
    """What makes a script unreadable, in the language its name or its tags tell."""
    if is_javascript(text, name):
        error = syntax_error(text)
        return (error,) if error is not None else ()
    return parse_all(text)[1]
