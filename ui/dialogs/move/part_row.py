"""Which part of a source: a workbook's sheet and the row of its column names, a database's table or a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.base.i18n import _
from ui.theme import metrics
from ui.widgets.fields import Combo

_HEADER_ROWS = 30


class PartRow(QWidget):
    """Shown for workbooks and databases; a choice calls `changed`, a query that is being typed `typing`."""

    def __init__(self, changed: Callable[[], object], typing: Callable[[], object]) -> None:
        super().__init__()
        self._place = self._kind = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.sheet = Combo(_("Sheet"), small=True)
        self.header_row = Combo(_("Row of the column names"), small=True)
        self.table = Combo(_("Table"), small=True)
        self.query = QLineEdit()
        self.query.setAccessibleName(_("Query"))
        self.query.setPlaceholderText(_("A query instead of a table"))
        self.query.setFixedHeight(metrics.FIELD)
        for combo in (self.sheet, self.table, self.header_row):
            row.addWidget(combo)
        row.addWidget(self.query, 1)
        row.addStretch()
        self.sheet.activated.connect(lambda _at: self._other(changed, self.header_row))
        self.table.activated.connect(lambda _at: self._other(changed, self.query))
        self.header_row.activated.connect(lambda _at: changed())
        self.query.returnPressed.connect(changed)
        self.query.textEdited.connect(lambda _text: typing())
        self.hide()

    def _other(self, changed: Callable[[], object], stale: QWidget) -> None:
        """Another sheet has its column names elsewhere; a table chosen is wanted instead of a query."""
        if stale is self.header_row:
            self.header_row.setCurrentIndex(0)
        else:
            self.query.clear()
        changed()

    def kind_of(self, place: str) -> str:
        """The kind of the source last shown, where it is this one; else ""."""
        return self._kind if place == self._place else ""

    def asked(self, place: str) -> dict[str, str | int]:
        """What is chosen of a source; nothing of one that was not looked at yet."""
        kind = self.kind_of(place)
        if kind == "excel":
            return {
                "sheet": self.sheet.currentData() or "",
                "header_row": int(self.header_row.currentData() or 0),
            }
        if kind == "database":
            query = self.query.text().strip()
            return {"query": query, "table": "" if query else self.table.currentData() or ""}
        return {}

    def show_found(self, place: str, found: Mapping[str, Any]) -> None:
        """Show the parts there are, and which one the first rows are of."""
        known = place == self._place
        self._place, self._kind = place, str(found["kind"])
        excel, database = self._kind == "excel", self._kind == "database"
        self.sheet.setVisible(excel)
        self.header_row.setVisible(excel)
        self.table.setVisible(database)
        self.query.setVisible(database)
        if not known:
            self.query.clear()
        if excel:
            _fill(self.sheet, found)
            self._show_header_row(int(found["header_row"]), known)
        elif found["choices"]:
            _fill(self.table, found)
        self.setVisible(excel or database)

    def _show_header_row(self, row: int, known: bool) -> None:
        chosen = int(self.header_row.currentData() or 0) if known else 0
        self.header_row.clear()
        text = _("Column names: found in row {row}") if not chosen else _("Column names: found")
        self.header_row.addItem(text.format(row=row), 0)
        for number in range(1, max(_HEADER_ROWS, row) + 1):
            self.header_row.addItem(_("Column names: row {row}").format(row=number), number)
        self.header_row.setCurrentIndex(chosen)


def _fill(combo: Combo, found: Mapping[str, Any]) -> None:
    combo.clear()
    for name in found["choices"]:
        combo.addItem(name, name)
    combo.setCurrentIndex(combo.findData(found["chosen"]))
