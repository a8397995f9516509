"""One schema as a painted tree with its filter: the same rows as beside a map, without links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping.tree import Tree
from studio.schema.model import Place
from ui.canvas.gestures import GestureArea
from ui.canvas.heads import TreeHead
from ui.canvas.link_index import Side
from ui.canvas.looks import schema_look
from ui.canvas.row_look import Look
from ui.canvas.rows import MOST_FOUND, Rows
from ui.canvas.search import Search
from ui.canvas.tree_view import TreeView
from ui.theme import metrics

_FIRST_ROWS = 60
# Room for names before the column of types.
_NAMES = 440
# Types stand in one column as long as this much is left of it.
_TYPES = 110


class SchemaTree(QWidget):
    """`chosen` tells the address of the current node, "" for none; the place is found with `place`."""

    chosen = Signal(str)

    def __init__(self, name: str, root: Place, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self.tree = Tree(root)
        self.rows = Rows(self.tree, whole=True)
        self.rows.expand_first(_FIRST_ROWS)
        self.view = TreeView(Side.TARGET, name, self.rows, GestureArea(self))
        self.head = TreeHead(_("Filter the schema"))
        self._prefixes = prefixes
        self._looks: dict[int, Look] = {}
        self._work: Iterator[None] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)
        self.view.look = self._look
        self.view.values_keep = _TYPES
        self.view.unfolded.connect(self._show)
        self.view.chosen.connect(lambda row: self.chosen.emit(self.rows[row].path if row >= 0 else ""))
        self.head.filtered.connect(self._filter)
        self.head.filter.left.connect(self.view.setFocus)
        self.setFocusProxy(self.view)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a wide tree the types stand near the names, not at the far edge."""
        super().resizeEvent(event)
        self.view.value_width = max(metrics.VALUE_WIDTH, self.width() - _NAMES)

    def place(self, path: str) -> Place | None:
        """The node at an address."""
        return self.tree.find(path)

    def go_to(self, path: str) -> None:
        """Unfold the way to an address and select it."""
        if self.rows.search is not None:
            self.head.filter.clear()
            self._work = None
            self.rows.finish_filter(None)
        row = self.rows.reveal_pick(path)
        if row >= 0:
            self._show()
            self.view.set_current(row)
            self.view.bring_into_view(row)

    def state(self) -> dict[str, Any]:
        """The current node and what is unfolded, as plain data."""
        row = self.view.selection.row
        return {
            "expanded": sorted(self.rows.expanded)[:2000],
            "current": self.rows[row].path if row >= 0 else "",
            "scroll": self.view.verticalScrollBar().value(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave."""
        expanded = state.get("expanded")
        if isinstance(expanded, list):
            self.rows.expanded = {key for key in expanded if isinstance(key, str)}
            self.rows.rebuild()
            self._show()
        row = self.rows.at(str(state.get("current", "")))
        if row >= 0:
            self.view.set_current(row)
        scroll = state.get("scroll")
        if isinstance(scroll, int):
            self.view.verticalScrollBar().setValue(scroll)

    def _show(self) -> None:
        self._looks.clear()
        self.view.show_rows({})

    def _look(self, row: int) -> Look:
        known = self._looks.get(row)
        if known is None:
            known = self._looks[row] = schema_look(self.rows[row], self._prefixes)
        return known

    def _filter(self, text: str) -> None:
        search = self.rows.start_filter(text)
        self._work = search.work() if search is not None else None
        if search is None:
            self._found()
        else:
            self._pump(search, self._work)

    def _pump(self, search: Search, work: Iterator[None] | None) -> None:
        """A slice of the search, then the window's turn; another filter meanwhile ends this one."""
        if work is None or work is not self._work:
            return
        if next(work, self) is self:
            self._work = None
            self.rows.finish_filter(search)
            self._found()
        else:
            QTimer.singleShot(0, self, lambda: self._pump(search, work))

    def _found(self) -> None:
        self.view.verticalScrollBar().setValue(0)
        self._show()
        self.head.show_found(_("the first {n} matches").format(n=MOST_FOUND) if self.rows.cut_short else "")
