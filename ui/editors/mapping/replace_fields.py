"""What to find in the scripts and what to put there: the line of fields above the list of what would change."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.base.i18n import _
from studio.mapping.replace import Wanted
from ui.theme import metrics
from ui.widgets.checks import Check
from ui.widgets.fields import FilterField

# A moment without another letter.
_PAUSE = 120


class ReplaceFields(QWidget):
    """`changed` follows what is written, a moment later; `entered` Enter, `left` Esc."""

    changed = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sought = FilterField(_("Find in scripts"), _("Find"), "magnifying-glass")
        self.put = FilterField(_("Replace by"), _("Replace by"), "pencil-simple")
        self.case = Check(_("Match case"))
        self.words = Check(_("Whole words"))
        self.everywhere = Check(_("Whole project"))
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(8)
        row.addWidget(self.sought, 1)
        row.addWidget(self.put, 1)
        for check in (self.case, self.words, self.everywhere):
            row.addWidget(check)
            check.toggled.connect(lambda _on: self.changed.emit())
        for field in (self.sought, self.put):
            field.textChanged.connect(lambda _text: self._soon.start())
            field.returnPressed.connect(self.entered)
            field.left.connect(self.left)
        self.hide()

    @property
    def wanted(self) -> Wanted:
        """What is written."""
        return Wanted(self.sought.text(), self.put.text(), self.case.isChecked(), self.words.isChecked())

    def enter(self, text: str, *, everywhere: bool) -> None:
        """Put the cursor into the first field, with a text to look for, if there is one."""
        self.everywhere.setChecked(everywhere)
        if text:
            self.sought.setText(text)
        self.show()
        self.sought.setFocus()
        QLineEdit.selectAll(self.sought)
        self.changed.emit()
