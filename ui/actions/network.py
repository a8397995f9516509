"""The way out of the building: the proxy doctor, the network preferences, and signing in with a proxy that asks."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from studio.base.i18n import _
from studio.network.proxies import ProxyRules
from studio.network.settings import NetworkPreferences, current
from ui.actions.frame import Frame
from ui.bridge.session import Session
from ui.bridge.tasks import Tasks
from ui.bridge.way_out import WayOut
from ui.bridge.why import hub
from ui.commands import Command
from ui.dialogs.network.doctor import Doctor
from ui.dialogs.network.page import TEST_ADDRESS
from ui.dialogs.network.sign_in import Wanted, ask_sign_in
from ui.dialogs.preferences import GENERAL, NETWORK, ask_preferences
from ui.panels.status import StatusBar

IDS = ("network.doctor", "network.preferences")


def commands(frame: Frame) -> list[Command]:
    """The commands about the network in the Tools menu."""
    tools = _("Tools")
    return [
        Command(
            IDS[0], _("Proxy doctor…"), tools, lambda: open_doctor(frame), "shield-check", (),
            hint=_("See step by step how another system is reached, and what to ask the network team for"),
        ),
        Command(
            IDS[1], _("Network preferences…"), tools, lambda: prefer(frame, NETWORK), "globe-simple", (),
            hint=_("Proxies, who signs in with them, and which certificates are trusted"),
        ),
    ]  # fmt: skip


async def prefer(frame: Frame, page: int = GENERAL) -> bool:
    """Ask for the preferences; tells whether they were kept."""
    session = frame.session
    async with asked_once(session) as way_out:
        chosen = await ask_preferences(
            frame.widget(),
            session.settings,
            session.errors.show,
            way_out,
            lambda address, unkept: open_doctor(frame, address, unkept),
            page=page,
        )
    if chosen is None:
        return False
    # The layout may have been kept meanwhile, and is not the dialog's to take back.
    session.prefer(
        replace(
            session.settings, language=chosen.language, theme=chosen.theme, reopen_last=chosen.reopen_last
        )
    )
    hub.kept.emit()
    return True


@contextlib.asynccontextmanager
async def asked_once(session: Session) -> AsyncIterator[WayOut]:
    """A process for one dialog; the studio ends it where it is closed meanwhile."""
    way_out = WayOut()
    session.ends.append(way_out.close)
    try:
        yield way_out
    finally:
        way_out.stop()
        await way_out.close()
        session.ends.remove(way_out.close)


def open_doctor(frame: Frame, address: str = "", unkept: NetworkPreferences | None = None) -> Doctor:
    """Examine an address in a window of its own, with a process that ends with it or with the studio."""
    session, parent = frame.session, _front(frame)
    way_out, tasks = WayOut(), Tasks(session.errors.show, frame.widget())
    workspace = session.workspace
    doctor = Doctor(
        parent,
        way_out,
        tasks,
        address or TEST_ADDRESS,
        lambda: prefer(frame, NETWORK),
        workspace.folder if workspace is not None else None,
        unkept,
    )
    ended = False

    async def end() -> None:
        nonlocal ended
        if ended:
            return
        ended = True
        if isValid(doctor):
            doctor.close()
        await tasks.close()
        await way_out.close()
        session.ends.remove(end)
        if isValid(doctor):
            doctor.deleteLater()

    session.ends.append(end)
    doctor.finished.connect(lambda _code: session.tasks.spawn(end(), quiet=True))
    if isinstance(parent, QDialog):
        parent.finished.connect(doctor.close)
    doctor.show()
    return doctor


class Shown(Frame, Protocol):
    """The main window as this sees it."""

    status: StatusBar


class Network(QObject):
    """What all windows ask of this: the doctor about an error, and once per proxy who signs in. Lives with its window."""

    def __init__(self, window: Shown) -> None:
        super().__init__(window.widget())
        self._window = window
        # Proxies about which somebody is asked just now, or did not want to say.
        self._asked: set[str] = set()
        hub.examined.connect(self._examine)
        hub.signed_in.connect(self._sign_in)
        hub.kept.connect(self.show_way)
        self.show_way()

    def let_go(self) -> None:
        """Another window takes over."""
        hub.examined.disconnect(self._examine)
        hub.signed_in.disconnect(self._sign_in)
        hub.kept.disconnect(self.show_way)

    def show_way(self) -> None:
        """Show in the status bar how other systems are reached."""
        self._window.status.show_proxy(current(), ProxyRules.from_environment())
        self._asked.clear()

    def _examine(self, address: str) -> None:
        open_doctor(self._window, address)

    def _sign_in(self, proxy: str, said: str) -> None:
        if proxy not in self._asked:
            self._asked.add(proxy)
            self._window.session.tasks.quietly(self._ask(proxy, said))

    async def _ask(self, proxy: str, said: str) -> None:
        session = self._window.session
        wanted = Wanted(proxy, said, current().users.get(proxy))
        async with asked_once(session) as way_out:
            done = await ask_sign_in(_front(self._window), way_out, session.tasks, wanted)
            if done:
                # Before the process has gone: what was refused may be tried again at once.
                self._asked.discard(proxy)
        if done:
            self._window.tell(_("Signed in with {proxy}: do again what was refused.").format(proxy=proxy))


def _front(frame: Frame) -> QWidget:
    """The window that blocks the others, if one does: what it blocks cannot be clicked."""
    return QApplication.activeModalWidget() or frame.widget()
