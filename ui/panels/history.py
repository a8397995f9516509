"""The History panel: every edit by name; a click goes back to it or forward again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.base.retelling import retold
from studio.project.history import History
from studio.project.model import Project
from ui.bridge import numbers
from ui.widgets.cells import Cell, CellTable
from ui.widgets.trees import Rows


@dataclass(frozen=True)
class _Edit:
    index: int
    label: str
    objects: tuple[str, ...]
    at: float
    current: bool
    undone: bool


class HistoryPanel(QWidget):
    """`wanted` tells the step a person wants to be at."""

    wanted = Signal(int)

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._name_of = name_of
        self._model: CellTable[_Edit] = CellTable([_("Edit"), _("Object"), _("When")], self._cells, self)
        self.list = Rows(_("History"))
        self.list.setModel(self._model)
        self.list.lay_out(0, 300, 160)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.list.opened.connect(lambda row: self.wanted.emit(self._model.rows[row].index))

    def show_history(self, history: History[Project] | None) -> None:
        """Show the steps, the newest first."""
        steps = history.steps if history is not None else ()
        at = history.index if history is not None else 0
        self._model.set_rows(
            [
                _Edit(index, step.label, tuple(sorted(step.changed)), step.at, index == at, index > at)
                for index, step in reversed(tuple(enumerate(steps)))
            ]
        )

    def _cells(self, edit: _Edit) -> Sequence[Cell]:
        tone = "text3" if edit.undone else "text"
        icon = "arrow-u-up-left" if edit.undone else ("caret-right" if edit.current else "check")
        names = ", ".join(self._name_of(id) for id in edit.objects)
        return (
            Cell(
                retold(edit.label),
                tone,
                icon,
                "accent" if edit.current else "text3",
                weight=600 if edit.current else 400,
                note=_("the next edit removes it") if edit.undone else "",
                hint=_("Undone: a click does it again, the next edit removes it.") if edit.undone else "",
            ),
            Cell(names, "text2", small=True),
            Cell(numbers.when(edit.at) if edit.at else "", "text2", small=True),
        )
