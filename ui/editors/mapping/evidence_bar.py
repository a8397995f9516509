"""The bar above a map while records are looked for or all of them are gone through: what is found, progress, Stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy

from studio.base.i18n import _
from ui.bridge import numbers
from ui.theme import metrics
from ui.widgets.bars import Bar
from ui.widgets.buttons import button, icon_button
from ui.widgets.fields import Combo
from ui.widgets.labels import Elided, Picture, Text


class _Field(QLineEdit):
    """`left` tells that Esc was pressed."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives the focus away."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class EvidenceBar(QFrame):
    """`asked` tells what to look for (source address or "", text), `stepped` the next or the one before (1, -1),
    `stopped` and `closed` the buttons."""

    asked = Signal(str, str)
    stepped = Signal(int)
    stopped = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "notice")
        self.setFixedHeight(metrics.TREE_HEAD)
        self._picture = Picture("info", "accent")
        self.field = Combo(_("Look in"), small=True)
        self.text = _Field()
        self.text.setAccessibleName(_("Text to find"))
        self.text.setPlaceholderText(_("a part of the value, or nothing for any"))
        self.text.setFixedHeight(metrics.FIELD)
        hint = self.text.fontMetrics().horizontalAdvance(self.text.placeholderText())
        self.text.setFixedWidth(max(260, hint + 24))
        self.text.returnPressed.connect(self._ask)
        self.text.left.connect(self.closed)
        self.search = button(_("Find"), self._ask, small=True)
        self.said = Elided("", "text")
        self.bar = Bar(_("Records gone through"))
        self.bar.setFixedWidth(120)
        self.bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._count = Text("", "text2")
        self.stop = button(_("Stop"), self.stopped.emit, icon="stop-fill", small=True)
        self.back = icon_button("caret-up", _("Previous one found"), lambda: self.stepped.emit(-1))
        self.forward = icon_button("caret-down", _("Next one found"), lambda: self.stepped.emit(1))
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 0, 4, 0)
        row.setSpacing(8)
        for widget in (self._picture, self.field, self.text, self.search):
            row.addWidget(widget)
        row.addWidget(self.said, 1)
        for other in (self.bar, self._count, self.stop, self.back, self.forward):
            row.addWidget(other)
        row.addWidget(icon_button("x", _("Close what was found"), self.closed.emit))
        self.hide()

    def ask_for(self, paths: list[tuple[str, str]]) -> None:
        """Ask what to look for; `paths` are the fields offered, address and words."""
        self.field.clear()
        for path, words in paths:
            self.field.addItem(words, path)
        self._begin("magnifying-glass", searching=True)
        self.say("")
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def begin(self, icon: str, text: str) -> None:
        """Work has begun."""
        self._begin(icon, searching=self.searching and icon == "magnifying-glass")
        self.say(text)
        self.show_progress(0, 0.0)
        for widget in (self.bar, self._count, self.stop):
            widget.show()

    @property
    def searching(self) -> bool:
        """The fields of a search are shown."""
        return not self.isHidden() and not self.text.isHidden()

    def _begin(self, icon: str, *, searching: bool) -> None:
        self._picture.show_icon(icon, "accent")
        for widget in (self.field, self.text, self.search):
            widget.setVisible(searching)
        for other in (self.bar, self._count, self.stop, self.back, self.forward):
            other.hide()
        self.show()

    def show_progress(self, done: int, share: float) -> None:
        """How many records have been gone through, and which share of them that is, 0 where nobody knows."""
        self.bar.show_parts([(share, "accent")], 1.0 if share else 0.0)
        self.bar.setVisible(bool(share))
        self._count.setText(_("{n} records").format(n=numbers.count(done)) if done else "")

    def end(self, text: str, *, steps: bool) -> None:
        """Work has ended with something to say; `steps` where one can go from one found to the next."""
        self.say(text)
        for widget in (self.bar, self._count, self.stop):
            widget.hide()
        for other in (self.back, self.forward):
            other.setVisible(steps)

    def say(self, text: str) -> None:
        """Say what was found."""
        self.said.setText(text)

    def _ask(self) -> None:
        self.asked.emit(str(self.field.currentData() or ""), self.text.text().strip())
