"""Asks for the address of a schema, and who asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.schema.remote import is_address
from ui.dialogs.ask import finished
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.foot import Foot
from ui.widgets.labels import Text


@dataclass(frozen=True)
class Asked:
    """An address, and a user with a password, or a token without a user; both empty for nobody."""

    url: str
    user: str = ""
    secret: str = ""


class AddressDialog(QDialog):
    """Address, user, password or token; nothing of it is kept."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        title = _("Schema from an address")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        margin = metrics.PAD_DIALOG
        body.setContentsMargins(margin, margin, margin, margin)
        body.setSpacing(12)
        body.addWidget(Text(title, step=fonts.TITLE, weight=600))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        self.url = self._field(grid, 0, _("Address"), "https://")
        self.user = self._field(grid, 1, _("User"), _("empty for a token, or for nobody"))
        self.secret = self._field(grid, 2, _("Password or token"), "")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        body.addLayout(grid)
        about = _(
            "The schema is fetched with all it imports and copied into the project. User, password and token go to "
            "the server of the address only, and are not kept."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        column.addLayout(body)
        column.addWidget(self._foot())
        self.url.textChanged.connect(self._look)
        self._look("")

    def _field(self, grid: QGridLayout, row: int, label: str, hint: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(label)
        field.setPlaceholderText(hint)
        grid.addWidget(Text(label), row, 0)
        grid.addWidget(field, row, 1)
        return field

    def _foot(self) -> Foot:
        self._done = button(_("Fetch"), self.accept, primary=True)
        self._done.setDefault(True)
        return Foot((button(_("Cancel"), self.reject), self._done))

    def _look(self, text: str) -> None:
        self._done.setEnabled(is_address(text.strip()))


async def ask_address(parent: QWidget) -> Asked | None:
    """What was asked for, None where the dialog was cancelled."""
    dialog = AddressDialog(parent)
    if not await finished(dialog):
        return None
    return Asked(dialog.url.text().strip(), dialog.user.text().strip(), dialog.secret.text())
