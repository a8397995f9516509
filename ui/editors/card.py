"""What the Inspector shows of an object without an inspector of its own: its name and some facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import fonts, metrics
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Elided, Line, Picture, Text

# So much of a value is shown however long its label is.
_VALUE = 96


class Card(QWidget):
    """An icon, a name, what it is, and rows of facts."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self.setProperty("band", "window")
        # Never wider than its place: what does not fit wraps or is shortened inside.
        self.setMinimumWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL, metrics.PAD_PANEL)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Picture(icon))
        self._name = Elided("", step=fonts.TITLE, weight=600)
        head.addWidget(self._name, 1)
        self._what = Text("", "text2", step=fonts.SECONDARY)
        head.addWidget(self._what)
        column.addLayout(head)
        self._about = Text("", "text2", wrap=True)
        column.addWidget(self._about)
        column.addWidget(Line())
        self._facts = QVBoxLayout()
        self._facts.setSpacing(4)
        column.addLayout(self._facts)
        self._more = QVBoxLayout()
        self._more.setSpacing(8)
        self._more.setContentsMargins(0, 8, 0, 0)
        column.addLayout(self._more)
        column.addStretch(1)

    def add(self, widget: QWidget) -> None:
        """Put something below the facts."""
        self._more.addWidget(widget)

    def show_facts(
        self, name: str, what: str, about: str, title: str, facts: Sequence[tuple[str, str]]
    ) -> None:
        """Show these."""
        self._name.setText(name)
        self._what.setText(what)
        self._about.setText(about)
        self._about.setVisible(bool(about))
        while self._facts.count():
            item = self._facts.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._facts.addWidget(SectionHead(title))
        for label, value in facts:
            self._facts.addWidget(_fact(label, value))


def _fact(label: str, value: str) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    # The value is what one looks for: a long label wraps beside it.
    said = Text(label, "text2", wrap=True)
    shown = Elided(value, mono=True, right=True)
    shown.setMinimumWidth(min(shown.sizeHint().width(), _VALUE))
    row.addWidget(said, 1)
    row.addWidget(shown)
    return holder
