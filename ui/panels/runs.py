"""The Runs panel: every run with its counts, rate and time left, Stop, and the log of the one selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from studio.agent.run import RunState
from studio.base.i18n import _
from ui.bridge import numbers
from ui.bridge.runs import Figures, LogLine, RunBook
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.log import append_log, log_view
from ui.widgets.trees import Rows, current_row

FACES = {
    RunState.RUNNING: ("circle-half", "accent", "text"),
    RunState.SUCCEEDED: ("check-circle-fill", "green", "green_text"),
    RunState.PARTLY: ("warning-fill", "orange", "text"),
    RunState.FAILED: ("x-circle-fill", "red", "red_text"),
    RunState.CANCELLED: ("stop-fill", "text2", "text2"),
    RunState.LOST: ("x-circle-fill", "red", "red_text"),
}
# The longest sentence about how a run ended, with its icon.
_STATE = 216


def state_text(figures: Figures) -> str:
    """What a run is doing or how it ended, in words."""
    texts = {
        RunState.RUNNING: figures.activity,
        RunState.SUCCEEDED: _("Done"),
        RunState.PARTLY: _("Done, some records failed"),
        RunState.FAILED: _("Failed"),
        RunState.CANCELLED: _("Stopped"),
        RunState.LOST: _("The process died"),
    }
    return texts[figures.state]


class RunsPanel(QWidget):
    """`chosen` tells which run is selected ("" for none); `again` that an operation is to be run again.

    `opened` asks for the log of a run, large.
    """

    chosen = Signal(str)
    opened = Signal(str)
    again = Signal(str)

    def __init__(self, book: RunBook, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._book = book
        self._name_of = name_of
        self._shown_log: tuple[str, int] = ("", 0)
        columns = [
            _("Operation"), _("State"), _("Read"), _("Written"), _("Failed"), _("Left out"), _("Time"), _("Started"),
        ]  # fmt: skip
        self._model: CellTable[Figures] = CellTable(columns, self._cells, self, right=range(2, 7))
        self.list = Rows(_("Runs"), head=True)
        self.list.setModel(self._model)
        self.list.fit(
            (72, 144), (72, _STATE), (44, 60), (44, 64), (44, 56), (44, 64), (52, 84), (60, 116)
        )  # fmt: skip
        self.list.opened.connect(lambda _row: self.opened.emit(self.current()))
        self.log = log_view(
            _("Log of the run"), _("Select a run to read its log; double-click it to read it large.")
        )
        for view in (self.list, self.log):
            view.setMinimumSize(160, 48)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.addWidget(self.list)
        split.addWidget(self.log)
        # The figures of a run need the room more than the lines of its log, which wrap.
        for place, part in enumerate((2, 1)):
            split.setStretchFactor(place, part)
        split.setSizes([660, 330])
        split.setChildrenCollapsible(False)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(
            EmptyState(
                "play",
                _("Nothing has run yet"),
                _("Run an operation: its counts, its log and Stop appear here."),
            )
        )
        self._pages.addWidget(split)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        book.changed.connect(self.refresh)
        self.list.selectionModel().currentRowChanged.connect(lambda _now, _before: self._choose())
        self.refresh()

    def refresh(self) -> None:
        """Show the figures of the moment; the selection stays on its run."""
        runs = self._book.runs()
        chosen = self.current()
        same = [run.id for run in runs] == [run.id for run in self._model.rows]
        if same:
            for row, run in enumerate(runs):
                if run != self._model.rows[row]:
                    self._model.change_row(row, run)
        else:
            newest = bool(runs) and (not self._model.rows or runs[0].id != self._model.rows[0].id)
            self._model.set_rows(runs)
            self.select(runs[0].id if newest and not runs[0].state.over else chosen)
        self._pages.setCurrentIndex(1 if runs else 0)
        self._show_log()

    def current(self) -> str:
        """The run selected, "" for none."""
        row = current_row(self.list)
        return self._model.rows[row].id if 0 <= row < len(self._model.rows) else ""

    def select(self, run: str) -> None:
        """Select a run."""
        for row, figures in enumerate(self._model.rows):
            if figures.id == run:
                self.list.setCurrentIndex(self._model.index(row, 0))

    def _choose(self) -> None:
        self._show_log()
        self.chosen.emit(self.current())

    def _show_log(self) -> None:
        run = self.current()
        lines: Sequence[LogLine] = self._book.log(run) if run else ()
        shown_run, shown = self._shown_log
        if run != shown_run:
            self.log.clear()
            shown = 0
        if len(lines) > shown:
            at_end = self.log.verticalScrollBar().value() >= self.log.verticalScrollBar().maximum() - 4
            self._append(lines[shown:])
            if at_end:
                self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())
        self._shown_log = (run, len(lines))

    def _append(self, lines: Sequence[LogLine]) -> None:
        append_log(self.log, [(line.level, f"{line.text}  {line.detail}".rstrip()) for line in lines])

    def _cells(self, run: Figures) -> Sequence[Cell]:
        icon, icon_tone, tone = FACES[run.state]
        going = not run.state.over
        failed = run.counts.failed
        time_text = numbers.duration(run.seconds)
        if going and run.left is not None:
            time_text = _("{time} left").format(time=numbers.duration(run.left))
        return (
            Cell(self._name_of(run.operation), icon="flow-arrow"),
            Cell(
                state_text(run),
                tone,
                icon,
                icon_tone,
                note=numbers.rate(run.rate) if run.rate else "",
                share=run.share if going else None,
                hint=run.message,
            ),
            Cell(numbers.count(run.counts.read), right=True),
            Cell(numbers.count(run.counts.written), right=True),
            Cell(numbers.count(failed), "red_text" if failed else "text", right=True),
            Cell(numbers.count(run.counts.filtered), right=True),
            Cell(time_text, "text2", right=True),
            Cell(numbers.when(run.started), "text2"),
        )
