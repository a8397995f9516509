"""The field map: a line for each column, constant and expression, the field it goes to, and why we think so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.schema.path import quote
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, Mapped, TargetField
from ui.dialogs.move.expression import ExpressionRow
from ui.dialogs.move.field_list import Choice, FieldList
from ui.dialogs.move.held import Held
from ui.dialogs.move.map_file import MapFile
from ui.dialogs.move.map_memory import memory_name, recalled, whole_map
from ui.dialogs.move.page import Desk, Page
from ui.dialogs.move.proposals import Proposal, ask_proposals
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.flow import Flow
from ui.widgets.labels import Line
from ui.widgets.trees import Rows, current_row

_VALUE, _FIELD = 1, 3
# So many of a column's values stand beside a proposal.
_VALUES = 4


@dataclass(frozen=True)
class _Row:
    """A column, or a constant or an expression (`number` counts them from 1), and where it goes.

    `proposed` is the field a column may mean.
    """

    mapped: Mapped
    sample: str
    field: TargetField | None
    number: int = 0
    proposed: TargetField | None = None

    @property
    def name(self) -> str:
        """What the controls of this row are called after."""
        if self.mapped.of_column:
            return self.mapped.column
        name = _("constant {number}") if self.mapped.script is None else _("expression {number}")
        return name.format(number=self.number)


class _Map(Rows):
    """What stands below takes room from it: the row in hand stays in sight."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll to the row in hand."""
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())


class MapPage(Page):
    """Where each column goes. Columns are matched by themselves when the page is first opened.

    Only the current row has controls (a list of fields, a field for a constant): any number of columns costs nothing.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Which column goes where?"))
        self.column.addLayout(self._buttons())
        self.column.addWidget(Line())
        heads = [_("Source column"), _("First value"), "", _("Salesforce field"), _("Type"), _("Why")]
        self.model: CellTable[_Row] = CellTable(heads, _cells, self)
        self.view = _Map(_("Field map"), head=True)
        self.view.setModel(self.model)
        self.view.fit((120, 170), (96, 150), (28, 28), (200, 250), (84, 120), (96, 0))
        self.view.selectionModel().currentRowChanged.connect(lambda *_rows: self._moved())
        self.view.opened.connect(lambda _row: self._open_list())
        self.held = Held(self)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        self.expression = ExpressionRow(desk, self._written)
        self.held.pointed = self.expression.show_row
        above = QWidget()
        both = QVBoxLayout(above)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(self.view, 1)
        both.addWidget(self.expression)
        split.addWidget(above)
        split.addWidget(self.held)
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        split.setSizes([420, 250])
        self.column.addWidget(split, 1)
        self._matched_for: object = None
        self._controls_of: tuple[object, ...] = ()
        self._list: FieldList | None = None

    def _buttons(self) -> Flow:
        spawn = self.desk.tasks.spawn
        self.look_again = button("", lambda: spawn(self._ask_proposals()), primary=True, small=True)
        self.remove = button(_("Remove"), self._remove, icon="x", small=True)
        sdl = MapFile(self)
        made = Flow(
            self.look_again,
            button(_("Match by name"), self._rematch, icon="magic-wand", small=True),
            button(_("Add a constant"), self._add_constant, icon="quotes", small=True),
            button(_("Add an expression"), self._add_expression, icon="brackets-square", small=True),
            self.remove,
            sdl.open,
            sdl.save,
        )
        made.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        self.look_again.hide()
        self.remove.hide()
        return made

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
                self.desk.tasks.spawn(self._recall(self.choices))
        self._put_controls()
        self.held.look()

    def first(self) -> QWidget:
        """The table; the current row's list of fields is one Tab further."""
        return self.view

    def _rematch(self) -> None:
        self.desk.tasks.spawn(self._match(self.choices))

    async def _recall(self, choices: Choices) -> None:
        """The map of a source with the same columns as it was last time, else one that is found."""
        kept = await self.desk.mover.ask("remembered", name=memory_name(choices))
        known = recalled(choices, kept)
        if self.choices.source is not choices.source or self.choices.target != choices.target:
            return
        if known is None:
            await self._match(choices)
        else:
            self.take(known)

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
        matched = {
            m["column"]: Mapped(m["field"], m["column"], None, m["why"], maybe=m.get("maybe", ""))
            for m in found
        }
        # What a person chose while the answer was on its way stays.
        asked = set(choices.mapped)
        chosen = {m.column: m for m in self.choices.mapped if m.of_column and m not in asked}
        mapped = tuple(
            chosen.get(name) or matched.get(name) or Mapped("", name) for name in choices.source.header
        )
        others = tuple(m for m in self.choices.mapped if not m.of_column)
        self.take(self.choices.with_map((*mapped, *others)))

    async def _ask_proposals(self) -> None:
        """Columns whose fields were only guessed, each looked at once more before it is taken."""
        source = self.choices.source
        assert source is not None
        facts = {f.name: f for f in self.choices.fields}
        asked = []
        for m in self.choices.mapped:
            if m.maybe and not m.field and m.maybe in facts:
                at = source.header.index(m.column)
                values = tuple(dict.fromkeys(row[at] for row in source.rows if len(row) > at and row[at]))
                fact = facts[m.maybe]
                asked.append(Proposal(m.column, values[:_VALUES], m.maybe, fact.label, fact.type, m.why))
        wanted = await ask_proposals(self.window(), asked)
        why = _("chosen by you")
        self.take(
            self.choices.with_map(
                tuple(
                    replace(m, field=wanted[m.column], why=why, maybe="")
                    if m.of_column and m.column in wanted
                    else m
                    for m in self.choices.mapped
                )
            )
        )

    def take_map(self, entries: Sequence[Mapped]) -> None:
        """Another map of the same columns: those it does not name are not sent."""
        self.take(self.choices.with_map(whole_map(self.choices, entries)))

    # The controls of the current row.

    def _moved(self) -> None:
        self._put_controls()
        at = current_row(self.view)
        if 0 <= at < len(self.model.rows):
            self.held.show_field(self.model.rows[at].mapped.field)

    def _put_controls(self) -> None:
        at = current_row(self.view)
        row = self.model.rows[at] if 0 <= at < len(self.model.rows) else None
        self.remove.setVisible(row is not None and not row.mapped.of_column)
        if row is not None:
            label = row.field.label if row.field is not None else row.mapped.field
            self.expression.show_script(row.mapped.script, label, self.choices.source)
        wanted = (at, row and row.name, self.choices.fields)
        if row is None:
            return
        if wanted == self._controls_of and self._list is not None:
            self._list.show_field(row.mapped.field)
            return
        self._take_controls_away()
        self._controls_of = wanted
        self._list = self._field_list(row, at)
        self.view.setIndexWidget(self.model.index(at, _FIELD), self._list)
        if row.mapped.constant is not None:
            self.view.setIndexWidget(self.model.index(at, _VALUE), self._value_field(row, at))

    def _open_list(self) -> None:
        """Enter on a row looks for its field."""
        if self._list is not None:
            self._list.showPopup()

    def _take_controls_away(self) -> None:
        """At once: Qt deletes them only later, and until then one could still choose in a list that nobody heeds."""
        self._list = None
        for column in (_VALUE, _FIELD):
            for at in range(len(self.model.rows)):
                old = self.view.indexWidget(self.model.index(at, column))
                if old is not None:
                    old.hide()
                    self.view.setIndexWidget(self.model.index(at, column), None)  # type: ignore[arg-type]

    def _field_list(self, row: _Row, at: int) -> FieldList:
        maybe = row.mapped.maybe
        fields = sorted(
            self.choices.fields, key=lambda f: (f.name != maybe, not f.key, not f.required, f.label.lower())
        )
        signs = {True: _("perhaps")}
        choices = [Choice(f.name, f.label, f.type, signs.get(f.name == maybe, "")) for f in fields]
        made = FieldList(
            _("Field for {column}").format(column=row.name), [Choice("", _("not sent")), *choices]
        )
        made.show_field(row.mapped.field)
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
        self._change(at, lambda m: replace(m, field=field, why=why, maybe=""))

    def _change(self, at: int, change: Callable[[Mapped], Mapped]) -> None:
        mapped = list(self.choices.mapped)
        mapped[at] = change(mapped[at])
        self.take(self.choices.with_map(tuple(mapped)))

    def _written(self, script: str) -> None:
        """The expression in hand was written, or left."""
        at = current_row(self.view)
        if 0 <= at < len(self.choices.mapped) and self.choices.mapped[at].script not in (None, script):
            self._change(at, lambda m: replace(m, script=script))

    def _add_constant(self) -> None:
        self._add(Mapped("", constant=""))

    def _add_expression(self) -> None:
        """One that begins as the column in hand, whose field it takes over."""
        at = current_row(self.view)
        now = self.choices.mapped[at] if 0 <= at < len(self.choices.mapped) else Mapped("")
        made = Mapped("", script="")
        if now.of_column and now.column:
            made = Mapped(
                now.field, script=f"[{quote(now.column)}]", why=_("chosen by you") if now.field else ""
            )
            if now.field:
                self._change(at, lambda m: replace(m, field="", why=""))
        self._add(made)
        self.expression.script.setFocus()

    def _add(self, made: Mapped) -> None:
        self.take(self.choices.with_map((*self.choices.mapped, made)))
        last = self.model.index(len(self.model.rows) - 1, 0)
        self.view.setCurrentIndex(last)
        self.view.scrollTo(last)

    def _remove(self) -> None:
        at = current_row(self.view)
        kept = tuple(m for place, m in enumerate(self.choices.mapped) if place != at)
        self.take(self.choices.with_map(kept))

    def _say(self, choices: Choices) -> None:
        sent = sum(1 for m in choices.mapped if m.field and m.of_column)
        columns = len(choices.source.header) if choices.source else 0
        text = _("{sent} of {count} columns go to a field.").format(
            sent=numbers.count(sent), count=numbers.count(columns)
        )
        maybe = sum(1 for m in choices.mapped if m.maybe and not m.field)
        self.look_again.setVisible(maybe > 0)
        again = ngettext("Look at {n} proposal…", "Look at {n} proposals…", maybe)
        self.look_again.setText(again.replace("{n}", numbers.count(maybe)))
        self.look_again.setAccessibleName(self.look_again.text())
        if choices.missing:
            names = ", ".join(f.label for f in choices.missing[:3])
            must = ngettext("{names} must be mapped.", "{names} must be mapped.", len(choices.missing))
            text = f"{text} {must.format(names=names)}"
        self.about.setText(text)
        self.about.set_tone("orange_text" if choices.missing else "text2")


def _rows(choices: Choices) -> list[_Row]:
    if choices.source is None:
        return []
    facts = {f.name: f for f in choices.fields}
    values = choices.source.rows[0] if choices.source.rows else ()
    samples = dict(zip(choices.source.header, values, strict=False))
    rows: list[_Row] = []
    numbered: dict[bool, int] = {True: 0, False: 0}
    for mapped in choices.mapped:
        number = 0
        if not mapped.of_column:
            numbered[mapped.script is None] += 1
            number = numbered[mapped.script is None]
        proposed = facts.get(mapped.maybe) if not mapped.field else None
        sample = samples.get(mapped.column, "")
        rows.append(_Row(mapped, sample, facts.get(mapped.field), number, proposed))
    return rows


def _cells(row: _Row) -> Sequence[Cell]:
    mapped = row.mapped
    sent = bool(mapped.field)
    value = mapped.constant if mapped.constant is not None else row.sample
    if mapped.script is not None:
        value = mapped.script
    why = mapped.why
    if row.proposed is not None:
        label = row.proposed.label
        goes = Cell(
            _("perhaps {field}?").format(field=label),
            tone="orange_text",
            italic=True,
            icon="question",
            icon_tone="orange",
            marks=(("caret-down", "text3"),),
        )
        why = _("only {why}: look again").format(why=why)
    elif not sent:
        goes = Cell(_("not sent"), tone="text3", italic=True, marks=(("caret-down", "text3"),))
    else:
        label = row.field.label if row.field is not None else mapped.field
        note = "" if label == mapped.field else mapped.field
        goes = Cell(label, note=note, marks=(("caret-down", "text3"),))
    icon = "" if mapped.of_column else "quotes" if mapped.script is None else "brackets-square"
    return (
        Cell(row.name, weight=500) if mapped.of_column else Cell(row.name, icon=icon, tone="text2"),
        Cell(value.replace("\n", " ⏎ "), tone="text2", mono=True, hint=value),
        Cell(icon="arrow-right" if sent else "minus", icon_tone="text2" if sent else "text3"),
        goes,
        Cell(row.field.type if row.field is not None else "", tone="text2", small=True),
        Cell(why, tone="text3", small=True, hint=why),
    )
