"""Asks for the passphrase of the file of secrets, on a computer without a key store."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QDialog, QGridLayout, QLineEdit, QWidget

from studio.base.i18n import _
from studio.base.secrets import vault_file
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.labels import Text

_LEAST = 8


class PassphraseDialog(QDialog):
    """`new`: the file is still to be made, and the passphrase is typed twice. `wrong`: the one before did not fit."""

    def __init__(self, parent: QWidget | None, *, new: bool, wrong: bool) -> None:
        super().__init__(parent)
        self._new = new
        self.go = button(_("Use this passphrase") if new else _("Open the file"), self.accept, primary=True)
        cancel = button(_("Cancel"), self.reject)
        title = _("A passphrase for your secrets") if new else _("The passphrase of your secrets")
        body = framed(self, title, (cancel, self.go), icon="key", width=520)
        about = _(
            "This computer has no key store. Passwords and sign-ins are kept in an encrypted file instead, which this "
            "passphrase opens. It is asked for again whenever Weft Studio is started, and is kept nowhere."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        grid = form()
        self.first = _field(grid, 0, _("Passphrase"))
        self.second = _field(grid, 1, _("The same again")) if new else self.first
        body.addLayout(grid)
        self.said = Text("", "text2", wrap=True)
        body.addWidget(self.said)
        for field in (self.first, self.second):
            field.textChanged.connect(self._look)
        self._look()
        if wrong:
            self.said.set_tone("red_text")
            self.said.setText(_("The passphrase does not open the file of secrets, or the file was changed."))
        self.first.setFocus()

    def _look(self, *_any: object) -> None:
        text, again = self.first.text(), self.second.text()
        enough = len(text) >= _LEAST if self._new else bool(text)
        self.go.setEnabled(enough and text == again)
        self.said.set_tone("text2")
        if not self._new:
            self.said.setText(
                _("Whoever has forgotten it removes the file and enters the secrets again: {file}").format(
                    file=vault_file()
                )
            )
        elif enough and again and text != again:
            self.said.setText(_("The two are not the same."))
        else:
            self.said.setText(
                _("At least {n} characters. Without it, nobody can read the file again.").format(n=_LEAST)
            )


def _field(grid: QGridLayout, row: int, name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    label = Text(name)
    label.setBuddy(field)
    grid.addWidget(label, row, 0)
    grid.addWidget(field, row, 1)
    return field


async def ask_passphrase(window: QWidget, *, wrong: bool) -> str | None:
    """The passphrase, None where nobody wants to type it; over the window, or what blocks it."""
    dialog = PassphraseDialog(
        QApplication.activeModalWidget() or window, new=not vault_file().exists(), wrong=wrong
    )
    return dialog.first.text() if await finished(dialog) else None
