"""Export: an object, its fields by ticking, conditions or a query, a look at the first records, where to, how far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.engine.address import is_address
from studio.moves.places import is_named
from ui.bridge import numbers
from ui.dialogs.ask import ask, ask_new_file
from ui.dialogs.move.connections import Connections, whole
from ui.dialogs.move.csv_style import CsvStyle
from ui.dialogs.move.export_fields import FieldTicks
from ui.dialogs.move.export_where import Conditions, QueryText
from ui.dialogs.move.page import Desk, Page, wide_rows, widths
from ui.theme import metrics
from ui.widgets.bars import Bar
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Check
from ui.widgets.fields import FilterField
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

_FILTERS = "CSV (*.csv);;Excel (*.xlsx);;JSON lines (*.jsonl);;Parquet (*.parquet);;SQLite (*.db)"
# The pause in writing after which a query is looked at, in milliseconds.
_PAUSE = 500
_MOST_FIRST = 12
# Only these have tables that may be there.
_DATABASES = (".db", ".sqlite", ".sqlite3", ".duckdb")


class ExportPage(Page):
    """One page for all of it; `changed` is called when whether one can export has changed."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        super().__init__(desk, _("Export records"))
        self.about.setText(
            _("Tick an object and its fields, or write the query; the file is whole or not there.")
        )
        self._look = changed
        self.running = False
        self.done: dict[str, Any] | None = None
        self._object = ""
        self._all: list[dict[str, Any]] = []
        self._read_for = ""
        self._counted: int | None = None
        self._filling = False
        self._agreed = ""
        # A condition cannot be said as a query.
        self._wrong = False
        self.column.addWidget(Line())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._objects())
        self.ticks = FieldTicks(self._ticked, lambda name: desk.tasks.spawn(self._follow(name)))
        split.addWidget(self.ticks)
        split.addWidget(self._right())
        split.setSizes([210, 440, 450])
        self.column.addWidget(split, 1)
        self.column.addWidget(Line())
        self.column.addLayout(self._target())
        self.column.addLayout(self._progress())
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: desk.tasks.spawn(self._written()))

    def _objects(self) -> QWidget:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(6)
        self.filter = FilterField(_("Filter objects to export"), _("Filter by name or label"))
        self.filter.textChanged.connect(lambda _text: self._narrow())
        column.addWidget(self.filter)
        self.model: CellTable[dict[str, Any]] = CellTable([_("Object")], _object_cells, self)
        self.view = Rows(_("Objects to export"))
        self.view.setModel(self.model)
        self.view.lay_out(0)
        self.view.clicked.connect(lambda _index: self._pick())
        self.view.opened.connect(lambda _row: self._pick())
        self.filter.left.connect(self.view.setFocus)
        column.addWidget(self.view, 1)
        return frame

    def _right(self) -> QWidget:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 8, metrics.PAD_DIALOG, 0)
        column.setSpacing(6)
        column.addWidget(Text(_("Only records where"), weight=600))
        self.where = Conditions(self._ticked)
        column.addWidget(self.where)
        column.addWidget(Text(_("As a query"), weight=600))
        self.query = QueryText()
        self.query.textChanged.connect(self._writing)
        column.addWidget(self.query)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.said = Text("", "text2", wrap=True)
        self.try_it = button(
            _("Show the first records"), lambda: self.desk.tasks.spawn(self._preview()), small=True
        )
        row.addWidget(self.said, 1)
        row.addWidget(self.try_it, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.first_rows = wide_rows(_("First records"))
        column.addWidget(self.first_rows, 1)
        return frame

    def _target(self) -> QVBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 10, metrics.PAD_DIALOG, 4)
        row.setSpacing(8)
        self.target = QLineEdit()
        self.target.setAccessibleName(_("Write to"))
        self.target.setPlaceholderText(
            _("A file (.csv, .xlsx, .jsonl, .parquet, .db, .duckdb), or the address of a database")
        )
        self.target.setFixedHeight(metrics.BUTTON)
        self.target.textChanged.connect(self._targeted)
        self.choose = button(
            _("Choose where…"), lambda: self.desk.tasks.spawn(self._choose()), icon="folder-open"
        )
        self.deleted = Check(_("Deleted and archived records too"))
        self.deleted.toggled.connect(lambda _on: self._stale())
        self.replace = Check(_("Replace a table that is there"))
        self.csv_style = CsvStyle(self.desk, _("How the CSV is written"), "export csv")
        row.addWidget(Text(_("Write to")))
        row.addWidget(self.target, 1)
        self.connections = Connections(self.desk.workspace, self.target.setText)
        for widget in (self.choose, self.connections, self.csv_style):
            row.addWidget(widget)
        checks = QHBoxLayout()
        checks.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 4)
        checks.setSpacing(16)
        for check in (self.deleted, self.replace):
            checks.addWidget(check)
        checks.addStretch(1)
        self.replace.hide()
        both = QVBoxLayout()
        both.addLayout(row)
        both.addLayout(checks)
        return both

    def _targeted(self, text: str) -> None:
        """Only a database has tables that may be there."""
        self.csv_style.setVisible(self._is_csv(text))
        suffix = Path(text).suffix.lower()
        self.replace.setVisible("://" in text or suffix in _DATABASES or is_named(text))
        self._look()

    def _is_csv(self, text: str) -> bool:
        return "://" not in text and Path(text.strip()).suffix.lower() in ("", ".csv", ".txt")

    def _progress(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 10)
        row.setSpacing(8)
        self.bar = Bar(_("Export progress"))
        self.bar.setFixedWidth(200)
        self.standing = Text("", "text2")
        self.stop = button(_("Stop"), self._stop, icon="stop-fill", small=True)
        self.on = button(_("Continue"), self._go_on, icon="play", small=True)
        self.folder = button(_("Open the folder"), self._open_folder, icon="folder-open", small=True)
        row.addWidget(self.bar)
        row.addWidget(self.standing, 1)
        for widget in (self.stop, self.on, self.folder):
            row.addWidget(widget)
            widget.hide()
        self.bar.hide()
        return row

    def first(self) -> QWidget:
        """The filter of the objects."""
        return self.filter

    @property
    def reason(self) -> str:
        """Why one cannot export; "" when one can."""
        if self.running:
            return _("The export is running.")
        if not self.soql:
            return _("Choose an object.")
        if self._wrong:
            return _("A condition has a wrong value.")
        return "" if self.target.text().strip() else _("Say where to write.")

    @property
    def soql(self) -> str:
        """The query as it is written."""
        return self.query.toPlainText().strip()

    def entered(self) -> None:
        """Read the org's objects once."""
        org = self.choices.org
        if org is not None and org.url != self._read_for:
            self._read_for = org.url
            self.desk.tasks.spawn(self._read())

    async def _read(self) -> None:
        await self.csv_style.recall()
        self._all = await self.desk.mover.ask("export_objects")
        self._narrow()

    def _narrow(self) -> None:
        wanted = self.filter.text().strip().lower()
        rows = [r for r in self._all if wanted in r["label"].lower() or wanted in r["name"].lower()]
        rows.sort(key=lambda r: (r["name"].lower() != wanted, not r["label"].lower().startswith(wanted)))
        self.model.set_rows(rows)

    # What is ticked, and what is written.

    def _pick(self) -> None:
        at = current_row(self.view)
        if at >= 0 and self.model.rows[at]["name"] != self._object:
            self.desk.tasks.spawn(self._choose_object(self.model.rows[at]["name"]))

    async def _choose_object(self, name: str, ticked: Sequence[str] | None = None) -> None:
        fields = await self.desk.mover.ask("export_fields", object=name)
        self._object = name
        if ticked is None:
            left = ("IsDeleted", "MasterRecordId")
            plain = [
                f["name"]
                for f in fields
                if f["type"] not in ("address", "location", "base64") and f["name"] not in left
            ]
            ticked = plain[:_MOST_FIRST]
            self.where.show_conditions([])
        names = [f["name"] for f in fields]
        self.where.show_fields(_types(fields))
        self.query.show_fields(names)
        self.ticks.show_fields(fields, ticked)
        await self._to_text()

    async def _follow(self, relationship: str) -> None:
        fields = await self.desk.mover.ask("export_fields", object=self._object, through=relationship)
        self.ticks.add_fields(relationship, fields)
        names = [f["name"] for f in self.ticks.fields]
        self.where.show_fields(_types(self.ticks.fields))
        self.query.show_fields(names)

    def _ticked(self) -> None:
        self.desk.tasks.spawn(self._to_text())

    async def _to_text(self) -> None:
        """The query says what is ticked."""
        if not self._object:
            return
        asked = {"object": self._object, "fields": self.ticks.ticked, "conditions": self.where.conditions}
        try:
            text = await self.desk.mover.ask("export_soql", **asked)
        except WeftError as error:
            # A value that is none of its field's: said beside it, as what the org says of a query.
            self.said.setText(" ".join(part for part in (error.message, error.next_step) if part))
            self.said.set_tone("red_text")
            # The query does not say the condition: it must not be exported without it.
            self._wrong = True
            self._look()
            return
        self._wrong = False
        if asked["fields"] == self.ticks.ticked and asked["conditions"] == self.where.conditions:
            self._filling = True
            self.query.setPlainText(text)
            self._filling = False
            self._stale()

    def _writing(self) -> None:
        if not self._filling:
            self._wrong = False
            self._stale()
            self._pause.start()

    async def _written(self) -> None:
        """What is ticked follows the query, where that can be ticked."""
        text = self.soql
        found = await self.desk.mover.ask("export_choice", soql=text)
        if text != self.soql:
            return
        if found is None:
            self.said.setText(_("This query is more than can be ticked; it is exported as it is written."))
            return
        if found["object"].lower() != self._object.lower():
            known = next((o["name"] for o in self._all if o["name"].lower() == found["object"].lower()), "")
            if not known:
                self.said.setText(_("The org has no object {name}.").format(name=found["object"]))
                return
            fields = await self.desk.mover.ask("export_fields", object=known)
            self._object = known
            self.ticks.show_fields(fields, found["fields"])
            names = [f["name"] for f in fields]
            self.where.show_fields(_types(fields))
            self.query.show_fields(names)
        self.ticks.tick(found["fields"])
        self.where.show_conditions(found["conditions"])

    def _stale(self) -> None:
        self._counted = None
        self.said.setText("")
        self.said.set_tone("text2")
        self._look()

    async def _preview(self) -> None:
        """The first records; what the org says of a query it does not understand stands beside it."""
        text = self.soql
        try:
            found = await self.desk.mover.ask(
                "export_preview", soql=text, deleted_too=self.deleted.isChecked()
            )
        except WeftError as error:
            self.said.setText(error.message)
            self.said.set_tone("red_text")
            return
        model: CellTable[list[str]] = CellTable(found["header"], _value_cells, self)
        model.set_rows(found["rows"])
        self.first_rows.setModel(model)
        self.first_rows.lay_out(*widths(found["header"], [_value_cells(row) for row in found["rows"]]))
        if text == self.soql:
            self._counted = found["count"]
            said = ngettext("{n} record", "{n} records", found["count"])
            self.said.setText(said.format(n=numbers.count(found["count"])))

    async def _choose(self) -> None:
        name = str(Path.home() / f"{self._object or 'export'}.csv")
        file = await ask_new_file(self, _("Write to"), _FILTERS, "csv", name)
        if file is not None:
            # Where there was a file, the dialog has asked.
            self._agreed = str(file)
            self.target.setText(str(file))

    # The export itself.

    async def export(self) -> None:
        """Do what is chosen; a file that is there is asked about first."""
        text = whole(self.target.text().strip(), self.desk.workspace())
        if (
            not is_address(text)
            and Path(text).is_file()
            and text != self._agreed
            and not self.replace.isVisible()
        ):
            title = _("Replace {name}?").format(name=Path(text).name)
            about = _("There is a file of this name. What is in it is lost once the export is whole.")
            if await ask(self, title, about, _("Replace it"), _("Keep it"), primary=1) != 0:
                return
        await self._carry(
            "export_run",
            soql=self.soql,
            target=text,
            style=self.csv_style.style_name if self._is_csv(text) else "",
            deleted_too=self.deleted.isChecked(),
            replace=self.replace.isChecked(),
        )

    async def resume(self, run: str) -> None:
        """Go on with an export."""
        await self._carry("export_resume", run=run)

    async def _carry(self, do: str, **asked: Any) -> None:
        self.running, self.done = True, None
        self.bar.show_parts([], 1)
        for widget, on in ((self.bar, True), (self.stop, True), (self.on, False), (self.folder, False)):
            widget.setVisible(on)
        self.stop.setEnabled(True)
        self.standing.set_tone("text2")
        self.standing.setText(_("The org is answering the query …"))
        self._look()
        try:
            self.done = await self.desk.mover.ask(do, self._heard, **asked)
        except WeftError as error:
            self.standing.setText(" ".join(part for part in (error.message, error.next_step) if part))
            self.standing.set_tone("red_text")
        finally:
            self.running = False
            self.stop.hide()
            self._look()
        if self.done is not None:
            self._show_done(self.done)

    def show_done(self, done: dict[str, Any]) -> None:
        """Show an export of another day, and its query."""
        self.query.setPlainText(done["soql"])
        self.target.setText(done["target"])
        self.done = done
        self.bar.show()
        self._show_done(done)

    def _show_done(self, done: dict[str, Any]) -> None:
        figures = {"run": done["run"], "n": numbers.count(done["rows"]), "time": numbers.duration(done["seconds"]),
                   "calls": numbers.count(done["calls"])}  # fmt: skip
        over = done["state"] == "done"
        if over:
            text = _("{run}: {n} records written in {time}, {calls} API calls").format(**figures)
        elif done["trouble"]:
            text = " ".join([done["trouble"][0], _("{n} records are kept.").format(**figures)])
        else:
            text = _("{run} was stopped; {n} records are kept.").format(**figures)
        self.standing.setText(text)
        self.standing.set_tone("green_text" if over else "red_text" if done["trouble"] else "text2")
        self.bar.show_parts([(1, "green" if over else "border_strong")], 1, text)
        self.folder.setVisible(over)
        self.on.setVisible(not over)
        self._look()

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "exported":
            of = max(event["of"], self._counted or 0, 1)
            self.bar.show_parts([(event["rows"], "accent")], of)
            self.standing.setText(
                _("{run}: {rows} of {of} records; {used} of {allowed} API calls of the day used").format(
                    run=event["run"],
                    rows=numbers.count(event["rows"]),
                    of=numbers.count(max(event["of"], self._counted or 0)),
                    used=numbers.count(event["used"]),
                    allowed=numbers.count(event["allowed"]),
                )
            )

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.desk.mover.stop()

    def _go_on(self) -> None:
        if self.done is not None:
            self.desk.tasks.spawn(self.resume(str(self.done["run"])))

    def _open_folder(self) -> None:
        if self.done is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.done["target"]).parent)))


def _types(fields: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {field["name"]: field["type"] for field in fields}


def _object_cells(row: dict[str, Any]) -> Sequence[Cell]:
    note = row["name"] if row["name"] != row["label"] else ""
    return (Cell(row["label"], icon="cube" if row["custom"] else "table", note=note),)


def _value_cells(row: list[str]) -> Sequence[Cell]:
    return [Cell(value.replace("\n", " ⏎ "), mono=True) for value in row]
