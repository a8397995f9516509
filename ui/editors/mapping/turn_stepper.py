"""Which turn of a loop inside the record is shown: back, the number, forward."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.evidence import Turn
from ui.bridge.numbers import count
from ui.widgets.buttons import icon_button
from ui.widgets.labels import Text
from ui.widgets.number import NumberField


class TurnStepper(QWidget):
    """`asked` asks for a turn of the loop shown, counted from 1. It is hidden where there is no other turn."""

    asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._loop = ""
        self._turn = Turn(1, 1)
        self.back = icon_button(
            "caret-left", _("Previous turn"), lambda: self.asked.emit(self._turn.number - 1)
        )
        self.forward = icon_button(
            "caret-right", _("Next turn"), lambda: self.asked.emit(self._turn.number + 1)
        )
        self._name = Text("", "text2")
        self.field = NumberField(_("Turn"), 40)
        # Whether it is the turn shown is for the map to say: what stands here may be of the turn before.
        self.field.typed.connect(self.asked)
        self._of = Text("", "text2")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(4)
        for widget in (self.back, self._name, self.field, self._of, self.forward):
            row.addWidget(widget)
        self.hide()

    def show_turn(self, loop: str, turn: Turn | None) -> None:
        """Show the turn of the loop at a target path; None where there is no such loop."""
        self.setVisible(turn is not None and turn.total > 1)
        if turn is None:
            return
        # What is being typed stays, however late the values of the turn before come.
        self.field.show_number(str(turn.number), turn.total, over=loop != self._loop)
        self._loop, self._turn = loop, turn
        name = address.name(loop).rpartition("::")[2]
        self._name.setText(name if len(name) <= 16 else f"{name[:15]}…")
        self._name.setToolTip(loop)
        self._of.setText(_("of {n}").format(n=count(turn.total)))
        self.back.setEnabled(turn.number > 1)
        self.forward.setEnabled(turn.number < turn.total)

    def enter(self) -> None:
        """Put the cursor into the number of the turn."""
        self.field.enter()
