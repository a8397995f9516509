"""The steps of an examination, each with what happened and when on a common scale of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from studio.base.i18n import _
from studio.network.examination import Examination, State, Step
from ui import theme
from ui.bridge import numbers
from ui.theme import metrics
from ui.widgets.cells import Cell, CellDelegate, CellTable, Index
from ui.widgets.trees import Rows, fit_rows

_BAR = 104
_LEAST = 2
_STEP, _TEXT, _TIME = range(3)
_MARKS = {
    State.FINE: ("check", "text2"),
    State.FAILED: ("x-circle-fill", "red"),
    State.NOT_REACHED: ("circle-dashed", "text3"),
}


def time_text(seconds: float) -> str:
    """`38 ms`, from a second on `1.2 s`."""
    if seconds < 1:
        return _("{n} ms").format(n=round(seconds * 1000))
    return numbers.duration(seconds)


class _Times(CellDelegate):
    """When a step began and how long it took, of all the time there was."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.total = 0.0
        self.steps: Sequence[Step] = ()

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """A bar at its place, then the figure at the right."""
        step = self.steps[index.row()] if index.row() < len(self.steps) else None
        if step is not None and step.state is not State.NOT_REACHED and self.total:
            left, height = option.rect.left() + metrics.PAD_CELL, metrics.BAR
            top = option.rect.top() + (option.rect.height() - height) // 2
            painter.fillRect(QRect(left, top, _BAR, height), theme.color("selected_off"))
            start = round(_BAR * min(1.0, step.start / self.total))
            width = max(_LEAST, round(_BAR * min(1.0, step.seconds / self.total)))
            role = "red" if step.state is State.FAILED else "border_strong"
            start = min(start, _BAR - width)
            painter.fillRect(QRect(left + start, top, width, height), theme.color(role))
        super().paint(painter, option, index)


class StepRows(Rows):
    """The steps of one examination."""

    def __init__(self) -> None:
        super().__init__(_("Steps"), head=True)
        self._steps: list[Step] = []
        heads = [_("Step"), _("What happened"), _("Duration")]
        self.model_of: CellTable[Step] = CellTable(heads, self._cells, self)
        self.setModel(self.model_of)
        self._times = _Times(self)
        self.setItemDelegateForColumn(_TIME, self._times)
        self.lay_out(130, 0, _BAR + 80)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        fit_rows(self, 0, head=True)

    def show_steps(self, found: Examination | None) -> None:
        """Show them; None while nothing is known."""
        self._steps = list(found.steps) if found is not None else []
        self._times.steps = self._steps
        self._times.total = max((step.start + step.seconds for step in self._steps), default=0.0)
        self.model_of.set_rows([])
        self.model_of.set_rows(self._steps)
        fit_rows(self, len(self._steps), head=True)

    def _cells(self, step: Step) -> Sequence[Cell]:
        icon, role = _MARKS[step.state]
        failed = step.state is State.FAILED
        reached = step.state is not State.NOT_REACHED
        tone = "red_text" if failed else "text" if reached else "text3"
        text = step.text or ("" if reached else _("not reached"))
        return (
            Cell(
                step.title,
                "text" if reached else "text3",
                icon=icon,
                icon_tone=role,
                weight=600 if failed else 400,
            ),
            Cell(text, tone, small=True, hint=text),
            Cell(
                time_text(step.seconds) if reached else "",
                "red_text" if failed else "text2",
                small=True,
                right=True,
            ),
        )

    def _row_role(self, index: QModelIndex) -> str:
        """A step that failed stands on its own ground."""
        role = super()._row_role(index)
        failed = index.row() < len(self._steps) and self._steps[index.row()].state is State.FAILED
        return "red_tint" if failed and role in (self._ground, "hover") else role
