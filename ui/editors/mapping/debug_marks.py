"""The debugger in a map: breakpoints at the rows, the row and the line where a run is held, and the commands for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.base.i18n import _
from studio.mapping.held import At, Breakpoint
from studio.project.edits import sample_of
from ui.bridge.debugging import Debugging, Wanted
from ui.canvas.link_index import Side
from ui.canvas.notes import Notes
from ui.canvas.shape import RowKind
from ui.commands import Command
from ui.editors.mapping.script_bar import Part

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor
    from ui.editors.mapping.text_page import TextPage


class DebugMarks(QObject):
    """Keeps the rows of one map in step with the window's debugger."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._never: dict[str, tuple[str, ...]] | None = None
        self.debugging = editor.desk.debugging
        if self.debugging is not None:
            self.debugging.marked.connect(self.refresh)
            self.debugging.changed.connect(self.refresh)
            self.debugging.held.connect(self._held)
            # A click beside the lines of a script or of the text sets a breakpoint, as F9 does.
            editor.bar.point_wanted.connect(self._toggle_part)
        editor.bar.turned.connect(self._show_beside)
        self.refresh()

    def follow_text(self, page: TextPage) -> None:
        """The text of the map was made: a click beside its lines is one of ours."""
        if self.debugging is not None:
            page.point_wanted.connect(self._toggle)

    def let_go(self) -> None:
        """The map is being closed: a run of it ends, too."""
        debugging = self.debugging
        if debugging is None:
            return
        debugging.marked.disconnect(self.refresh)
        debugging.changed.disconnect(self.refresh)
        debugging.held.disconnect(self._held)
        if self._mine(debugging):
            debugging.stop()

    def show_never(self, never: dict[str, tuple[str, ...]] | None) -> None:
        """Mark the rows of which the samples never showed something; None takes the marks away."""
        self._never = never
        self.refresh()

    def refresh(self) -> None:
        """Show breakpoints and where the run is held."""
        points: dict[str, tuple[Breakpoint, ...]] = {}
        held = ""
        debugging = self.debugging
        if debugging is not None:
            for point in debugging.points(self._editor.workspace.folder, self._editor.ref):
                points[point.path] = (*points.get(point.path, ()), point)
            if self._mine(debugging) and debugging.stop_at is not None and debugging.state == "held":
                held = debugging.stop_at.path
        self._editor.map.show_notes(Notes(points, held, self._never))
        self._show_beside()

    def _show_beside(self) -> None:
        """The marks beside the script of the rule."""
        bar = self._editor.bar
        bar.show_point(self._editor.map.notes.mark(bar.path) if bar.path else None)

    def _mine(self, debugging: Debugging) -> bool:
        wanted = debugging.wanted
        editor = self._editor
        return wanted is not None and (wanted.folder, wanted.ref) == (editor.workspace.folder, editor.ref)

    def _held(self) -> None:
        """Show the rule, and the record it is held in."""
        debugging, editor = self.debugging, self._editor
        if debugging is None or debugging.stop_at is None or not self._mine(debugging):
            return
        stop = debugging.stop_at
        self.refresh()
        if stop.path:
            editor.show_canvas()
            editor.canvas.select(Side.TARGET, stop.path)
        if stop.record and stop.record != editor.preview.record and stop.record <= editor.preview.records:
            editor.records.step_to(stop.record)
        if stop.record == editor.preview.record:
            # A loop's condition is asked of candidates, which have no turn yet.
            turns = stop.turns[:-1] if stop.at == At.CONDITION else stop.turns
            editor.records.show_turns({turn.path: turn.number for turn in turns})

    # What a person asks

    def toggle(self) -> None:
        """Set a breakpoint on the current rule, or take it away."""
        if not self._elsewhere():
            self._toggle(self._editor.canvas.path(Side.TARGET))

    def _elsewhere(self) -> bool:
        """Tell, where a source field is looked at, that it takes no breakpoint: the rule meant is not to be guessed."""
        editor = self._editor
        source = editor.last_side is Side.SOURCE and not editor.bar.edit.hasFocus()
        if source:
            editor.desk.tell(_("A source field takes no breakpoint: select a target field."))
        return source

    def _toggle_part(self, part: Part) -> None:
        self._toggle(
            self._editor.bar.path, {Part.WHEN: At.CONDITION.value, Part.LOOP: At.TURN.value}.get(part, "")
        )

    def _toggle(self, path: str, at: str = "") -> None:
        if self.debugging is not None:
            there = self.debugging.toggle(self._editor.workspace.folder, self._editor.ref, path, at)
            said = _("Breakpoint at {path}.") if there else _("No breakpoint at {path} any more.")
            self._editor.desk.tell(said.format(path=path))

    def edit(self) -> None:
        """Show the breakpoint on the current rule, a new one if there is none, to give it a condition."""
        editor, debugging = self._editor, self.debugging
        path = editor.canvas.path(Side.TARGET)
        if debugging is None or self._elsewhere():
            return
        folder = editor.workspace.folder
        if not any(point.path == path for point in debugging.points(folder, editor.ref)):
            debugging.toggle(folder, editor.ref, path)
        debugging.edit(editor.ref, path)

    def clear(self) -> None:
        """Take all breakpoints of the map away."""
        if self.debugging is not None:
            self.debugging.clear(self._editor.workspace.folder, self._editor.ref)

    def start(self, *, here: bool = False) -> None:
        """Debug the map as it is now: all records, or the one shown."""
        editor = self._editor
        editor.commit()
        if self.debugging is not None:
            map = editor.map.transformation
            record = editor.preview.record if here else 0
            self.debugging.start(Wanted(editor.workspace.folder, editor.ref, map, sample_of(map), record))

    def commands(self) -> list[Command]:
        """The debugger's commands that need a map in front."""
        category = _("Debug")
        return [
            Command("debug.toggle", _("Breakpoint"), category, self.toggle, "circle-fill", ("F9",), self._no_rule,
                    hint=_("Hold a debugged run at this rule, or no longer")),
            Command("debug.edit", _("Condition of the breakpoint…"), category, self.edit, "record-fill", ("Ctrl+F9",),
                    self._no_rule, hint=_("Hold only at one turn of the loop, or where a script is true")),
            Command("debug.clear", _("Remove all breakpoints"), category, self.clear, "circle", ("Ctrl+Shift+F9",),
                    self._no_points),
            Command("debug.start", _("Debug"), category, self.start, "bug", ("Ctrl+F5",), self._not_now,
                    hint=_("Run the sample and hold at the breakpoints")),
            Command("debug.start_here", _("Debug the record shown"), category, lambda: self.start(here=True), "bug-beetle",
                    ("Ctrl+Shift+F5",), self._not_now, hint=_("Run the sample and hold at the record shown")),
        ]  # fmt: skip

    def _no_rule(self) -> str:
        row = self._editor.canvas.current_row(Side.TARGET)
        if row is None or row.kind is not RowKind.NODE:
            return _("no target field is selected")
        here = self._editor.map.mapping.get(row.path) is not None
        return "" if here or row.path in self._editor.map.notes.points else _("no rule is selected")

    def _no_points(self) -> str:
        return "" if self._editor.map.notes.points else _("the map has no breakpoints")

    def _not_now(self) -> str:
        if self.debugging is None or self.debugging.state:
            return _("a map is being debugged")
        return "" if sample_of(self._editor.map.transformation) else _("the map has no sample")
