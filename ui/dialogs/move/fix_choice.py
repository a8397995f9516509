"""The dialog that offers fixes for all rows of a field's findings, each with some values before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QDialog, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.moves.rows.value_fix import Fix
from ui.bridge import numbers
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Radio
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

_ROWS_HEIGHT = 148


@dataclass(frozen=True)
class Offered:
    """One fix to choose; `fix` None leaves the column out, `asks` what has to be given first."""

    text: str
    fix: Fix | None
    samples: tuple[tuple[str, str], ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Group:
    """What was found in how many rows (0: a question about the whole column), and what helps."""

    text: str
    rows: int
    offers: tuple[Offered, ...]


def groups_of(checked: dict[str, Any]) -> tuple[Group, ...]:
    """The findings of one field of a check's answer that something helps against, the column's question first."""
    found: list[Group] = []
    if checked["question"]:
        answers = tuple(Offered(one["text"], Fix.from_data(one["fix"])) for one in checked["answers"])
        found.append(Group(checked["question"], 0, answers))
    for finding in checked["findings"]:
        offers = tuple(_offered(one) for one in finding["fixes"])
        if offers:
            found.append(Group(finding["text"], finding["rows"], offers))
    return tuple(found)


def _offered(one: dict[str, Any]) -> Offered:
    text = one["text"]
    if one["fix"] is not None and not one["asks"] and one["mends"] < one["tried"]:
        text = _("{fix}: helps with {mends} of {tried} values").format(
            fix=text, mends=one["mends"], tried=one["tried"]
        )
    fix = Fix.from_data(one["fix"]) if one["fix"] is not None else None
    return Offered(
        text, fix, tuple((before, after) for before, after in one["samples"]), one["asks"] == "value"
    )


class FixDialog(QDialog):
    """Arrow keys go through the fixes, Enter takes the one in hand."""

    def __init__(self, parent: QWidget, field: str, groups: Sequence[Group]) -> None:
        super().__init__(parent)
        title = _("Fix {field} in all rows").format(field=field)
        self._done = button(_("Fix all rows"), self.accept, primary=True)
        buttons = (button(_("Cancel"), self.reject), self._done)
        column = framed(self, title, buttons, width=560, spacing=8)
        self._choices = QButtonGroup(self)
        self._offers: list[Offered] = []
        for group in groups:
            self._add(column, group)
        self.value = QLineEdit()
        self.value.setAccessibleName(_("Value for empty cells"))
        self.value.setPlaceholderText(_("Value for empty cells"))
        column.addWidget(self.value)
        self._table: CellTable[tuple[str, str]] = CellTable(
            [_("Before"), _("After")], lambda pair: [Cell(text, mono=True) for text in pair], self
        )
        self._view = Rows(_("Before and after"), head=True)
        self._view.setModel(self._table)
        self._view.fit((200, 0), (200, 0))
        self._view.setFixedHeight(_ROWS_HEIGHT)
        column.addWidget(self._view)
        # The texts stay together at the top, whatever is shown below them.
        column.addStretch(1)
        self._choices.idToggled.connect(lambda _at, _on: self._look())
        self.value.textChanged.connect(lambda _text: self._look())
        self._choices.button(0).setChecked(True)
        self._choices.button(0).setFocus()

    def _add(self, column: QVBoxLayout, group: Group) -> None:
        text = group.text
        if group.rows:
            rows = ngettext("{text}: {n} row", "{text}: {n} rows", group.rows)
            text = rows.replace("{n}", numbers.count(group.rows)).format(text=group.text)
        column.addWidget(Text(text, "text2", wrap=True))
        for offer in group.offers:
            radio = Radio(offer.text)
            self._choices.addButton(radio, len(self._offers))
            self._offers.append(offer)
            column.addWidget(radio)

    @property
    def chosen(self) -> Offered:
        """The fix in hand, with the value given where it asks for one."""
        offer = self._offers[max(self._choices.checkedId(), 0)]
        if offer.asks and offer.fix is not None:
            fix = Fix(offer.fix.kind, self.value.text())
            return Offered(offer.text, fix)
        return offer

    def _look(self) -> None:
        offer = self._offers[max(self._choices.checkedId(), 0)]
        self.value.setVisible(offer.asks)
        self._view.setVisible(bool(offer.samples))
        self._table.set_rows([_shown(pair) for pair in offer.samples])
        self._done.setEnabled(not offer.asks or bool(self.value.text()))


def _shown(pair: tuple[str, str]) -> tuple[str, str]:
    before, after = (text.replace("\n", " ⏎ ") for text in pair)
    return before, after or _("(empty)")


async def ask_fix(parent: QWidget, field: str, groups: Sequence[Group]) -> Offered | None:
    """The fix chosen; None where the dialog was closed."""
    dialog = FixDialog(parent, field, groups)
    accepted = await finished(dialog)
    return dialog.chosen if accepted else None
