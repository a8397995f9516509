"""The network page of the preferences: which way out, who signs in with a proxy, whom we trust, and a test of it all."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from studio.network.hops import read_hop
from studio.network.settings import SCHEMES, ClientCertificate, NetworkPreferences, Way
from ui.bridge.tasks import Tasks
from ui.bridge.way_out import WayOut
from ui.dialogs.ask import ask_file
from ui.dialogs.network.client_certificate import Chosen, ask_certificate
from ui.dialogs.network.listed import Listed
from ui.dialogs.network.sign_in import Wanted, ask_sign_in
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.cells import Cell
from ui.widgets.checks import Check, Radio
from ui.widgets.flow import Flow
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Line, Picture, Text

TEST_ADDRESS = "https://login.salesforce.com"
# What is set is put into words so long after the last change, in milliseconds.
_CALM = 300
_INDENT = 24
_LABEL = 200


class NetworkPage(QWidget):
    """`details` opens the doctor with an address and the preferences as they are set here. `read` is awaited before anything can be changed."""

    def __init__(self, way_out: WayOut, tasks: Tasks, details: Any) -> None:
        super().__init__()
        self._way_out, self._tasks, self._details = way_out, tasks, details
        self.preferences = NetworkPreferences()
        self.passphrases: dict[str, str] = {}
        self._filling = True
        self._testing = False
        inside = self._inside = QFrame()
        inside.setProperty("band", "base")
        # What is written before the preferences are read would be lost.
        inside.setEnabled(False)
        column = QVBoxLayout(inside)
        column.setContentsMargins(metrics.PAD_DIALOG, 4, metrics.PAD_DIALOG, metrics.PAD_DIALOG)
        column.setSpacing(8)
        for part in (self._ways(), self._signing_in(), self._trust(), self._shown()):
            column.addWidget(part)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addWidget(Line())
        whole.addWidget(self._test())
        self._ask_rule = QTimer(self, singleShot=True, interval=_CALM)
        self._ask_rule.timeout.connect(lambda: self._quietly(self._rule()))

    # Building.

    def _ways(self) -> QWidget:
        part, column = _part(_("The way to other systems"))
        self._group = QButtonGroup(self)
        self.ways = {
            Way.SYSTEM: Radio(_("As this computer is set")),
            Way.NONE: Radio(_("No proxy")),
            Way.EXPLICIT: Radio(_("This proxy")),
            Way.SCRIPT: Radio(_("A proxy script (PAC)")),
        }
        self.rule = Text("", "text3", step=fonts.SECONDARY, wrap=True)
        self.rule.setContentsMargins(_INDENT, 0, 0, 0)
        self.proxy = self._field(_("Address of the proxy"), "proxy.example.com:8080, https://…, socks5://…")
        self.bypass = self._field(_("Reached without a proxy"), "*.corp.example, 10.0.0.0/8, <local>")
        self.script = self._field(
            _("Address or file of the script"), _("empty: it is looked for in the network (WPAD)")
        )
        below = {Way.EXPLICIT: self.proxy, Way.SCRIPT: self.script}
        for way, radio in self.ways.items():
            self._group.addButton(radio)
            column.addWidget(radio)
            if way in below:
                column.addLayout(_row(below[way]))
            if way is Way.SYSTEM:
                column.addWidget(self.rule)
        column.addSpacing(4)
        column.addLayout(_row(self.bypass, indent=0))
        self._group.buttonToggled.connect(lambda *_toggled: self._changed())
        return part

    def _field(self, name: str, example: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(name)
        made.setPlaceholderText(example)
        made.textEdited.connect(lambda _text: self._changed())
        return made

    def _signing_in(self) -> QWidget:
        part, column = _part(_("Signing in with a proxy"))
        names = {
            "negotiate": _("Negotiate (Kerberos)"),
            "ntlm": _("NTLM"),
            "digest": _("Digest"),
            "basic": _("Basic"),
        }
        self.schemes = {scheme: Check(names[scheme]) for scheme in SCHEMES}
        holder = QWidget()
        holder.setLayout(Flow(*self.schemes.values(), gap=16))
        holder.layout().setContentsMargins(0, 0, 0, 0)  # type: ignore[union-attr]
        for each in self.schemes.values():
            each.toggled.connect(lambda _on: self._changed())
        column.addWidget(
            Text(_("Allowed, the safest that the proxy offers is taken:"), "text2", step=fonts.SECONDARY)
        )
        column.addWidget(holder)
        self.users: Listed[tuple[str, str]] = Listed(
            _("Who signs in"),
            (_("Proxy"), _("User")),
            lambda row: (
                Cell(row[0], mono=True),
                Cell(row[1] or _("the computer's sign-in"), "text" if row[1] else "text2"),
            ),
            (260, 0),
        )
        self.users.add_buttons(
            (_("Sign in…"), lambda: self._quietly(self._sign_in(self._own_proxy())), False),
            (_("Change…"), lambda: self._quietly(self._sign_in(self._picked_user())), True),
            (_("Forget"), self._forget_user, True),
        )
        column.addWidget(self.users)
        return part

    def _trust(self) -> QWidget:
        part, column = _part(_("Certificates trusted beside the computer's own"))
        self.authorities: Listed[Mapping[str, str]] = Listed(
            _("Trusted certificate files"),
            (_("Certificate"), _("Issued by"), _("Until"), _("File")),
            _authority_cells,
            (170, 150, 90, 0),
        )
        self.authorities.add_buttons(
            (_("Add a file…"), lambda: self._quietly(self._add_authority()), False),
            (_("Remove"), self._remove_authority, True),
        )
        column.addWidget(self.authorities)
        return part

    def _shown(self) -> QWidget:
        part, column = _part(_("Certificates of our own, shown to hosts that ask"))
        self.own: Listed[tuple[str, ClientCertificate]] = Listed(
            _("Client certificates"),
            (_("Host"), _("Certificate"), _("Key")),
            lambda row: (
                Cell(row[0], mono=True),
                Cell(row[1].file, tail=True, hint=row[1].file),
                Cell(row[1].key or _("in the same file"), "text" if row[1].key else "text2", tail=True),
            ),
            (170, 0, 170),
        )
        self.own.add_buttons(
            (_("Add a certificate…"), lambda: self._quietly(self._add_own()), False),
            (_("Remove it"), self._remove_own, True),
        )
        column.addWidget(self.own)
        return part

    def _test(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("band", "window")
        column = QVBoxLayout(frame)
        column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.address = QLineEdit(TEST_ADDRESS)
        self.address.setAccessibleName(_("Address to test"))
        self.address.setFont(fonts.mono())
        self.test = button(_("Test"), self._start_test)
        self.stop = button(_("Stop"), self._way_out.stop, icon="stop-fill")
        self.stop.hide()
        row.addWidget(self.address, 1)
        row.addWidget(self.test)
        row.addWidget(self.stop)
        column.addLayout(row)
        result = QHBoxLayout()
        result.setSpacing(8)
        self._mark = Picture("info")
        self.result = Text(_("Tried with what is set here, whether or not it is kept."), "text2", wrap=True)
        self.details = link(
            _("Details…"), lambda: self._details(self.address.text().strip(), self.preferences)
        )
        self.details.hide()
        result.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        result.addWidget(self.result, 1)
        result.addWidget(self.details, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(result)
        return frame

    # What is set.

    async def read(self) -> None:
        """Show what is kept."""
        preferences, problem = await self._way_out.preferences()
        self._show(preferences)
        if problem:
            self._say("warning-circle", "red", problem)
        await self._rule()

    def _show(self, preferences: NetworkPreferences) -> None:
        self._filling = True
        self.preferences = preferences
        self.ways[preferences.way].setChecked(True)
        for field, text in (
            (self.proxy, preferences.proxy),
            (self.bypass, preferences.bypass),
            (self.script, preferences.script),
        ):
            field.setText(text)
        for scheme, check in self.schemes.items():
            check.setChecked(scheme in preferences.schemes)
        self._filling = False
        self._inside.setEnabled(True)
        self._show_lists()
        self._changed()

    def _show_lists(self) -> None:
        chosen = self.preferences
        self.users.show_rows(list(chosen.users.items()))
        self.own.show_rows(list(chosen.client_certificates.items()))
        self.authorities.show_rows([{"file": file} for file in chosen.extra_ca])
        if chosen.extra_ca:
            self._quietly(self._authorities())

    def _changed(self) -> None:
        if self._filling:
            return
        way = next((way for way, radio in self.ways.items() if radio.isChecked()), Way.SYSTEM)
        order = [
            *self.preferences.schemes,
            *(each for each in SCHEMES if each not in self.preferences.schemes),
        ]
        self.preferences = replace(
            self.preferences,
            way=way,
            proxy=self.proxy.text().strip(),
            bypass=self.bypass.text().strip(),
            script=self.script.text().strip(),
            schemes=tuple(scheme for scheme in order if self.schemes[scheme].isChecked()),
        )
        self.proxy.setEnabled(way is Way.EXPLICIT)
        self.script.setEnabled(way is Way.SCRIPT)
        self.bypass.setEnabled(way in (Way.EXPLICIT, Way.SCRIPT))
        self._ask_rule.start()

    async def _rule(self) -> None:
        """What the computer's own settings say, in words."""
        self.rule.setText(await self._way_out.rule(replace(self.preferences, way=Way.SYSTEM)))

    async def keep(self) -> None:
        """Keep what is set. Raises WeftError where something of it cannot be."""
        self._ask_rule.stop()
        await self._way_out.keep(self.preferences, self.passphrases)

    # Lists.

    def _picked_user(self) -> str:
        row = self.users.picked
        return row[0] if row is not None else ""

    def _own_proxy(self) -> str:
        """The proxy set here as `host:port`; "" while none is, or none that makes sense."""
        if self.preferences.way is not Way.EXPLICIT:
            return ""
        try:
            return read_hop(self.preferences.proxy).address
        except WeftError:
            return ""

    async def _sign_in(self, proxy: str) -> None:
        user = self.preferences.users.get(proxy) if proxy else None
        if await ask_sign_in(self, self._way_out, self._tasks, Wanted(proxy, user=user)):
            # It is kept already: who signs in is nothing that Cancel could take back.
            kept, _problem = await self._way_out.preferences()
            self.preferences = replace(self.preferences, users=kept.users)
            self._show_lists()

    def _forget_user(self) -> None:
        users = {
            proxy: user for proxy, user in self.preferences.users.items() if proxy != self._picked_user()
        }
        self.preferences = replace(self.preferences, users=users)
        self._show_lists()

    async def _add_authority(self) -> None:
        filters = _("Certificates (*.pem *.crt *.cer)") + ";;" + _("All files (*)")
        file = await ask_file(self, _("Trust a certificate file"), filters)
        if file is None or str(file) in self.preferences.extra_ca:
            return
        (found,) = await self._way_out.certificates([str(file)])
        if found.get("problem"):
            self._say("warning-circle", "red", found["problem"])
            return
        self.preferences = replace(self.preferences, extra_ca=(*self.preferences.extra_ca, str(file)))
        self._show_lists()

    def _remove_authority(self) -> None:
        row = self.authorities.picked
        if row is not None:
            left = tuple(file for file in self.preferences.extra_ca if file != row["file"])
            self.preferences = replace(self.preferences, extra_ca=left)
            self._show_lists()

    async def _authorities(self) -> None:
        files = self.preferences.extra_ca
        found = await self._way_out.certificates(files)
        if files == self.preferences.extra_ca:
            self.authorities.show_rows(list(found))

    async def _add_own(self) -> None:
        chosen = await ask_certificate(self, self._tasks)
        if chosen is not None:
            self._take_own(chosen)

    def _take_own(self, chosen: Chosen) -> None:
        certificates = {**self.preferences.client_certificates, chosen.host: chosen.certificate}
        self.preferences = replace(self.preferences, client_certificates=certificates)
        if chosen.passphrase:
            self.passphrases[chosen.host] = chosen.passphrase
        self._show_lists()

    def _remove_own(self) -> None:
        row = self.own.picked
        if row is not None:
            left = {k: v for k, v in self.preferences.client_certificates.items() if k != row[0]}
            self.preferences = replace(self.preferences, client_certificates=left)
            self.passphrases.pop(row[0], None)
            self._show_lists()

    # The test.

    def _start_test(self) -> None:
        if self.address.text().strip() and not self._testing:
            self._quietly(self._try())

    async def _try(self) -> None:
        self._testing = True
        self.details.hide()
        self._say(
            "circle-half", "accent", _("Asking {address} …").format(address=self.address.text().strip())
        )
        self.stop.show()
        self.test.hide()
        try:
            found = await self._way_out.examine(self.address.text().strip(), self.preferences)
            failed = found.failed is not None
            said = f"{found.verdict}. {found.detail}" if found.detail else found.verdict
            self._say("x-circle-fill" if failed else "check-circle-fill", "red" if failed else "green", said)
            self.details.setVisible(True)
        finally:
            self._testing = False
            self.stop.hide()
            self.test.show()

    def tell_trouble(self, error: WeftError) -> None:
        """What is set cannot be kept."""
        self._say("warning-circle", "red", f"{error.message} {error.next_step}".strip())

    def _say(self, icon: str, role: str, text: str) -> None:
        self._mark.show_icon(icon, role)
        self.result.setText(text)
        self.result.set_tone("text")

    def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        async def said() -> None:
            try:
                await work
            except Cancelled as stopped:
                self._say("info", "text2", stopped.message)
            except WeftError as error:
                self.tell_trouble(error)

        self._tasks.quietly(said())


def _part(title: str) -> tuple[QWidget, QVBoxLayout]:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 8, 0, 0)
    column.setSpacing(4)
    column.addWidget(SectionHead(title))
    return part, column


def _row(field: QLineEdit, indent: int = _INDENT) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(indent, 0, 0, 0)
    row.setSpacing(8)
    label = Text(field.accessibleName(), "text2")
    label.setBuddy(field)
    label.setFixedWidth(_LABEL - indent)
    row.addWidget(label)
    row.addWidget(field, 1)
    return row


def _authority_cells(row: Mapping[str, str]) -> Sequence[Cell]:
    problem = row.get("problem", "")
    if problem:
        return (Cell(problem, "red_text", icon="shield-warning", icon_tone="red", hint=problem), Cell(), Cell(),
                Cell(row["file"], tail=True, hint=row["file"]))  # fmt: skip
    return (
        Cell(row.get("name", ""), icon="shield-check", hint=row.get("name", "")),
        Cell(row.get("issuer", ""), "text2", hint=row.get("issuer", "")),
        Cell(row.get("until", ""), "text2", small=True),
        Cell(row["file"], "text2", tail=True, small=True, hint=row["file"]),
    )
