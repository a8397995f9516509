"""Which record of the sample is shown: back, the number, forward."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.base.i18n import _
from ui.bridge.numbers import count
from ui.widgets.buttons import icon_button, link
from ui.widgets.labels import Text
from ui.widgets.number import NumberField


class RecordStepper(QWidget):
    """`stepped` asks for a record, counted from 1; `sample_wanted` for the samples, at a point of the screen."""

    stepped = Signal(int)
    sample_wanted = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self._record = 1
        self._records = 0
        self._only: tuple[int, ...] | None = None
        self.back = icon_button("caret-left", _("Previous record"), lambda: self.step(-1))
        self.forward = icon_button("caret-right", _("Next record"), lambda: self.step(1))
        self.field = NumberField(_("Record"), 52)
        self.field.typed.connect(self._typed)
        self._of = Text("", "text2")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(4)
        self.sample = icon_button("file-text", _("Choose the sample"), self.ask_sample)
        self.choose = link(_("Choose a sample…"), self.ask_sample)
        self._steps = (self.back, Text(_("record"), "text2"), self.field, self._of, self.forward)
        for widget in (self.sample, self.choose, *self._steps):
            row.addWidget(widget)
        self.show_record(1, 0)
        self.show_sample("")

    def show_sample(self, sample: str) -> None:
        """The sample in use; without one there is nothing to step through, so that it is asked for."""
        self.choose.setVisible(not sample)
        for widget in (self.sample, *self._steps):
            widget.setVisible(bool(sample))
        if sample:
            self.sample.setToolTip(_("Sample: {name}").format(name=sample))

    def ask_sample(self) -> None:
        """Ask for the list of samples."""
        shown = self.choose if self.choose.isVisible() else self.sample
        self.sample_wanted.emit(shown.mapToGlobal(QPoint(0, shown.height())))

    def show_record(self, record: int, records: int) -> None:
        """Show where in the sample we are; no records: no sample yet."""
        self._record, self._records = record, records
        self.field.show_number(str(record) if records else "", records, over=not records)
        self._of.setText(_("of {n}").format(n=count(records)))
        self.field.setEnabled(records > 1)
        self._of.setToolTip("")
        if self._only is not None:
            place = bisect_left(self._only, record) + 1
            among = _("{n} of {total} found").format(n=count(place), total=count(len(self._only)))
            self._of.setToolTip(among)
        for button, by in ((self.back, -1), (self.forward, 1)):
            button.setEnabled(self.beyond(by) is not None)

    def show_only(self, records: tuple[int, ...] | None) -> None:
        """Step only through these records, in their order; None for all."""
        self._only = records
        self.show_record(self._record, self._records)

    def beyond(self, by: int, record: int = 0) -> int | None:
        """The record one further on (1) or back (-1) than `record`, else than the one shown; None where there is none."""
        record = record or self._record
        if self._only is None:
            wanted = record + by
            return wanted if 1 <= wanted <= self._records else None
        at = bisect_right(self._only, record) if by > 0 else bisect_left(self._only, record) - 1
        return self._only[at] if 0 <= at < len(self._only) else None

    def enter(self) -> None:
        """Put the cursor into the number of the record."""
        self.field.enter()

    def step(self, by: int) -> None:
        """Ask for a record further on or back, if there is one."""
        wanted = self.beyond(by)
        if wanted is not None:
            self.stepped.emit(wanted)

    def _typed(self, record: int) -> None:
        if record != self._record:
            self.stepped.emit(record)
