"""Write a version of one's own, with what it gives for the record in hand and in how many records it is like the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout

from studio.base.errors import BadInput
from studio.base.i18n import _
from ui.bridge import numbers
from ui.dialogs.conflicts import wording
from ui.dialogs.conflicts.matters import Choice, Deciding, Kind, Matter
from ui.dialogs.conflicts.values import Counts
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.labels import Elided, Text
from ui.widgets.number import NumberField

# The pause in writing after which a text is tried, in milliseconds.
_PAUSE = 350
_HEIGHT = 64


class OwnPart(QFrame):
    """`tried` brings a matter and a value to be tried, `stepped` the record wanted. `editor` makes the text's editor."""

    tried = Signal(object, object)
    stepped = Signal(int)
    untried = Signal()

    def __init__(self, deciding: Deciding, editor: Callable[[str], QPlainTextEdit]) -> None:
        super().__init__()
        self.setProperty("band", "window")
        self._deciding = deciding
        self._matter: Matter | None = None
        self._value: Any = None
        self._records = 0
        self._kept: dict[int, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_PANEL, 8, metrics.PAD_PANEL, 8)
        column.setSpacing(8)
        column.addLayout(self._head())
        self.text = editor(_("Your own version"))
        self.text.setProperty("field", True)
        self.text.setFixedHeight(_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._written)
        column.addWidget(self.text)
        column.addLayout(self._result())
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._try)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Text(_("Or write it yourself"), weight=600))
        self._place = Elided("", "text2", mono=True)
        row.addWidget(self._place, 1)
        row.addWidget(Text(_("start from"), "text2", step=fonts.SECONDARY))
        self._mine = link(_("mine"), lambda: self._start(Kind.MINE))
        self._theirs = link(_("theirs"), lambda: self._start(Kind.THEIRS))
        for name, made in ((_("Start from mine"), self._mine), (_("Start from theirs"), self._theirs)):
            made.setAccessibleName(name)
            row.addWidget(made)
        row.addSpacing(12)
        self._record = Text(_("record"), "text2", step=fonts.SECONDARY)
        self.number = NumberField(_("Record"), 44)
        self.number.typed.connect(self.stepped.emit)
        self._of = Text("", "text2", step=fonts.SECONDARY)
        self._stepping = (self._record, self.number, self._of)
        for each in self._stepping:
            row.addWidget(each)
            each.hide()
        return row

    def _result(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._gives = Text(_("gives"), "text2", step=fonts.SECONDARY)
        self.result = Elided("", mono=True, weight=600)
        self.likeness = Elided("", "text2", step=fonts.SECONDARY)
        self.use = button(_("Use this one"), self._use, small=True)
        self._gives.hide()
        self.result.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._gives)
        row.addWidget(self.result)
        row.addWidget(self.likeness, 1)
        row.addWidget(self.use)
        return row

    def show_matter(self, matter: Matter | None) -> None:
        """Write for another matter; what was written for the one before is kept until the window closes."""
        if matter is self._matter:
            return
        if self._matter is not None:
            self._kept[self._matter.number] = self.text.toPlainText()
        self._matter = matter
        for each in self._stepping:
            each.setVisible(bool(matter is not None and matter.rule and self._records))
        self.setVisible(matter is not None and not matter.binary)
        if matter is None or matter.binary:
            return
        self._place.setText(matter.rule.rpartition("/")[2] or matter.place)
        choice = self._deciding.choices.get(matter.number)
        kept = self._kept.get(matter.number)
        if kept is None and choice is not None and choice.kind is Kind.OWN:
            kept = wording.own_text(matter, choice.value)
        self._show_text(wording.own_text(matter, matter.mine) if kept is None else kept)
        self._mine.setEnabled(matter.mine is not None)
        self._theirs.setEnabled(matter.theirs is not None)

    def show_record(self, number: int, records: int) -> None:
        """Record `number` of so many is looked at."""
        self._records = records
        for each in self._stepping:
            each.setVisible(self._matter is None or bool(self._matter.rule))
        self.number.show_number(str(number), records)
        self._of.setText(_("of {n}").format(n=numbers.count(records)))

    def show_result(self, text: str, is_value: bool) -> None:
        """What the text gives."""
        self._gives.setVisible(is_value)
        self.result.setText(text)
        self.likeness.setText("")

    def show_likeness(self, counts: Counts) -> None:
        """In how many records it gives what the others do."""
        mine, theirs = counts.same["1 3"], counts.same["2 3"]
        neither = counts.records - mine - theirs + counts.same["1 2 3"]
        count = numbers.count
        if mine == theirs == counts.records:
            said = _("as mine and as theirs in all {n} records").format(n=count(counts.records))
        elif neither > 0 and mine + theirs:
            said = _("as mine in {mine} records, as theirs in {theirs}, unlike both in {neither}").format(
                mine=count(mine), theirs=count(theirs), neither=count(neither)
            )
        elif neither > 0:
            said = _("unlike both in all {n} records").format(n=count(neither))
        else:
            said = _("as mine in {mine} records, as theirs in {theirs}").format(
                mine=count(mine), theirs=count(theirs)
            )
        self.likeness.setText(said)

    def _show_text(self, text: str) -> None:
        blocked = self.text.blockSignals(True)
        self.text.setPlainText(text)
        self.text.blockSignals(blocked)
        self._written()

    def _start(self, kind: Kind) -> None:
        if self._matter is not None:
            value = self._matter.mine if kind is Kind.MINE else self._matter.theirs
            self._show_text(wording.own_text(self._matter, value))
            self.text.setFocus()

    def _written(self) -> None:
        self.untried.emit()
        self.likeness.setText("")
        matter = self._matter
        if matter is None:
            return
        self._value = None
        try:
            self._value = wording.own_value(matter, self.text.toPlainText())
        except BadInput as error:
            where = f"{error.line}:{error.column or 1}: " if error.line else ""
            self.show_result(f"{where}{error.message}", False)
            self._pause.stop()
            self.use.setEnabled(False)
            return
        self.use.setEnabled(self._value is not None)
        self.use.setToolTip("" if self._value is not None else _("Nothing is written yet"))
        if matter.rule:
            self._pause.start()
        else:
            self.show_result("", False)

    def _try(self) -> None:
        if self._matter is not None and self._value is not None:
            self.tried.emit(self._matter, self._value)

    def try_again(self) -> None:
        """Another record is looked at."""
        if self._matter is not None and self._matter.rule:
            self._pause.start()

    def _use(self) -> None:
        if self._matter is not None and self._value is not None:
            self._deciding.choose(self._matter.number, Choice(Kind.OWN, self._value))
