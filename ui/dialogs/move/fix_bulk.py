"""One edit of very many rows: which column, what is to be done with it, the values it takes, Apply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QWidget

from studio.base.i18n import _
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

_LONGEST = 131_072


class BulkRow(QWidget):
    """`apply` is given the kind of edit and its values; `map_values` asks for the values of a column by hand."""

    def __init__(
        self, apply: Callable[[dict[str, Any]], object], map_values: Callable[[int], object]
    ) -> None:
        super().__init__()
        self._apply, self._map = apply, map_values
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_DIALOG, 6, metrics.PAD_DIALOG, 6)
        row.setSpacing(8)
        self.column = Combo(_("Column to change"), small=True)
        self.column.setMinimumWidth(140)
        self.kind = Combo(_("What to do with it"), small=True)
        for kind, text in (
            ("set", _("set for all shown")),
            ("replace", _("find and replace")),
            ("map", _("map values…")),
            ("cut", _("cut to a length")),
        ):
            self.kind.addItem(text, kind)
        self.old = self._line(_("Find"))
        self.value = self._line(_("New value"))
        self.whole = Check(_("Whole cells only"))
        self.length = QSpinBox()
        self.length.setAccessibleName(_("Number of characters"))
        self.length.setRange(1, _LONGEST)
        self.length.setValue(255)
        self.length.setFixedHeight(metrics.FIELD)
        self.apply = button(_("Apply"), self._do, small=True)
        row.addWidget(Text(_("For the rows shown:"), "text2"))
        for widget in (self.column, self.kind, self.old, self.value, self.whole, self.length, self.apply):
            row.addWidget(widget)
        row.addStretch(1)
        self.kind.currentIndexChanged.connect(lambda _at: self._look())
        for line in (self.old, self.value):
            line.returnPressed.connect(self._do)
        self._look()

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(name)
        made.setFixedHeight(metrics.FIELD)
        made.setMinimumWidth(120)
        return made

    def show_columns(self, names: Sequence[str], at: int) -> None:
        """The columns there are; the one at fault first."""
        if [self.column.itemText(i) for i in range(self.column.count())] != list(names):
            self.column.clear()
            self.column.addItems(list(names))
            self.column.setCurrentIndex(at)

    def point_to(self, column: int) -> None:
        """Stand on a column."""
        self.column.setCurrentIndex(column)

    def _look(self) -> None:
        kind = self.kind.currentData()
        self.old.setVisible(kind == "replace")
        self.whole.setVisible(kind == "replace")
        self.value.setVisible(kind in ("set", "replace"))
        self.length.setVisible(kind == "cut")

    def _do(self) -> None:
        column, kind = self.column.currentIndex(), self.kind.currentData()
        if column < 0:
            return
        if kind == "map":
            self._map(column)
            return
        self._apply(
            {
                "kind": kind,
                "column": column,
                "value": self.value.text(),
                "find": self.old.text(),
                "whole": self.whole.isChecked(),
                "length": self.length.value(),
            }
        )
