"""What a person sees at the start after the program died: what was kept, and the report."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui import theme
from ui.dialogs.ask import finished
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Text


class CrashDialog(QDialog):
    """Shows the report the system left behind; nothing is sent anywhere."""

    def __init__(self, parent: QWidget, report: str) -> None:
        super().__init__(parent)
        self._report = report
        title = _("The studio ended unexpectedly last time")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumSize(560, 360)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(12)
        column.addWidget(Text(title, step=fonts.TITLE, weight=600, wrap=True))
        about = _(
            "Your unsaved work comes back when you open its project. The report below tells where it ended."
        )
        column.addWidget(Text(about, "text2", wrap=True))
        box = QPlainTextEdit(report)
        box.setAccessibleName(_("Report"))
        box.setProperty("field", True)
        box.setReadOnly(True)
        box.setFont(theme.mono())
        column.addWidget(box, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(button(_("Copy the report"), self._copy))
        close = button(_("Close"), self.accept, primary=True)
        close.setDefault(True)
        row.addWidget(close)
        column.addLayout(row)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)


async def tell_crash(parent: QWidget, report: str) -> None:
    """Show the report and wait until it is closed."""
    await finished(CrashDialog(parent, report))
