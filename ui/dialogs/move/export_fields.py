"""The fields of an object to tick: filtered, all at once, and those of the parents its lookups lead to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.bridge import numbers
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

Field = dict[str, Any]


class _List(Rows):
    """Space ticks."""

    def __init__(self, name: str, tick: Callable[[int], object]) -> None:
        super().__init__(name, head=True)
        self._tick = tick

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks the current row."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._tick(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class FieldTicks(QWidget):
    """`changed` is called when another field is ticked; `follow` asks for the fields behind a relationship."""

    def __init__(self, changed: Callable[[], object], follow: Callable[[str], object]) -> None:
        super().__init__()
        self._changed, self._follow = changed, follow
        self.fields: list[Field] = []
        self.ticked: list[str] = []
        self._followed: set[str] = set()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.filter = FilterField(_("Filter fields"), _("Filter by name or label"))
        self.filter.textChanged.connect(lambda _text: self._show())
        self.all = button(_("Tick all shown"), lambda: self._all(on=True), small=True)
        self.none = button(_("Tick none"), lambda: self._all(on=False), small=True)
        row.addWidget(self.filter, 1)
        row.addWidget(self.all)
        row.addWidget(self.none)
        column.addLayout(row)
        self.count = Text("", "text2")
        column.addWidget(self.count)
        self.model: CellTable[Field] = CellTable([_("Field"), _("API name"), _("Type")], self._cells, self)
        self.view = _List(_("Fields to export"), self._tick)
        self.view.setModel(self.model)
        self.view.fit((140, 180), (130, 0), (90, 130))
        self.view.clicked.connect(self._clicked)
        self.view.opened.connect(self._open)
        self.filter.left.connect(self.view.setFocus)
        column.addWidget(self.view, 1)

    def show_fields(self, fields: Sequence[Field], ticked: Sequence[str]) -> None:
        """Show an object's fields, some of them ticked."""
        self.fields, self._followed = list(fields), set()
        self.ticked = list(ticked)
        self._show()

    def add_fields(self, through: str, fields: Sequence[Field]) -> None:
        """Show the fields behind a relationship below the field that leads there."""
        at = next((i for i, f in enumerate(self.fields) if f["related"] == through), len(self.fields) - 1)
        self.fields[at + 1 : at + 1] = list(fields)
        self._followed.add(through)
        self._show()

    def tick(self, names: Sequence[str]) -> None:
        """Tick these fields and no others, without telling."""
        self.ticked = list(names)
        self._show()

    def _show(self) -> None:
        wanted = self.filter.text().strip().casefold()
        shown = [f for f in self.fields if wanted in f["name"].casefold() or wanted in f["label"].casefold()]
        current = self.view.currentIndex().row()
        lower = {name.lower() for name in self.ticked}
        self.model.set_rows([{**f, "on": f["name"].lower() in lower} for f in shown])
        if 0 <= current < len(shown):
            self.view.setCurrentIndex(self.model.index(current, 0))
        self.count.setText(
            _("{ticked} of {count} fields").format(
                ticked=numbers.count(len(self.ticked)), count=numbers.count(len(self.fields))
            )
        )

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == 0:
            self._tick(index.row())

    def _tick(self, row: int) -> None:
        name = self.model.rows[row]["name"]
        if self.model.rows[row]["on"]:
            self.ticked = [one for one in self.ticked if one.lower() != name.lower()]
        else:
            self.ticked.append(name)
        self._show()
        self._changed()

    def _all(self, *, on: bool) -> None:
        if not on:
            self.ticked = []
        else:
            known = {one.lower() for one in self.ticked}
            self.ticked += [f["name"] for f in self.model.rows if f["name"].lower() not in known]
        self._show()
        self._changed()

    def _open(self, row: int) -> None:
        """Enter or a double click on a lookup brings its parent's fields."""
        related = self.model.rows[row]["related"]
        if related and related not in self._followed:
            self._follow(related)

    def _cells(self, field: Field) -> Sequence[Cell]:
        related = field["related"] and field["related"] not in self._followed
        mark = (("caret-double-down", "text3"),) if related else ()
        hint = _("Enter or a double click shows the fields of {objects}.").format(
            objects=", ".join(field["to"])
        )
        return (
            Cell(field["label"], icon="check-square-fill" if field["on"] else "square",
                 icon_tone="accent" if field["on"] else "border_strong", hint=hint if related else ""),
            Cell(field["name"], tone="text2", mono=True, small=True, hint=field["name"]),
            Cell(field["shown"], tone="text2", small=True, marks=mark, hint=field["shown"]),
        )  # fmt: skip
