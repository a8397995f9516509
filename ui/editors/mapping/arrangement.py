"""How a map was looked at last: page, record, folding, sizes; told whenever it changes, and put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSplitter, QStackedWidget

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class Arrangement(QObject):
    """`split` parts the canvas from the script, `pages` holds canvas, table and text."""

    def __init__(self, editor: MappingEditor, split: QSplitter, pages: QStackedWidget) -> None:
        super().__init__(editor)
        self._editor, self._split, self._pages = editor, split, pages
        for changed in (
            split.splitterMoved, editor.bulk.split.splitterMoved, pages.currentChanged,
            editor.bar.stepper.stepped, editor.map_pages.shown, editor.wide.turned,
        ):  # fmt: skip
            changed.connect(editor.rearranged)
        # Of a map whose rules are still being found.
        self._kept: Mapping[str, Any] | None = None
        editor.map.opened.connect(self._take_kept)

    def state(self) -> Mapping[str, Any]:
        """Folding, scrolling, sizes, the record, as plain data."""
        if self._kept is not None:
            return self._kept
        editor = self._editor
        return {
            "canvas": editor.canvas.state(),
            "split": self._split.sizes(),
            "list": editor.bulk.split.sizes(),
            "sample": editor.preview.sample,
            "record": editor.preview.record,
            "map_page": editor.map_pages.name,
            "wide": editor.wide.on,
            "page": "text" if editor.as_text else "table" if editor.as_table else "",
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave, once the rules are there; what makes no sense stays as it is."""
        editor = self._editor
        if editor.map.opening:
            self._kept = state
            return
        canvas = state.get("canvas")
        editor.map_pages.show(str(state.get("map_page", "")))
        if isinstance(canvas, Mapping):
            editor.canvas.restore(canvas)
        for split, sizes in ((self._split, state.get("split")), (editor.bulk.split, state.get("list"))):
            if (
                isinstance(sizes, list)
                and len(sizes) == 2
                and all(isinstance(n, int) and n > 0 for n in sizes)
            ):
                split.setSizes(sizes)
        editor.wide.put(state.get("wide") is True)
        turn = {"text": editor.turn_text, "table": editor.turn_table}.get(str(state.get("page")))
        if turn is not None and self._pages.currentWidget() is editor.canvas:
            turn()
        record = state.get("record")
        if isinstance(record, int) and record > 1 and state.get("sample") == editor.preview.sample:
            editor.records.step_to(record)

    def _take_kept(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            self.restore(kept)
