"""The first pages: what to do, in which org, with which object and key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.moves.access.guard import sort_name
from studio.moves.access.orgs import PRACTICE
from studio.moves.model import Action
from ui.dialogs.ask import finished
from ui.dialogs.move.choices import Choices, OpenOrg, TargetField, action_name
from ui.dialogs.move.page import Desk, Page, inset
from ui.dialogs.orgs.window import OrgsDialog
from ui.dialogs.orgs.words import mark_role
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Radio
from ui.widgets.fields import Combo, FilterField
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row


class ActionPage(Page):
    """Insert, update, upsert, delete, undelete or hard delete."""

    def __init__(self, desk: Desk, export: Callable[[], object], several: Callable[[], object]) -> None:
        super().__init__(desk, _("What shall happen to the records?"))
        self.about.setText(_("Choose one, then Next; Enter goes on, on every page."))
        about = {
            Action.UPSERT: _("Changes the records that a key field finds and creates the others."),
            Action.INSERT: _("Creates a record for each row of the file."),
            Action.UPDATE: _("Changes the records whose Id stands in the file."),
            Action.DELETE: _("Deletes the records whose Id stands in the file."),
            Action.UNDELETE: _("Takes the records whose Id stands in the file out of the recycle bin."),
            Action.HARD_DELETE: _("Deletes them for good: they are not in the recycle bin afterwards."),
        }
        self._group = QButtonGroup(self)
        self._buttons: dict[Action, Radio] = {}
        for action, text in about.items():
            made = Radio(action_name(action))
            made.setAccessibleDescription(text)
            made.setFont(fonts.font(weight=500))
            self._group.addButton(made)
            self._buttons[action] = made
            made.clicked.connect(lambda _on=False, action=action: self._choose(action))
            column = QVBoxLayout()
            column.setContentsMargins(metrics.PAD_DIALOG, 3, metrics.PAD_DIALOG, 5)
            column.setSpacing(2)
            column.addWidget(made)
            label = Text(text, "text2", wrap=True)
            label.setContentsMargins(24, 0, 0, 0)
            column.addWidget(label)
            self.column.addLayout(column)
        self.column.addSpacing(12)
        self.column.addWidget(Line())
        ways = (
            (_("Several objects…"), several, "table",
             _("Parents and children together, from files or another org, their lookups kept.")),
            (_("Export records…"), export, "download-simple",
             _("Takes records out of an org, into a file or a database.")),
        )  # fmt: skip
        for text, do, icon, said in ways:
            row = QHBoxLayout()
            row.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 0)
            row.setSpacing(12)
            row.addWidget(button(text, do, icon=icon))
            row.addWidget(Text(said, "text2", wrap=True), 1)
            self.column.addLayout(row)
        self.column.addStretch(1)

    def show_choices(self, choices: Choices) -> None:
        """Tick the action chosen."""
        super().show_choices(choices)
        self._buttons[choices.action].setChecked(True)

    def first(self) -> QWidget:
        """The action chosen."""
        return self._buttons[self.choices.action]

    def _choose(self, action: Action) -> None:
        if action is not self.choices.action:
            # What an object offers depends on the action, so it is chosen again.
            fresh = Choices(action=action, org=self.choices.org, source=self.choices.source)
            self.take(fresh)


class OrgPage(Page):
    """The orgs this computer knows; the practice org is always the first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Into which org?"))
        self.about.setText(
            _("The practice org runs on this computer: nothing you do in it can harm anybody.")
        )
        self.model: CellTable[dict[str, str]] = CellTable([_("Org"), _("Address")], _org_cells, self)
        self.view = Rows(_("Orgs"), head=True)
        self.view.setModel(self.model)
        self.view.lay_out(260, 0)
        self.model.set_rows([{"name": PRACTICE, "url": ""}])
        self.view.selectionModel().currentRowChanged.connect(self._pick)
        self.view.opened.connect(lambda _row: self.desk.go_on())
        self.column.addWidget(Line())
        self.column.addWidget(self.view, 1)
        self.column.addWidget(Line())
        self.state = Text("", "text2")
        self.column.addLayout(inset(self.state, bottom=4))
        self.orgs = button(
            _("Add and change orgs…"), lambda: self.desk.tasks.quietly(self._manage()), icon="cloud"
        )
        ways = QHBoxLayout()
        ways.setContentsMargins(metrics.PAD_DIALOG, 4, metrics.PAD_DIALOG, 12)
        ways.addWidget(self.orgs)
        ways.addStretch(1)
        self.column.addLayout(ways)
        self._listed = False

    @property
    def picked(self) -> str:
        """The org the list stands on."""
        row = current_row(self.view)
        return self.model.rows[row]["name"] if row >= 0 else ""

    def entered(self) -> None:
        """Read the list once; stand on the org in use."""
        if not self._listed:
            self._listed = True
            self.desk.tasks.spawn(self._read())
        if current_row(self.view) < 0:
            self.view.setCurrentIndex(self.model.index(0, 0))

    def ask(self, *, export: bool) -> None:
        """Ask for the org records go into, or come from."""
        self.title.setText(_("From which org?") if export else _("Into which org?"))

    def first(self) -> QWidget:
        """The list."""
        return self.view

    def pick_practice(self) -> None:
        """Stand on the practice org."""
        self.view.setCurrentIndex(self.model.index(0, 0))

    async def open(self) -> bool:
        """Sign in to the org picked, unless we are; tells whether we are in."""
        if not self.picked:
            return False
        if self.choices.org is not None and self.choices.org.name == self.picked:
            return True
        name = self.picked
        self.state.setText(_("Starting the practice org …") if name == PRACTICE else _("Signing in …"))
        try:
            found = await self.desk.mover.ask("open", self._heard, org=name)
        finally:
            self.state.setText("")
        org = OpenOrg.found(name, found)
        # Another org has other objects.
        self.take(Choices(action=self.choices.action, org=org, source=self.choices.source))
        return True

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "browser":
            said = (
                _("Enter the code {code} at {address}.")
                if event.get("code")
                else _("Go on in your browser: {address}")
            )
            self.state.setText(said.format(address=event["address"], code=event.get("code")))

    async def _read(self, name: str = "") -> None:
        stood = name or self.picked
        known = await self.desk.mover.ask("orgs")
        self.model.set_rows([{"name": PRACTICE, "url": ""}, *known])
        names = [row["name"] for row in self.model.rows]
        self.view.setCurrentIndex(self.model.index(names.index(stood) if stood in names else 0, 0))

    async def _manage(self) -> None:
        """The orgs' own window over this one; what was added there is the org picked here."""
        dialog = OrgsDialog(self.window(), self.desk.mover, self.desk.tasks)
        await finished(dialog)
        await self._read(dialog.added)

    def _pick(self, *_index: object) -> None:
        if self.choices.org is not None and self.picked not in ("", self.choices.org.name):
            self.take(Choices(action=self.choices.action, source=self.choices.source))


def _org_cells(row: dict[str, str]) -> Sequence[Cell]:
    if row["name"] == PRACTICE:
        return (
            Cell(_("Practice org"), icon="flask"),
            Cell(_("on this computer, started when needed"), tone="text2"),
        )
    icon = "circle-fill" if row["color"] else "cloud"
    production = row["sort"] == "production"
    return (
        Cell(row["name"], icon=icon, icon_tone=mark_role(row["color"]), note=sort_name(row["sort"])),
        Cell(
            str(row["url"]).partition("://")[2],
            tone="text2",
            mono=True,
            marks=(("lock-simple", "production_text"),) if production else (),
        ),
    )


class ObjectPage(Page):
    """The object, and for an upsert the field its records are found by."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Which records?"))
        self.about.setText(_("Type a few letters, choose the object, then Next."))
        self.filter = FilterField(_("Filter objects"), _("Filter by name or label"))
        self.filter.textChanged.connect(self._narrow)
        self.column.addLayout(inset(self.filter, bottom=8))
        self.model: CellTable[dict[str, Any]] = CellTable([_("Object"), _("API name")], _object_cells, self)
        self.view = Rows(_("Objects"), head=True)
        self.view.setModel(self.model)
        self.view.lay_out(320, 0)
        self.view.selectionModel().currentRowChanged.connect(self._pick)
        # The row a list begins on may be current without having been chosen.
        self.view.clicked.connect(self._pick)
        self.view.opened.connect(lambda _row: self.desk.go_on())
        self.filter.left.connect(self.view.setFocus)
        self.column.addWidget(Line())
        self.column.addWidget(self.view, 1)
        self._foot = QFrame()
        self._foot.setProperty("band", "foot")
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(12)
        self.key = Combo(_("Key field"))
        self.key.setMinimumWidth(280)
        self.key.activated.connect(self._choose_key)
        label = Text(_("Records are found by"))
        label.setBuddy(self.key)
        row.addWidget(label)
        row.addWidget(self.key)
        row.addStretch(1)
        self.column.addWidget(self._foot)
        self._all: list[dict[str, Any]] = []
        self._read_for: tuple[str, Action] | None = None

    def show_choices(self, choices: Choices) -> None:
        """The key is asked for in an upsert only."""
        super().show_choices(choices)
        self._foot.setVisible(choices.action is Action.UPSERT)
        if not choices.target:
            self.view.setCurrentIndex(QModelIndex())
        shown = [self.key.itemData(at) for at in range(self.key.count())]
        if shown != [name for name, _label in choices.keys]:
            self.key.clear()
            for name, label in choices.keys:
                self.key.addItem(f"{label}  {name}" if label != name else name, name)
        self.key.setEnabled(bool(choices.keys))
        self.key.setCurrentIndex(self.key.findData(choices.key))

    def entered(self) -> None:
        """Read the org's list when it is another org, or another action."""
        assert self.choices.org is not None
        wanted = (self.choices.org.url, self.choices.action)
        if wanted != self._read_for:
            self._read_for = wanted
            self.model.set_rows([])
            self.desk.tasks.spawn(self._read())

    def first(self) -> QWidget:
        """The filter."""
        return self.filter

    async def _read(self) -> None:
        self._all = await self.desk.mover.ask("objects", action=self.choices.action.value)
        self._narrow()

    def _narrow(self, *_text: object) -> None:
        wanted = self.filter.text().strip().lower()
        rows = [r for r in self._all if wanted in r["label"].lower() or wanted in r["name"].lower()]
        # An exact name first, then what begins with the words, then the rest.
        rows.sort(key=lambda r: (r["name"].lower() != wanted, not r["label"].lower().startswith(wanted)))
        self.view.selectionModel().blockSignals(True)
        self.model.set_rows(rows)
        at = next((i for i, r in enumerate(rows) if r["name"] == self.choices.target), -1)
        if at >= 0:
            self.view.setCurrentIndex(self.model.index(at, 0))
        self.view.selectionModel().blockSignals(False)

    def _pick(self, *_index: object) -> None:
        row = current_row(self.view)
        if row < 0 or self.model.rows[row]["name"] == self.choices.target:
            return
        found = self.model.rows[row]
        chosen = replace(
            self.choices,
            target=found["name"],
            target_label=found["label"],
            key="",
            keys=(),
            fields=(),
            mapped=(),
            checked=None,
            summary=None,
        )
        self.take(chosen)
        self.desk.tasks.spawn(self._describe(found["name"]))

    async def _describe(self, name: str) -> None:
        action = self.choices.action
        asked = {"object": name, "action": action.value}
        found = await self.desk.mover.ask("describe", **asked)
        keys = tuple((entry["name"], entry["label"]) for entry in found["keys"])
        key = keys[0][0] if keys and action is Action.UPSERT else ""
        if key:
            found = await self.desk.mover.ask("describe", **asked, key=key)
        if self.choices.target == name:
            self.take(replace(self.choices, key=key, keys=keys, fields=fields_of(found)))

    def _choose_key(self, *_index: object) -> None:
        key = str(self.key.currentData())
        if key != self.choices.key:
            self.take(replace(self.choices, key=key, mapped=(), checked=None, summary=None))
            self.desk.tasks.spawn(self._describe_with(self.choices.target, key))

    async def _describe_with(self, name: str, key: str) -> None:
        found = await self.desk.mover.ask("describe", object=name, action=self.choices.action.value, key=key)
        if (self.choices.target, self.choices.key) == (name, key):
            self.take(replace(self.choices, fields=fields_of(found)))


def fields_of(found: dict[str, Any]) -> tuple[TargetField, ...]:
    """The fields of the mover's description of an object."""
    return tuple(
        TargetField(f["name"], f["label"], f["type"], bool(f["required"]), bool(f["key"]), f["kind"])
        for f in found["fields"]
    )


def _object_cells(row: dict[str, Any]) -> Sequence[Cell]:
    icon = "cube" if row["custom"] else "table"
    return Cell(row["label"], icon=icon), Cell(row["name"], tone="text2", mono=True)
