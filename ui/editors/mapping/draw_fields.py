"""The line of fields in which a node is drawn: name, namespace, what it is, type and occurrence."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from studio.base.i18n import _
from studio.schema.drawn import TYPES, Drawn
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.fields import Combo, FilterField
from ui.widgets.labels import Text

OCCURS = ("0..1", "1", "0..n", "1..n")


class DrawFields(QFrame):
    """`entered` tells that what is written is to be drawn, `left` that nothing is."""

    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Draw a node"))
        self.setProperty("band", "header")
        self._title = Text("", weight=600)
        self.name = FilterField(_("Name of the drawn node"), _("Name, or @name"), "text-t")
        self.space = FilterField(_("Namespace of the drawn node"), _("Namespace"), "link")
        self.type = Combo(_("Type of the drawn node"))
        self.type.addItem(_("holds nodes, or text"), "")
        for name in TYPES:
            self.type.addItem(name, name)
        self.occurs = Combo(_("Occurrence of the drawn node"))
        self.occurs.addItems(OCCURS)
        self.said = Text("", "red_text", step=fonts.SECONDARY)
        self.ok = button(_("Draw it"), self.entered.emit, primary=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        # Below the fields: beside them it would take the room of what is to be mended.
        column.addWidget(self.said)
        row.addWidget(self._title)
        row.addWidget(self.name, 2)
        row.addWidget(self.space, 2)
        for widget in (self.type, self.occurs, self.ok, button(_("Done"), self.left.emit)):
            row.addWidget(widget)
        for field in (self.name, self.space):
            field.returnPressed.connect(self.entered)
            field.left.connect(self.left)
        self.say("")
        self.hide()

    def say(self, text: str) -> None:
        """What is wrong with what was written; "" for nothing."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def show_for(self, title: str, name: str, drawn: Drawn, *, json: bool, verb: str) -> None:
        """Open the fields with what is known."""
        self._title.setText(title)
        self.say("")
        self.name.setText(name)
        self.space.setVisible(not json)
        self.space.setText(drawn.namespace or "")
        self.type.setCurrentIndex(max(0, self.type.findData(drawn.type)))
        self.occurs.setCurrentIndex(max(0, self.occurs.findText(drawn.occurs or OCCURS[0])))
        self.ok.setText(verb)
        self.ok.setAccessibleName(verb)
        self.show()
        self.name.setFocus()
        self.name.selectAll()

    def drawn(self, before: Drawn | None = None) -> Drawn:
        """What is written."""
        occurs = self.occurs.currentText()
        space = self.space.text().strip()
        kept = before.namespace if before is not None and (before.namespace or "") == space else space or None
        return Drawn(
            str(self.type.currentData()), kept, "" if occurs == OCCURS[0] else occurs,
            before.extra if before is not None else {},
        )  # fmt: skip
