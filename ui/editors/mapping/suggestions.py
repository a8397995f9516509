"""Ranked suggestions for the field in hand, each with its reason and its value in the record shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.base.paths import data_folder
from studio.mapping.connect import literal
from studio.mapping.constants import named
from studio.mapping.context import Contexts, relative
from studio.mapping.remembered import FILE, Remembered
from studio.mapping.suggest import Suggester, Suggestion
from studio.mapping.tree import Tree
from studio.schema.model import Base, Place
from ui.editors.mapping.map_state import HURRIED, MapState
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, CellDelegate, CellTable, text_width
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, KeyCap, Line, Text
from ui.widgets.trees import Rows

SHOWN = 4
# How long the source may be looked at between two events, in seconds; how much of a record's.
_SLICE = 0.01
_MOST_SEEN = 500
# The most that the values beside the paths take, in pixels.
_VALUES = 110


@lru_cache(maxsize=1)
def remembered() -> Remembered:
    """What this person mapped before; it is kept in the user's own folder."""
    return Remembered(data_folder() / FILE)


class Suggestions(QWidget):
    """The section of the Inspector. `chosen` tells the suggestion taken, `left` that the focus should go back."""

    chosen = Signal(object)
    left = Signal()

    def __init__(self, map: MapState) -> None:
        super().__init__()
        self._map = map
        self._path = ""
        self._found: tuple[Suggestion, ...] = ()
        self._suggester: tuple[Tree, Tree, Suggester] | None = None
        self._evidence: object = None
        self._pump = QTimer(self, interval=0)
        self._pump.timeout.connect(self._look_on)
        self._table: CellTable[tuple[int, Suggestion]] = CellTable(("", ""), self._cells, self)
        self.list = _List(_("Suggestions"))
        self.list.setModel(self._table)
        self.list.setItemDelegate(CellDelegate(self.list, inset=4, height=metrics.ROW_TWO_LINES))
        self.list.lay_out(0, _VALUES)
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
        if path == self._path and self._found and self._map.hurried:
            # What is offered stays until the values are there.
            self._pump.start(HURRIED)
            return
        place = self._map.trees.target.find(path) if path else None
        usable = (
            place is not None
            and place.node.value is not None
            and self._map.trees.source.root is not None
            and not self._map.mapping.numbering.clashes(path)
        )
        self.setVisible(usable)
        self._path = path
        self._found = ()
        if usable and place is not None:
            kept = self._map.mapping.get(path)
            self._found = (*self._constant(place), *self._suggested(place))
            self._does.setText(_("replaces the rule") if kept and kept.script else _("maps it"))
        self._table.set_rows(list(enumerate(self._found, 1)))
        # The paths have what the values leave.
        values = max(
            (text_width(cells[1]) for cells in map(self._cells, enumerate(self._found, 1))), default=0
        )
        self.list.setColumnHidden(1, not any(self._cells(row)[1].text for row in enumerate(self._found)))
        self.list.header().resizeSection(1, min(_VALUES, values))
        self.list.setFixedHeight(len(self._found) * metrics.ROW_TWO_LINES)
        self.list.setVisible(bool(self._found))
        self._keys.setVisible(bool(self._found))
        self._none.setText(
            _("Looking at the source…") if self._pump.isActive() else _("No source field is alike.")
        )
        # Where a field of the rule has gone, what may be it now stands above.
        gone = any(not line.known for line in self._map.scene.by_target.get(path, ()))
        self._none.setVisible(not self._found and not gone)

    def enter(self) -> bool:
        """Put the focus on the first suggestion; tells whether there is one."""
        if not self._found:
            return False
        self.list.setCurrentIndex(self._table.index(0, 0))
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _constant(self, place: Place) -> tuple[Suggestion, ...]:
        """The value the schema itself names, unless it is there already."""
        text = named(place)
        kept = self._map.mapping.get(place.path)
        base = place.node.value.base if place.node.value is not None else Base.TEXT
        if not text or (kept is not None and kept.script == literal(text, base)):
            return ()
        return (Suggestion("", place.path, 1.0, _("The schema names this value."), constant=text),)

    def _suggested(self, place: Place) -> tuple[Suggestion, ...]:
        """The best sources; none yet while the source is being looked at."""
        suggester = self._ask()
        if self._map.hurried or not self._look(suggester):
            self._pump.start()
            return ()
        loops = {loop.target: loop.source for loop in self._map.scene.drawing.loops if loop.source}
        return suggester.suggest(place, loops=loops, limit=SHOWN)

    def _look(self, suggester: Suggester) -> bool:
        until = time.perf_counter() + _SLICE
        while time.perf_counter() < until:
            if suggester.work():
                return True
        return False

    def _look_on(self) -> None:
        self._pump.setInterval(HURRIED if self._map.hurried else 0)
        if self._pump.interval():
            return
        if not self.isVisible() or self._look(self._ask()):
            self._pump.stop()
            self.show_for(self._path)

    def _ask(self) -> Suggester:
        """The suggester of the source tree; what the record in hand holds is looked at, too."""
        source, target = self._map.trees.source, self._map.trees.target
        if self._suggester is None or self._suggester[:2] != (source, target):
            assert source.root is not None
            known = remembered()
            made = Suggester(source.root, self.source_values, target=target.root, remembered=known)
            self._suggester = source, target, made
            self._evidence = None
        suggester = self._suggester[2]
        evidence = self._map.evidence
        if evidence is not None and evidence.source is not self._evidence:
            self._evidence = evidence.source
            places = (source.find(path) for path in islice(evidence.source, _MOST_SEEN))
            suggester.fields.take(place for place in places if place is not None)
        return suggester

    def suggester_below(self, source: Place, target: Place) -> Suggester:
        """The suggester of a subtree; that of the whole tree is kept."""
        if source is self._map.trees.source.root:
            return self._ask()
        return Suggester(source, self.source_values, target=target, remembered=remembered())

    def learn(self) -> None:
        """Remember what this map maps, for the next one."""
        known = remembered()
        known.learn(self._map.scene.drawing, self._map.workspace.project.name)
        known.save()

    def source_values(self, path: str) -> tuple[str, ...]:
        """The value of a source address in the record shown."""
        seen = self._map.evidence.source.get(path) if self._map.evidence is not None else None
        return (seen.text,) if seen is not None and seen.text else ()

    def _cells(self, row: tuple[int, Suggestion]) -> Sequence[Cell]:
        number, found = row
        context = Contexts(self._map.mapping, self._map.trees.source).of(self._path)
        name = f'"{found.constant}"' if found.constant else relative(found.source, context)
        value = "" if found.constant else next(iter(self.source_values(found.source)), "")
        return (
            Cell(
                f"{number}  {name}",
                second=found.reason,
                mono=True,
                small=True,
                ends=True,
                hint=f"{found.source or found.constant}\n{found.reason}",
            ),
            Cell(value, "text2", mono=True, small=True, right=True, second=" ", hint=value),
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
