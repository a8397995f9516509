"""The wide editor: the script bar between the two trees, where the links were; the same text, the same record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSplitter

from ui.canvas.canvas import MappingCanvas

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

_BAR_HEIGHT = 94


class WideScript(QObject):
    """Moves the script bar between its place below the map and its place between the trees; `turned` tells it."""

    turned = Signal()

    def __init__(self, editor: MappingEditor, split: QSplitter) -> None:
        super().__init__(editor)
        self._editor = editor
        self._split = split
        self.on = False

    def turn(self) -> None:
        """Give the script the room of the links, or its usual place back; the cursor stays where it was."""
        self.put(not self.on)
        self._editor.bar.edit.setFocus()

    def put(self, on: bool) -> None:
        """Stand between the trees, or below them."""
        if on == self.on:
            return
        self.on = on
        bar, canvas = self._editor.bar, self._editor.canvas
        if on:
            self._editor.show_canvas()
            canvas.put_between(bar)
        else:
            canvas.put_between(None)
            self._split.addWidget(bar)
            self._split.setSizes([self._editor.height() - _BAR_HEIGHT, _BAR_HEIGHT])
        bar.show_wide(wide=on)
        bar.edit.enter_commits = not on
        bar.show()
        self.turned.emit()

    def move_to(self, canvas: MappingCanvas) -> None:
        """Another canvas takes the place of the one that is shown."""
        if self.on:
            canvas.put_between(self._editor.bar)
