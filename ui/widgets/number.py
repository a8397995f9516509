"""The number of one of many, typed: record 12 of 830."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit

from ui.theme import fonts, metrics


class NumberField(QLineEdit):
    """`typed` brings a number from 1 to the last, when the writing of it has ended."""

    typed = Signal(int)

    def __init__(self, name: str, width: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedWidth(width)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(fonts.tabular())
        self.setFixedHeight(metrics.FIELD)
        self._last = 1
        self._check = QIntValidator(1, 1, self)
        self.setValidator(self._check)
        self.editingFinished.connect(self._ended)

    @property
    def is_being_written(self) -> bool:
        """Something is typed that is not yet taken: it outlives values that arrive late."""
        return self.isModified() and self.hasFocus()

    def show_number(self, text: str, last: int, *, over: bool = False) -> None:
        """Show a number of so many ("" for none), `over` even what is being typed."""
        self._last = last
        self._check.setTop(max(1, last))
        if over or not self.is_being_written:
            self.setText(text)

    def enter(self) -> None:
        """Put the cursor into it."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _ended(self) -> None:
        text, written = self.text(), self.isModified()
        self.setModified(False)
        if written and text.isdigit() and 1 <= int(text) <= self._last:
            self.typed.emit(int(text))
