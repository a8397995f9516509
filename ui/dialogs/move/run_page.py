"""The move while it runs: rows per second, time left, Stop; the four counts; the chunks with their jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.base.i18n import _
from studio.moves.model import ChunkStanding, Standing
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices
from ui.dialogs.move.counts import Counts
from ui.dialogs.move.pace import Pace
from ui.dialogs.move.page import Desk, Page
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Line
from ui.widgets.trees import Rows


class RunPage(Page):
    """Runs once per visit from preflight. `standing_changed` is called with each report, for the side panel."""

    def __init__(self, desk: Desk, standing_changed: Callable[[Standing | None], None]) -> None:
        super().__init__(desk, _("Sending"))
        self.stop = button(_("Stop"), self._stop, icon="stop-fill")
        self.head.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        self.counts = Counts()
        self.column.addWidget(self.counts)
        self.column.addWidget(Line())
        heads = [_("Chunk"), _("Rows"), _("Job"), _("State"), _("Sent"), _("Succeeded"), _("Failed")]
        self.chunks: CellTable[ChunkStanding] = CellTable(heads, _chunk_cells, self, right=(0, 4, 5, 6))
        self.view = Rows(_("Chunks"), head=True)
        self.view.setModel(self.chunks)
        self.view.fit((64, 64), (110, 150), (160, 170), (190, 0), (56, 80), (56, 80), (56, 80))
        self.column.addWidget(self.view, 1)
        self.running = False
        self._told = standing_changed
        self._started = 0.0
        self._pace = Pace()

    def first(self) -> QWidget:
        """Stop."""
        return self.stop

    def show_choices(self, choices: Choices) -> None:
        """The title says what is sent where."""
        super().show_choices(choices)
        self.title.setText(_("Sending to {object}").format(object=choices.target_label))

    async def run(self, do: str = "run", **asked: Any) -> None:
        """Do the move as chosen; or what else is asked for: to go on with one, to send failed rows again."""
        self.running = True
        self.stop.setEnabled(True)
        self.stop.setVisible(True)
        self._started, self._pace = time.monotonic(), Pace()
        self.about.setText(_("Reading the file …"))
        self.about.set_tone("text2")
        self.chunks.set_rows([])
        self._told(None)
        zero = {"succeeded": 0, "failed": 0, "unprocessed": 0, "not_sent": 0}
        self.counts.show_counts(0, zero, {})
        before = self.choices.summary
        self.take(replace(self.choices, summary=None))
        try:
            found = await self.desk.mover.ask(
                do, self._heard, **(self.choices.request | asked if do == "run" else asked)
            )
        except BaseException:
            self.take(replace(self.choices, summary=before))
            raise
        finally:
            self.running = False
            self.stop.setVisible(False)
        self.take(replace(self.choices, summary=ended(found, self.choices)))

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.about.setText(_("Stopping: jobs are ended, what was applied is counted …"))
        self.desk.mover.stop()

    def _heard(self, event: dict[str, Any]) -> None:
        if not self.stop.isEnabled():
            # Pressed before the move was asked for, it has not been heard yet.
            self.desk.mover.stop()
        elif event["event"] == "read" and not self.chunks.rows:
            self.about.setText(_("Reading the file: {rows} rows …").format(rows=numbers.count(event["rows"])))
        if event["event"] == "standing":
            self._show(Standing.from_data(event["standing"]))

    def _show(self, standing: Standing) -> None:
        counts = standing.counts
        waiting = counts.not_sent
        self.counts.show_counts(
            standing.read,
            {
                "succeeded": counts.succeeded,
                "failed": counts.failed,
                "unprocessed": counts.unprocessed,
                "not_sent": waiting,
            },
            {
                "failed": _("refused by the org") if counts.failed else "",
                "unprocessed": _("sent, no answer yet") if counts.unprocessed else "",
                "not_sent": _("waiting or held back") if waiting else "",
                "read": self.choices.source.path.name if self.choices.source else "",
            },
        )
        if [c.number for c in self.chunks.rows] == [c.number for c in standing.chunks]:
            for at, chunk in enumerate(standing.chunks):
                if self.chunks.rows[at] != chunk:
                    self.chunks.change_row(at, chunk)
        else:
            self.chunks.set_rows(standing.chunks)
        if self.stop.isEnabled():
            self.about.setText(self._figures(standing))
        self._told(standing)

    def _figures(self, standing: Standing) -> str:
        """`36,412 of 46,510 rows answered · 248 rows/s · about 40 s left · 2 min 27 s so far`."""
        now, answered = time.monotonic(), standing.counts.succeeded + standing.counts.failed
        shown = self._pace.add(now, answered, standing.read)
        parts = [
            _("{answered} of {read} rows answered").format(
                answered=numbers.count(answered), read=numbers.count(standing.read)
            )
        ]
        if shown.rate > 0:
            parts.append(_("{rate} rows/s").format(rate=numbers.count(round(shown.rate))))
        if shown.left is not None:
            parts.append(_("about {time} left").format(time=numbers.roughly(shown.left)))
        parts.append(_("{time} so far").format(time=numbers.duration(now - self._started)))
        return " · ".join(parts)


def ended(found: dict[str, Any], choices: Choices) -> dict[str, Any]:
    """The summary of what was done; an undo of several moves has the figures of all and the files of the last."""
    more = {"trouble": found["trouble"], "org": choices.org.name if choices.org else ""}
    undone = found.get("undone")
    if undone is None:
        return {**found["summary"], **more}
    steps = undone["steps"]
    if not steps:
        return {**(choices.summary or {}), **more}
    kinds = ("succeeded", "failed", "unprocessed", "not_sent", "unreconciled", "seconds", "api_calls", "read")
    return {**steps[-1], **more, **{kind: sum(step[kind] for step in steps) for kind in kinds},
            "undo_of": undone["undo_of"], "warnings": [text for step in steps for text in step["warnings"]]}  # fmt: skip


def _chunk_cells(chunk: ChunkStanding) -> Sequence[Cell]:
    states = {
        "planned": _("Waiting"),
        "creating": _("Opening a job"),
        "uploading": _("Uploading"),
        "uploaded": _("Uploaded"),
        "closing": _("Handing over"),
        "submitted": _("In progress"),
        "done": _("Done"),
        "gone": _("Unknown to the org"),
    }
    answered = chunk.counts.succeeded + chunk.counts.failed
    going = chunk.state == "submitted"
    last = chunk.first + chunk.rows - 1
    return (
        Cell(str(chunk.number), right=True, tone="text2"),
        Cell(f"{numbers.count(chunk.first)} – {numbers.count(last)}"),
        Cell(chunk.job, mono=True, tone="text2"),
        Cell(
            states.get(chunk.state, chunk.state),
            icon={"done": "check", "planned": "clock"}.get(chunk.state, "circle-half"),
            tone="text3" if chunk.state == "planned" else "text",
            share=answered / chunk.sent if going and chunk.sent else None,
        ),
        Cell(numbers.count(chunk.sent) if chunk.sent else "", right=True, tone="text2"),
        Cell(numbers.count(chunk.counts.succeeded) if answered else "", right=True),
        Cell(
            numbers.count(chunk.counts.failed) if chunk.counts.failed else "",
            right=True,
            tone="red_text",
        ),
    )
