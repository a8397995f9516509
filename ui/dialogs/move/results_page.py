"""The end of a move: four counts that add up, the refused rows by reason with the cell at fault, the result files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.moves.carrying.parts import OUR_COLUMNS
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices
from ui.dialogs.move.counts import Counts
from ui.dialogs.move.fix_rows import reason_cells, value_cell
from ui.dialogs.move.page import Desk, Page, wide_rows
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Line, Picture, Pill, Text
from ui.widgets.trees import Rows, current_row

_REASONS_WIDTH = 232
_SHOWN_ROWS = 500
# Stands among the reasons for the rows that succeeded.
_DONE = -1


class ResultsPage(Page):
    """Shows the summary of the move that has just ended."""

    def __init__(self, desk: Desk, fix: Callable[[str], object]) -> None:
        super().__init__(desk, _("Results"))
        self.fix = button(
            _("Fix and resend…"),
            lambda: fix(str((self.choices.summary or {})["run"])),
            icon="pencil-simple",
            small=True,
        )
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
        self._together = Text("", weight=500, wrap=True)
        self._together.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        self.column.addWidget(self._together)
        self.column.addWidget(Line())
        self.reasons: CellTable[dict[str, Any]] = CellTable([_("Reason"), ""], self._reason_cells, self)
        self.reasons_view = Rows(_("Reasons"))
        self.reasons_view.setModel(self.reasons)
        self.reasons_view.lay_out(0, 72)
        self.reasons_view.setFixedWidth(_REASONS_WIDTH)
        self.reasons_view.selectionModel().currentRowChanged.connect(self._narrow)
        self.view = wide_rows(_("Failed rows"))
        self.pill = Pill()
        self._failed = self._below()
        self.column.addWidget(self._failed, 1)
        self._clean = EmptyState("info", "", "")
        self.column.addWidget(self._clean, 1)
        self._model: CellTable[Sequence[Any]] | None = None
        self._shown: object = None
        self._header: tuple[str, ...] = ()
        self._listed = False
        self._done = ""

    def _below(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("band", "base")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        row.addWidget(Text(_("Rows by what became of them"), weight=600))
        row.addWidget(self.pill)
        row.addStretch(1)
        row.addWidget(self.fix)
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
            {"read": source.path.name if source else str(summary.get("source", ""))},
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
        # What the check had found that no row fails by, such as decimals that are cut off, is so now.
        checked = self.choices.checked
        noted = self.choices.noted if checked is not None and checked["rows"] == summary["read"] else ()
        said = [*noted, *summary["warnings"], *(summary.get("trouble") or ())]
        self.warning.setText("\n".join(line for line in said if line))
        # A note is grey; rows nobody can account for are an error.
        lost = summary["unreconciled"] > 0 or bool(summary.get("trouble"))
        self.warning.set_tone("red_text" if lost else "text2")
        self._sign.show_icon("x-circle-fill" if lost else "info", "red" if lost else "text2")
        self._told.setVisible(bool(said))
        self.pill.set_count(summary["failed"] + (summary["not_sent"] if over else 0))
        # Rows that wait for the move to go on are no rows to correct.
        self._listed = listed = summary["failed"] > 0 or (over and summary["not_sent"] > 0)
        self._done = summary["files"].get("succeeded", "") if summary["succeeded"] else ""
        self._failed.setVisible(listed or bool(self._done))
        self._clean.setVisible(not listed and not self._done)
        title, text = _without_failures(summary)
        self._clean.title.setText(title)
        self._clean.text.setText(text)
        # What is not finished may fail with more rows yet: it is brought to its end first.
        self.fix.setVisible(over and listed and not (summary.get("undo_of") and not summary["failed"]))
        self._together.hide()
        self.desk.tasks.spawn(self._read(summary))

    async def _read(self, summary: dict[str, Any]) -> None:
        """The failed rows from the table they can be corrected in; the figures of the moves this one belongs to."""
        run = summary["run"]
        reasons: list[dict[str, Any]] = []
        if self._listed:
            found = await self.desk.mover.ask("fix_open", run=run)
            self._header = tuple(found["header"])
            reasons = list(found["reasons"])
            if len(reasons) != 1:
                reasons.insert(0, {"id": 0, "code": "", "message": "", "rows": found["left"]})
        elif self._done:
            shown = await self.desk.mover.ask("preview", source=self._done)
            self._header = tuple(shown["header"][len(OUR_COLUMNS) :])
        if self._done:
            message = _("Succeeded")
            reasons.append({"id": _DONE, "code": "", "message": message, "rows": summary["succeeded"]})
        if reasons:
            heads = [_("Row"), _("What became of it"), *self._header]
            self._model = CellTable(heads, _row_cells, self, right=(0,))
            self.view.setModel(self._model)
            self.view.lay_out(64, 260, *[130] * len(self._header))
            self.reasons_view.selectionModel().blockSignals(True)
            self.reasons.set_rows(reasons)
            self.reasons_view.setCurrentIndex(self.reasons.index(0, 0))
            self.reasons_view.selectionModel().blockSignals(False)
            await self._show_rows(reasons[0]["id"])
        together = await self.desk.mover.ask("together", run=run)
        self._together.setVisible(together is not None)
        if together is not None:
            self._together.setText(_said_together(together))

    def _narrow(self, *_index: object) -> None:
        at = current_row(self.reasons_view)
        if self._model is not None and at >= 0:
            self.desk.tasks.spawn(self._show_rows(self.reasons.rows[at]["id"]))

    def _reason_cells(self, row: dict[str, Any]) -> Sequence[Cell]:
        return reason_cells(row, self._header)

    async def _show_rows(self, reason: int) -> None:
        if reason == _DONE:
            found = await self.desk.mover.ask("failed", file=self._done)
            if self._model is not None:
                self._model.set_rows([_done_row(row) for row in found])
            return
        await self.desk.mover.ask("fix_show", view={"reason": reason})
        rows = await self.desk.mover.ask("fix_page", start=0, count=_SHOWN_ROWS)
        if self._model is not None:
            self._model.set_rows(rows)


def _done_row(row: dict[str, Any]) -> list[Any]:
    """A row that succeeded: what was done, and the record's id."""
    words = {
        "created": _("record created"),
        "updated": _("record changed"),
        "deleted": _("record deleted"),
    }
    said = " ".join((words.get(row["answer"], row["answer"]), row["id"])).strip()
    return [row["row"], said, [], row["values"], False]


def _row_cells(row: Sequence[Any]) -> Sequence[Cell]:
    number, answer, wrong, values, _changed = row
    figure = Cell(str(number), tone="text2", right=True)
    cells = (value_cell(value, answer if at in wrong else "") for at, value in enumerate(values))
    return [figure, Cell(answer, hint=answer), *cells]


def _said_together(found: dict[str, Any]) -> str:
    """`Together with M-0001: 498 of 504 rows succeeded, 2 failed, 4 were not sent.`"""
    return _(
        "{runs} together: {succeeded} of {read} rows succeeded, {failed} failed, {left} have no answer or were not sent."
    ).format(
        runs=", ".join(found["runs"]),
        succeeded=numbers.count(found["succeeded"]),
        read=numbers.count(found["read"]),
        failed=numbers.count(found["failed"]),
        left=numbers.count(found["unprocessed"] + found["not_sent"]),
    )


def _title(summary: dict[str, Any]) -> str:
    if summary.get("undo_of"):
        return _("{run} was undone").format(run=summary["undo_of"])
    if summary["state"] == "trial":
        return _("Tried with the first rows: the others wait")
    if summary["state"] == "stopped":
        return _("Stopped: what was applied is counted")
    if summary["state"] == "interrupted":
        return _("Interrupted: it can be resumed")
    if summary["succeeded"] == summary["read"]:
        return _("Every row succeeded")
    return _("Done, but not every row succeeded")


def _without_failures(summary: dict[str, Any]) -> tuple[str, str]:
    """What stands where failed rows would, and what it means; a row without an answer has not succeeded."""
    waiting = summary["unprocessed"]
    if waiting:
        title = ngettext("{n} row is without an answer", "{n} rows are without an answer", waiting)
        return (
            title.replace("{n}", numbers.count(waiting)),
            _("Resume asks the org what it did with them, and sends what it did not do."),
        )
    if not summary["succeeded"]:
        return _("No row was sent"), _("The result files say of each row why.")
    return _("Every row that was sent succeeded"), _("The result files name each row's id.")
