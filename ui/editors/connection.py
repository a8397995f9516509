"""The editor of a connection: how to reach a system. Secrets are shown by name only; their values are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _
from studio.project import edits
from studio.project.model import Connection
from studio.workspace import Changes, Workspace
from ui.bridge.project_tree import connection_kind, object_icon
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.editors.forms import Form
from ui.theme import fonts, metrics
from ui.widgets.labels import Text

FLOWS = ("web", "jwt", "client", "token", "practice")
PRACTICE = "practice"


class ConnectionEditor(Editor):
    """One connection as a form. Settings this version has no field for are kept and listed."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._ref = ref.partition("/")[2]
        self._form = Form()
        self._card = Card(object_icon(workspace.project, ref))
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName(_("Connection"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._unlisten = workspace.changed.connect(self._change)
        self._build()

    def title(self) -> str:
        """The connection's own name."""
        return self._connection.name or self._ref

    def inspector(self) -> QWidget:
        """Which secrets it needs."""
        return self._card

    def commit(self) -> None:
        """Write what is being typed."""
        self._form.commit()

    def let_go(self) -> None:
        """Stop following."""
        self._unlisten()

    @property
    def _connection(self) -> Connection:
        return self.workspace.project.connections.get(self._ref) or Connection(self._ref, "")

    def _change(self, changes: Changes, initiator: str) -> None:
        if self.ref in changes.objects and initiator != self.ref:
            # What is being typed is not lost with the fields.
            self.commit()
            self._build()
        self.renamed.emit()

    def _build(self) -> None:
        connection = self._connection
        page = QFrame()
        page.setProperty("band", "base")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(Text(self.title(), step=fonts.TITLE, weight=600))
        self._form = Form()
        self._form.text(_("Name"), connection.name, self._writer(lambda old, text: replace(old, name=text)))
        builders: Mapping[str, Callable[[Connection], None]] = {
            "files": self._files,
            "database": self._database,
            "salesforce": self._salesforce,
        }
        if connection.kind in builders:
            builders[connection.kind](connection)
        self._form.paragraph(
            _("Description"),
            connection.description,
            self._writer(lambda old, text: replace(old, description=text)),
        )
        column.addWidget(self._form)
        column.addStretch(1)
        self._scroll.setWidget(page)
        self._scroll.setMinimumWidth(2 * metrics.PROJECT_WIDTH)
        self._show_facts(connection)

    def _show_facts(self, connection: Connection) -> None:
        facts = _facts(connection)
        facts += [(name, _("in the key store")) for name in connection.secrets]
        what = connection_kind(connection.kind)
        self._card.show_facts(self.title(), what, connection.description, _("Settings"), facts)

    def _files(self, connection: Connection) -> None:
        self._setting(_("Folder"), connection, "folder", hint=_("relative to the project, or absolute"))

    def _database(self, connection: Connection) -> None:
        hint = _("a file such as data/erp.db, or postgresql+driver://user@host/name")
        self._setting(_("Address"), connection, "address", hint=hint)
        self._form.note(
            _("A password is kept with weft connection password, in the key store and never in the project.")
        )

    def _salesforce(self, connection: Connection) -> None:
        login = connection.settings.get("login")
        login = login if isinstance(login, Mapping) else {}
        flows = [(name, code) for code, name in _flow_names().items()]
        flow = str(login.get("flow", "web"))
        self._form.choice(_("Sign-in"), flows, flow, self._sign_in)
        if flow == PRACTICE:
            self._form.note(
                _(
                    "An org that runs on this computer: nothing to sign in to, and nothing of yours is at stake."
                )
            )
            return
        self._form.text(
            _("Address"),
            str(login.get("url", "")),
            self._login("url"),
            mono=True,
            hint="https://login.salesforce.com",
        )
        self._form.text(_("Client id"), str(login.get("client_id", "")), self._login("client_id"), mono=True)
        self._form.note(
            _("Passwords, tokens and keys are kept in this computer’s key store, never in the project.")
        )

    def _sign_in(self, flow: str) -> None:
        self._login("flow")(flow)
        # Another way to sign in asks for other fields; this form is in the middle of an event of its own now.
        QTimer.singleShot(0, self, self._build)

    def _setting(self, label: str, connection: Connection, key: str, *, hint: str = "") -> None:
        def write(old: Connection, text: str) -> Connection:
            return replace(old, settings={**old.settings, key: text})

        self._form.text(
            label, _plain(connection.settings.get(key, "")), self._writer(write), mono=True, hint=hint
        )

    def _login(self, key: str) -> Callable[[str], None]:
        def write(old: Connection, text: str) -> Connection:
            login = old.settings.get("login")
            changed = {**(login if isinstance(login, Mapping) else {}), key: text}
            return replace(old, settings={**old.settings, "login": changed})

        return self._writer(write)

    def _writer(self, change: Callable[[Connection, str], Connection]) -> Callable[[str], None]:
        def write(text: str) -> None:
            project = edits.put(self.workspace.project, self.ref, change(self._connection, text))
            label = _("Edit {name}").format(name=self.title())
            self.workspace.edit(label, project, initiator=self.ref)

        return write


def _flow_names() -> dict[str, str]:
    return dict(
        zip(
            FLOWS,
            (
                _("In the browser"),
                _("By certificate (JWT)"),
                _("By client secret"),
                _("By session token"),
                _("Practice org"),
            ),
            strict=True,
        )
    )


def _facts(connection: Connection) -> list[tuple[str, str]]:
    """The settings in words; those this version has no field for under their own names."""
    names = {"login": _("Sign-in"), "folder": _("Folder")}
    facts = []
    for key, value in connection.settings.items():
        if key == "login" and isinstance(value, Mapping):
            flow = str(value.get("flow", "web"))
            facts.append((names[key], _flow_names().get(flow, flow)))
            facts += [(_("Address"), str(value["url"]))] if value.get("url") else []
        else:
            facts.append((names.get(key, key), _plain(value)))
    return facts


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(each)}" for key, each in value.items())
    return str(value)
