"""The turns of a record's loops: which one the trees show, stepped through by keys, buttons and a click on a loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.evidence import Evidence, RuleProblem, Turn
from ui.canvas.link_index import Side
from ui.commands import Command

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class MapTurns(QObject):
    """Keeps the stepper of the script bar at the loop around the current node, and asks for other turns."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        editor.bar.turns.asked.connect(self.show_turn)
        # After the map has taken the values in.
        editor.preview.arrived.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def all(self) -> Mapping[str, Turn]:
        """The turns shown, by the target path of their loops."""
        evidence = self._editor.map.evidence
        return evidence.turns if evidence is not None else {}

    def at_hand(self) -> str:
        """The innermost loop around the current node that has other turns; else the only one in the record, or ""."""
        editor = self._editor
        path = editor.canvas.path(editor.last_side)
        around = [loop for loop in self._several() if self._holds(loop, editor.last_side, path)]
        if around:
            return max(around, key=lambda loop: len(address.split(loop)))
        several = list(self._several())
        return several[0] if len(several) == 1 else ""

    def _several(self) -> Mapping[str, Turn]:
        return {loop: turn for loop, turn in self.all.items() if turn.total > 1}

    def _holds(self, loop: str, side: Side, path: str) -> bool:
        if side is Side.TARGET:
            return address.within(path, loop)
        found = self._editor.map.scene.target_loops.get(loop)
        return found is not None and found.source is not None and address.within(path, found.source)

    # What a person asks

    def step(self, by: int) -> None:
        """The next turn of the loop at hand, or the one before."""
        loop = self.at_hand()
        if loop:
            self._show(loop, self.all[loop].number + by)

    def show_turn(self, number: int) -> None:
        """Show a turn of the loop at hand."""
        loop = self.at_hand()
        if loop:
            self._show(loop, number)

    def clicked(self, side: Side) -> None:
        """A value was clicked: that of a loop leads to its next turn, after the last to the first."""
        editor = self._editor
        loop = self._loop_of(side, editor.canvas.path(side))
        if loop:
            turn = self.all[loop]
            self._show(loop, turn.number % turn.total + 1)
        else:
            editor.provenance.ask()

    def failing(self) -> None:
        """Show the turn in which the current rule fails, else the first one that fails."""
        problem = self._elsewhere()
        if problem is not None:
            self._editor.records.show_turns(dict(problem.turns))
            self._editor.canvas.select(Side.TARGET, problem.path)

    def _show(self, loop: str, number: int) -> None:
        turn = self.all[loop]
        # Loops inside begin with their first turn again; what was asked for last decides where two visit the same nodes.
        kept = {path: each.number for path, each in self.all.items() if not address.within(path, loop)}
        self._editor.records.show_turns(kept | {loop: min(max(number, 1), turn.total)})

    def _loop_of(self, side: Side, path: str) -> str:
        if side is Side.TARGET:
            return path if path in self._several() else ""
        found = self._editor.map.scene.source_loops.get(path)
        return found.target if found is not None and found.target in self._several() else ""

    def _elsewhere(self) -> RuleProblem | None:
        evidence = self._editor.map.evidence
        if evidence is None:
            return None
        found = [each for each in evidence.problems if each.turns and not evidence.here(each.turns)]
        path = self._editor.canvas.path(Side.TARGET)
        return next((each for each in found if each.path == path), next(iter(found), None))

    # Following

    def follow(self) -> None:
        """Another node is current, or other values have come."""
        loop = self.at_hand()
        self._editor.bar.turns.show_turn(loop, self.all.get(loop))

    def _arrived(self, _evidence: Evidence, _edited: bool) -> None:
        self.follow()
        self._editor.provenance.follow()
        self._editor.desk.commands.refresh_soon()

    # Commands

    def commands(self) -> list[Command]:
        """Stepping through the turns of a loop."""
        category = _("Map")
        return [
            Command("map.previous_turn", _("Previous turn of the loop"), category, lambda: self.step(-1), "caret-left",
                    ("Alt+Shift+Left",), lambda: self._cannot(-1)),
            Command("map.next_turn", _("Next turn of the loop"), category, lambda: self.step(1), "caret-right",
                    ("Alt+Shift+Right",), lambda: self._cannot(1),
                    hint=_("Show the values of the next turn of the loop around the current node")),
            Command("map.go_to_turn", _("Go to turn"), category, lambda: self._editor.bar.turns.enter(), "hash",
                    ("Alt+Shift+G",), lambda: self._cannot(0)),
            Command("map.failing_turn", _("Turn in which it fails"), category, self.failing, "warning", ("Alt+Shift+F",),
                    self._none_fails),
        ]  # fmt: skip

    def _cannot(self, by: int) -> str:
        loop = self.at_hand()
        if not loop:
            return _("no loop with several turns is at hand")
        turn = self.all[loop]
        if by and not 1 <= turn.number + by <= turn.total:
            return _("this is the last turn") if by > 0 else _("this is the first turn")
        return ""

    def _none_fails(self) -> str:
        return "" if self._elsewhere() is not None else _("nothing fails in another turn")
