"""The Problems panel: everything wrong with the project, the worst first, each with its place and its mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.trees import Rows

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
ICONS = {
    Severity.ERROR: ("x-circle-fill", "red"),
    Severity.WARNING: ("warning-fill", "orange"),
    Severity.NOTE: ("info", "text2"),
}


class ProblemsPanel(QWidget):
    """`opened` tells that a problem's place is wanted: object and path."""

    opened = Signal(str, str)

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._name_of = name_of
        self._model: CellTable[Problem] = CellTable(
            [_("Problem"), _("Where"), _("How to mend it")], self._cells, self
        )
        self.list = Rows(_("Problems"))
        self.list.setModel(self._model)
        # The message is what is looked for: it has its room before the others, and what they leave.
        self.list.fit((420, 0), (110, 220), (110, 340))
        self._pages = QStackedWidget(self)
        self._pages.addWidget(
            EmptyState("check", _("No problems"), _("What a check finds is listed here, with its mend."))
        )
        self._pages.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.list.opened.connect(self._open)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these, errors first."""
        self._model.set_rows(sorted(problems, key=lambda problem: _ORDER[problem.severity]))
        self._pages.setCurrentIndex(1 if problems else 0)

    def _cells(self, problem: Problem) -> Sequence[Cell]:
        icon, role = ICONS[problem.severity]
        where = self._name_of(problem.object) if problem.object else ""
        if problem.path:
            where = f"{where} ▸ {problem.path}" if where else problem.path
        elif problem.line is not None:
            where = problem.place
        return (
            Cell(problem.message, icon=icon, icon_tone=role, hint=problem.message),
            Cell(where or problem.place, tone="text2", small=True, hint=problem.place),
            Cell(problem.mend, tone="text2", small=True, hint=problem.mend),
        )

    def _open(self, row: int) -> None:
        problem = self._model.rows[row]
        if problem.line is not None and (problem.file or "").startswith("schemas/"):
            # A schema's problem stands in the text, of the schema itself or of a file it takes in.
            self.opened.emit(problem.file, str(problem.line))
        elif problem.object:
            self.opened.emit(problem.object, problem.path or "")
