"""The editor of a script: text with colours; it is checked and taken over while a person pauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.project import edits
from studio.script.editing import extent, offset_of
from studio.script.functions import FUNCTIONS
from studio.script.javascript.source import is_javascript
from studio.script.lossless import read
from studio.workspace import Changes, Workspace
from ui.commands import Command
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.editors.functions import function_card
from ui.editors.mapping.script_edit import Mistake
from ui.editors.script_help import ScriptHelper, ScriptText
from ui.editors.writing.names_panel import NamesPanel
from ui.editors.writing.places import spot_of
from ui.editors.writing.problem_label import ProblemText
from ui.editors.writing.try_panel import HEIGHT, TryPanel
from ui.editors.writing.work import ScriptWork, Surroundings

# How long a pause in typing is, in milliseconds.
PAUSE = 600
# More is not underlined.
MOST = 100
# What is underlined, and in which colour.
_WORD = re.compile(r"\w+")
_TONES = {Severity.ERROR: "red", Severity.WARNING: "orange"}


class ScriptEditor(Editor):
    """One script. Its text is the project's after each pause; the editor's own undo is the finer one."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._name = ref.partition("/")[2]
        text = workspace.project.scripts.get(self._name, "")
        self._javascript = is_javascript(text, self._name)
        self._code = ScriptText(_("Script {name}").format(name=self._name), javascript=self._javascript)
        self._code.helper = ScriptHelper(lambda: workspace.project, self._name, javascript=self._javascript)
        self._code.setPlaceholderText(
            _("Write JavaScript here: SetScriptResult(…) gives the result.")
            if self._javascript
            else _("Write Jitterbit Script here: the value of the last statement is the result.")
        )
        # The reference writes calls as members of Jitterbit there.
        self._code.setProperty("javascript", self._javascript)
        self._wrong = ProblemText()
        self._wrong.hide()
        self.places = NamesPanel()
        around = Surroundings(workspace, desk, lambda: (ref, "", "script"), self.commit, self._show_reference)
        self._work = ScriptWork(self._code, around, self.places)
        self._work.told.connect(self._say)
        self._wrong.clicked.connect(lambda: self._work.step(1))
        self._card = Card("code")
        self._reference: QWidget | None = None
        self._line = 0
        # The text as the project had it last.
        self._known = text
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._code, 1)
        column.addWidget(self._wrong)
        column.addWidget(self.places)
        self.trial = TryPanel(self._code, workspace, agent, desk, lambda: ref)
        self.trial.setFixedHeight(HEIGHT)
        self.trial.left.connect(self._code.setFocus)
        self.trial.hide()
        column.addWidget(self.trial)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.commit)
        self._unlisten = workspace.changed.connect(self._change)
        self._take(text)
        self._code.textChanged.connect(self._pause.start)
        self._code.committed.connect(self.try_it)
        self._code.reference_wanted.connect(self._show_reference)
        self._code.cursorPositionChanged.connect(self._leave_reference)
        self.setFocusProxy(self._code)

    def commands(self) -> Sequence[Command]:
        """The trial of this script."""
        return (
            Command("script.try", _("Try the script"), _("Script"), self.try_it, "play", ("Ctrl+F6",),
                    hint=_("Run the script with a time limit; nothing of the project changes")),
        )  # fmt: skip

    def try_it(self) -> None:
        """Run the script as it stands, in a process of its own."""
        self.commit()
        self.trial.show()
        self.trial.run()

    def inspector(self) -> QWidget:
        """Facts about the script, or the function asked for in the list of completions."""
        return self._reference or self._card

    def summary(self) -> str:
        """How long it is."""
        return _("{lines} lines").format(lines=self._code.blockCount())

    def go_to(self, path: str) -> None:
        """A line number, or a place in the text, where the path is one."""
        spot = spot_of(path)
        if spot is not None:
            self._code.show_offsets(spot.start, spot.end)
        elif path.isdigit():
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
        self._known = text
        if self._name in project.scripts and project.scripts[self._name] != text:
            label = _("Edit script {name}").format(name=self._name)
            self.workspace.edit(label, edits.put(project, self.ref, text), initiator=self._initiator)
        self._check(text)

    def let_go(self) -> None:
        """Stop following; a trial ends."""
        self.trial.stop()
        self._pause.stop()
        self._code.drop_help()
        self._unlisten()

    def _show_reference(self, name: str) -> None:
        """Show a function in the Inspector as long as this line is written."""
        if name in FUNCTIONS:
            self._reference = function_card(name)
            self._line = self._code.textCursor().blockNumber()
            self.inspected.emit()
        else:
            self.desk.tell(_("This is not a function."))

    def _leave_reference(self) -> None:
        if self._reference is not None and self._code.textCursor().blockNumber() != self._line:
            self._reference = None
            self.inspected.emit()

    @property
    def _initiator(self) -> str:
        return f"editor {self.ref}"

    def _change(self, _changes: Changes, initiator: str) -> None:
        text = self.workspace.project.scripts.get(self._name)
        if initiator == self._initiator or text is None:
            return
        known, self._known = self._known, text
        if text == known and self._pause.isActive():
            # Others changed other things: what is being typed is taken over after its pause.
            return
        if text != self._code.toPlainText():
            if self._pause.isActive():
                # Both are kept: what is typed here, and what somebody else wrote as the step before.
                self.commit()
                return
            self._take(text)
        else:
            # What it names may have come or gone.
            self._check(text)

    def _take(self, text: str) -> None:
        self._known = text
        position = self._code.textCursor().position()
        blocked = self._code.blockSignals(True)
        self._code.setPlainText(text)
        self._code.blockSignals(blocked)
        self.restore_layout({"cursor": min(position, len(text))})
        self._check(text)

    def _check(self, text: str) -> None:
        found = sorted(self._problems(), key=_place)[:MOST]
        self._wrong.setVisible(bool(found))
        if found:
            first = found[0]
            line, column = _place(first)
            said = _("Line {line}, column {column}: {message}").format(
                line=line, column=column, message=first.message
            )
            self._wrong.setText(said)
            self._wrong.setToolTip(first.mend)
            self._wrong.set_tone(_TONES[first.severity] + "_text")
        self._code.show_mistakes(self._mistakes(text, found))
        facts = [(_("Lines"), str(text.count("\n") + 1)), (_("Characters"), str(len(text)))]
        self._card.show_facts(self._name, _("Script"), "", _("Text"), facts)
        self.summarised.emit()

    def _say(self, said: str) -> None:
        """Say one of the problems."""
        self._wrong.setText(said)

    def _mistakes(self, text: str, found: list[Problem]) -> Iterator[Mistake]:
        """The problems with where they are underlined."""
        source = read(text if found and not is_javascript(text, self._name) else "")
        for problem in found:
            if source.text:
                start, end = extent(source, problem)
            else:
                start = offset_of(text, *_place(problem))
                word = _WORD.match(text, start)
                end = word.end() if word else min(len(text), start + 1)
            said = f"{problem.message} {problem.mend}".rstrip()
            yield Mistake(start, end, said, _TONES[problem.severity])

    def _problems(self) -> Iterator[Problem]:
        """What the Problems panel lists for the script, but for notes."""
        found = self.workspace.script_problems(self._name)
        return (problem for problem in found if problem.severity in _TONES)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 1, problem.column or 1
