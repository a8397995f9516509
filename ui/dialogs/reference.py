"""The function reference: search on the left, the page of a function on the right, Insert puts its call into a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.script.functions import FUNCTIONS, Function
from studio.script.reference import Family, families, found
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

SIZE = QSize(860, 600)
LIST_WIDTH = 280
Insert = Callable[[Function], object]


class FunctionReference(QDialog):
    """Not modal: it stays open beside the script. `page` makes a function's page."""

    def __init__(self, parent: QWidget, page: Callable[[str], QWidget]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Function reference"))
        self.setAccessibleName(self.windowTitle())
        self.setProperty("band", "base")
        self.resize(SIZE.boundedTo(parent.size()))
        self._page = page
        self._insert: Insert | None = None
        self._shown = ""
        self._model: CellTable[Function | Family] = CellTable([""], _cells, self)
        self.search = FilterField(_("Search the functions"), _("Name, family or words"), "magnifying-glass")
        self.list = Rows(_("Functions"))
        self.list.setModel(self._model)
        self.list.lay_out(0)
        self._count = Text("", "text3", step=fonts.SMALL)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(_("Page of the function"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._left())
        middle.addWidget(Line(vertical=True))
        middle.addWidget(self._scroll, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(self._foot())
        self.search.textChanged.connect(self._find)
        self.search.left.connect(self.list.setFocus)
        self.list.opened.connect(lambda _row: self._put())
        self.list.selectionModel().currentChanged.connect(lambda _now, _before: self._turn())
        self._find("")

    def turn_to(self, name: str, insert: Insert | None, words: str = "") -> None:
        """Show a function, or what `words` find (both "": where it was), and what Insert is to do now.

        None where there is no text to write in.
        """
        self._insert = insert
        self._button.setEnabled(insert is not None)
        hint = "" if insert is not None else _("Open a script or the script of a rule to insert into.")
        self._button.setToolTip(hint)
        if name in FUNCTIONS:
            self.search.clear()
            self._choose(FUNCTIONS[name])
            self.list.setFocus()
        else:
            if words:
                self.search.setText(words)
                self.search.selectAll()
            self.search.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter inserts, wherever the focus is."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._put()
        else:
            super().keyPressEvent(event)

    def _left(self) -> QWidget:
        left = QWidget()
        left.setFixedWidth(LIST_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(metrics.PAD_CELL, metrics.PAD_CELL, metrics.PAD_CELL, 4)
        head.setSpacing(4)
        head.addWidget(self.search)
        head.addWidget(self._count)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        return left

    def _foot(self) -> Foot:
        self._button = button(_("Insert"), self._put, icon="arrow-square-in", primary=True)
        return Foot((button(_("Close"), self.close), self._button))

    def _find(self, query: str) -> None:
        rows: Sequence[Function | Family]
        if query.strip():
            rows = matches = found(query)
        else:
            groups = families()
            matches = tuple(function for group in groups for function in group.functions)
            rows = list(chain.from_iterable((group, *group.functions) for group in groups))
        self._count.setText(_("{found} of {all} functions").format(found=len(matches), all=len(FUNCTIONS)))
        self._model.set_rows(rows)
        if matches:
            known = FUNCTIONS.get(self._shown)
            self._choose(known if known in matches and not query.strip() else matches[0])

    def _choose(self, function: Function) -> None:
        row = self._model.rows.index(function)
        index = self._model.index(row, 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, Rows.ScrollHint.PositionAtCenter)

    def _turn(self) -> None:
        row = current_row(self.list)
        chosen = self._model.rows[row] if 0 <= row < len(self._model.rows) else None
        if not isinstance(chosen, Function) or chosen.name == self._shown:
            return
        self._shown = chosen.name
        old = self._scroll.takeWidget()
        if old is not None:
            old.deleteLater()
        self._scroll.setWidget(self._page(chosen.name))
        self._scroll.verticalScrollBar().setValue(0)

    def _put(self) -> None:
        if self._insert is not None and self._shown:
            self._insert(FUNCTIONS[self._shown])


def _cells(row: Function | Family) -> Sequence[Cell]:
    if isinstance(row, Family):
        return (Cell(row.title, tone="text2", weight=600),)
    return (Cell(row.name, note=row.explanation, hint=row.explanation),)
