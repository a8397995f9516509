"""The durations of a map's rules in a test, to be sorted by time, by how often they ran, by the time of one run, or by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping import address
from ui.bridge.numbers import count, locale
from ui.theme import metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.trees import Rows, fit_rows

# Rows shown without scrolling.
_ROWS = 12
# Wide enough for 9.999 runs and 999,9 ms; the rest is for the names.
_COLUMNS = (52, 48)


@dataclass(frozen=True)
class Timed:
    """A script of the rule at a target path: `kind` is value, when or loop; how often it ran, for how many seconds."""

    path: str
    kind: str
    count: int
    seconds: float


class TimingList(QWidget):
    """`opened` is told the target path of a rule that is double-clicked."""

    def __init__(self, timings: Sequence[Timed], opened: Callable[[str], object]) -> None:
        super().__init__()
        self._timings = list(timings)
        heads = [_("Rule"), _("Count"), _("ms")]
        self._model: CellTable[Timed] = CellTable(heads, _cells, self, right=(1, 2))
        self.order = Combo(_("Sorted by"), small=True)
        self.order.setMinimumWidth(1)
        for text in (_("by time"), _("by how often"), _("by the time of one run"), _("by name")):
            self.order.addItem(text)
        self.order.currentIndexChanged.connect(self._sort)
        self.list = Rows(_("Durations of the rules"), head=True)
        self.list.setModel(self._model)
        self.list.lay_out(0, *_COLUMNS)
        self.list.opened.connect(lambda row: opened(self._model.rows[row].path))
        self.list.header().setSectionsClickable(True)
        self.list.header().sectionClicked.connect(
            lambda column: self.order.setCurrentIndex((3, 1, 0)[column])
        )
        fit_rows(self.list, min(_ROWS, len(self._timings)), head=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.GAP)
        column.addWidget(self.order)
        column.addWidget(self.list)
        self._sort(0)

    def _sort(self, order: int) -> None:
        keys: tuple[Callable[[Timed], object], ...] = (
            lambda each: -each.seconds,
            lambda each: -each.count,
            lambda each: -each.seconds / max(1, each.count),
            lambda each: each.path,
        )
        self._model.set_rows(sorted(self._timings, key=keys[order]))  # type: ignore[arg-type]


def _cells(timed: Timed) -> Sequence[Cell]:
    milliseconds = timed.seconds * 1000
    kinds = {"when": _("condition"), "loop": _("loop")}
    return (
        Cell(
            "/".join(address.split(timed.path)[-2:]),
            note=kinds.get(timed.kind, ""),
            hint=timed.path,
            small=True,
            tail=True,
        ),
        Cell(count(timed.count), right=True, small=True),
        Cell(locale().toString(milliseconds, "f", 1 if milliseconds < 100 else 0), right=True, small=True),
    )
