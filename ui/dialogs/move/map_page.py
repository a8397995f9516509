"""The field map: one line per column, with a value from the file, the field it goes to, and why we think so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QSplitter, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, Mapped, TargetField
from ui.dialogs.move.held import Held
from ui.dialogs.move.page import Desk, Page
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.labels import Line
from ui.widgets.trees import Rows, current_row

_VALUE, _FIELD = 1, 3


@dataclass(frozen=True)
class _Row:
    """A column, or a constant (`number` counts them from 1), and where it goes."""

    mapped: Mapped
    sample: str
    field: TargetField | None
    number: int = 0

    @property
    def name(self) -> str:
        """What the controls of this row are called after."""
        return _("constant {number}").format(number=self.number) if self.number else self.mapped.column


class MapPage(Page):
    """Where each column goes. Columns are matched by themselves when the page is first opened.

    Only the current row has controls (a list of fields, a field for a constant): any number of columns costs nothing.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Which column goes where?"))
        self.remove = button(_("Remove the constant"), self._remove, icon="x")
        self.remove.hide()
        again = button(_("Match by name"), self._rematch, icon="magic-wand")
        constant = button(_("Add a constant"), self._add_constant, icon="plus")
        for made in (self.remove, again, constant):
            self.head.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(Line())
        heads = [_("Source column"), _("First value"), "", _("Salesforce field"), _("Type"), _("Why")]
        self.model: CellTable[_Row] = CellTable(heads, _cells, self)
        self.view = Rows(_("Field map"), head=True)
        self.view.setModel(self.model)
        self.view.fit((120, 170), (96, 150), (28, 28), (200, 250), (84, 120), (96, 0))
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self._moved())
        self.held = Held(self)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(self.held)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        split.setSizes([420, 250])
        self.column.addWidget(split, 1)
        self._matched_for: object = None
        self._controls_of: tuple[object, ...] = ()
        self._list: Combo | None = None

    def show_choices(self, choices: Choices) -> None:
        """Show the map; rows that stayed the same are left alone."""
        super().show_choices(choices)
        rows = _rows(choices)
        if len(rows) == len(self.model.rows):
            for at, row in enumerate(rows):
                if self.model.rows[at] != row:
                    self.model.change_row(at, row)
        else:
            at = max(current_row(self.view), 0)
            self.model.set_rows(rows)
            self._controls_of = ()
            if rows:
                self.view.setCurrentIndex(self.model.index(min(at, len(rows) - 1), 0))
        if self.isVisible():
            self._put_controls()
        self._say(choices)
        self.held.show_choices(choices)

    def entered(self) -> None:
        """Match the columns once for an object and a file."""
        source = self.choices.source
        wanted = (self.choices.target, self.choices.key, source and source.header)
        if source is not None and (wanted != self._matched_for or not self.choices.mapped):
            first, self._matched_for = self._matched_for is None, wanted
            # A map that was made before, taken up again, is not matched anew.
            if not (first and self.choices.mapped):
                self._rematch()
        self._put_controls()
        self.held.look()

    def first(self) -> QWidget:
        """The table; the current row's list of fields is one Tab further."""
        return self.view

    def _rematch(self) -> None:
        self.desk.tasks.spawn(self._match(self.choices))

    async def _match(self, choices: Choices) -> None:
        assert choices.source is not None
        found = await self.desk.mover.ask(
            "automap",
            object=choices.target,
            action=choices.action.value,
            key=choices.key,
            header=list(choices.source.header),
            rows=[list(row) for row in choices.source.rows],
        )
        if self.choices.source is not choices.source or self.choices.target != choices.target:
            return
        matched = {m["column"]: Mapped(m["field"], m["column"], None, m["why"]) for m in found}
        # What a person chose while the answer was on its way stays.
        asked = set(choices.mapped)
        chosen = {m.column: m for m in self.choices.mapped if m.constant is None and m not in asked}
        mapped = tuple(
            chosen.get(name) or matched.get(name) or Mapped("", name) for name in choices.source.header
        )
        constants = tuple(m for m in self.choices.mapped if m.constant is not None)
        self.take(self.choices.with_map((*mapped, *constants)))

    # The controls of the current row.

    def _moved(self) -> None:
        self._put_controls()
        at = current_row(self.view)
        if 0 <= at < len(self.model.rows):
            self.held.show_field(self.model.rows[at].mapped.field)

    def _put_controls(self) -> None:
        at = current_row(self.view)
        row = self.model.rows[at] if 0 <= at < len(self.model.rows) else None
        self.remove.setVisible(row is not None and row.number > 0)
        wanted = (at, row and row.name, self.choices.fields)
        if row is None:
            return
        if wanted == self._controls_of and self._list is not None:
            _show_field(self._list, row.mapped.field)
            return
        self._take_controls_away()
        self._controls_of = wanted
        self._list = self._field_list(row, at)
        self.view.setIndexWidget(self.model.index(at, _FIELD), self._list)
        if row.number:
            self.view.setIndexWidget(self.model.index(at, _VALUE), self._value_field(row, at))

    def _take_controls_away(self) -> None:
        """At once: Qt deletes them only later, and until then one could still choose in a list that nobody heeds."""
        self._list = None
        for column in (_VALUE, _FIELD):
            for at in range(len(self.model.rows)):
                old = self.view.indexWidget(self.model.index(at, column))
                if old is not None:
                    old.hide()
                    self.view.setIndexWidget(self.model.index(at, column), None)  # type: ignore[arg-type]

    def _field_list(self, row: _Row, at: int) -> Combo:
        made = Combo(_("Field for {column}").format(column=row.name), small=True)
        made.addItem(_("not sent"), "")
        for field in sorted(self.choices.fields, key=lambda f: (not f.key, not f.required, f.label.lower())):
            made.addItem(
                f"{field.label}  {field.name}" if field.label != field.name else field.name, field.name
            )
        _show_field(made, row.mapped.field)
        made.activated.connect(lambda _index: self._picked(at, str(made.currentData())))
        return made

    def _value_field(self, row: _Row, at: int) -> QLineEdit:
        made = QLineEdit(row.mapped.constant or "")
        made.setAccessibleName(_("Value of {column}").format(column=row.name))
        made.setPlaceholderText(_("The same for every row"))
        made.textEdited.connect(lambda text: self._change(at, lambda m: replace(m, constant=text)))
        return made

    def _picked(self, at: int, field: str) -> None:
        why = _("chosen by you") if field else ""
        self._change(at, lambda m: replace(m, field=field, why=why))

    def _change(self, at: int, change: Callable[[Mapped], Mapped]) -> None:
        mapped = list(self.choices.mapped)
        mapped[at] = change(mapped[at])
        self.take(self.choices.with_map(tuple(mapped)))

    def _add_constant(self) -> None:
        self.take(self.choices.with_map((*self.choices.mapped, Mapped("", constant=""))))
        last = self.model.index(len(self.model.rows) - 1, 0)
        self.view.setCurrentIndex(last)
        self.view.scrollTo(last)

    def _remove(self) -> None:
        at = current_row(self.view)
        kept = tuple(m for place, m in enumerate(self.choices.mapped) if place != at)
        self.take(self.choices.with_map(kept))

    def _say(self, choices: Choices) -> None:
        sent = sum(1 for m in choices.mapped if m.field and m.constant is None)
        columns = len(choices.source.header) if choices.source else 0
        text = _("{sent} of {count} columns are sent.").format(
            sent=numbers.count(sent), count=numbers.count(columns)
        )
        if choices.missing:
            names = ", ".join(f.label for f in choices.missing[:3])
            must = ngettext("{names} must be mapped.", "{names} must be mapped.", len(choices.missing))
            text = f"{text} {must.format(names=names)}"
        self.about.setText(text)
        self.about.set_tone("orange_text" if choices.missing else "text2")


def _show_field(shown: Combo, field: str) -> None:
    """Bring a row's list of fields in line with the map."""
    if shown.findData(field) < 0:
        # A key of a related record is no field of its own: it stands in the list once it is used.
        shown.addItem(field, field)
    shown.setCurrentIndex(shown.findData(field))


def _rows(choices: Choices) -> list[_Row]:
    if choices.source is None:
        return []
    facts = {f.name: f for f in choices.fields}
    values = choices.source.rows[0] if choices.source.rows else ()
    samples = dict(zip(choices.source.header, values, strict=False))
    rows: list[_Row] = []
    constants = 0
    for mapped in choices.mapped:
        number = 0
        if mapped.constant is not None:
            constants += 1
            number = constants
        rows.append(_Row(mapped, samples.get(mapped.column, ""), facts.get(mapped.field), number))
    return rows


def _cells(row: _Row) -> Sequence[Cell]:
    mapped, field = row.mapped, row.field
    sent = bool(mapped.field)
    value = row.sample if mapped.constant is None else mapped.constant
    if not sent:
        goes = Cell(_("not sent"), tone="text3", italic=True, marks=(("caret-down", "text3"),))
    else:
        label = field.label if field is not None else mapped.field
        note = "" if label == mapped.field else mapped.field
        goes = Cell(label, note=note, marks=(("caret-down", "text3"),))
    return (
        Cell(row.name, icon="quotes", tone="text2") if row.number else Cell(row.name, weight=500),
        Cell(value.replace("\n", " ⏎ "), tone="text2", mono=True),
        Cell(icon="arrow-right" if sent else "minus", icon_tone="text2" if sent else "text3"),
        goes,
        Cell(field.type if field is not None else "", tone="text2", small=True),
        Cell(mapped.why, tone="text3", small=True, hint=mapped.why),
    )
