"""Where a connection failed, the way to the doctor; and where a proxy asks who we are, the way to the one who asks a person."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton

from studio.base.errors import NotReachable, WeftError
from studio.base.i18n import _
from studio.network.refusals import SIGN_IN

_HOST = re.compile(
    r"https?://[^\s/\"'<>]+|(?<![\w@.-])(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|(?:[\w-]+\.)+[a-z]{2,24})(?::\d{1,5})?"
    r"(?![\w@-])"
)


class Hub(QObject):
    """`examined` asks for an examination of an address ("" the usual one); `signed_in` tells a proxy that asks who we
    are, and what it said; `kept` that the network preferences were kept."""

    examined = Signal(str)
    signed_in = Signal(str, str)
    kept = Signal()


hub = Hub()


def heard(error: BaseException) -> None:
    """An error has come in from anywhere: a proxy that asks for a sign-in is told of."""
    proxy = asking_proxy(error)
    if proxy:
        hub.signed_in.emit(proxy, str(getattr(error, "message", "")))


def asking_proxy(error: BaseException) -> str:
    """The proxy (`host:port`) that refused because of who we are, "" for any other error."""
    code = str(getattr(error, "code", "")) if isinstance(error, WeftError) else ""
    return code.removeprefix(SIGN_IN) if code.startswith(SIGN_IN) else ""


def is_of_the_way(error: BaseException) -> bool:
    """The doctor may find out more about it."""
    return isinstance(error, NotReachable) or bool(asking_proxy(error))


def address_in(text: str) -> str:
    """The first address of a computer in a sentence, "" for none."""
    found = _HOST.search(text)
    return found[0] if found else ""


class Why(QPushButton):
    """Opens the doctor about an error; hidden for errors that have nothing to do with the way out.

    `before` is called first: a box that would stand in front closes itself.
    """

    def __init__(self, before: Callable[[], object] = lambda: None, *, small: bool = False) -> None:
        super().__init__(_("Why?"))
        self.setAccessibleName(_("Why can it not be reached?"))
        self.setToolTip(_("Examine the way there step by step"))
        self.setAutoDefault(False)
        self.setProperty("small", small)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._address = ""
        self._before = before
        self.clicked.connect(self._ask)
        self.hide()

    def look(self, error: BaseException | None) -> None:
        """Show it where it can help."""
        self._address = address_in(str(error)) if error is not None else ""
        self.setVisible(error is not None and is_of_the_way(error))

    def look_at(self, text: str) -> None:
        """The same for a sentence about something that was not reached; "" hides it."""
        self._address = address_in(text)
        self.setVisible(bool(text))

    def _ask(self) -> None:
        self._before()
        hub.examined.emit(self._address)
