"""Runs as the window shows them: what the journal knows, and the live figures of those going on."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal

from studio.agent.journal import Journal, RunRecord
from studio.agent.run import Counts, RunEvent, RunRequest, RunState
from studio.base.i18n import _
from ui.theme.metrics import FIGURES_EVERY

# Rates are averaged over this long, in seconds.
AVERAGE = 10.0
MAX_LINES = 5000
_NOTHING = Counts()


@dataclass(frozen=True)
class LogLine:
    """One line of a run's log; `level` is `info`, `warning` or `error`, `file` what it tells was written."""

    level: str
    text: str
    detail: str = ""
    file: str = ""


@dataclass(frozen=True)
class Figures:
    """A run at one moment; `share` 0 to 1 or None while the total is unknown, `rate` records a second, `left` seconds."""

    id: str
    operation: str
    state: RunState
    counts: Counts = _NOTHING
    started: float = 0.0
    seconds: float = 0.0
    activity: str = ""
    share: float | None = None
    rate: float | None = None
    left: float | None = None
    message: str = ""


@dataclass
class _Live:
    figures: Figures
    log: list[LogLine] = field(default_factory=list)
    samples: deque[tuple[float, int]] = field(default_factory=deque)


class RunBook(QObject):
    """The runs of one project, newest first. `changed` comes at most four times a second while runs go on."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, journal: Journal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._journal = journal
        self._folder = ""
        self._live: dict[str, _Live] = {}
        self._past: list[Figures] = []
        self._tick = QTimer(self, interval=FIGURES_EVERY)
        self._tick.timeout.connect(self._figure)
        self._dirty = False
        # The log of the past run looked at last.
        self._logs: dict[str, list[LogLine]] = {}

    def show_folder(self, folder: str) -> None:
        """Take the runs of a project folder from the journal; "" shows none."""
        self._folder = folder
        self._reload()

    def runs(self) -> Sequence[Figures]:
        """All runs, newest first."""
        live = [run.figures for run in reversed(self._live.values())]
        return [*live, *(run for run in self._past if run.id not in self._live)]

    def log(self, run: str) -> Sequence[LogLine]:
        """What a run told so far."""
        if run in self._live:
            return self._live[run].log
        if run not in self._logs:
            self._logs = {
                run: [line for event in self._journal.events(run) if (line := _line(event)) is not None]
            }
        return self._logs[run]

    def going(self, operation: str = "") -> list[str]:
        """The ids of the runs going on, of one operation or of all."""
        return [
            run.figures.id
            for run in self._live.values()
            if not run.figures.state.over and operation in ("", run.figures.operation)
        ]

    def begin(self, request: RunRequest) -> None:
        """A run has been asked for: show it before its first event."""
        figures = Figures(
            request.id, request.operation, RunState.RUNNING, started=time.time(), activity=_("Starting…")
        )
        self._live[request.id] = _Live(figures)
        self._dirty = True
        self._figure()
        self._tick.start()

    def take(self, event: RunEvent) -> None:
        """An event of a run; one that is not ours is ignored."""
        run = self._live.get(event.run)
        if run is None:
            return
        line = _line(event)
        if line is not None and len(run.log) < MAX_LINES:
            run.log.append(line)
        run.figures = _after(run, event)
        self._dirty = True
        if event.kind == "ended":
            self._figure()
            self.ended.emit(run.figures)

    def fail(self, run: str, message: str) -> None:
        """A run could not even begin."""
        self.take(RunEvent(run, "ended", message, level="error", state=RunState.FAILED))

    def clear(self) -> None:
        """Forget the runs that are over."""
        self._live = {id: run for id, run in self._live.items() if not run.figures.state.over}
        self._journal.clear(keep=len(self._live))
        self._reload()

    def _reload(self) -> None:
        records = self._journal.runs(folder=self._folder) if self._folder else ()
        self._past = [_past(record) for record in records]
        self.changed.emit()

    def _figure(self) -> None:
        if not self.going():
            self._tick.stop()
        if self._dirty:
            self._dirty = False
            self.changed.emit()


def _after(run: _Live, event: RunEvent) -> Figures:
    figures = replace(run.figures, seconds=time.time() - run.figures.started)
    if event.kind == "activity":
        text = _("{step} of {steps}: {name}").format(
            step=event.activity, steps=event.activities, name=event.text
        )
        return replace(figures, activity=text, share=None, rate=None, left=None)
    if event.kind == "progress":
        return _progressed(run, figures, event)
    if event.kind == "ended":
        counts = event.counts if event.counts != _NOTHING else figures.counts
        return replace(figures, counts=counts, state=event.state, message=event.text, rate=None, left=None)
    return figures


def _progressed(run: _Live, figures: Figures, event: RunEvent) -> Figures:
    now = time.monotonic()
    done = event.counts.read
    run.samples.append((now, done))
    while len(run.samples) > 2 and now - run.samples[0][0] > AVERAGE:
        run.samples.popleft()
    first, last = run.samples[0], run.samples[-1]
    spent = last[0] - first[0]
    rate = (last[1] - first[1]) / spent if spent > 0.2 else None
    share = left = None
    if event.total:
        # A bar never goes back.
        share = max(min(1.0, done / event.total), figures.share or 0.0)
        left = (event.total - done) / rate if rate else None
    return replace(figures, counts=event.counts, rate=rate, share=share, left=left)


def _past(record: RunRecord) -> Figures:
    ended = record.ended if record.ended is not None else record.started
    return Figures(
        record.id, record.operation, record.state, record.counts, record.started, ended - record.started,
        message=record.message,
    )  # fmt: skip


def _line(event: RunEvent) -> LogLine | None:
    if event.kind in ("progress",) or not event.text:
        return None
    if event.kind == "activity":
        text = _("Step {step} of {steps}: {name}").format(
            step=event.activity, steps=event.activities, name=event.text
        )
        return LogLine(event.level, text, event.detail)
    if event.kind == "file":
        return LogLine(event.level, _("Written: {file}").format(file=event.text), event.detail, event.text)
    return LogLine(event.level, event.text, event.detail)
