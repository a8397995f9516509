"""The matters as a table: for a screen reader, for the keyboard, and for many of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.base.i18n import _
from ui.dialogs.conflicts import wording
from ui.dialogs.conflicts.matters import ALL, Choice, Deciding, Kind, Matter
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Line
from ui.widgets.trees import Rows, current_row


def choice_text(choice: Choice | None) -> str:
    """A decision in words."""
    if choice is None:
        return _("undecided")
    return {
        Kind.MINE: _("mine"),
        Kind.THEIRS: _("theirs"),
        Kind.JOIN: _("both joined"),
        Kind.OWN: _("written myself"),
        Kind.BOTH: _("both kept"),
    }[choice.kind]


class TablePart(QFrame):
    """All matters of all objects; the buttons below decide the one the table stands on, which `taken` tells."""

    taken = Signal(int)

    def __init__(self, deciding: Deciding, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._deciding = deciding
        self._name_of = name_of
        heads = [_("Object"), _("Place"), _("Before"), _("Mine"), _("Theirs"), _("Decision")]
        self.model: CellTable[Matter] = CellTable(heads, self._cells, self)
        self.view = Rows(_("Conflicts"), head=True)
        self.view.setModel(self.model)
        self.model.set_rows(list(deciding.matters))
        self.view.fit((90, 130), (110, 190), (80, 0), (80, 0), (80, 0), (90, 110))
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self._turned())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(Line())
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_PANEL, 8, metrics.PAD_PANEL, 8)
        row.setSpacing(8)
        names = {Kind.MINE: _("Keep mine"), Kind.THEIRS: _("Take theirs"), Kind.JOIN: _("Join both")}
        self.buttons = {kind: button(text, partial(self._choose, kind)) for kind, text in names.items()}
        for each in self.buttons.values():
            row.addWidget(each)
        row.addStretch(1)
        column.addLayout(row)
        deciding.changed.connect(self._changed)
        self._turned()

    def _cells(self, matter: Matter) -> Sequence[Cell]:
        texts = [wording.text_of(matter, value).replace("\n", " ") for value in matter.versions]
        choice = self._deciding.choices.get(matter.number)
        mark = "check-circle" if choice is not None else "circle-dashed"
        base, mine, theirs = (
            text or (_("deleted") if place else _("not there")) for place, text in enumerate(texts)
        )
        return (
            Cell(self._name_of(matter.object or matter.path), icon=mark, small=True),
            Cell(matter.place, mono=True, ends=True, hint=matter.place),
            Cell(base, "text2", mono=True, hint=base[:500]),
            Cell(mine, mono=True, hint=mine[:500]),
            Cell(theirs, "theirs_text", mono=True, hint=theirs[:500]),
            Cell(choice_text(choice), small=True),
        )

    @property
    def _current(self) -> Matter | None:
        row = current_row(self.view)
        return self.model.rows[row] if row >= 0 else None

    def show_matter(self, number: int) -> None:
        """Stand on a matter."""
        row = next((n for n, each in enumerate(self.model.rows) if each.number == number), -1)
        if row >= 0 and row != current_row(self.view):
            self.view.setCurrentIndex(self.model.index(row, 0))

    def _turned(self) -> None:
        matter = self._current
        for kind, each in self.buttons.items():
            fits = matter is not None and (kind is not Kind.JOIN or matter.joined is not None)
            each.setEnabled(fits)
            each.setToolTip("" if fits or matter is None else _("Both changed the same part"))
        if matter is not None:
            self.taken.emit(matter.number)

    def _choose(self, kind: Kind) -> None:
        if self._current is not None:
            self._deciding.choose(self._current.number, Choice(kind))

    def _changed(self, number: int) -> None:
        if number == ALL:
            at = current_row(self.view)
            self.model.set_rows([])
            self.model.set_rows(list(self._deciding.matters))
            self.view.setCurrentIndex(self.model.index(at, 0))
            return
        for row, matter in enumerate(self.model.rows):
            if matter.number == number:
                self.model.change_row(row, matter)
