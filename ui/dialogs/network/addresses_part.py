"""Everything a project talks to, with the way out, the sign-in, whose certificate it is and how it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from studio.base.i18n import _
from studio.network.examination import Examination
from ui.dialogs.network.steps_part import time_text
from ui.widgets.cells import Cell, CellTable
from ui.widgets.trees import Rows, fit_rows

_MOST = 12


@dataclass(frozen=True)
class Talked:
    """An address and what was found of it; None: not known yet."""

    address: str
    found: Examination | None = None


class AddressesPart(QFrame):
    """`opened` brings an address whose row was opened. Hidden where no project is open, or it talks to nobody."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        heads = [_("Everything this project talks to"), _("Way out"), _("Scheme"), _("Issuer"), _("Answer")]
        self.model: CellTable[Talked] = CellTable(heads, _cells, self, right=(4,))
        self.view = Rows(_("Addresses of the project"), head=True)
        self.view.setModel(self.model)
        self.view.fit((180, 0), (110, 170), (70, 80), (90, 150), (80, 96))
        self.view.opened.connect(lambda row: self.opened.emit(self.model.rows[row].address))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.hide()

    def show_addresses(self, addresses: Sequence[str]) -> None:
        """Show addresses of which nothing is known yet."""
        self.model.set_rows([Talked(each) for each in addresses])
        fit_rows(self.view, min(len(addresses), _MOST), head=True)
        self.setVisible(bool(addresses))

    def show_found(self, address: str, found: Examination) -> None:
        """Show what was found of one."""
        for row, each in enumerate(self.model.rows):
            if each.address == address:
                self.model.change_row(row, Talked(address, found))

    @property
    def found(self) -> list[Talked]:
        """All that are listed."""
        return list(self.model.rows)


def host_of(address: str) -> str:
    """The computer an address names, with a port that is not the usual one."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    return parts.netloc.rpartition("@")[2] or address


def answer_text(found: Examination) -> str:
    """How an address answered, in a word or as a time."""
    failed = found.failed
    if failed is None:
        return time_text(found.seconds)
    return {
        "name": _("unknown name"),
        "connection": _("not reached"),
        "scheme": _("no sign-in fits"),
        "sign-in": _("refused"),
        "certificate": _("not trusted"),
    }.get(failed.name, _("no answer"))


def _cells(each: Talked) -> Sequence[Cell]:
    found = each.found
    if found is None:
        return (
            Cell(host_of(each.address), icon="circle-dashed", icon_tone="text3", mono=True),
            *(Cell() for _column in range(3)),
            Cell(_("asking…"), "text3", small=True, right=True),
        )
    bad = found.failed is not None
    doubtful = found.chain is not None and bool(found.chain.reason)
    tone = "red_text" if bad else "text"
    return (
        Cell(
            host_of(each.address),
            icon="x-circle-fill" if bad else "check",
            icon_tone="red" if bad else "text2",
            mono=True,
            hint=found.verdict,
        ),
        Cell(found.way_out, small=True, hint=found.rule),
        Cell(found.scheme or _("none"), small=True),
        Cell(
            found.chain.issuer if found.chain is not None else "",
            "red_text" if doubtful else "text",
            small=True,
        ),
        Cell(answer_text(found), tone if bad else "text2", small=True, right=True),
    )
