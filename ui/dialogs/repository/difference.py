"""What differs between two versions of a project, in plain words: the objects, and of each what stood there before and after."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.conflicts.marked_text import MarkedText
from ui.dialogs.conflicts.wording import differing
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Text
from ui.widgets.trees import Rows, current_row

Row = Mapping[str, Any]
Spawn = Callable[[Coroutine[Any, Any, object]], object]
FACES = {
    "added": ("plus-circle", "accent"),
    "changed": ("pencil-simple", "text2"),
    "removed": ("minus-circle", "text2"),
}


class DifferenceView(QWidget):
    """`show_objects` lists what differs; the one selected is asked for with `ask` and shown place by place."""

    def __init__(
        self,
        spawn: Spawn,
        ask: Callable[[str], Awaitable[Sequence[Row]]],
        before: str,
        after: str,
        name_of: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._spawn, self._ask, self._name_of = spawn, ask, name_of
        self._heads = (before, after)
        self._known: dict[str, Sequence[Row]] = {}
        self._turn = 0
        self._objects: CellTable[Row] = CellTable([_("Object"), _("What happened")], self._object_cells, self)
        self.objects = Rows(_("Objects that differ"), head=True)
        self.objects.setModel(self._objects)
        self.objects.fit((160, 0), (70, 96))
        self._places: CellTable[Row] = CellTable([_("Where"), before, after], _place_cells, self)
        self.places = Rows(_("What differs in the object"), head=True)
        self.places.setModel(self._places)
        self.places.fit((110, 210), (110, 0), (110, 0))
        self._pages = QStackedWidget()
        self._none = EmptyState("check", _("Nothing differs"), _("Both hold the same."))
        self._waiting = EmptyState("circle-dashed", "", "")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        self._whole = QScrollArea()
        self._whole.setAccessibleName(_("The place in full"))
        self._whole.setFrameShape(QFrame.Shape.NoFrame)
        self._whole.setWidgetResizable(True)
        self._whole.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part, share in ((self.objects, 2), (self.places, 3), (self._whole, 3)):
            part.setMinimumHeight(72)
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, share)
        self._split = split
        for page in (self._none, self._waiting, split):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._pages, 1)
        self.objects.selectionModel().currentRowChanged.connect(lambda _now, _before: self._choose())
        self.places.selectionModel().currentRowChanged.connect(lambda _now, _before: self._show_whole())
        self._show_whole()

    def show_waiting(self, text: str) -> None:
        """Nothing to show yet, or no more; `text` says why."""
        self._turn += 1
        self._known.clear()
        self._objects.set_rows([])
        self._places.set_rows([])
        self._waiting.title.setText(text)
        self._pages.setCurrentWidget(self._waiting)

    def show_objects(self, objects: Sequence[Row]) -> None:
        """Show what differs: `path`, `name`, `kind` (added, changed, removed)."""
        self.show_waiting("")
        self._objects.set_rows(objects)
        self._pages.setCurrentWidget(self._split if objects else self._none)
        if objects:
            self.objects.setCurrentIndex(self._objects.index(0, 0))

    def _choose(self) -> None:
        row = current_row(self.objects)
        if 0 <= row < len(self._objects.rows):
            self._turn += 1
            self._spawn(self._show(str(self._objects.rows[row]["path"]), self._turn))

    async def _show(self, path: str, turn: int) -> None:
        if path not in self._known:
            try:
                found = await self._ask(path)
            except WeftError as error:
                found = [{"place": error.message, "before": None, "after": None}]
            if turn != self._turn:
                return
            self._known[path] = found
        self._places.set_rows(self._known[path])
        if self._places.rows:
            self.places.setCurrentIndex(self._places.index(0, 0))
        self._show_whole()

    def _show_whole(self) -> None:
        """The place the list stands on, both texts in full, with what differs in them marked."""
        row = current_row(self.places)
        page = QFrame()
        page.setProperty("band", "base")
        grid = QGridLayout(page)
        grid.setContentsMargins(metrics.PAD_CELL, 8, metrics.PAD_CELL, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        if 0 <= row < len(self._places.rows):
            place = self._places.rows[row]
            texts = ["" if place[side] is None else str(place[side]) for side in ("before", "after")]
            for column, (head, text) in enumerate(zip(self._heads, texts, strict=True)):
                other = texts[1 - column]
                # What is new or gone altogether needs no marks.
                marks = differing(other, text) if text and other else ()
                grid.addWidget(Text(head, "text2", step=fonts.SECONDARY, weight=500), 0, column)
                shown = MarkedText(head, text or "–", marks, "accent")
                grid.addWidget(shown, 1, column, Qt.AlignmentFlag.AlignTop)
                grid.setColumnStretch(column, 1)
            grid.setRowStretch(1, 1)
        self._whole.setWidget(page)

    def _object_cells(self, row: Row) -> Sequence[Cell]:
        icon, tone = FACES[row["kind"]]
        words = {"added": _("new"), "changed": _("changed"), "removed": _("deleted")}
        name = self._name_of(str(row["path"])) or str(row["name"])
        return (
            Cell(name, icon=icon, icon_tone=tone, note=str(row.get("note", "")), hint=str(row["path"])),
            Cell(words[row["kind"]], "text2"),
        )


def _place_cells(row: Row) -> Sequence[Cell]:
    def side(value: Any, icon: str, tone: str) -> Cell:
        if value is None:
            return Cell("–", "text3")
        text = str(value)
        return Cell(" ".join(text.split()), mono=True, icon=icon, icon_tone=tone, hint=text)

    return (
        Cell(str(row["place"]), hint=str(row["place"])),
        side(row["before"], "minus", "text3"),
        side(row["after"], "plus", "accent"),
    )


def counts_of(objects: Sequence[Row]) -> str:
    """`2 new, 3 changed, 1 deleted`."""
    found = {kind: sum(row["kind"] == kind for row in objects) for kind in FACES}
    texts = {
        "added": ngettext("{n} new", "{n} new", found["added"]),
        "changed": ngettext("{n} changed", "{n} changed", found["changed"]),
        "removed": ngettext("{n} deleted", "{n} deleted", found["removed"]),
    }
    said = [texts[kind].format(n=numbers.count(count)) for kind, count in found.items() if count]
    return ", ".join(said) if said else _("nothing differs")
