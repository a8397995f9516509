"""The end of a move: four counts that add up, the refused rows by reason with the cell at fault, the result files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices
from ui.dialogs.move.counts import Counts
from ui.dialogs.move.page import Desk, Page, wide_rows
from ui.theme import metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Line, Picture, Pill, Text
from ui.widgets.trees import Rows, current_row

_REASONS_WIDTH = 232


class ResultsPage(Page):
    """Shows the summary of the move that has just ended."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Results"))
        self.counts = Counts()
        self.column.addWidget(self.counts)
        self.warning = Text("", "text2", wrap=True)
        self._told = QWidget()
        told = QHBoxLayout(self._told)
        told.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        told.setSpacing(8)
        self._sign = Picture("info")
        told.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.warning, 1)
        self.column.addWidget(self._told)
        self.column.addWidget(Line())
        self.reasons: CellTable[tuple[str, str, int]] = CellTable([_("Reason"), ""], _reason_cells, self)
        self.reasons_view = Rows(_("Reasons"))
        self.reasons_view.setModel(self.reasons)
        self.reasons_view.lay_out(0, 56)
        self.reasons_view.setFixedWidth(_REASONS_WIDTH)
        self.reasons_view.selectionModel().currentRowChanged.connect(self._narrow)
        self.view = wide_rows(_("Failed rows"))
        self.pill = Pill()
        self._failed = self._below()
        self.column.addWidget(self._failed, 1)
        self._clean = EmptyState(
            "check-circle-fill",
            _("Every row that was sent succeeded"),
            _("The result files name each row's id."),
        )
        self.column.addWidget(self._clean, 1)
        self._rows: list[dict[str, Any]] = []
        self._model: CellTable[dict[str, Any]] | None = None
        self._shown: object = None
        self._header: tuple[str, ...] = ()
        self._places: dict[str, int] = {}

    def _below(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("band", "base")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        row.addWidget(Text(_("Failed rows"), weight=600))
        row.addWidget(self.pill)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(Line())
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.reasons_view)
        body.addWidget(Line(vertical=True))
        body.addWidget(self.view, 1)
        column.addLayout(body, 1)
        return frame

    def show_choices(self, choices: Choices) -> None:
        """Show another move's end."""
        super().show_choices(choices)
        if choices.summary is not None and choices.summary is not self._shown:
            self._shown = choices.summary
            self._show(dict(choices.summary))

    def first(self) -> QWidget:
        """The failed rows."""
        return self.view

    def _show(self, summary: dict[str, Any]) -> None:
        kinds = ("succeeded", "failed", "unprocessed", "not_sent")
        over = summary["state"] == "done"
        source = self.choices.source
        self.counts.show_counts(
            summary["read"],
            {kind: summary[kind] for kind in kinds},
            {"read": source.path.name if source else ""},
            over=over,
        )
        self.title.setText(_title(summary))
        self.about.setText(
            _("{run}: {time}, {calls} API calls").format(
                run=summary["run"],
                time=numbers.duration(summary["seconds"]),
                calls=numbers.count(summary["api_calls"]),
            )
        )
        self.about.set_tone("green_text" if over and summary["succeeded"] == summary["read"] else "text2")
        said = [*summary["warnings"], *(summary.get("trouble") or ())]
        self.warning.setText("\n".join(line for line in said if line))
        # A note is grey; rows nobody can account for are an error.
        lost = summary["unreconciled"] > 0 or bool(summary.get("trouble"))
        self.warning.set_tone("red_text" if lost else "text2")
        self._sign.show_icon("x-circle-fill" if lost else "info", "red" if lost else "text2")
        self._told.setVisible(bool(said))
        self.pill.set_count(summary["failed"])
        self._failed.setVisible(summary["failed"] > 0)
        self._clean.setVisible(not summary["failed"] and summary["succeeded"] > 0)
        if summary["failed"]:
            self.desk.tasks.spawn(self._read(summary["files"]["failed"]))

    async def _read(self, file: str) -> None:
        rows = await self.desk.mover.ask("failed", file=file)
        source = self.choices.source
        if source is None or not Path(file).exists():
            return
        self._rows, self._header = rows, source.header
        by_field = {m.field.lower(): m.column for m in self.choices.mapped if m.field}
        self._places = {f: source.header.index(c) for f, c in by_field.items() if c in source.header}
        codes = Counter(row["code"] or row["answer"] for row in rows)
        first = {row["code"] or row["answer"]: row["answer"] for row in reversed(rows)}
        found = [(code, first[code], count) for code, count in codes.most_common()]
        self.reasons.set_rows([("", "", len(rows)), *found])
        self._model = CellTable(
            [_("Row"), _("Answer of the org"), *source.header], self._cells, self, right=(0,)
        )
        self.view.setModel(self._model)
        self.view.lay_out(64, 260, *[130] * len(source.header))
        self.reasons_view.setCurrentIndex(self.reasons.index(0, 0))
        self._narrow()

    def _narrow(self, *_index: object) -> None:
        if self._model is None:
            return
        at = current_row(self.reasons_view)
        code = self.reasons.rows[at][0] if at > 0 else ""
        self._model.set_rows([row for row in self._rows if code in ("", row["code"] or row["answer"])])

    def _cells(self, row: dict[str, Any]) -> Sequence[Cell]:
        wrong = {self._places.get(name.lower()) for name in row["fields"]}
        values = [
            Cell(
                value.replace("\n", " ⏎ ") or (_("empty") if at in wrong else ""),
                tone="red_text" if at in wrong else "text",
                mono=True,
                italic=not value,
            )
            for at, value in enumerate(row["values"])
        ]
        number, answer = Cell(str(row["row"]), tone="text2", right=True), row["answer"]
        return [number, Cell(answer, hint=answer), *values]


def _title(summary: dict[str, Any]) -> str:
    if summary["state"] == "stopped":
        return _("Stopped: what was applied is counted")
    if summary["state"] == "interrupted":
        return _("Interrupted: it can be resumed")
    if summary["succeeded"] == summary["read"]:
        return _("Every row succeeded")
    return _("Done, but not every row succeeded")


def _reason_cells(row: tuple[str, str, int]) -> Sequence[Cell]:
    code, answer, count = row
    title = code.replace("_", " ").capitalize() if code else _("All errors")
    figure = Cell(numbers.count(count), tone="text2", right=True)
    return Cell(title, weight=400 if code else 600, hint=answer or title), figure
