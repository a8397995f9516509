"""What is being written is tried at once: read, checked against the trees, run for the record shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.base.errors import BadInput, Problem, Severity, WeftError
from studio.base.i18n import _
from studio.mapping.context import Contexts
from studio.mapping.model import Rule
from studio.mapping.scope import scope_of
from studio.script.editing import diagnose, offset_of
from studio.script.lossless import read
from studio.script.parse import parse_path
from ui.editors.mapping.help import Item
from ui.editors.mapping.script_bar import Part
from ui.editors.mapping.script_edit import Mistake

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


# What is underlined, and in which colour.
_TONES = {Severity.ERROR: "red", Severity.WARNING: "orange"}


class Drafts(QObject):
    """Answers the script bar's drafts with a problem or a result."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._number = 0
        # The condition whose value is shown, or asked for.
        self._held: object = None
        editor.bar.drafted.connect(self._drafted)
        editor.bar.weighed.connect(self._weighed)
        # After the bar's own slot: the rule as kept stands there again.
        editor.bar.edit.cancelled.connect(self._cancelled)

    def show_kept(self, path: str) -> None:
        """What the rule as kept gives, from the values already here."""
        editor = self._editor
        if editor.bar.dirty and editor.bar.edit.hasFocus():
            return
        evidence = editor.map.evidence
        rule = editor.map.mapping.get(path)
        text = editor.bar.edit.toPlainText()
        if self._show_problem(editor.bar.part, text, path):
            return
        if editor.bar.part is Part.WHEN and text.strip():
            self._hold_kept(path, text)
            return
        self._held = None
        if evidence is None or rule is None or rule.script is None:
            editor.bar.show_result("", None)
            return
        seen = evidence.target.get(path)
        problem = editor.map.scene.failed.get(path, "")
        title = self._error_title() if problem else self._title("")
        editor.bar.show_result(title, seen.text if seen else None, "", problem)

    def _cancelled(self) -> None:
        # A result on its way belongs to what was given up.
        self._number += 1
        self.show_kept(self._editor.bar.path)

    def _hold_kept(self, path: str, text: str) -> None:
        """Ask what a condition gives, unless that is known."""
        preview = self._editor.preview
        asked = path, text, preview.sample, preview.record, self._editor.map.transformation
        if asked != self._held or not self._editor.bar.result:
            self._held = asked
            self._try(path, Part.WHEN, text, "")

    def _title(self, extra: str) -> str:
        record = self._editor.preview.record
        if extra:
            return _("Result for record {n}, with {name}").format(n=record, name=extra)
        return _("Result for record {n}").format(n=record)

    def _error_title(self) -> str:
        return _("Error in record {n}").format(n=self._editor.preview.record)

    def _drafted(self, path: str, part: Part, text: str) -> None:
        if self._show_problem(part, text, path):
            return
        self._try(path, part, text, "")

    def _weighed(self, path: str, item: Item | None, text: str) -> None:
        if item is not None and self._editor.bar.part is Part.SCRIPT:
            self._try(path, Part.SCRIPT, text, item.name)

    def _show_problem(self, part: Part, text: str, path: str) -> bool:
        """Underline everything that is wrong; tells whether it keeps the script from running."""
        found = self._problems(part, text, path)
        mistakes = [_mistake(problem, start, end) for problem, start, end in found]
        first = next((problem for problem, _s, _e in found if problem.severity is Severity.ERROR), None)
        if first is None:
            self._editor.bar.show_problem("", mistakes)
            if self._editor.bar.trouble:
                self._editor.bar.show_result("", None)
            return False
        line, column = first.line or 1, first.column or 1
        said = _("{message} (line {line}, column {column})").format(
            message=first.message, line=line, column=column
        )
        self._editor.bar.show_problem(said, mistakes)
        # A result on its way belongs to what stood here before.
        self._number += 1
        self._editor.bar.show_result(_("The script cannot run"), None, "", said)
        return True

    def _problems(self, part: Part, text: str, path: str) -> Sequence[tuple[Problem, int, int]]:
        """The errors and warnings of a text, with where they stand."""
        if not text.strip():
            return ()
        if part is Part.LOOP:
            return _of_path(text)
        map = self._editor.map
        contexts = Contexts(map.mapping, map.trees.source)
        scope = scope_of(contexts, path, script=read(text).script)
        return [each for each in diagnose(text, scope) if each[0].severity in _TONES]

    def _try(self, path: str, part: Part, text: str, extra: str) -> None:
        editor = self._editor
        if not editor.preview.sample or not text.strip():
            return
        if part is Part.WHEN:
            self._number += 1
            editor.desk.spawn(self._hold(self._number, path, text))
        if part is not Part.SCRIPT:
            return
        rule = editor.map.mapping.get(path) or Rule(path)
        self._number += 1
        editor.desk.spawn(self._run(self._number, path, replace(rule, script=text), extra))

    async def _hold(self, number: int, path: str, text: str) -> None:
        """Show what a condition gives for the record."""
        answer = await self._editor.parts.answer(path, text, "condition")
        if answer is None or number != self._number or path != self._editor.bar.path:
            return
        title = _("Condition for record {n}").format(n=self._editor.preview.record)
        value = answer.value if answer.met else None
        self._editor.bar.show_result(title, value, "", answer.problem)

    async def _run(self, number: int, path: str, rule: Rule, extra: str) -> None:
        editor = self._editor
        try:
            value, problem, time = await editor.preview.result(editor.map.with_rule(rule), path)
        except WeftError as error:
            value, problem, time = None, error.message, -1.0
        if number != self._number or path != editor.bar.path or (time < 0 and not problem):
            return
        before = editor.map.evidence.target.get(path) if editor.map.evidence is not None else None
        note = _("was {value}").format(value=before.text) if before and before.text != value else ""
        title = self._error_title() if problem and not extra else self._title(extra)
        editor.bar.show_result(title, value, note, problem, time)


def _mistake(problem: Problem, start: int, end: int) -> Mistake:
    said = f"{problem.message} {problem.mend}".rstrip()
    return Mistake(start, end, said, _TONES[problem.severity])


def _of_path(text: str) -> Sequence[tuple[Problem, int, int]]:
    try:
        parse_path(text)
    except BadInput as error:
        start = offset_of(text, error.line or 1, error.column or 1)
        return [
            (Problem(Severity.ERROR, error.message, line=error.line, column=error.column), start, len(text))
        ]
    return ()
