"""The panel at the right: what the move is so far, what will be sent and how safely, what to do if something goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import _
from studio.connectors.salesforce.collections import MOST
from studio.moves.model import Action, Api, Standing
from studio.moves.rows.plan import chunk_rows
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, Step
from ui.dialogs.move.page import Desk
from ui.dialogs.move.result_files import ResultFiles
from ui.theme import fonts, metrics
from ui.widgets.bars import Bar
from ui.widgets.buttons import button
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.labels import Elided, Line, Picture, Text

WIDTH = 284
# Opening a job, uploading, closing it, a few looks, up to three result files.
_CALLS_PER_JOB = 8


class Facts(QWidget):
    """Pairs of a dim name and a value at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, Elided] = {}
        self._names: dict[str, Text] = {}

    def show(self, name: str, value: str, *, tone: str = "text", weight: int = 400) -> None:  # type: ignore[override]
        """Show a value under a name."""
        known = self._values.get(name)
        if known is None or known.property("tone") != tone:
            if known is not None:
                self._grid.removeWidget(known)
                known.deleteLater()
            else:
                self._names[name] = Text(name, "text2", weight=weight)
                self._grid.addWidget(self._names[name], len(self._names) - 1, 0)
            known = Elided("", tone, weight=weight, right=True)
            known.setProperty("tone", tone)
            self._values[name] = known
            self._grid.addWidget(known, list(self._names).index(name), 1)
        known.setText(value)


def _panel(*parts: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("band", "window")
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(10)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return frame


def _head(text: str) -> Text:
    return Text(text, weight=600)


class Side(QFrame):
    """Shows the panel that belongs to a step. `resume` goes on with a stopped move."""

    def __init__(self, desk: Desk, resume: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("band", "window")
        self.setFixedWidth(WIDTH)
        self._take = desk.take
        self._told: object = None
        self._choices = Choices()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        column.addWidget(self._stack)
        self._summary = self._make_summary()
        self._sending = self._make_sending()
        self._running = self._make_running()
        self._results = self._make_results(desk, resume)
        for panel in (self._summary, self._sending, self._running, self._results):
            self._stack.addWidget(panel)

    def show_choices(self, choices: Choices, step: Step) -> None:
        """Show what belongs to the step."""
        self._choices = choices
        panels = {Step.PREFLIGHT: self._sending, Step.RUN: self._running, Step.RESULTS: self._results}
        self._stack.setCurrentWidget(panels.get(step, self._summary))
        self._show_summary(choices, step)
        self._show_sending(choices)
        self._show_results(choices)

    # What was chosen so far.

    def _make_summary(self) -> QFrame:
        self.chosen = Facts()
        self.about = Text("", "text2", step=fonts.SECONDARY, wrap=True)
        return _panel(_head(_("This move")), self.chosen, Line(), _head(_("Good to know")), self.about)

    def _show_summary(self, choices: Choices, step: Step) -> None:
        for one, name in (
            (Step.ACTION, _("Action")),
            (Step.ORG, _("Org")),
            (Step.OBJECT, _("Object")),
            (Step.SOURCE, _("File")),
            (Step.MAP, _("Field map")),
        ):
            self.chosen.show(name, choices.said(one) or "–")
        texts = {
            Step.ACTION: _(
                "An upsert by an external key can be repeated: the same rows lead to the same records."
            ),
            Step.ORG: _(
                "Passwords and tokens are kept in this computer's key store, never in a file of a project."
            ),
            Step.OBJECT: _(
                "A field marked as external id is the best key: it says which record each row means."
            ),
            Step.SOURCE: _("The file is only read. Columns that are not sent come back in the result files."),
            Step.MAP: _(
                "An empty cell leaves the field as it is, unless you say otherwise in the next step."
            ),
        }
        self.about.setText(texts.get(step, ""))

    # What will be sent.

    def _make_sending(self) -> QFrame:
        self.sending, self.cost = Facts(), Facts()
        self.sending_bar = Bar(_("Rows to send"))
        self.hold = Check(_("Keep back rows that would fail"))
        self.blank = Check(_("Blank cells leave the field as it is"))
        for box in (self.hold, self.blank):
            box.toggled.connect(self._changed)
        self.trial = Check(_("Try the first rows, then go on"))
        self.trial.toggled.connect(self._changed)
        self.first = QSpinBox()
        self.first.setAccessibleName(_("Rows to try"))
        self.first.setRange(1, 100_000)
        self.first.setValue(10)
        self.first.setFixedHeight(metrics.FIELD)
        self.first.valueChanged.connect(self._changed)
        self.duplicates = Combo(_("Rows with the same key"), small=True)
        for value, text in (
            ("hold", _("keep all of them back")),
            ("first", _("send the first")),
            ("last", _("send the last")),
            ("send", _("send all, the org decides")),
        ):
            self.duplicates.addItem(text, value)
        self.duplicates.activated.connect(lambda _at: self._changed())
        self._same_key = Text(_("Rows with the same key"), "text2", step=fonts.SECONDARY)
        self.api = Combo(_("Sent by"), small=True)
        for api, text in (
            (Api.AUTO, _("what suits the rows")),
            (Api.COLLECTIONS, _("collections, 200 rows a call")),
            (Api.BULK, _("Bulk API 2.0 jobs")),
        ):
            self.api.addItem(text, api.value)
        self.api.activated.connect(lambda _at: self._changed())
        return _panel(
            _head(_("What will be sent")),
            self.sending,
            self.sending_bar,
            Line(),
            _head(_("Cost")),
            self.cost,
            Text(_("Sent by"), "text2", step=fonts.SECONDARY),
            self.api,
            Line(),
            _head(_("Safety")),
            self.trial,
            self.first,
            self.hold,
            self.blank,
            self._same_key,
            self.duplicates,
        )

    def _show_sending(self, choices: Choices) -> None:
        tried = choices.first > 0
        self.first.setVisible(tried)
        for box, on in ((self.hold, choices.hold), (self.blank, choices.blank_leaves), (self.trial, tried)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self.duplicates.setCurrentIndex(self.duplicates.findData(choices.duplicates))
        self.api.setCurrentIndex(self.api.findData(choices.api))
        # Each of the two has only one API that can do it.
        self.api.setEnabled(choices.action not in (Action.UNDELETE, Action.HARD_DELETE))
        keyed = choices.action is not Action.INSERT
        self.duplicates.setVisible(keyed)
        self._same_key.setVisible(keyed)
        checked = choices.checked
        if checked is None:
            return
        rows, held = checked["rows"], choices.held
        sent = rows - held
        self.sending.show(_("Rows in the file"), numbers.count(rows))
        self.sending.show(_("Held back"), numbers.count(held), tone="red_text" if held else "text")
        self.sending.show(_("Rows to send"), numbers.count(sent), weight=600)
        self.sending_bar.show_parts([(sent, "accent"), (held, "red")], max(1, rows), numbers.count(sent))
        collected = choices.carried_by is Api.COLLECTIONS
        jobs = -(-sent // (MOST if collected else chunk_rows(rows)))
        self.cost.show(_("Bulk API 2.0 jobs"), "–" if collected else numbers.count(jobs))
        self.cost.show(_("Collection calls"), numbers.count(jobs) if collected else "–")
        calls = 3 + jobs * (1 if collected else _CALLS_PER_JOB)
        self.cost.show(_("API calls"), _("about {count}").format(count=numbers.count(calls)))
        org = choices.org
        if org is not None and org.allowed:
            used = _("{used} of {allowed}").format(
                used=numbers.count(org.used), allowed=numbers.count(org.allowed)
            )
            self.cost.show(_("Used today"), used)

    def _changed(self, *_value: object) -> None:
        choices = replace(
            self._choices,
            hold=self.hold.isChecked(),
            blank_leaves=self.blank.isChecked(),
            duplicates=self.duplicates.currentData(),
            api=self.api.currentData(),
            first=self.first.value() if self.trial.isChecked() else 0,
        )
        same_check = (choices.blank_leaves, choices.duplicates) == (
            self._choices.blank_leaves,
            self._choices.duplicates,
        )
        self._take(choices if same_check else replace(choices, checked=None))

    # While it runs.

    def _make_running(self) -> QFrame:
        self.run = Facts()
        comfort = [
            _line("stop-fill", _("Stop keeps what was answered"), _("Rows not sent stay in a file, ready to resume.")),
            _line("arrow-clockwise", _("Nothing is sent twice"), _("After a cut the org is asked what it did.")),
            _line("globe-simple", _("A lost connection is not a lost move"),
                  _("Jobs go on in the org; results wait for 7 days.")),
        ]  # fmt: skip
        return _panel(_head(_("This run")), self.run, Line(), _head(_("If something goes wrong")), *comfort)

    def show_standing(self, standing: Standing | None) -> None:
        """Show the figures of a running move; None: one that begins, of which there are none yet."""
        if standing is None:
            for name in (_("Run"), _("API calls"), _("Used today")):
                self.run.show(name, "–")
            return
        self.run.show(_("Run"), standing.run)
        self.run.show(_("API calls"), numbers.count(standing.calls))
        if standing.allowed:
            used = _("{used} of {allowed}").format(
                used=numbers.count(standing.used), allowed=numbers.count(standing.allowed)
            )
            self.run.show(_("Used today"), used)

    # At the end.

    def _make_results(self, desk: Desk, resume: Callable[[], object]) -> QFrame:
        self.files = ResultFiles(desk)
        self.resume = button(_("Resume"), resume, icon="play", small=True)
        return _panel(_head(_("Result files")), self.files, self.resume)

    def _show_results(self, choices: Choices) -> None:
        summary = choices.summary
        self.resume.setVisible(False)
        if summary is self._told:
            self.resume.setVisible(summary is not None and _resumable(summary))
            return
        self._told = summary
        self.files.show_summary(summary)
        self.resume.setVisible(summary is not None and _resumable(summary))


def _resumable(summary: Mapping[str, Any]) -> bool:
    """The rest of an unfinished move can go on; after a trial the foot's button does that."""
    return summary["state"] not in ("done", "trial") or bool(summary["unprocessed"] > 0)


def _line(icon: str, title: str, about: str) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    texts = QVBoxLayout()
    texts.setSpacing(0)
    texts.addWidget(Text(title, wrap=True))
    texts.addWidget(Text(about, "text3", step=fonts.SECONDARY, wrap=True))
    row.addWidget(Picture(icon))
    row.addLayout(texts, 1)
    return made
