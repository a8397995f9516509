"""The field map: one line per column, with a value from the file, the field it goes to, and why we think so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, Mapped
from ui.dialogs.move.page import Desk, Page
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button
from ui.widgets.fields import Combo
from ui.widgets.labels import Elided, Line, Picture, Text

_LIST_WIDTH = 280


class MapPage(Page):
    """Where each column goes. Columns are matched by themselves when the page is first opened."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Which column goes where?"))
        again = button(_("Match by name"), lambda: self.desk.tasks.spawn(self._match()), icon="magic-wand")
        constant = button(_("Add a constant"), self._add_constant, icon="plus")
        self.head.addWidget(again, 0, Qt.AlignmentFlag.AlignTop)
        self.head.addWidget(constant, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(Line())
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAccessibleName(_("Field map"))
        self.column.addWidget(self.area, 1)
        self._texts: list[str] = []
        self._names: list[str] = []
        self._list = QStringListModel(self)
        self._shown: object = None
        self._rows: dict[str, _Line] = {}
        self._matched_for: object = None

    def show_choices(self, choices: Choices) -> None:
        """Show the map; the lines are built anew when columns or fields are others."""
        super().show_choices(choices)
        source = choices.source
        constants = tuple(m for m in choices.mapped if m.constant is not None)
        shape = (choices.fields, source and source.header, len(constants))
        if shape != self._shown and source is not None and self.isVisible():
            self._shown = shape
            self._build(choices)
        self._fill(choices)

    def entered(self) -> None:
        """Match the columns once for an object and a file."""
        source = self.choices.source
        wanted = (self.choices.target, self.choices.key, source)
        self.show_choices(self.choices)
        if source is not None and (wanted != self._matched_for or not self.choices.mapped):
            self._matched_for = wanted
            self.desk.tasks.spawn(self._match())

    def first(self) -> QWidget | None:
        """The first column's list of fields."""
        return next((line.field for line in self._rows.values()), None)

    async def _match(self) -> None:
        choices = self.choices
        assert choices.source is not None
        found = await self.desk.mover.ask(
            "automap",
            object=choices.target,
            action=choices.action.value,
            key=choices.key,
            header=list(choices.source.header),
        )
        constants = tuple(m for m in self.choices.mapped if m.constant is not None)
        matched = {m["column"]: Mapped(m["field"], m["column"], None, m["why"]) for m in found}
        mapped = tuple(matched.get(name, Mapped("", name)) for name in choices.source.header)
        if self.choices.source is choices.source and self.choices.target == choices.target:
            self.take(self.choices.with_map((*mapped, *constants)))

    def _build(self, choices: Choices) -> None:
        assert choices.source is not None
        fields = sorted(choices.fields, key=lambda f: (not f.key, not f.required, f.label.lower()))
        self._names = ["", *(f.name for f in fields)]
        self._texts = [
            _("not sent"),
            *(f"{f.label}  {f.name}" if f.label != f.name else f.name for f in fields),
        ]
        self._list.setStringList(self._texts)
        body = QFrame()
        body.setProperty("band", "base")
        grid = QGridLayout(body)
        grid.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 16)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 110)
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(5, 2)
        heads = (_("Source column"), _("First value"), "", _("Salesforce field"), _("Type"), _("Why"))
        for at, text in enumerate(heads):
            grid.addWidget(Text(text, "text2", step=fonts.SECONDARY, weight=500), 0, at)
        self._rows = {}
        samples = choices.source.rows[0] if choices.source.rows else ()
        for at, name in enumerate(choices.source.header):
            line = _Line(name, samples[at] if at < len(samples) else "", self._list, self._picked)
            line.put(grid, at + 1)
            self._rows[name] = line
        below = len(choices.source.header) + 1
        constants = [m for m in choices.mapped if m.constant is not None]
        for at, _constant in enumerate(constants):
            line = _Line("", "", self._list, self._picked, constant=at, on_text=self._typed, drop=self._drop)
            line.put(grid, below + at)
            self._rows[f"={at}"] = line
        grid.setRowStretch(below + len(constants), 1)
        self.area.setWidget(body)

    def _fill(self, choices: Choices) -> None:
        types = {f.name: f for f in choices.fields}
        at = 0
        for mapped in choices.mapped:
            name = mapped.column
            if mapped.constant is not None:
                name, at = f"={at}", at + 1
            line = self._rows.get(name)
            if line is not None:
                field = types.get(mapped.field)
                place = self._names.index(mapped.field) if mapped.field in self._names else -1
                if place < 0:
                    # A key of a related record is no field of its own: it stands in the list once it is used.
                    self._names.append(mapped.field)
                    self._list.insertRow(self._list.rowCount())
                    self._list.setData(self._list.index(self._list.rowCount() - 1), mapped.field)
                    place = len(self._names) - 1
                line.show(place, field.type if field else "", mapped)
        sent = sum(1 for m in choices.mapped if m.field and m.constant is None)
        columns = len(choices.source.header) if choices.source else 0
        text = _("{sent} of {count} columns are sent.").format(
            sent=numbers.count(sent), count=numbers.count(columns)
        )
        if choices.missing:
            names = ", ".join(f.label for f in choices.missing[:3])
            more = ngettext(
                "{names} must be mapped.", "{names} must be mapped.", len(choices.missing)
            ).format(names=names)
            text = f"{text} {more}"
        self.about.setText(text)
        self.about.set_tone("orange_text" if choices.missing else "text2")

    def _picked(self, line: _Line) -> None:
        field = self._names[line.field.currentIndex()]
        self._change(line, lambda m: replace(m, field=field, why=_("chosen by you") if field else ""))

    def _typed(self, line: _Line, text: str) -> None:
        self._change(line, lambda m: replace(m, constant=text))

    def _change(self, line: _Line, change: Callable[[Mapped], Mapped]) -> None:
        mapped = list(self.choices.mapped)
        constants = [at for at, m in enumerate(mapped) if m.constant is not None]
        if line.constant is not None:
            place = constants[line.constant]
        else:
            place = next(at for at, m in enumerate(mapped) if m.column == line.column and m.constant is None)
        mapped[place] = change(mapped[place])
        self.take(self.choices.with_map(tuple(mapped)))

    def _add_constant(self) -> None:
        self.take(self.choices.with_map((*self.choices.mapped, Mapped("", constant=""))))

    def _drop(self, line: _Line) -> None:
        constants = [at for at, m in enumerate(self.choices.mapped) if m.constant is not None]
        gone = constants[line.constant or 0]
        kept = tuple(m for at, m in enumerate(self.choices.mapped) if at != gone)
        self.take(self.choices.with_map(kept))


class _Line:
    """The controls of one column or one constant."""

    def __init__(
        self,
        column: str,
        sample: str,
        fields: QStringListModel,
        picked: Callable[[_Line], None],
        *,
        constant: int | None = None,
        on_text: Callable[[_Line, str], None] | None = None,
        drop: Callable[[_Line], None] | None = None,
    ) -> None:
        self.column = column
        self.constant = constant
        name = column if constant is None else _("constant {number}").format(number=constant + 1)
        self.field = Combo(_("Field for {column}").format(column=name), small=True)
        self.field.setModel(fields)
        self.field.setFixedWidth(_LIST_WIDTH)
        self.field.activated.connect(lambda _at: picked(self))
        self.arrow = Picture("arrow-right", "text3")
        self.type = Text("", "text2", step=fonts.SECONDARY)
        self.why = Elided("", "text3", step=fonts.SECONDARY)
        self.sample: QWidget
        self.name: QWidget
        self.text: QLineEdit | None = None
        if constant is None:
            self.name = Elided(column, weight=500)
            self.sample = Elided(sample.replace("\n", " ⏎ "), "text2", mono=True)
        else:
            self.name = icon_button(
                "x", _("Remove {column}").format(column=name), lambda: drop and drop(self)
            )
            self.text = QLineEdit()
            self.text.setAccessibleName(_("Value of {column}").format(column=name))
            self.text.setPlaceholderText(_("The same for every row"))
            self.text.textEdited.connect(lambda text: on_text and on_text(self, text))
            self.sample = self.text

    def put(self, grid: QGridLayout, row: int) -> None:
        """Lay the controls out in a row."""
        grid.setRowMinimumHeight(row, metrics.ROW + 4)
        parts = (self.name, self.sample, self.arrow, self.field, self.type, self.why)
        for at, widget in enumerate(parts):
            grid.addWidget(widget, row, at)

    def show(self, place: int, kind: str, mapped: Mapped) -> None:
        """Show where it goes."""
        if self.field.currentIndex() != place:
            self.field.setCurrentIndex(place)
        self.type.setText(kind)
        self.why.setText(mapped.why)
        self.arrow.show_icon("arrow-right" if mapped.field else "minus", "text2" if mapped.field else "text3")
        if self.text is not None and self.text.text() != (mapped.constant or ""):
            self.text.setText(mapped.constant or "")
