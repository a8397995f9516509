"""Moves that were not finished, offered when the window opens: go on with the last, or see all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.base.i18n import _, ngettext
from studio.base.paths import data_folder
from ui.bridge import numbers
from ui.dialogs.move.mover import Mover
from ui.dialogs.move.moves_page import unfinished, what
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Line, Picture, Text


def were_moves() -> bool:
    """Something was sent or exported on this computer: a process has to be asked how that ended."""
    folder = data_folder() / "moves"
    return folder.is_dir() and any(each.is_dir() for each in folder.iterdir())


class Offer(QFrame):
    """Hidden until there is something to offer; `go_on` is given the line of the newest such move."""

    def __init__(self, go_on: Callable[[dict[str, Any]], object]) -> None:
        super().__init__()
        self.setProperty("band", "header")
        self.setAccessibleName(_("Unfinished moves"))
        self._line: dict[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self.text = Text("", wrap=True)
        self._go_on = go_on
        self.on = button(_("Continue"), self._continue, icon="play", small=True)
        self.not_now = button(_("Not now"), self.hide, small=True)
        row.addWidget(Picture("info", "text2"))
        row.addWidget(self.text, 1)
        row.addWidget(self.on)
        row.addWidget(self.not_now)
        column.addLayout(row)
        column.addWidget(Line())
        self.hide()

    def _continue(self) -> None:
        self.hide()
        self._go_on(self._line)

    async def look(self, mover: Mover) -> None:
        """Ask for the moves there are, unless there are none."""
        if not were_moves():
            return
        waiting = [line for line in await mover.ask("moves") if unfinished(line)]
        if not waiting:
            return
        self._line = line = waiting[0]
        text = ngettext(
            "{n} unfinished move waits: {run}, {what}, {answered} of {read} rows answered.",
            "{n} unfinished moves wait; the last is {run}, {what}, {answered} of {read} rows answered.",
            len(waiting),
        )
        answered = line["succeeded"] + line["failed"]
        self.text.setText(
            text.format(
                n=numbers.count(len(waiting)),
                run=line["run"],
                what=what(line),
                answered=numbers.count(answered),
                read=numbers.count(line["read"]),
            )
        )
        self.show()
