"""Asks once who signs in with a proxy: the computer's own sign-in, or a user and a password that goes to the key store."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QButtonGroup, QDialog, QLineEdit, QVBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.network.hops import read_hop
from ui.bridge.tasks import Tasks
from ui.bridge.way_out import WayOut
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.checks import Radio
from ui.widgets.labels import Text


@dataclass(frozen=True)
class Wanted:
    """The proxy that asks (`host:port`; "" for one still to be named), what it said, the user known so far."""

    proxy: str = ""
    said: str = ""
    user: str | None = None


class ProxySignIn(QDialog):
    """Accepted once it is kept. A new password counts from the next connection on, in every process of the studio."""

    def __init__(self, parent: QWidget, way_out: WayOut, tasks: Tasks, wanted: Wanted) -> None:
        super().__init__(parent)
        self._way_out, self._tasks, self._wanted = way_out, tasks, wanted
        cancel = button(_("Cancel"), self.reject)
        self.go = button(_("Sign in"), self._go, primary=True)
        title = _("Sign in with the proxy")
        body = framed(self, title, (cancel, self.go), icon="key", width=480)
        if wanted.said:
            body.addWidget(Text(wanted.said, "text2", wrap=True))
        body.addLayout(self._form())
        kept = _("The password is kept in this computer's key store, never in a file of the project.")
        body.addWidget(Text(kept, "text3", wrap=True))
        self.trouble = Text("", "red_text", wrap=True)
        self.trouble.hide()
        body.addWidget(self.trouble)
        self._look()
        (self.proxy if not wanted.proxy else self.user if not wanted.user else self.password).setFocus()

    def _form(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(12)
        top = form()
        self.proxy = _field(_("Proxy"), self._wanted.proxy)
        self.proxy.setReadOnly(bool(self._wanted.proxy))
        self.proxy.setPlaceholderText("proxy.example.com:8080")
        top.addWidget(_label(_("Proxy"), self.proxy), 0, 0)
        top.addWidget(self.proxy, 0, 1)
        column.addLayout(top)
        self.computer = Radio(_("Use the computer's sign-in"))
        self.computer.setToolTip(
            _("Kerberos or NTLM with the account you are logged in with; no password is asked")
        )
        self.by_name = Radio(_("User and password"))
        self._group = QButtonGroup(self)
        for each in (self.computer, self.by_name):
            self._group.addButton(each)
            column.addWidget(each)
        (self.computer if self._wanted.user == "" and not self._wanted.said else self.by_name).setChecked(
            True
        )
        grid = form()
        grid.setContentsMargins(24, 0, 0, 0)
        self.user = _field(_("User"), self._wanted.user or "")
        self.password = _field(_("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for row, (text, field) in enumerate(((_("User"), self.user), (_("Password"), self.password))):
            grid.addWidget(_label(text, field), row, 0)
            grid.addWidget(field, row, 1)
            field.textChanged.connect(self._look)
        self.proxy.textChanged.connect(self._look)
        self._group.buttonToggled.connect(lambda *_toggled: self._look())
        column.addLayout(grid)
        return column

    def _look(self) -> None:
        named = self.by_name.isChecked()
        self.user.setEnabled(named)
        self.password.setEnabled(named)
        whole = bool(self.proxy.text().strip()) and (
            not named or bool(self.user.text().strip() and self.password.text())
        )
        self.go.setEnabled(whole)
        self.go.setToolTip("" if whole else _("Give the proxy, a user and a password"))

    def _go(self) -> None:
        self.go.setEnabled(False)
        self._tasks.spawn(self._keep())

    async def _keep(self) -> None:
        named = self.by_name.isChecked()
        user, password = (self.user.text().strip(), self.password.text()) if named else ("", "")
        try:
            address = read_hop(self.proxy.text()).address
            await self._way_out.sign_in(address, user, password)
        except WeftError as error:
            self.trouble.setText(f"{error.message} {error.next_step}".strip())
            self.trouble.show()
            self._look()
            return
        self.accept()


def _field(name: str, text: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    return made


def _label(text: str, field: QWidget) -> Text:
    made = Text(text)
    made.setBuddy(field)
    return made


async def ask_sign_in(parent: QWidget, way_out: WayOut, tasks: Tasks, wanted: Wanted) -> bool:
    """Whether somebody has said who signs in with a proxy."""
    return await finished(ProxySignIn(parent, way_out, tasks, wanted))
