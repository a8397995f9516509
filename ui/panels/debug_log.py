"""What a debugged run has written to the log: its last lines, below the script it is held in."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QPlainTextEdit

from studio.base.i18n import _
from ui.bridge.debugging import Debugging
from ui.theme import fonts

# Lines come thousands a second: they are shown together, after so many milliseconds.
_TOGETHER = 100


class DebugLog(QPlainTextEdit):
    """It hides while there is nothing to show."""

    def __init__(self, debugging: Debugging) -> None:
        super().__init__()
        self._debugging = debugging
        self.setAccessibleName(_("Log of the debugged run"))
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setFont(fonts.mono(fonts.SECONDARY))
        self.setMinimumHeight(32)
        self._soon = QTimer(self, singleShot=True, interval=_TOGETHER)
        self._soon.timeout.connect(self._show)
        debugging.logged.connect(self._wait)
        self._show()

    def sizeHint(self) -> QSize:
        """A few lines."""
        return QSize(200, 4 * self.fontMetrics().lineSpacing() + 8)

    def _wait(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        self.setPlainText("\n".join(self._debugging.log))
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
        self.setVisible(bool(self._debugging.log))
