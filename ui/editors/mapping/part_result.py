"""What the part of a script under the cursor, or the selected one, gives for the record shown; conditions whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.context import parsed_path
from studio.mapping.evidence import Answer
from studio.script.parts import part_at
from ui.editors.mapping.script_bar import Part
from ui.widgets.code import offset

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# A pause in moving the cursor, in milliseconds; more of a part is not shown, in characters.
_PAUSE = 200
_SHOWN = 40


class PartResult(QObject):
    """Follows the cursor of the script bar and asks the agent."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._number = 0
        self._asked = ""
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._look)
        edit = editor.bar.edit
        edit.cursorPositionChanged.connect(self._soon.start)
        edit.selectionChanged.connect(self._soon.start)

    def _look(self) -> None:
        editor, bar = self._editor, self._editor.bar
        edit = bar.edit
        if not edit.hasFocus() or edit.completing or not editor.preview.sample:
            self._show("", "")
            return
        if bar.part is Part.LOOP:
            self._look_at_loop(edit.toPlainText().strip())
            return
        text, cursor = edit.toPlainText(), edit.textCursor()
        place = (offset(text, cursor.selectionStart()), offset(text, cursor.selectionEnd()))
        found = part_at(text, *place)
        if found is None:
            self._show("", "")
            return
        self._number += 1
        editor.desk.spawn(self._ask(self._number, bar.path, " ".join(found.text.split()), found.asking))

    def _look_at_loop(self, text: str) -> None:
        """How many nodes the loop's path leads to, where the rule around it stands."""
        bar = self._editor.bar
        around = address.parent(bar.path)
        if parsed_path(text) is None or around is None:
            self._show("", "")
            return
        self._number += 1
        self._editor.desk.spawn(self._count(self._number, bar.path, around, text))

    async def _count(self, number: int, path: str, around: str, text: str) -> None:
        answer = await self.answer(around, f"Count([{text}])", "part")
        if answer is None or number != self._number or path != self._editor.bar.path:
            return
        known = answer.met and not answer.problem
        self._show(text if known else "", f"{answer.value} ×")

    async def _ask(self, number: int, path: str, shown: str, script: str) -> None:
        answer = await self.answer(path, script, "part")
        if answer is None or number != self._number or path != self._editor.bar.path:
            return
        if answer.problem and not answer.met:
            # Half a word is selected: nothing to scold.
            self._show("", "")
        else:
            self._show(shown, said(answer) if answer.met else _("not in this record"))

    def _show(self, part: str, value: str) -> None:
        self._number += 0 if part else 1
        short = part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"
        self._editor.bar.show_part(f"{short} = {value}" if part else "")

    async def answer(self, path: str, script: str, key: str) -> Answer | None:
        """What a script gives where the rule stands; None where a newer question took its place."""
        editor = self._editor
        preview = editor.preview
        try:
            return await editor.agent.ask(
                editor.workspace.folder, editor.map.transformation, preview.sample, preview.record, path, script,
                key=f"{key} {editor.ref}",
            )  # fmt: skip
        except WeftError as error:
            return Answer(met=True, problem=error.message)


def said(answer: Answer) -> str:
    """The value, or the problem instead."""
    return answer.problem or answer.value
