"""A checked move of several objects: its order, how its lookups are filled, which rows would not be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.moves.model import Action
from ui.bridge import numbers
from ui.dialogs.move.choices import action_name
from ui.dialogs.move.page import inset
from ui.theme import metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

Relate = Callable[[int, dict[str, Any]], object]


class Plan(QWidget):
    """Shows what a check found; `relate` is called with the part and how a lookup of it shall be filled."""

    def __init__(self, relate: Relate, changed: Callable[[], object]) -> None:
        super().__init__()
        self._relate = relate
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._steps())
        split.addWidget(self._relations())
        split.addWidget(self._refused())
        split.setSizes([180, 190, 180])
        column.addWidget(split, 1)
        column.addWidget(Line())
        self.hold = Check(_("Keep back rows that would fail"))
        self.hold.setChecked(True)
        self.hold.toggled.connect(lambda _on: changed())
        column.addLayout(inset(self.hold, bottom=4))
        self.notes = Text("", "text2", wrap=True)
        column.addLayout(inset(self.notes, bottom=8))

    def _steps(self) -> QWidget:
        heads = ["", _("Object"), _("What happens"), _("Source"), _("Rows"), _("Would not be sent")]
        self.steps: CellTable[dict[str, Any]] = CellTable(heads, _step_cells, self, right=(0, 4, 5))
        self.step_view = Rows(_("Order of the objects"), head=True)
        self.step_view.setModel(self.steps)
        self.step_view.fit((32, 36), (140, 200), (150, 240), (120, 0), (64, 90), (110, 130))
        return self.step_view

    def _relations(self) -> QWidget:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.relations: CellTable[dict[str, Any]] = CellTable(
            [_("Lookup"), _("How it is filled")], _relation_cells, self
        )
        self.view = Rows(_("Lookups between the objects"), head=True)
        self.view.setModel(self.relations)
        self.view.fit((180, 240), (240, 0))
        self.view.selectionModel().currentRowChanged.connect(lambda *_index: self._look())
        column.addWidget(self.view, 1)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 6, metrics.PAD_DIALOG, 6)
        row.setSpacing(8)
        self.filled = Combo(_("Column that fills the lookup"), small=True)
        self.filled.setMinimumWidth(180)
        self.way = Combo(_("What the column names"), small=True)
        self.way.setMinimumWidth(320)
        self.filled.activated.connect(lambda _at: self._choose())
        self.way.activated.connect(lambda _at: self._choose())
        self.label = Text(_("is"), "text2")
        row.addWidget(self.filled)
        row.addWidget(self.label)
        row.addWidget(self.way)
        row.addStretch(1)
        column.addLayout(row)
        return frame

    def _refused(self) -> QWidget:
        heads = [_("Object"), _("Row"), _("Why it would not be sent")]
        self.refused: CellTable[dict[str, Any]] = CellTable(heads, _refused_cells, self, right=(1,))
        self.refused_view = Rows(_("Rows that would not be sent"), head=True)
        self.refused_view.setModel(self.refused)
        self.refused_view.fit((140, 180), (56, 72), (240, 0))
        return self.refused_view

    def show_found(self, found: dict[str, Any]) -> None:
        """Show what a check found."""
        at = max(current_row(self.view), 0)
        self.steps.set_rows([line | {"n": number} for number, line in enumerate(found["steps"], 1)])
        self.relations.set_rows(found["relations"])
        if found["relations"]:
            self.view.setCurrentIndex(self.relations.index(min(at, len(found["relations"]) - 1), 0))
        self.refused.set_rows(found["refused"])
        self.notes.setText("\n".join(found["notes"]))
        self.notes.setVisible(bool(found["notes"]))
        self.hold.setVisible(found["held"] > 0)
        self._look()

    def _look(self) -> None:
        at = current_row(self.view)
        row = self.relations.rows[at] if 0 <= at < len(self.relations.rows) else None
        able = row is not None and bool(row["columns"])
        for widget in (self.filled, self.way, self.label):
            widget.setVisible(able)
        if row is None or not able:
            return
        self.filled.clear()
        self.filled.addItem(_("no column"), "")
        for column in row["columns"]:
            self.filled.addItem(column, column)
        self.filled.setCurrentIndex(max(self.filled.findData(row["column"]), 0))
        self.way.clear()
        for way in row["ways"]:
            self.way.addItem(_way_text(way), way)
        wanted = (row["parent"], row["by"], row["key"])
        ways = [(way["object"], way["by"], way["key"]) for way in row["ways"]]
        self.way.setCurrentIndex(ways.index(wanted) if wanted in ways else 0)
        self.way.setEnabled(bool(row["column"]))

    def _choose(self) -> None:
        at = current_row(self.view)
        if at < 0:
            return
        row = self.relations.rows[at]
        way = self.way.currentData() or {"object": row["parent"], "by": "", "key": False}
        self._relate(
            row["part"],
            {
                "field": row["field"],
                "column": str(self.filled.currentData()),
                "object": way["object"],
                "by": way["by"],
                "key": way["key"],
            },
        )


def _way_text(way: dict[str, Any]) -> str:
    if way["key"]:
        return _("the external id {field} of {object}, which the org finds").format(
            field=way["by"], object=way["object"]
        )
    return _("{column} of {source}").format(column=way["by"], source=way["shown"])


def pass_name(line: dict[str, Any], *, second: bool) -> str:
    """The object, and that it is its second pass."""
    return _("{object}, second pass").format(object=line["object"]) if second else str(line["object"])


def _step_cells(line: dict[str, Any]) -> Sequence[Cell]:
    done = action_name(Action(line["action"]))
    if line["second"]:
        done = _("Lookups that had to wait")
    elif line["key"] and line["action"] == Action.UPSERT:
        done = _("{action} by {key}").format(action=done, key=line["key"])
    held = line["held"]
    return (
        Cell(str(line["n"]), right=True, tone="text2"),
        Cell(pass_name(line, second=line["second"]), icon="table", weight=500),
        Cell(done),
        Cell(line["shown"], tone="text2"),
        Cell(numbers.count(line["rows"]), right=True),
        Cell(numbers.count(held) if held else "", right=True, tone="red_text"),
    )


def _relation_cells(row: dict[str, Any]) -> Sequence[Cell]:
    said = row["said"] or _("{source}: no column fills it").format(source=row["shown"])
    return (
        Cell(f"{row['object']}.{row['field']}", mono=True),
        Cell(said, tone="text" if row["said"] else "text3", icon="link" if row["said"] else "", hint=said),
    )


def _refused_cells(row: dict[str, Any]) -> Sequence[Cell]:
    return (
        Cell(pass_name(row, second=row["second"])),
        Cell(numbers.count(row["row"]), right=True, tone="text2"),
        Cell(row["answer"], hint=row["answer"]),
    )
