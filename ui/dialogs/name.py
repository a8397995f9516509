"""A small dialog that asks for one name."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.dialogs.ask import finished
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.labels import Text


class NameDialog(QDialog):
    """One field with its label; OK is possible once something is in it."""

    def __init__(self, parent: QWidget, title: str, label: str, text: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumWidth(400)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG, metrics.PAD_DIALOG
        )
        column.setSpacing(8)
        column.addWidget(Text(title, step=fonts.TITLE, weight=600))
        column.addWidget(Text(label, "text2"))
        self.field = QLineEdit(text)
        self.field.setAccessibleName(label)
        self.field.selectAll()
        column.addWidget(self.field)
        column.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), self.reject))
        self._done = button(_("OK"), self.accept, primary=True)
        self._done.setDefault(True)
        row.addWidget(self._done)
        column.addLayout(row)
        self.field.textChanged.connect(self._look)
        self._look(text)

    def _look(self, text: str) -> None:
        self._done.setEnabled(bool(text.strip()))


async def ask_name(parent: QWidget, title: str, label: str, text: str = "") -> str:
    """The name given, "" where the dialog was closed."""
    dialog = NameDialog(parent, title, label, text)
    accepted = await finished(dialog)
    return dialog.field.text().strip() if accepted else ""
