"""The window of the orgs: list and form, what is going on with Stop, errors in place. A process of its own does the work."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from ui.bridge.session import Session
from ui.bridge.tasks import Tasks
from ui.bridge.why import Why
from ui.dialogs.ask import ask
from ui.dialogs.move.mover import Mover
from ui.dialogs.name import ask_name
from ui.dialogs.orgs.add_page import AddPage
from ui.dialogs.orgs.list_page import ListPage
from ui.dialogs.orgs.words import welcome
from ui.theme import metrics
from ui.widgets.buttons import button, link
from ui.widgets.foot import Foot
from ui.widgets.labels import Picture, Text

SIZE = QSize(940, 640)


class OrgsDialog(QDialog):
    """Works with the mover given; `added` is the name of the org that was added last."""

    def __init__(self, parent: QWidget | None, mover: Mover, tasks: Tasks) -> None:
        super().__init__(parent)
        title = _("Salesforce orgs")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.resize(SIZE.boundedTo(self.screen().availableSize()))
        self.setMinimumWidth(800)
        self.added = ""
        self._mover = mover
        self._tasks = tasks
        self._busy = False
        self._closed = False
        self._link = ""
        self.list = ListPage(self._asked)
        self.form = AddPage(tasks.quietly)
        self.form.changed.connect(self._look)
        self.form.address_given.connect(lambda url: self._tasks.spawn(self._offers(url)))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._strip())
        column.addWidget(self._foot())
        self._say("")
        self._look()
        self.list.view.setFocus()
        self._spawn(self._read())

    def _strip(self) -> QFrame:
        self.strip = QFrame()
        self.strip.setProperty("band", "notice")
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self._mark = Picture("info", "accent")
        row.addWidget(self._mark)
        self.said = Text("", wrap=True)
        row.addWidget(self.said, 1)
        self.again = button(_("Sign in again"), lambda: self._asked("sign_in"))
        self.copy = link(_("Copy the address"), self._copy)
        self.stop = button(_("Stop"), self._mover.stop, icon="stop-fill")
        self.why = Why()
        for widget in (self.why, self.again, self.copy, self.stop):
            row.addWidget(widget)
        return self.strip

    def _foot(self) -> Foot:
        self.close_button = button(_("Close"), self.close)
        self.back = button(_("Back"), lambda: self._turn(self.list))
        self.hint = Text("", "text3")
        self.add = button(_("Add an org…"), lambda: self._turn(self.form), icon="plus")
        self.go = button(_("Sign in and test"), self._add, primary=True)
        return Foot((self.hint, self.back, self.add, self.go), (self.close_button,))

    # What is shown.

    def _turn(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self._say("")
        self._look()
        (self.form.first() if page is self.form else self.list.view).setFocus()
        if page is self.form:
            self._tasks.spawn(self._keeps())

    async def _keeps(self) -> None:
        """Where secrets could not be kept, that is said before any is typed."""
        try:
            await self._mover.ask("org_keeps")
        except WeftError as error:
            if self.adding:
                self._say(f"{error.message} {error.next_step}".strip(), tone="red_text")

    @property
    def adding(self) -> bool:
        """The form is in front."""
        return self._stack.currentWidget() is self.form

    def _look(self) -> None:
        reason = self.form.reason if self.adding else ""
        reading = self._busy and not self.adding and not self.said.text()
        self.hint.setText(_("Reading the list of orgs …") if reading else reason)
        self.back.setVisible(self.adding)
        self.back.setEnabled(not self._busy)
        self.add.setVisible(not self.adding)
        self.add.setEnabled(not self._busy)
        self.go.setVisible(self.adding)
        self.go.setEnabled(not reason and not self._busy)
        self.go.setDefault(self.adding)
        self.list.set_free(not self._busy)
        self.stop.setVisible(self._busy)

    def _say(self, text: str, *, tone: str = "text", again: bool = False) -> None:
        """Say something in the strip, until the next thing is done; in red what went wrong."""
        wrong = tone == "red_text"
        self.said.setText(text)
        self.said.set_tone(tone)
        self._mark.show_icon("warning-circle" if wrong else "info", "red" if wrong else "accent")
        self.why.hide()
        self.again.setVisible(again)
        self.copy.setVisible(bool(self._link))
        self.strip.setVisible(bool(text))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._link)

    # What is done.

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do one thing at a time; what goes wrong is said in place."""

        async def alone() -> None:
            try:
                await work
            except Cancelled as stopped:
                self._say(stopped.message)
            except WeftError as error:
                self._say(f"{error.message} {error.next_step}".strip(), tone="red_text")
                self.why.look(error)
            finally:
                self._busy = False
                self._link = ""
                if not self._closed:
                    self.copy.hide()
                    self._look()

        self._busy = True
        self._look()
        self._tasks.spawn(alone())

    def _asked(self, what: str) -> None:
        if self._busy:
            return
        name = str(self.list.picked["name"])
        works: dict[str, Callable[[str], Coroutine[Any, Any, None]]] = {
            "test": self._test,
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "rename": self._rename,
            "remove": self._remove,
            "color": self._paint,
        }
        self._spawn(works[what](name))

    def _add(self) -> None:
        if self.go.isEnabled():
            self._spawn(self._add_org())

    async def _read(self, name: str = "") -> None:
        self.list.show_orgs(await self._mover.ask("orgs"), name)

    async def _offers(self, url: str) -> None:
        try:
            found = await self._mover.ask("org_offers", url=url)
        except WeftError as error:
            self.form.show_trouble(error.message)
        else:
            self.form.show_offers(found["url"], found["flows"])

    async def _add_org(self) -> None:
        asked = self.form.request
        self._say(_("Signing in …"))
        found = await self._mover.ask("org_add", self._heard, **asked)
        self.added = str(asked["name"])
        self.form.clear()
        self._turn(self.list)
        await self._read(self.added)
        self._say(welcome(self.added, found))

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] != "browser":
            return
        self._link = str(event["address"])
        if event["code"]:
            said = _("Enter the code {code} at {address}.").format(code=event["code"], address=self._link)
        else:
            said = _("Your browser is open: sign in there and press Allow. This window goes on by itself.")
        self._say(said)

    async def _test(self, name: str) -> None:
        self._say(_("Signing in …"))
        found = await self._mover.ask("org_test", self._heard, org=name)
        if found["trouble"]:
            self._say(f"{found['trouble']} {found['step']}", tone="red_text", again=bool(found["again"]))
            return
        await self._read()
        self._say(welcome(name, found))

    async def _sign_in(self, name: str) -> None:
        self._say(_("Signing in …"))
        found = await self._mover.ask("org_sign_in", self._heard, org=name)
        await self._read()
        self._say(welcome(name, found))

    async def _sign_out(self, name: str) -> None:
        told = await self._mover.ask("org_sign_out", org=name)
        self._say(_out_text(name, told))

    async def _rename(self, name: str) -> None:
        new = await ask_name(self, _("Rename {name}").format(name=name), _("New name"), name)
        if new and new != name:
            await self._mover.ask("org_rename", org=name, to=new)
            await self._read(new)
            self._say("")

    async def _remove(self, name: str) -> None:
        text = _(
            "This computer signs out and forgets its address and its secrets. Nothing changes in the org itself."
        )
        answer = await ask(
            self, _("Remove {name}?").format(name=name), text, _("Remove"), _("Keep it"), primary=1
        )
        if answer == 0:
            told = await self._mover.ask("org_remove", org=name)
            await self._read()
            self._say("" if told else _out_text(name, told))

    async def _paint(self, name: str) -> None:
        await self._mover.ask("org_color", org=name, color=self.list.color.currentData())
        await self._read()

    # Leaving.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops what is going on, goes back from the form, then closes; Enter does not close."""
        if event.key() == Qt.Key.Key_Escape:
            if self._busy:
                self._mover.stop()
            elif self.adding:
                self._turn(self.list)
            else:
                self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.adding:
            self._add()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A sign-in that is going on is stopped."""
        self._closed = True
        if self._busy:
            self._mover.stop()
        super().closeEvent(event)


def _out_text(name: str, told: bool) -> str:
    if told:
        return _("Signed out of {name}; its token is worthless now.").format(name=name)
    return _(
        "The org of {name} could not be told; its token is forgotten here. End it there too: Setup, Connected Apps "
        "OAuth Usage."
    ).format(name=name)


def open_orgs(session: Session, parent: QWidget) -> OrgsDialog:
    """Show the orgs over a window, with a process that ends with the dialog or the studio."""
    mover, tasks = Mover(), Tasks(session.errors.show, parent)
    dialog = OrgsDialog(parent, mover, tasks)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    ended = False

    async def end() -> None:
        nonlocal ended
        if ended:
            return
        ended = True
        dialog.close()
        await tasks.close()
        await mover.close()
        session.ends.remove(end)
        dialog.deleteLater()

    session.ends.append(end)
    dialog.finished.connect(lambda _code: session.tasks.spawn(end(), quiet=True))
    dialog.show()
    return dialog
