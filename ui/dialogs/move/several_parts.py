"""The objects of a move of several: files or objects of another org, what happens to each, by which key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.moves.access.orgs import PRACTICE
from studio.moves.model import Action
from ui.dialogs.ask import ask_files, ask_folder
from ui.dialogs.move.choices import action_name
from ui.dialogs.move.page import Desk, inset
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row

Part = dict[str, Any]
_ACTIONS = (Action.INSERT, Action.UPSERT, Action.UPDATE)


class Parts(QWidget):
    """What is moved; `changed` is called with every change. `source_org` is "" where records come from files."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        super().__init__()
        self._desk, self._changed = desk, changed
        self.source_org = ""
        self._org = ""
        self._objects: list[dict[str, Any]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._where_from())
        self.state = Text("", "red_text", wrap=True)
        self.state.hide()
        column.addLayout(inset(self.state, bottom=4))
        column.addWidget(Line())
        self.model: CellTable[Part] = CellTable(
            [_("Object"), _("Source"), _("What happens"), _("Found by"), _("Only records")], _cells, self
        )
        self.view = Rows(_("Objects of the move"), head=True)
        self.view.setModel(self.model)
        self.view.fit((120, 190), (160, 0), (90, 120), (110, 170), (90, 180))
        self.view.selectionModel().currentRowChanged.connect(lambda *_index: self._look())
        column.addWidget(self.view, 1)
        self._empty = EmptyState(
            "table",
            _("No object yet"),
            _(
                "Files called as their objects are (Account.csv, Contact.csv), a folder of them, or objects of another org."
            ),
        )
        column.addWidget(self._empty, 1)
        self.view.hide()
        column.addWidget(self._edit())
        self._look()

    def _where_from(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self.origin = Combo(_("Where the records come from"))
        self.origin.setMinimumWidth(180)
        self.origin.addItem(_("From files"), "")
        self.origin.activated.connect(lambda _at: self._desk.tasks.spawn(self._from()))
        self.path = QLineEdit()
        self.path.setAccessibleName(_("Files or folder"))
        self.path.setPlaceholderText(_("Path of a file or folder, then Enter"))
        self.path.setFixedHeight(metrics.BUTTON)
        self.path.returnPressed.connect(lambda: self._desk.tasks.spawn(self._typed()))
        self.files = button(
            _("Choose files…"), lambda: self._desk.tasks.spawn(self._choose()), icon="file-text"
        )
        self.folder = button(
            _("Choose a folder…"), lambda: self._desk.tasks.spawn(self._choose_folder()), icon="folder-open"
        )
        self.wanted = Combo(_("Object to add"))
        self.add = button(_("Add the object"), lambda: self._desk.tasks.spawn(self._add()), icon="plus")
        for widget in (self.origin, self.path, self.files, self.folder, self.wanted, self.add):
            row.addWidget(widget, 1 if widget in (self.path, self.wanted) else 0)
        return row

    def _edit(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("band", "foot")
        row = QHBoxLayout(frame)
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self.object = Combo(_("Object of the file"))
        self.object.setMinimumWidth(190)
        self.action = Combo(_("What happens to its records"))
        for action in _ACTIONS:
            self.action.addItem(action_name(action), action.value)
        self.key = Combo(_("Key its records are found by"))
        self.key.setMinimumWidth(150)
        self.where = QLineEdit()
        self.where.setAccessibleName(_("Only records where"))
        self.where.setPlaceholderText(_("All records, or a condition: Industry = 'Retail'"))
        self.where.setFixedHeight(metrics.BUTTON)
        self.related = Combo(_("Only records that belong to"))
        self.remove = button(_("Remove the object"), self._remove, icon="trash")
        self.object.activated.connect(lambda _at: self._desk.tasks.spawn(self._other_object()))
        self.action.activated.connect(lambda _at: self._change(action=self.action.currentData()))
        self.key.activated.connect(lambda _at: self._change(key=self.key.currentData()))
        self.where.textEdited.connect(lambda text: self._change(where=text))
        self.related.activated.connect(lambda _at: self._change(related=self.related.currentData()))
        for widget in (self.object, self.action, self.key, self.where, self.related):
            row.addWidget(widget, 1 if widget is self.where else 0)
        row.addStretch(0)
        row.addWidget(self.remove)
        return frame

    # What is there.

    @property
    def parts(self) -> Sequence[Part]:
        """The objects in the order they were added."""
        return self.model.rows

    @property
    def reason(self) -> str:
        """Why these cannot be checked; "" when they can."""
        if not self.parts:
            return _("Choose the objects.") if self.source_org else _("Choose the files.")
        without = next((part for part in self.parts if not part["object"]), None)
        if without is not None:
            return _("Choose the object of {file}.").format(file=without["shown"])
        keyless = next((p for p in self.parts if p["action"] == Action.UPSERT and not p["key"]), None)
        return _("Choose the key of {object}.").format(object=keyless["object"]) if keyless else ""

    async def read(self, org: str) -> None:
        """The target org's objects and the orgs records can come from, once for each org."""
        if org == self._org:
            return
        self._org = org
        self.source_org = ""
        # Before the org answers: files may be added meanwhile.
        self._show([])
        self._objects = await self._desk.mover.ask("objects", action=Action.UPSERT.value)
        known = [one["name"] for one in await self._desk.mover.ask("orgs")]
        self.origin.clear()
        self.origin.addItem(_("From files"), "")
        for name in (PRACTICE, *known):
            if name != org:
                self.origin.addItem(_("From the org {name}").format(name=name), name)
        _fill(self.object, [("", _("Choose the object"))] + [_named(one) for one in self._objects])
        self._look()

    async def _from(self) -> None:
        self._told("")
        name = str(self.origin.currentData())
        if name == self.source_org:
            return
        if name:
            try:
                found = await self._desk.mover.ask("several_source", org=name)
            except WeftError:
                self.origin.setCurrentIndex(max(self.origin.findData(self.source_org), 0))
                raise
            here = {one["name"] for one in self._objects}
            _fill(self.wanted, [_named(one) for one in found if one["name"] in here])
        self.source_org = name
        self._show([])

    async def _choose(self) -> None:
        files = await ask_files(
            self, _("Choose files"), _("Tables (*.csv *.tsv *.txt *.xlsx *.jsonl *.parquet)")
        )
        await self._take([str(file) for file in files])

    async def _choose_folder(self) -> None:
        folder = await ask_folder(self, _("Choose a folder"))
        if folder is not None:
            await self._take([str(folder)])

    async def _typed(self) -> None:
        text = self.path.text().strip()
        if text:
            await self._take([str(Path(text).expanduser())])

    async def _take(self, paths: Sequence[str]) -> None:
        """Add files; what is wrong with them is said on the page."""
        if not paths:
            return
        try:
            found = await self._desk.mover.ask("several_files", paths=list(paths))
        except WeftError as error:
            self._told(str(error))
            return
        self._told("")
        self.path.clear()
        there = {part["source"] for part in self.parts}
        self._show([*self.parts, *(part for part in found if part["source"] not in there)], last=True)

    async def _add(self) -> None:
        name = str(self.wanted.currentData() or "")
        if name and name not in {part["object"] for part in self.parts}:
            found = await self._desk.mover.ask("several_object", object=name)
            self._show([*self.parts, found], last=True)

    def _told(self, text: str) -> None:
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def _show(self, parts: Sequence[Part], *, last: bool = False) -> None:
        at = max(current_row(self.view), 0)
        self.model.set_rows(list(parts))
        self.view.setVisible(bool(parts))
        self._empty.setVisible(not parts)
        if parts:
            without = next((i for i, part in enumerate(parts) if not part["object"]), None)
            at = len(parts) - 1 if last else min(at, len(parts) - 1)
            self.view.setCurrentIndex(self.model.index(at if without is None else without, 0))
        self._look()
        self._changed()

    # The one the list stands on.

    def _look(self) -> None:
        at = current_row(self.view)
        part = self.parts[at] if at >= 0 else None
        files = not self.source_org
        from_files: tuple[QWidget, ...] = (self.path, self.files, self.folder)
        for widget in from_files:
            widget.setVisible(files)
        for widget in (self.wanted, self.add):
            widget.setVisible(not files)
        for control in (self.object, self.action, self.key, self.where, self.related, self.remove):
            control.setEnabled(part is not None)
        self.object.setVisible(files)
        self.where.setVisible(not files)
        self.related.setVisible(not files)
        self.key.setVisible(part is not None and part["action"] == Action.UPSERT)
        if part is None:
            return
        self.object.setCurrentIndex(max(self.object.findData(part["object"]), 0))
        self.action.setCurrentIndex(max(self.action.findData(part["action"]), 0))
        _fill(self.key, [("", _("Choose the key")), *((name, name) for name in part["keys"])])
        self.key.setCurrentIndex(max(self.key.findData(part["key"]), 0))
        if self.where.text() != part.get("where", ""):
            self.where.setText(part.get("where", ""))
        others = [p["object"] for p in self.parts if p is not part]
        related = [(name, _("that belong to {object}").format(object=name)) for name in others]
        _fill(self.related, [("", _("not only related ones")), *related])
        self.related.setCurrentIndex(max(self.related.findData(part.get("related", "")), 0))

    def _change(self, **values: Any) -> None:
        at = current_row(self.view)
        if at >= 0:
            # Other fields may be filled now, so lookups are found anew.
            self.model.change_row(at, self.parts[at] | values | {"relations": []})
            self._look()
            self._changed()

    async def _other_object(self) -> None:
        at, name = current_row(self.view), str(self.object.currentData())
        if at < 0 or name == self.parts[at]["object"]:
            return
        part = self.parts[at]
        if not name:
            self._look()
            return
        found = await self._desk.mover.ask("several_object", object=name, source=part["source"])
        rows = [found if row is part else row for row in self.parts]
        self._show(rows)

    def relate(self, at: int, relation: dict[str, Any]) -> None:
        """Fill a lookup of one object otherwise."""
        part = self.parts[at]
        others = [one for one in part.get("relations", []) if one["field"] != relation["field"]]
        self.model.change_row(at, part | {"relations": [*others, relation]})

    def _remove(self) -> None:
        at = current_row(self.view)
        if at >= 0:
            self._show([part for place, part in enumerate(self.parts) if place != at])


def _named(one: dict[str, Any]) -> tuple[str, str]:
    label = one["label"]
    return one["name"], label if label == one["name"] else f"{label}  {one['name']}"


def _fill(combo: Combo, items: Sequence[tuple[str, str]]) -> None:
    if [(combo.itemData(at), combo.itemText(at)) for at in range(combo.count())] != list(items):
        combo.clear()
        for data, text in items:
            combo.addItem(text, data)


def _cells(part: Part) -> Sequence[Cell]:
    upsert = part["action"] == Action.UPSERT
    named = Cell(part["object"], icon="table", weight=500)
    related = part.get("related", "")
    only = part.get("where") or (_("of {object}").format(object=related) if related else "")
    return (
        named if part["object"] else Cell(_("Choose the object"), icon="info", tone="orange_text"),
        Cell(part["shown"] or _("the other org"), tone="text2", hint=part["source"]),
        Cell(action_name(Action(part["action"]))),
        Cell(part["key"] if upsert else "", tone="text2", mono=True),
        Cell(only, tone="text2", hint=only),
    )
