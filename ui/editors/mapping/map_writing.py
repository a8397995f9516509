"""The script bar's names in a map: where they come from, where else they stand, renamed; places of rules opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.mapping.context import Contexts
from studio.schema.path import format_steps, parse_path
from ui.canvas.link_index import Side
from ui.editors.mapping.script_bar import Part
from ui.editors.writing.names_panel import NamesPanel
from ui.editors.writing.places import spot_of
from ui.editors.writing.work import ScriptWork, Surroundings

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

_PARTS = {part.value: part for part in Part}


class MapWriting(QObject):
    """Puts the script bar's text into the project around it."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._contexts: tuple[object, Contexts] | None = None
        self.panel = NamesPanel()
        column = editor.layout()
        assert column is not None
        column.addWidget(self.panel)
        around = Surroundings(
            editor.workspace,
            editor.desk,
            lambda: (editor.ref, editor.bar.path, editor.bar.part.value),
            editor.commit,
            editor.show_reference,
            self.show_field,
            self.steps,
        )
        self.work = ScriptWork(editor.bar.edit, around, self.panel)
        self.work.told.connect(editor.bar.say_problem)
        editor.bar.problem_wanted.connect(lambda: self.work.step(1))

    def show_field(self, address: str) -> bool:
        """Bring a source field into sight while the script is written on; tells whether there is one."""
        canvas = self._editor.canvas
        found = self._editor.map.trees.source.find(address)
        return found is not None and canvas.select(Side.SOURCE, found.path)

    def steps(self, object: str, path: str, part: str) -> tuple[str, ...]:
        """The steps of the source node that relative paths of a rule are read from; none of another map's rule."""
        map = self._editor.map
        if object != map.ref or not path:
            return ()
        if self._contexts is None or self._contexts[0] is not map.mapping:
            self._contexts = map.mapping, Contexts(map.mapping, map.trees.source)
        contexts = self._contexts[1]
        address = contexts.outer(path) if part == Part.LOOP.value else contexts.of(path)
        return tuple(format_steps((step,)) for step in parse_path(address)) if address else ()

    def go_to(self, path: str) -> bool:
        """Open a place in a rule; tells whether the path names one."""
        spot = spot_of(path)
        if spot is None:
            return False
        editor = self._editor
        editor.show_canvas()
        editor.show_node(Side.TARGET, spot.path)
        part = _PARTS.get(spot.part)
        if part is not None and editor.bar.path == spot.path:
            editor.bar.show_spot(part, spot.start, spot.end)
        return True
