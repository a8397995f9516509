"""Weak matches looked at once more: each column with some of its values beside the field it may mean, taken one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from studio.base.i18n import _
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Text
from ui.widgets.trees import Rows


@dataclass(frozen=True)
class Proposal:
    """A column, some of its values, the field it may go to, and why."""

    column: str
    values: tuple[str, ...]
    field: str
    label: str
    type: str
    why: str
    on: bool = False


class _List(Rows):
    """Space ticks."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks the current row."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex().siblingAtColumn(0))
        else:
            super().keyPressEvent(event)


class ProposalDialog(QDialog):
    """Nothing is ticked at first: a column goes where somebody has looked at its values."""

    def __init__(self, parent: QWidget, proposals: Sequence[Proposal]) -> None:
        super().__init__(parent)
        self.take = button(_("Take the ticked ones"), self.accept, primary=True)
        box = framed(self, _("Do these columns go there?"), (button(_("Cancel"), self.reject), self.take))
        about = _(
            "Their names or values only hint at a field. Look at the values and tick what is right; Space ticks."
        )
        box.addWidget(Text(about, "text2", wrap=True))
        heads = [_("Source column"), _("Its values"), "", _("Salesforce field"), _("Type"), _("Why")]
        self.model: CellTable[Proposal] = CellTable(heads, _cells, self)
        self.model.set_rows(list(proposals))
        self.view = _List(_("Proposals"), head=True)
        self.view.setModel(self.model)
        self.view.fit((120, 160), (180, 0), (28, 28), (140, 200), (80, 120), (100, 150))
        self.view.clicked.connect(self._tick)
        self.view.setCurrentIndex(self.model.index(0, 0))
        box.addWidget(self.view, 1)
        self.resize(860, 380)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    def _tick(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        self.model.change_row(index.row(), Proposal(**{**vars(row), "on": not row.on}))
        self._look()

    def _look(self) -> None:
        self.take.setEnabled(bool(self.wanted))

    @property
    def wanted(self) -> dict[str, str]:
        """Column → field of what is ticked."""
        return {row.column: row.field for row in self.model.rows if row.on}


def _cells(row: Proposal) -> Sequence[Cell]:
    return (
        Cell(
            row.column,
            icon="check-square-fill" if row.on else "square",
            icon_tone="accent" if row.on else "border_strong",
            weight=500,
        ),
        Cell(" · ".join(row.values), mono=True, tone="text2", hint="\n".join(row.values)),
        Cell(icon="arrow-right"),
        Cell(row.label, note=row.field if row.field != row.label else ""),
        Cell(row.type, tone="text2", small=True),
        Cell(row.why, tone="text3", small=True, hint=row.why),
    )


async def ask_proposals(parent: QWidget, proposals: Sequence[Proposal]) -> dict[str, str]:
    """The columns that go where it was proposed; none where the dialog was left."""
    dialog = ProposalDialog(parent, proposals)
    return dialog.wanted if await finished(dialog) else {}
