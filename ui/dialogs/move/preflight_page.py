"""The check before anything is sent: what each field's check would refuse, and the rows with the cells at fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _, ngettext
from studio.moves.carrying.parts import fields_named
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, Mapped, state_of
from ui.dialogs.move.fixing import Fixing
from ui.dialogs.move.page import Desk, Page, wide_rows
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.labels import Line, Pill, Text
from ui.widgets.trees import Rows, current_row


class PreflightPage(Page):
    """Checks by itself when it is opened with another map than the one last checked."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Preflight"))
        self.fixing = Fixing(self)
        self.again = button(_("Check again"), self._again, icon="arrow-clockwise")
        self.head.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(self.fixing.row)
        self.column.addWidget(Line())
        heads = ["", _("Source column"), "", _("Salesforce field"), _("Type"), _("Filled"), _("What the check found"),
                 _("Will fail")]  # fmt: skip
        self.fields: CellTable[_Found] = CellTable(heads, _field_cells, self, right=(5, 7))
        self.view = Rows(_("Checks by field"), head=True)
        self.view.setModel(self.fields)
        widths = ((32, 32), (96, 130), (28, 28), (120, 200), (90, 116), (56, 56), (150, 0), (68, 68))
        # What was found must be seen without scrolling; the type is told by the field's tooltip too.
        self.view.fit(*widths, spare=(4, 5, 2))
        self.fixing.watch(self.view)
        self.view.selectionModel().currentRowChanged.connect(lambda *_index: self._say_whole())
        self.rows_view = wide_rows(_("Rows that would fail"))
        self.pill = Pill()
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        above = QWidget()
        both = QVBoxLayout(above)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(self.view, 1)
        # A cell shows the beginning only.
        self.whole = Text("", "text2", wrap=True)
        self.whole.setContentsMargins(metrics.PAD_DIALOG, 6, metrics.PAD_DIALOG, 6)
        both.addWidget(self.whole)
        split.addWidget(above)
        split.addWidget(self._below())
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self.column.addWidget(split, 1)
        self._checking = False
        self._shown: object = None
        self._refused: CellTable[_Refused] | None = None

    def _below(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("band", "base")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        row.addWidget(Text(_("Rows that would fail"), weight=600))
        row.addWidget(self.pill)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.rows_view, 1)
        return frame

    def show_choices(self, choices: Choices) -> None:
        """Show what the last check found."""
        super().show_choices(choices)
        checked = choices.checked
        if checked is not self._shown:
            self._shown = checked
            self._show(choices, checked)
        self.again.setEnabled(not self._checking)
        self.fixing.show_choices(choices)

    def entered(self) -> None:
        """Check what has not been checked."""
        if self.choices.checked is None and not self._checking:
            self.desk.tasks.spawn(self._check())

    def first(self) -> QWidget:
        """The table of fields."""
        return self.view

    def _again(self) -> None:
        self.check(replace(self.choices, checked=None))

    def check(self, choices: Choices) -> None:
        """Take choices that have not been checked, and check them at once."""
        self.take(choices)
        self.entered()

    async def _check(self) -> None:
        self._checking = True
        self.again.setEnabled(False)
        try:
            while self.choices.checked is None:
                choices = self.choices
                self.about.setText(_("Checking …"))
                self.about.set_tone("text2")
                assert choices.source is not None
                state = state_of(choices.source)
                try:
                    found = await self.desk.mover.ask("check", self._heard, **choices.request)
                except Cancelled:
                    return
                except WeftError:
                    self.about.setText(_("The rows could not be checked."))
                    self.about.set_tone("red_text")
                    raise
                # The map may have been changed meanwhile; then what was found is not of this map.
                if self.choices.mapped == choices.mapped and self.choices.source is choices.source:
                    self.take(replace(self.choices, checked={**found, "state": state}))
        finally:
            self._checking = False
            self.again.setEnabled(True)
            self.fixing.show_choices(self.choices)

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] == "read":
            self.about.setText(_("Checking: {rows} rows read …").format(rows=numbers.count(event["rows"])))

    def _show(self, choices: Choices, checked: Any) -> None:
        if checked is None:
            self.fields.set_rows([])
            self.pill.set_count(0)
            return
        rows, held = numbers.count(checked["rows"]), checked["held"]
        would = ngettext("{n} row would be refused.", "{n} rows would be refused.", held)
        text = _("{rows} rows checked against {object}.").format(rows=rows, object=choices.target_label)
        self.about.setText(
            f"{text} {would.format(n=numbers.count(held))} " + _("Nothing has been sent.")
            if held
            else f"{text} " + _("No reason to refuse any was found. Nothing has been sent.")
        )
        self.about.set_tone("red_text" if held else "text2")
        self.fields.set_rows(_found(choices, checked))
        self.fixing.choose_first(checked)
        self._say_whole()
        self.pill.set_count(held)
        self._show_rows(choices, checked["refused"])

    def _say_whole(self) -> None:
        at = current_row(self.view)
        line = self.fields.rows[at] if 0 <= at < len(self.fields.rows) else None
        self.whole.setText(f"{line.label}: {line.said}" if line is not None and line.said else "")
        self.whole.setVisible(bool(self.whole.text()))

    def _show_rows(self, choices: Choices, refused: Sequence[dict[str, Any]]) -> None:
        assert choices.source is not None
        header = choices.source.header
        by_field = {m.field.lower(): m.column for m in choices.mapped if m.field}
        rows = []
        for row in refused:
            fields = [name.lower() for name in fields_named(row["answer"])]
            wrong = frozenset(header.index(by_field[f]) for f in fields if by_field.get(f) in header)
            rows.append(_Refused(row["row"], tuple(row["values"]), row["answer"], wrong))
        self._refused = CellTable([_("Row"), _("Why"), *header], _refused_cells, self, right=(0,))
        self._refused.set_rows(rows)
        self.rows_view.setModel(self._refused)
        self.rows_view.lay_out(64, 340, *[130] * len(header))


class _Found:
    """One field's line: its map, its type, what was found."""

    def __init__(
        self,
        mapped: Mapped,
        label: str,
        kind: str,
        filled: float,
        said: str,
        failing: int,
        noted: bool = False,
    ) -> None:
        self.mapped = mapped
        self.label = label
        self.kind = kind
        self.filled = filled
        self.said = said
        self.failing = failing
        # Nothing fails, but something is not as in the file: digits are cut off, a question is open.
        self.noted = noted


class _Refused:
    """A row that would be refused, and the places of the cells at fault."""

    def __init__(self, row: int, values: tuple[str, ...], answer: str, wrong: frozenset[int]) -> None:
        self.row = row
        self.values = values
        self.answer = answer
        self.wrong = wrong


def _found(choices: Choices, checked: dict[str, Any]) -> list[_Found]:
    facts = {f.name: f for f in choices.fields}
    mapped = {m.field: m for m in choices.mapped if m.field}
    total = max(1, checked["rows"])
    lines = []
    for one in checked["fields"]:
        fact = facts.get(one["field"])
        said = "; ".join(
            [
                *([one["question"]] if one["question"] else []),
                *(f"{found['text']} ({numbers.count(found['rows'])})" for found in one["findings"]),
                *([_("written as {format}").format(format=one["format"])] if one["format"] else []),
                *(fix.shown for fix in mapped[one["field"]].fixes),
            ]
        )
        lines.append(
            _Found(
                mapped[one["field"]],
                fact.label if fact else one["field"],
                fact.type if fact else "",
                one["filled"] / total,
                said,
                one["failing"],
                bool(one["findings"] or one["question"]),
            )
        )
    unsent = [m for m in choices.mapped if not m.field and m.of_column]
    return [*lines, *(_Found(m, "", "", 0.0, "", -1) for m in unsent)]


def _field_cells(line: _Found) -> Sequence[Cell]:
    if line.failing < 0:
        dim = Cell("", tone="text3")
        return (
            Cell(icon="minus", icon_tone="text3"),
            Cell(line.mapped.column, tone="text3"),
            dim,
            Cell(_("not sent"), tone="text3", italic=True),
            dim,
            dim,
            dim,
            dim,
        )
    bad = line.failing > 0
    sign, tone = (
        ("x-circle-fill", "red") if bad else ("warning", "orange") if line.noted else ("check", "text2")
    )
    mapped = line.mapped
    given, icon = (mapped.constant, "quotes") if mapped.script is None else (mapped.script, "brackets-square")
    return (
        Cell(icon=sign, icon_tone=tone),
        Cell(mapped.column)
        if mapped.of_column
        else Cell(given or "", icon=icon, tone="text2", hint=given or ""),
        Cell(icon="arrow-right", icon_tone="text3"),
        Cell(
            line.label,
            note="" if line.label == line.mapped.field else line.mapped.field,
            hint=" · ".join(dict.fromkeys((line.label, line.mapped.field, line.kind))),
        ),
        Cell(line.kind, tone="text2", small=True),
        Cell(numbers.share(line.filled), tone="text2", right=True, small=True),
        Cell(line.said, small=True, hint=line.said),
        Cell(
            numbers.count(line.failing),
            tone="red_text" if bad else "text3",
            weight=600 if bad else 400,
            right=True,
        ),
    )


def _refused_cells(row: _Refused) -> Sequence[Cell]:
    values = [
        Cell(
            value.replace("\n", " ⏎ ") or (_("empty") if at in row.wrong else ""),
            tone="red_text" if at in row.wrong else "text",
            mono=True,
            italic=not value,
        )
        for at, value in enumerate(row.values)
    ]
    return [Cell(str(row.row), tone="text2", right=True), Cell(row.answer, hint=row.answer), *values]
