"""Fix and resend: rows that failed or were kept back, by reason, corrected and sent as a move of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.ask import ask_file, ask_new_file
from ui.dialogs.move.fix_bulk import BulkRow
from ui.dialogs.move.fix_grid import FixGrid
from ui.dialogs.move.fix_map import ask_values
from ui.dialogs.move.fix_rows import LEADING, FixRows, Row, reason_cells
from ui.dialogs.move.page import Desk, Page
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Check
from ui.widgets.fields import FilterField
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

_REASONS_WIDTH = 260


class FixPage(Page):
    """Shows the rows of one move; `changed` is called when how many of them can be sent has changed."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        super().__init__(desk, _("Fix and resend"))
        self._changed = changed
        self.run = ""
        self.found: dict[str, Any] = {}
        self._sort, self._down = -1, False
        self.column.addWidget(Line())
        self.column.addLayout(self._tools())
        self.reasons: CellTable[dict[str, Any]] = CellTable([_("Reason"), ""], self._reason_cells, self)
        self.reasons_view = Rows(_("Reasons to fix"))
        self.reasons_view.setModel(self.reasons)
        self.reasons_view.lay_out(0, 64)
        self.reasons_view.setFixedWidth(_REASONS_WIDTH)
        self.reasons_view.selectionModel().currentRowChanged.connect(self._narrow)
        self.rows = FixRows(self, self._fetch, lambda work: desk.tasks.spawn(work, quiet=True), self._write)
        self.grid = FixGrid(self.rows, self._fill, self._paste)
        self.grid.horizontalHeader().sectionClicked.connect(self._sort_by)
        self.grid.selectionModel().currentChanged.connect(self._pointed)
        self.bulk = BulkRow(lambda edit: self._edit(**edit), lambda at: desk.tasks.spawn(self._map(at)))
        self.column.addWidget(self.bulk)
        self.column.addWidget(Line())
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.reasons_view)
        body.addWidget(Line(vertical=True))
        body.addWidget(self.grid, 1)
        self.column.addLayout(body, 1)
        self.column.addWidget(Line())
        self.answer = Text("", "red_text", wrap=True)
        self.answer.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        self.column.addWidget(self.answer)
        self.rows.dataChanged.connect(lambda *_which: self._answer())
        for keys, do in (
            (QKeySequence("Ctrl+Z"), self._undo),
            (QKeySequence("Ctrl+Shift+Z"), self._redo),
            (QKeySequence("Ctrl+F"), self.filter.setFocus),
        ):
            QShortcut(keys, self).activated.connect(do)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 2)
        row.setSpacing(8)
        self.filter = FilterField(_("Filter the rows"), _("Filter by any value or answer"))
        self.filter.textChanged.connect(self._narrow)
        self.filter.left.connect(lambda: self.grid.setFocus())
        self.only_changed = Check(_("Only changed rows"))
        self.only_changed.toggled.connect(self._narrow)
        self.unchanged = Check(_("Send rows kept back unchanged too"))
        self.unchanged.toggled.connect(lambda _on: self._changed())
        self.undo = button(_("Undo"), self._undo, icon="arrow-u-up-left", small=True)
        self.redo = button(_("Redo"), self._redo, icon="arrow-u-up-right", small=True)
        self.out = button(_("Save as a file…"), lambda: self.desk.tasks.spawn(self._write_out()), small=True)
        self.back_in = button(
            _("Take from a file…"), lambda: self.desk.tasks.spawn(self._read_in()), small=True
        )
        row.addWidget(self.filter, 1)
        for widget in (self.only_changed, self.unchanged, self.undo, self.redo, self.out, self.back_in):
            row.addWidget(widget)
        return row

    def first(self) -> QWidget:
        """The grid."""
        return self.grid

    @property
    def shown(self) -> int:
        """How many rows are shown."""
        return int(self.found.get("shown", 0))

    @property
    def ready(self) -> int:
        """How many of the rows shown would be sent: those kept back only once they were changed."""
        return int(self.found.get("ready_all" if self.unchanged.isChecked() else "ready", 0))

    async def open(self, run: str) -> None:
        """Show the failed rows of a move as they were left."""
        self.found = await self.desk.mover.ask("fix_open", run=run)
        self.run = run
        self._sort, self._down = -1, False
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.only_changed.setChecked(False)
        self.unchanged.setChecked(False)
        reasons = self.found["reasons"]
        wrong = next((r["columns"][0] for r in reasons if r["columns"]), 0)
        self.bulk.show_columns(self.found["header"], wrong)
        self.rows.show(self.found["header"], self.found["shown"])
        self._look()
        self.reasons_view.setCurrentIndex(self.reasons.index(0, 0))
        if self.shown:
            self.grid.go_to(0, LEADING + wrong)

    def _take(self, found: dict[str, Any]) -> None:
        self.found |= found
        self._look()

    def _look(self) -> None:
        found = self.found
        everything = {"id": 0, "code": "", "message": "", "columns": [], "rows": found["left"]}
        at = current_row(self.reasons_view)
        chosen = self.reasons.rows[at]["id"] if at >= 0 else 0
        self.reasons_view.selectionModel().blockSignals(True)
        self.reasons.set_rows([everything, *found["reasons"]])
        place = next((i for i, r in enumerate(self.reasons.rows) if r["id"] == chosen), 0)
        self.reasons_view.setCurrentIndex(self.reasons.index(place, 0))
        self.reasons_view.selectionModel().blockSignals(False)
        self.about.setText(_said(found))
        self.unchanged.setVisible(found["ready_all"] > found["ready"] or self.unchanged.isChecked())
        for made, name, keys in (
            (self.undo, found["undo"], "Ctrl+Z"),
            (self.redo, found["redo"], "Ctrl+Shift+Z"),
        ):
            made.setEnabled(bool(name))
            made.setToolTip(f"{name}  {keys}".strip())
        self._changed()

    # Which rows are shown.

    def _view(self) -> dict[str, Any]:
        at = current_row(self.reasons_view)
        return {
            "reason": self.reasons.rows[at]["id"] if at >= 0 else 0,
            "text": self.filter.text().strip(),
            "changed": self.only_changed.isChecked(),
            "sort": self._sort,
            "down": self._down,
        }

    def _narrow(self, *_value: object) -> None:
        if self.run:
            self.desk.tasks.spawn(self._show(self._view()))

    def _sort_by(self, section: int) -> None:
        wanted = section - LEADING if section >= LEADING else -1 - section
        self._down = not self._down if wanted == self._sort else False
        self._sort = wanted
        self._narrow()

    async def _show(self, view: dict[str, Any]) -> None:
        found = await self.desk.mover.ask("fix_show", view=view)
        if view == self._view():
            self.rows.show(self.found["header"], found["shown"])
            self._take(found)

    async def _fetch(self, start: int, count: int) -> list[Row]:
        found: list[Row] = await self.desk.mover.ask("fix_page", start=start, count=count)
        return found

    def _pointed(self, *_index: object) -> None:
        column = self.grid.currentIndex().column() - LEADING
        if column >= 0:
            self.bulk.point_to(column)
        self._answer()

    def _answer(self) -> None:
        """What was said of the row in hand, whole: a cell shows its beginning."""
        at = self.grid.currentIndex().row()
        row = self.rows.row(at) if at >= 0 else None
        said = _("Row {number}: {answer}")
        self.answer.setText(said.format(number=numbers.count(row[0]), answer=row[1]) if row else "")

    # Edits.

    def _edit(self, **values: Any) -> None:
        self.desk.tasks.spawn(self._apply(values))

    async def _apply(self, values: dict[str, Any]) -> None:
        self._take(await self.desk.mover.ask("fix_edit", **values))
        self.rows.refresh()

    def _write(self, place: int, column: int, text: str) -> None:
        self._edit(kind="write", place=place, column=column, block=[[text]])

    def _paste(self, place: int, column: int, block: Sequence[Sequence[str]]) -> None:
        self._edit(kind="write", place=place, column=column, block=block)

    def _fill(self, first: int, last: int, column: int) -> None:
        self._edit(kind="fill", column=column, first=first, last=last)

    def _undo(self) -> None:
        self._edit(kind="undo")

    def _redo(self) -> None:
        self._edit(kind="redo")

    async def _map(self, column: int) -> None:
        values = await self.desk.mover.ask("fix_values", column=column)
        wanted = await ask_values(self, self.found["header"][column], values)
        if wanted:
            await self._apply({"kind": "map", "column": column, "values": wanted})

    async def _write_out(self) -> None:
        file = await ask_new_file(self, _("Save as a file…"), _("CSV files (*.csv)"), "csv")
        if file is not None:
            await self.desk.mover.ask("fix_write_out", file=str(file))

    async def _read_in(self) -> None:
        file = await ask_file(self, _("Take from a file…"), _("CSV files (*.csv)"))
        if file is not None:
            found = await self.desk.mover.ask("fix_read_in", file=str(file))
            self.rows.show(self.found["header"], found["shown"])
            self._take(found)

    def _reason_cells(self, row: dict[str, Any]) -> Sequence[Cell]:
        return reason_cells(row, self.found["header"])


def _said(found: dict[str, Any]) -> str:
    """How many rows wait, what to do with them, and what was done."""
    left = found["left"]
    text = ngettext("{n} row of {run} waits.", "{n} rows of {run} wait.", left)
    parts = [
        text.format(n=numbers.count(left), run=found["run"]),
        _("Correct them here and send them again; what you change is kept until then."),
    ]
    if found["edited"]:
        done = ngettext("{n} cell changed.", "{n} cells changed.", found["edited"])
        parts.append(done.replace("{n}", numbers.count(found["edited"])))
    if found["ready_all"] > found["ready"]:
        parts.append(_("Rows that were kept back go once they are changed."))
    if found.get("unfit"):
        more = ngettext(
            "{n} row has more values than there are columns: correct it in its file.",
            "{n} rows have more values than there are columns: correct them in their file.",
            found["unfit"],
        )
        parts.append(more.replace("{n}", numbers.count(found["unfit"])))
    return " ".join(parts)
