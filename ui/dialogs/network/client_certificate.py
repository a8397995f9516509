"""Asks for a client certificate: for which hosts, its files, and the passphrase of its key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QWidget

from studio.base.i18n import _
from studio.network.settings import ClientCertificate
from ui.bridge.tasks import Tasks
from ui.dialogs.ask import ask_file, finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.labels import Text


@dataclass(frozen=True)
class Chosen:
    """A certificate for the hosts of a pattern; the passphrase "" for a key without one."""

    host: str
    certificate: ClientCertificate
    passphrase: str = ""


class CertificateDialog(QDialog):
    """The files are looked at when the preferences are kept."""

    def __init__(self, parent: QWidget, tasks: Tasks) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.go = button(_("Add"), self.accept, primary=True)
        buttons = (button(_("Cancel"), self.reject), self.go)
        body = framed(self, _("Certificate of our own"), buttons, width=560)
        about = _(
            "It is shown to hosts that ask who we are. The passphrase of its key goes to the key store."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        grid = form()
        self.host = _field(_("Hosts"), "*.corp.example")
        self.file = _field(_("Certificate file"), "client.pem")
        self.key = _field(_("Key file"), _("empty: in the same file"))
        self.passphrase = _field(_("Passphrase of the key"), _("empty: it has none"))
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        for row, field in enumerate((self.host, self.file, self.key, self.passphrase)):
            label = Text(field.accessibleName())
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(field, 1)
            if field in (self.file, self.key):
                browse = button(_("Browse…"), partial(self._browse, field), small=True)
                browse.setAccessibleName(_("Browse: {field}").format(field=field.accessibleName()))
                line.addWidget(browse)
            grid.addLayout(line, row, 1)
            field.textChanged.connect(self._look)
        body.addLayout(grid)
        self._look()
        self.host.setFocus()

    def _browse(self, field: QLineEdit) -> None:
        self._tasks.quietly(self._choose(field))

    async def _choose(self, field: QLineEdit) -> None:
        filters = _("PEM files (*.pem *.crt *.key)") + ";;" + _("All files (*)")
        file = await ask_file(self, field.accessibleName(), filters)
        if file is not None:
            field.setText(str(file))

    def _look(self) -> None:
        whole = bool(self.host.text().strip() and self.file.text().strip())
        self.go.setEnabled(whole)
        self.go.setToolTip("" if whole else _("Give the hosts and the file of the certificate"))

    @property
    def chosen(self) -> Chosen:
        """What was given."""
        certificate = ClientCertificate(self.file.text().strip(), self.key.text().strip())
        return Chosen(self.host.text().strip(), certificate, self.passphrase.text())


def _field(name: str, example: str) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(example)
    return made


async def ask_certificate(parent: QWidget, tasks: Tasks) -> Chosen | None:
    """A certificate, or None."""
    dialog = CertificateDialog(parent, tasks)
    return dialog.chosen if await finished(dialog) else None
