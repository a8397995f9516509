"""The proxy doctor: how an address is reached step by step, what to ask the network team for, what one can do oneself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.base import atomic
from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from studio.network.examination import Examination
from studio.network.hops import read_hop
from studio.network.settings import NetworkPreferences
from ui.bridge.tasks import Tasks
from ui.bridge.way_out import WayOut
from ui.dialogs.ask import ask_file, ask_new_file
from ui.dialogs.network.addresses_part import AddressesPart
from ui.dialogs.network.advice_part import RemediesPart, RequestPart
from ui.dialogs.network.chain_part import ChainPart
from ui.dialogs.network.report import report_text
from ui.dialogs.network.sign_in import Wanted, ask_sign_in
from ui.dialogs.network.steps_part import StepRows, time_text
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.fields import FilterField
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Picture, Text

SIZE = QSize(800, 1000)
# What a title and borders take of the screen.
_FRAME = QSize(16, 48)


class Doctor(QDialog):
    """Asks `way_out` about `address`, then about all that the project in `folder` talks to.

    `prefer` opens the network preferences, and answers whether they were changed. `unkept` are preferences to ask by
    that nobody has kept yet, until others are.
    """

    def __init__(
        self,
        parent: QWidget,
        way_out: WayOut,
        tasks: Tasks,
        address: str,
        prefer: Callable[[], Awaitable[bool]],
        folder: Path | None = None,
        unkept: NetworkPreferences | None = None,
    ) -> None:
        super().__init__(parent)
        self._unkept = unkept
        self._way_out, self._tasks, self._prefer, self._folder = way_out, tasks, prefer, folder
        self._found: Examination | None = None
        self._busy = False
        self._closed = False
        self._turn = 0
        self.setWindowTitle(_("Proxy doctor – Weft Studio"))
        self.setAccessibleName(_("Proxy doctor"))
        self.setProperty("band", "base")
        room = self.screen().availableSize() - _FRAME
        self.setMinimumSize(QSize(640, 480).boundedTo(room))
        self.resize(SIZE.boundedTo(room))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head(address))
        column.addWidget(Line())
        column.addWidget(self._verdict())
        column.addWidget(self._middle(), 1)
        column.addWidget(self._foot())
        self.address.setFocus()
        self.ask()

    # Building.

    def _head(self, address: str) -> QFrame:
        head = _band("base")
        row = QHBoxLayout(head)
        row.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        row.setSpacing(8)
        self.address = FilterField(
            _("Address"), _("Address of a system, such as https://login.salesforce.com"), "globe-simple"
        )
        self.address.setFont(fonts.mono())
        self.address.setText(address)
        self.address.setFixedHeight(metrics.BUTTON)
        self.address.setMinimumWidth(320)
        self.address.returnPressed.connect(self.ask)
        row.addWidget(self.address, 1)
        self.again = button(_("Ask again"), self.ask, icon="arrow-clockwise")
        self.stop = button(_("Stop"), self._way_out.stop, icon="stop-fill")
        row.addWidget(self.again)
        row.addWidget(self.stop)
        row.addSpacing(16)
        self.who = Text("", "text2", step=fonts.SECONDARY)
        row.addWidget(self.who)
        return head

    def _verdict(self) -> QFrame:
        frame = _band("base")
        row = QHBoxLayout(frame)
        row.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        row.setSpacing(12)
        self._mark = Picture("circle-half", "text2", 20)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        self.verdict = Text("", step=fonts.TITLE, weight=600, wrap=True)
        self.detail = Text("", "text2", wrap=True)
        texts.addWidget(self.verdict)
        texts.addWidget(self.detail)
        row.addLayout(texts, 1)
        return frame

    def _middle(self) -> QScrollArea:
        inside = _band("base")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.steps = StepRows()
        self.chain = ChainPart()
        self.request = RequestPart()
        self.remedies = RemediesPart(lambda do: self._tasks.quietly(self._remedy(do)))
        self.addresses = AddressesPart()
        self.addresses.opened.connect(self._open)
        for part in (Line(), self.steps, Line(), self.chain, self.request, self.remedies, self.addresses):
            column.addWidget(part)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return scroll

    def _foot(self) -> Foot:
        self.save = button(_("Save report…"), lambda: self._tasks.quietly(self._save()), icon="floppy-disk")
        self.said = Text(_("without passwords and tokens"), "text2", step=fonts.SECONDARY)
        self.preferences = button(
            _("Network preferences…"), lambda: self._tasks.quietly(self._remedy("preferences"))
        )
        self.close_button = button(_("Close"), self.close)
        return Foot((self.preferences, self.close_button), (self.save, self.said))

    def showEvent(self, event: QShowEvent) -> None:
        """Whole on the screen, wherever the window is over which it opens."""
        super().showEvent(event)
        screen, frame = self.screen().availableGeometry(), self.frameGeometry()
        x = max(screen.left(), min(frame.left(), screen.right() - frame.width()))
        y = max(screen.top(), min(frame.top(), screen.bottom() - frame.height()))
        self.move(x, y)

    # Asking.

    def ask(self) -> None:
        """Examine the address as it is written now; what was asked before is given up."""
        address = self.address.text().strip()
        if not address:
            return
        self._turn += 1
        if self._busy:
            self._way_out.stop()
        self._tasks.spawn(self._ask(self._turn, address), quiet=True)

    def _open(self, address: str) -> None:
        self.address.setText(address)
        self.ask()

    async def _ask(self, turn: int, address: str) -> None:
        self._begin(address)
        try:
            found = await self._way_out.examine(address, self._unkept)
            if turn != self._turn or self._closed:
                return
            self._show(found)
            await self._ask_project()
        except Cancelled as stopped:
            if turn == self._turn and self._found is None:
                self._tell("info", "text2", stopped.message, "")
        except WeftError as error:
            if turn == self._turn:
                self._tell("x-circle-fill", "red", error.message, error.next_step)
        finally:
            if turn == self._turn and not self._closed:
                self._busy = False
                self._look()

    async def _ask_project(self) -> None:
        if self._folder is not None:
            await self._way_out.project(
                self._folder, self.addresses.show_addresses, self.addresses.show_found
            )

    def _begin(self, address: str) -> None:
        self._busy, self._found = True, None
        self._tell("circle-half", "accent", _("Asking {address} …").format(address=address), "")
        self.who.setText("")
        self._show_parts(None)
        self._look()

    def _look(self) -> None:
        self.stop.setVisible(self._busy)
        self.again.setVisible(not self._busy)
        self.save.setEnabled(self._found is not None)

    def _tell(self, icon: str, role: str, verdict: str, detail: str) -> None:
        self._mark.show_icon(icon, role)
        self.verdict.setText(verdict)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))

    def _show(self, found: Examination) -> None:
        self._found = found
        failed = found.failed is not None
        self._tell(
            "x-circle-fill" if failed else "check-circle-fill",
            "red" if failed else "green",
            found.verdict,
            found.detail,
        )
        clock = f"{found.when.astimezone():%H:%M:%S}"
        said = _("as {user}, {time}, {seconds}") if found.user else _("{time}, {seconds}")
        self.who.setText(said.format(user=found.user, time=clock, seconds=time_text(found.seconds)))
        self._show_parts(found)
        self._look()

    def _show_parts(self, found: Examination | None) -> None:
        self.steps.show_steps(found)
        self.chain.show_chain(found.chain if found is not None else None)
        self.request.show_request(found)
        self.remedies.show_remedies(found)

    # Doing something about it.

    async def _remedy(self, do: str) -> None:
        try:
            done = await self._done(do)
        except WeftError as error:
            self._tell("x-circle-fill", "red", error.message, error.next_step)
            return
        if done and not self._closed:
            self.ask()

    async def _done(self, do: str) -> bool:
        if do == "trust":
            filters = _("Certificates (*.pem *.crt *.cer)") + ";;" + _("All files (*)")
            file = await ask_file(self, _("Trust a certificate file"), filters)
            if file is not None:
                await self._way_out.trust(file)
            return file is not None
        if do == "password":
            return await ask_sign_in(self, self._way_out, self._tasks, Wanted(proxy_of(self._found)))
        changed = await self._prefer()
        if changed:
            self._unkept = None
        return changed

    async def _save(self) -> None:
        found = self._found
        if found is None:
            return
        file = await ask_new_file(self, _("Save report"), _("Text (*.txt)"), "txt")
        if file is not None:
            try:
                atomic.write_text(file, report_text(found, self.addresses.found))
            except WeftError as error:
                self._tell("x-circle-fill", "red", error.message, error.next_step)
                return
            self.said.setText(_("Saved: {file}").format(file=file.name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks, from the field; Esc stops, then closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self._busy:
            self._way_out.stop()
        else:
            super().keyPressEvent(event)

    def done(self, code: int) -> None:
        """What is asked is given up."""
        self._closed = True
        if self._busy:
            self._way_out.stop()
        super().done(code)


def proxy_of(found: Examination | None) -> str:
    """The proxy an examination went through, `host:port`; "" where it went through none."""
    if found is None or not found.way_out or "," in found.way_out:
        return ""
    try:
        return read_hop(found.way_out).address
    except WeftError:
        return ""


def _band(name: str) -> QFrame:
    made = QFrame()
    made.setProperty("band", name)
    return made
