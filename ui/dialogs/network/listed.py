"""A short list with the buttons that change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.trees import Rows, current_row, fit_rows

Row = TypeVar("Row")
_SEEN = 4


class Listed(QFrame, Generic[Row]):
    """Only as high as its rows; hidden without any, but for the buttons."""

    def __init__(
        self, name: str, heads: Sequence[str], cells: Callable[[Row], Sequence[Cell]], widths: Sequence[int]
    ) -> None:
        super().__init__()
        self.model: CellTable[Row] = CellTable(heads, cells, self)
        self.view = Rows(name, head=True)
        self.view.setModel(self.model)
        self.view.lay_out(*widths)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.view)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column.addLayout(self._row)
        self._of_row: list[QPushButton] = []
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self._look())
        self.show_rows([])

    def add_buttons(self, *buttons: tuple[str, Callable[[], object], bool]) -> None:
        """Put buttons below it: text, what they do, and whether they need a row."""
        for text, do, needs_row in buttons:
            made = button(text, do, small=True)
            self._row.addWidget(made)
            if needs_row:
                self._of_row.append(made)
        self._row.addStretch(1)
        self._look()

    @property
    def picked(self) -> Row | None:
        """The row the list stands on."""
        row = current_row(self.view)
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; the list stands on the same one as before, if it is still there."""
        at = current_row(self.view)
        self.model.set_rows(rows)
        self.view.setVisible(bool(rows))
        fit_rows(self.view, max(1, min(len(rows), _SEEN)), head=True)
        if rows:
            self.view.setCurrentIndex(self.model.index(min(max(at, 0), len(rows) - 1), 0))
        self._look()

    def _look(self) -> None:
        for each in self._of_row:
            each.setEnabled(self.picked is not None)
