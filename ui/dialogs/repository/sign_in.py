"""Signing in to the organization's server: in the browser, or with a personal token; what to do about its certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QDialog, QLineEdit, QVBoxLayout, QWidget

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from ui.bridge.asking import Asked, code_of
from ui.bridge.repository import clerk
from ui.bridge.tasks import Tasks
from ui.bridge.vault import vault
from ui.bridge.why import is_of_the_way
from ui.dialogs.ask import ask_file, finished
from ui.dialogs.frame import form
from ui.dialogs.repository.strip import Strip
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.checks import Radio
from ui.widgets.foot import Foot
from ui.widgets.labels import Text

_WIDTH = 560
CERTIFICATE = "certificate"


class SignInDialog(QDialog):
    """`account` is who was signed in. A process of its own waits for the browser."""

    def __init__(
        self, parent: QWidget, server: str, asked: Asked, tasks: Tasks, doctor: Callable[[str], object] | None
    ) -> None:
        super().__init__(parent)
        self.account: Mapping[str, Any] | None = None
        self._asked, self._tasks, self._doctor = asked, tasks, doctor
        self._busy = self._over = False
        self._link = ""
        title = _("Sign in to your organization")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.setMinimumWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
        body.setSpacing(12)
        body.addWidget(Text(title, step=fonts.TITLE, weight=600, wrap=True))
        about = _(
            "Your organization runs a server that keeps its projects. Whoever looks after it gives you its address."
        )
        body.addWidget(Text(about, "text2", wrap=True))
        body.addLayout(self._form(server))
        column.addLayout(body)
        column.addStretch(1)
        column.addWidget(self._strip())
        self._close = button(_("Cancel"), self.reject)
        self.go = button(_("Sign in with the browser"), self._begin, icon="sign-in", primary=True)
        self.go.setDefault(True)
        column.addWidget(Foot((self._close, self.go)))
        self._look()
        self.server.setFocus()

    def _form(self, server: str) -> QVBoxLayout:
        grid = form()
        self.server = QLineEdit(server)
        self.server.setAccessibleName(_("Server"))
        self.server.setPlaceholderText("https://weft.example.com")
        self.server.textChanged.connect(self._look)
        label = Text(_("Server"))
        label.setBuddy(self.server)
        grid.addWidget(label, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.server, 0, 1)
        self.browser = Radio(_("In the browser, as on the server's own page"))
        self.by_token = Radio(_("With a personal token"))
        self.browser.setChecked(True)
        ways = QButtonGroup(self)
        for place, way in enumerate((self.browser, self.by_token)):
            ways.addButton(way)
            grid.addWidget(way, 1 + place, 1)
            way.toggled.connect(self._look)
        self.token = QLineEdit()
        self.token.setAccessibleName(_("Personal token"))
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.textChanged.connect(self._look)
        grid.addWidget(self.token, 3, 1)
        self._hint = Text("", "text2", step=fonts.SECONDARY, wrap=True)
        grid.addWidget(self._hint, 4, 1)
        column = QVBoxLayout()
        column.addLayout(grid)
        return column

    def _strip(self) -> Strip:
        self._stop = button(_("Stop"), self._asked.stop, icon="stop-fill", small=True)
        self._copy = link(_("Copy the address"), self._copy_address)
        self._trust = button(_("Trust a certificate file…"), self._choose_file, small=True)
        self._examine = button(_("Examine the way there…"), self._see_doctor, small=True)
        self.strip = Strip(self._copy, self._trust, self._examine, self._stop, why=False)
        return self.strip

    def _look(self, *_any: object) -> None:
        by_token = self.by_token.isChecked()
        self.token.setVisible(by_token)
        self._hint.setText(
            _("Made on the server's own page, under your account. For computers without a browser, and for services.")
            if by_token
            else _("Your password is typed there and nowhere else: not here, and not in a project.")
        )  # fmt: skip
        self.go.setText(_("Sign in") if by_token else _("Sign in with the browser"))
        self.go.setAccessibleName(self.go.text())
        ready = bool(self.server.text().strip()) and (not by_token or bool(self.token.text().strip()))
        self.go.setEnabled(ready and not self._busy)
        for control in (self.server, self.browser, self.by_token, self.token):
            control.setEnabled(not self._busy)

    def _copy_address(self) -> None:
        QGuiApplication.clipboard().setText(self._link)

    def _see_doctor(self) -> None:
        if self._doctor is not None:
            self._doctor(self.server.text().strip())

    # What is done.

    def _begin(self) -> None:
        if self.go.isEnabled():
            vault.ask_again()
            self._spawn(self._sign_in())

    def _spawn(self, work: Any) -> None:
        async def alone() -> None:
            try:
                await work
            except Cancelled:
                self.strip.say(_("Stopped: nobody was signed in."))
            except WeftError as error:
                self._tell(error)
            finally:
                self._busy, self._link = False, ""
                if not self._over:
                    self._look()

        self._busy = True
        self._look()
        self._tasks.spawn(alone())

    def _tell(self, error: WeftError) -> None:
        offered = [self._trust] if code_of(error) == CERTIFICATE else []
        if self._doctor is not None and (is_of_the_way(error) or offered):
            offered.append(self._examine)
        if code_of(error) == CERTIFICATE:
            text = _(
                "{what} If your company looks into encrypted traffic, or the server has a certificate of your "
                "company's own, ask for its file and trust it here. Do not go on with a file from anybody else."
            ).format(what=error.message)
            self.strip.say(text, *offered, wrong=True)
        else:
            self.strip.tell(error, *offered)

    async def _sign_in(self) -> None:
        server = self.server.text().strip()
        token = self.token.text().strip() if self.by_token.isChecked() else ""
        self.strip.say(_("Asking {server} …").format(server=server), self._stop)
        self.account = await self._asked.ask("sign_in", self._heard, server=server, token=token)
        self.accept()

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "browser":
            self._link = str(event["address"])
            text = _(
                "Your browser is open: sign in there and allow Weft Studio. This window goes on by itself."
            )
            self.strip.say(text, self._copy, self._stop)

    def _choose_file(self) -> None:
        self._tasks.quietly(self._take_file())

    async def _take_file(self) -> None:
        filters = _("Certificates (*.pem *.crt *.cer);;All files (*)")
        file = await ask_file(self, _("Trust a certificate file"), filters)
        if file is None:
            return
        try:
            await self._asked.ask("trust", file=str(file))
        except WeftError as error:
            self.strip.tell(error, self._trust)
            return
        text = _("{file} is trusted on this computer, beside what the system trusts. Sign in again now.")
        self.strip.say(text.format(file=file.name))

    # Leaving.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops what is going on, then closes."""
        if event.key() == Qt.Key.Key_Escape and self._busy:
            self._asked.stop()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Closing stops a sign-in that is going on."""
        self._over = True
        if self._busy:
            self._asked.stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """As Cancel."""
        self._over = True
        if self._busy:
            self._asked.stop()
        super().closeEvent(event)


async def ask_sign_in(
    parent: QWidget,
    server: str,
    show_error: Callable[[BaseException], None],
    doctor: Callable[[str], object] | None = None,
) -> Mapping[str, Any] | None:
    """Who has signed in, None where the dialog was cancelled; `doctor` examines the way to a server."""
    asked, tasks = clerk(), Tasks(show_error, parent)
    dialog = SignInDialog(parent, server, asked, tasks, doctor)
    try:
        done = await finished(dialog)
        return dialog.account if done else None
    finally:
        await tasks.close()
        await asked.close()
