"""The status bar: environment, user and step with the repository at the left; proxy and agent at the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from studio.base.i18n import _, ngettext
from studio.network.proxies import ProxyRules, shown
from studio.network.settings import NetworkPreferences, Way
from ui import theme
from ui.theme import fonts, metrics
from ui.widgets.labels import Elided, Line, Picture, Text

# How long a sentence stays, in milliseconds.
SAID = 6000


class _Item(QWidget):
    def __init__(self, name: str, icon: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        self.icon = Picture(icon)
        self.text = Text("", "text2", step=fonts.SECONDARY)
        self._name = name
        row.addWidget(self.icon)
        row.addWidget(self.text)

    def say(self, text: str) -> None:
        if text == self.text.text():
            return
        self.text.setText(text)
        self.setAccessibleName(f"{self._name}: {text}")


class _Door(_Item):
    """An item that can be pressed, by mouse and by key."""

    pressed = Signal()

    def __init__(self, name: str, icon: str) -> None:
        super().__init__(name, icon)
        self._over = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Light up under the pointer; a frame with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        if self._over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(room, metrics.RADIUS, metrics.RADIUS)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(room, metrics.RADIUS, metrics.RADIUS)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer has come."""
        super().enterEvent(event)
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._over = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pressed."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space press it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class StatusBar(QStatusBar):
    """`tell` says one sentence for a few seconds; the items say what is so.

    `pressed` tells which of them was pressed: `environment`, `user`, `sync` or `proxy`.
    """

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setFixedHeight(metrics.STATUS_BAR)
        self.environment = _Door(_("Environment"), "stack")
        self.user = _Door(_("User"), "user")
        self.sync = _Door(_("Repository"), "cloud-check")
        self.proxy = _Door(_("Proxy"), "globe-simple")
        self.proxy.setToolTip(_("Examine how other systems are reached"))
        doors = {"environment": self.environment, "user": self.user, "sync": self.sync, "proxy": self.proxy}
        for name, door in doors.items():
            door.pressed.connect(lambda name=name: self.pressed.emit(name))
        self._opened, self._unsaved, self._environment = False, 0, ""
        self._standing, self._standing_icon = "", "cloud-check"
        self.said = Elided("", "text", step=fonts.SECONDARY)
        self.busy = _Item(_("Busy"), "circle-half")
        self.agent = _Item(_("Agent"), "cpu")
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        for index, item in enumerate((self.environment, self.user, self.sync)):
            if index:
                row.addWidget(_tick())
            row.addWidget(item)
        row.addSpacing(16)
        row.addWidget(self.said, 1)
        row.addWidget(self.busy)
        row.addWidget(self.proxy)
        row.addWidget(_tick())
        row.addWidget(self.agent)
        self.addWidget(holder, 1)
        self._works = QTimer(self, singleShot=True, interval=metrics.BUSY_AFTER)
        self._works.timeout.connect(lambda: self._show_agent("busy"))
        self.user.say(_("Not signed in"))
        self.show_agent("stopped")
        self.busy.say(_("working…"))
        self.busy.hide()
        self._forget = QTimer(self, singleShot=True, interval=SAID)
        self._forget.timeout.connect(lambda: self.said.setText(""))

    def tell(self, sentence: str) -> None:
        """Say one sentence for a few seconds."""
        self.said.setText(sentence)
        self._forget.start()

    def show_agent(self, state: str) -> None:
        """The state of the agent beside the window; that it works, only when it works for longer than one notices."""
        if state == "busy":
            self._works.start()
            return
        self._works.stop()
        self._show_agent(state)

    def _show_agent(self, state: str) -> None:
        texts = {
            "stopped": _("Agent: embedded, stopped"),
            "starting": _("Agent: embedded, starting"),
            "ready": _("Agent: embedded, ready"),
            "busy": _("Agent: embedded, working"),
            "failed": _("Agent: embedded, failed"),
        }
        self.agent.say(texts.get(state, state))
        self.agent.icon.show_icon(
            "x-circle-fill" if state == "failed" else "cpu", "red" if state == "failed" else "text2"
        )

    def show_proxy(self, preferences: NetworkPreferences, rules: ProxyRules) -> None:
        """Which way other systems are reached, as far as that is known without asking the computer."""
        address = rules.https or rules.http
        if preferences.way is Way.NONE:
            said = _("No proxy")
        elif preferences.way is Way.EXPLICIT:
            said = _("Proxy: {address}").format(address=preferences.proxy)
        elif preferences.way is Way.SCRIPT:
            said = _("Proxy: by a script")
        elif address:
            said = _("Proxy: {address}").format(address=shown(address))
        else:
            said = _("Proxy: as the computer")
        self.proxy.say(said)

    def show_project(self, *, opened: bool, changed: int) -> None:
        """What is open and what has not been saved."""
        self._opened, self._unsaved = opened, changed
        self._show_places()

    def show_account(self, account: Mapping[str, Any] | None) -> None:
        """Who is signed in, and where they work."""
        self.user.say(str(account["name"]) if account is not None else _("Not signed in"))
        self._environment = str(account["environment_name"]) if account is not None else ""
        about = (
            f"{account['email']} · {account['organization_name']} · {account['server']}"
            if account is not None
            else ""
        )
        self.user.setToolTip(about or _("Sign in to your organization's server"))
        self.environment.setToolTip(about and _("Choose the organization and the environment you work in"))
        self._show_places()

    def show_standing(self, text: str, icon: str, trouble: str) -> None:
        """How the project stands with the repository, "" where it is not shared; `trouble`: why that is not known."""
        self._standing, self._standing_icon = text, icon
        self.sync.setToolTip(trouble or _("What changed here and in the repository"))
        self._show_places()

    def _show_places(self) -> None:
        if self._environment:
            self.environment.say(_("Environment: {name}").format(name=self._environment))
        else:
            self.environment.say(_("Environment: on this computer") if self._opened else _("No environment"))
        unsaved = ngettext(
            "{n} object has unsaved changes", "{n} objects have unsaved changes", self._unsaved
        )
        unsaved = unsaved.format(n=self._unsaved) if self._unsaved else ""
        if not self._opened:
            self.sync.say(_("No project"))
        elif self._standing:
            self.sync.say(" · ".join(part for part in (unsaved, self._standing) if part))
        else:
            self.sync.say(unsaved or _("Everything is saved"))
        self.sync.icon.show_icon(self._standing_icon if self._standing else "cloud-check", "text2")


def _tick() -> QWidget:
    line = Line(vertical=True)
    line.setFixedHeight(14)
    return line
