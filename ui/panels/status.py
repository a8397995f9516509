"""The status bar: environment, user and step with the repository at the left; proxy and agent at the right."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from studio.base.i18n import _, ngettext
from studio.network.proxies import ProxyRules, shown
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


class StatusBar(QStatusBar):
    """`tell` says one sentence for a few seconds; the items say what is so."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setFixedHeight(metrics.STATUS_BAR)
        self.environment = _Item(_("Environment"), "stack")
        self.user = _Item(_("User"), "user")
        self.sync = _Item(_("Repository"), "cloud-check")
        self.said = Elided("", "text", step=fonts.SECONDARY)
        self.busy = _Item(_("Busy"), "circle-half")
        self.proxy = _Item(_("Proxy"), "globe-simple")
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

    def show_proxy(self, rules: ProxyRules) -> None:
        """Which proxy other systems are reached through."""
        address = rules.https or rules.http
        self.proxy.say(_("Proxy: {address}").format(address=shown(address)) if address else _("No proxy"))

    def show_project(self, *, opened: bool, changed: int) -> None:
        """What is open and what has not been saved."""
        self.environment.say(_("Environment: on this computer") if opened else _("No environment"))
        if not opened:
            self.sync.say(_("No project"))
        elif changed:
            text = ngettext("{n} object has unsaved changes", "{n} objects have unsaved changes", changed)
            self.sync.say(text.format(n=changed))
        else:
            self.sync.say(_("Everything is saved"))


def _tick() -> QWidget:
    line = Line(vertical=True)
    line.setFixedHeight(14)
    return line
