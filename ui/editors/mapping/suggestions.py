"""Ranked suggestions for the field in hand, each with its reason and its value in the record shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping.context import Contexts, relative
from studio.mapping.suggest import Suggester, Suggestion
from studio.mapping.tree import Tree
from ui.editors.mapping.map_state import MapState
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, CellDelegate, CellTable
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, KeyCap, Line, Text
from ui.widgets.trees import Rows

SHOWN = 4


class Suggestions(QWidget):
    """The section of the Inspector. `chosen` tells the suggestion taken, `left` that the focus should go back."""

    chosen = Signal(object)
    left = Signal()

    def __init__(self, map: MapState) -> None:
        super().__init__()
        self._map = map
        self._path = ""
        self._found: tuple[Suggestion, ...] = ()
        self._suggester: tuple[Tree, object, Suggester] | None = None
        self._table: CellTable[tuple[int, Suggestion]] = CellTable(("", ""), self._cells, self)
        self.list = _List(_("Suggestions"))
        self.list.setModel(self._table)
        self.list.setItemDelegate(CellDelegate(self.list, inset=4, height=metrics.ROW_TWO_LINES))
        self.list.lay_out(0, 110)
        self.list.opened.connect(lambda row: self.chosen.emit(self._found[row]))
        self.list.clicked.connect(lambda index: self.chosen.emit(self._found[index.row()]))
        self.list.left.connect(self.left.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        inside = QVBoxLayout()
        inside.setContentsMargins(metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL, 8)
        inside.setSpacing(8)
        inside.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        inside.addWidget(SectionHead(_("Suggestions"), KeyCap("Ctrl+Space")))
        inside.addWidget(self.list)
        self._none = Text(_("No source field is alike."), "text2", wrap=True)
        inside.addWidget(self._none)
        inside.addWidget(self._foot())
        column.addLayout(inside)

    def _foot(self) -> QWidget:
        self._keys = QWidget()
        row = QHBoxLayout(self._keys)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._does = Elided("", "text2", step=fonts.SECONDARY)
        for widget in (
            KeyCap("↑"), KeyCap("↓"), Text(_("choose"), "text2", step=fonts.SECONDARY), KeyCap("Enter"), self._does
        ):  # fmt: skip
            row.addWidget(widget)
        return self._keys

    @property
    def found(self) -> Sequence[Suggestion]:
        """What is offered, best first."""
        return self._found

    def show_for(self, path: str) -> None:
        """Offer sources for a target field; nothing for a node that holds no value."""
        place = self._map.trees.target.find(path) if path else None
        usable = (
            place is not None and place.node.value is not None and self._map.trees.source.root is not None
        )
        self.setVisible(usable)
        self._path = path
        self._found = ()
        if usable and place is not None:
            kept = self._map.mapping.get(path)
            self._found = self._ask().suggest(place, limit=SHOWN)
            self._does.setText(_("replaces the rule") if kept and kept.script else _("maps it"))
        self._table.set_rows(list(enumerate(self._found, 1)))
        self.list.setFixedHeight(len(self._found) * metrics.ROW_TWO_LINES)
        self.list.setVisible(bool(self._found))
        self._keys.setVisible(bool(self._found))
        self._none.setVisible(not self._found)

    def enter(self) -> bool:
        """Put the focus on the first suggestion; tells whether there is one."""
        if not self._found:
            return False
        self.list.setCurrentIndex(self._table.index(0, 0))
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _ask(self) -> Suggester:
        """The suggester of the source tree, with the values of the record it was first asked at."""
        tree = self._map.trees.source
        record = self._map.evidence.record if self._map.evidence is not None else None
        if self._suggester is None or self._suggester[:2] != (tree, record):
            assert tree.root is not None
            self._suggester = tree, record, Suggester(tree.root, self.source_values)
        return self._suggester[2]

    def source_values(self, path: str) -> tuple[str, ...]:
        """The value of a source address in the record shown."""
        seen = self._map.evidence.source.get(path) if self._map.evidence is not None else None
        return (seen.text,) if seen is not None and seen.text else ()

    def _cells(self, row: tuple[int, Suggestion]) -> Sequence[Cell]:
        number, found = row
        context = Contexts(self._map.mapping, self._map.trees.source).of(self._path)
        name = relative(found.source, context)
        value = next(iter(self.source_values(found.source)), "")
        return (
            Cell(f"{number}  {name}", second=found.reason, mono=True, small=True, hint=found.source),
            Cell(value, "text2", mono=True, small=True, right=True, second=" "),
        )


class _List(Rows):
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name, panel=True, inset=4)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformRowHeights(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the tree."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
