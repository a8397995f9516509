"""Adding an org: what to call it, its address, how to sign in; beside it the guide that makes the org's app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.salesforce.address import DEFAULT_PORT, org_address
from ui import theme
from ui.dialogs.ask import ask_file
from ui.dialogs.orgs.guide_panel import GuidePanel
from ui.dialogs.orgs.words import colors, mark_role, ways
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.fields import Combo
from ui.widgets.labels import Line, Text

# Which fields each way of signing in has besides name, address and mark.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "web": ("client_id", "secret", "port"),
    "device": ("client_id",),
    "jwt": ("client_id", "username", "secret_file"),
    "client": ("client_id", "secret"),
    "token": ("secret",),
    "soap": ("username", "secret"),
}
_LABELS = 132
_FORM = 452


class AddPage(QFrame):
    """`changed` follows every edit; `request` is what the desk is asked with. `spawn` starts what waits for a person."""

    changed = Signal()
    address_given = Signal(str)

    def __init__(self, spawn: Callable[[Any], object]) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._spawn = spawn
        self._not_here: Mapping[str, str] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._form())
        self._line_beside = Line(vertical=True)
        row.addWidget(self._line_beside)
        self.guide = GuidePanel()
        row.addWidget(self.guide, 1)
        # Without a guide the form stays where it is.
        self._room = QWidget()
        row.addWidget(self._room, 1)
        self._fields["port"].setText(str(DEFAULT_PORT))
        for field in self._fields.values():
            field.textChanged.connect(self._look)
        self._fields["url"].editingFinished.connect(self._address_left)
        self.way.currentIndexChanged.connect(self._look)
        self._look()

    def _form(self) -> QScrollArea:
        inside = QFrame()
        inside.setProperty("band", "base")
        column = QVBoxLayout(inside)
        column.setContentsMargins(*(metrics.PAD_DIALOG,) * 4)
        column.setSpacing(12)
        column.addWidget(Text(_("Add an org"), step=fonts.TITLE, weight=600))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, _LABELS)
        grid.setColumnStretch(1, 1)
        self._fields: dict[str, QLineEdit] = {}
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        hints = {"name": _("Call it"), "url": _("Address")}
        for key, label in hints.items():
            self._line(grid, key, label)
        self._fields["url"].setPlaceholderText("https://example.my.salesforce.com")
        self.where = Text("", "text2", step=fonts.SECONDARY, wrap=True)
        grid.addWidget(self.where, grid.rowCount(), 1)
        self.way = Combo(_("Sign-in"))
        for flow, (name, _about) in ways().items():
            self.way.addItem(name, flow)
        self._labelled(grid, _("Sign-in"), self.way)
        self.about = Text("", "text2", wrap=True)
        self.about.setMinimumHeight(54)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.about, grid.rowCount(), 1)
        self._line(grid, "client_id", _("Consumer key"))
        self._line(grid, "username", _("User"))
        self._line(grid, "secret", _("Secret"))
        self._fields["secret"].setEchoMode(QLineEdit.EchoMode.Password)
        browse = button(_("Browse…"), lambda: self._spawn(self._browse()))
        self._line(grid, "secret_file", _("Key file"), browse)
        self._line(grid, "port", _("Callback port"))
        self._fields["port"].setMaximumWidth(80)
        self.color = Combo(_("Mark"))
        self.color.addItem(_("Chosen for me"), "")
        for color, name in colors().items():
            self.color.addItem(mark_icon(color), name, color)
        self._labelled(grid, _("Mark"), self.color)
        column.addLayout(grid)
        safe = _("Secrets go to this computer's key store, never into a project or a log.")
        column.addWidget(Text(safe, "text3", step=fonts.SECONDARY, wrap=True))
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(_("Add an org"))
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setFixedWidth(_FORM)
        return area

    def _line(self, grid: QGridLayout, key: str, label: str, more: QWidget | None = None) -> None:
        field = QLineEdit()
        self._fields[key] = field
        place: QWidget = field
        if more is not None:
            # In the field's own cell: a column of its own would make every field shorter.
            place = QWidget()
            pair = QHBoxLayout(place)
            pair.setContentsMargins(0, 0, 0, 0)
            pair.setSpacing(8)
            pair.addWidget(field, 1)
            pair.addWidget(more)
        text = self._labelled(grid, label, field, place)
        self._rows[key] = (text, place)

    @staticmethod
    def _labelled(grid: QGridLayout, label: str, control: QWidget, place: QWidget | None = None) -> Text:
        control.setAccessibleName(label)
        control.setMinimumWidth(80)
        text = Text(label)
        text.setBuddy(control)
        row = grid.rowCount()
        grid.addWidget(text, row, 0)
        grid.addWidget(place or control, row, 1)
        return text

    @property
    def flow(self) -> str:
        """The way of signing in chosen."""
        return str(self.way.currentData())

    @property
    def reason(self) -> str:
        """What is still missing; "" when it can be tried."""
        if not self._text("name"):
            return _("Give the org a name.")
        if not self._text("url"):
            return _("Give the org's address.")
        try:
            org_address(self._text("url"))
        except BadInput as error:
            return error.message
        if self._not_here.get(self.flow):
            return _("Choose another way of signing in.")
        wanted = [key for key in _FIELDS[self.flow] if (key, self.flow) != ("secret", "web")]
        if any(not self._text(key) for key in wanted):
            return _("Fill in what the sign-in needs.")
        if "port" in wanted and not self._port_fits():
            return _("A port is a number from 0 to 65535.")
        return ""

    def _port_fits(self) -> bool:
        text = self._text("port")
        return text.isascii() and text.isdigit() and int(text) < 65536

    @property
    def request(self) -> dict[str, Any]:
        """What was entered, the fields of other ways left out."""
        keys = ("name", "url", *_FIELDS[self.flow])
        given: dict[str, Any] = {key: self._text(key) for key in keys}
        if "port" in given:
            given["port"] = int(given["port"])
        return {**given, "flow": self.flow, "color": self.color.currentData()}

    def first(self) -> QWidget:
        """The name."""
        return self._fields["name"]

    def clear(self) -> None:
        """Begin anew."""
        for key, field in self._fields.items():
            field.setText(str(DEFAULT_PORT) if key == "port" else "")
        self.way.setCurrentIndex(0)
        self.color.setCurrentIndex(0)
        self.show_offers("", {})

    def show_offers(self, url: str, flows: Mapping[str, str]) -> None:
        """Show where one would sign in, and which ways the org does not have."""
        self._not_here = flows
        self.where.setText(_("Signs in at {address}").format(address=url) if url else "")
        self.where.set_tone("text2")
        self._look()

    def show_trouble(self, text: str) -> None:
        """What is wrong with the address, in its place."""
        self.where.setText(text)
        self.where.set_tone("red_text")

    def _text(self, key: str) -> str:
        return self._fields[key].text().strip()

    def _look(self, *_any: object) -> None:
        reason = self._not_here.get(self.flow, "")
        about = ways()[self.flow][1]
        self.about.setText(_("Not in this org: {reason}.").format(reason=reason) if reason else about)
        self.about.set_tone("red_text" if reason else "text2")
        labels = {
            "token": _("Session id"),
            "soap": _("Password and token"),
            "web": _("Secret, if the app has one"),
        }
        for key, widgets in self._rows.items():
            shown = key in ("name", "url") or key in _FIELDS[self.flow]
            for widget in widgets:
                widget.setVisible(shown)
        said = labels.get(self.flow, _("Consumer secret"))
        label = self._rows["secret"][0]
        assert isinstance(label, Text)
        label.setText(said)
        self._fields["secret"].setAccessibleName(said)
        port = int(self._text("port")) if self._port_fits() and self._text("port") else DEFAULT_PORT
        guided = self.flow not in ("token", "soap")
        for part in (self.guide, self._line_beside):
            part.setVisible(guided)
        self._room.setVisible(not guided)
        self.guide.show_guide(self._text("url"), port or DEFAULT_PORT, self.flow)
        self.changed.emit()

    def _address_left(self) -> None:
        if self._text("url"):
            self.address_given.emit(self._text("url"))

    async def _browse(self) -> None:
        found = await ask_file(self.window(), _("Key file"), _("Keys (*.pem *.key);;All files (*)"))
        if found is not None:
            self._fields["secret_file"].setText(str(found))


def mark_icon(color: str) -> QIcon:
    """A dot in the colour of a mark."""
    return theme.icon("circle-fill", mark_role(color))
