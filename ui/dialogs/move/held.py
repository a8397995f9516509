"""What Salesforce will hold of the first rows: below the field map, with what an empty cell and a time without a zone mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QVBoxLayout

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from ui.dialogs.move.choices import Choices
from ui.dialogs.move.fixing import UTC, zone_list
from ui.dialogs.move.page import Page, wide_rows, widths
from ui.theme import metrics
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

# The pause after a change after which the rows are asked for, in milliseconds.
_PAUSE = 250
_ROWS = 12


class Held(QFrame):
    """Asks for the rows whenever the map it is told of has changed, once at a time, and only while it can be seen."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._page = page
        self._shown: object = None
        self._asking = False
        self._fields: list[str] = []
        # Told which row of the source is in hand.
        self.pointed: Callable[[int], object] = lambda _at: None
        self.blank = Combo(_("Blank cells"), small=True)
        self.blank.addItem(_("leave the field as it is"), True)
        self.blank.addItem(_("empty the field (#N/A)"), False)
        self.blank.activated.connect(lambda _at: self._choose_blank())
        self.zone = zone_list(small=True)
        self.zone.activated.connect(lambda _at: self._choose_zone())
        self._zone_label = Text(_("Times without an offset:"), "text2")
        self._zone_label.hide()
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        row.addWidget(Text(_("What Salesforce will hold"), weight=600))
        row.addStretch(1)
        for part in (self._zone_label, self.zone, Text(_("Blank cells:"), "text2"), self.blank):
            row.addWidget(part)
        self.said = Text("", "text2", wrap=True)
        self.said.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        self.view = wide_rows(_("What Salesforce will hold"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addWidget(self.view, 1)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: page.desk.tasks.spawn(self._read()))

    def show_choices(self, choices: Choices) -> None:
        """Show what the choices lead to, a moment later."""
        self.setVisible(not choices.action.id_only)
        self.blank.setCurrentIndex(self.blank.findData(choices.blank_leaves))
        times = {one.name for one in choices.fields if one.kind == "datetime"}
        for part in (self._zone_label, self.zone):
            part.setVisible(any(m.field in times for m in choices.mapped))
        self.zone.setCurrentText(choices.zone or UTC)
        self.look()

    def look(self) -> None:
        """Ask, if what is shown is of other choices."""
        if self.isVisible() and _wanted(self._page.choices) != self._shown:
            self._pause.start()

    def show_field(self, field: str) -> None:
        """Bring a field's column into view."""
        model = self.view.model()
        if field in self._fields and model.rowCount():
            index = model.index(0, self._fields.index(field))
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    async def _read(self) -> None:
        """The rows of the choices as they are when the answer has come."""
        if self._asking:
            return
        self._asking = True
        try:
            while self.isVisible() and (wanted := _wanted(self._page.choices)) != self._shown:
                self._shown = wanted
                await self._read_once(self._page.choices)
        finally:
            self._asking = False

    async def _read_once(self, choices: Choices) -> None:
        if _wanted(choices) is None:
            self._show([], [])
            self._say(_("Map a column to see what its field will hold."))
            return
        try:
            found = await self._page.desk.mover.ask("values_preview", **choices.request, rows=_ROWS)
        except Cancelled:
            return
        except WeftError as error:
            self._show([], [])
            self._say(" ".join(part for part in (error.message, error.next_step) if part), "red_text")
            return
        self._say("" if found["rows"] else _("The file has no rows."))
        labels = [one["label"] for one in found["fields"]]
        self._fields = [one["field"] for one in found["fields"]]
        self._show(labels, found["rows"])

    def _say(self, text: str, tone: str = "text2") -> None:
        self.said.setText(text)
        self.said.set_tone(tone)
        self.said.setVisible(bool(text))
        self.view.setVisible(not text)

    def _show(self, labels: Sequence[str], rows: Sequence[Sequence[dict[str, str]]]) -> None:
        place = self.view.horizontalScrollBar().value()
        model: CellTable[Sequence[dict[str, str]]] = CellTable(labels, _cells, self)
        model.set_rows(rows)
        old = self.view.model()
        self.view.setModel(model)
        if old is not None:
            old.deleteLater()
        self.view.selectionModel().currentRowChanged.connect(lambda now, _before: self.pointed(now.row()))
        self.view.lay_out(*widths(labels, [_cells(row) for row in rows]))
        self.view.horizontalScrollBar().setValue(place)

    def _choose_blank(self) -> None:
        choices = self._page.choices
        self._page.take(replace(choices, blank_leaves=bool(self.blank.currentData()), checked=None))

    def _choose_zone(self) -> None:
        name = self.zone.currentText()
        self._page.take(self._page.choices.with_zone("" if name == UTC else name))


def _wanted(choices: Choices) -> object:
    """What the rows depend on; None while there is nothing to ask for."""
    sent = [m for m in choices.mapped if m.field]
    if choices.source is None or not sent:
        return None
    return choices.request


def _cells(row: Sequence[dict[str, str]]) -> Sequence[Cell]:
    return [_cell(cell) for cell in row]


def _cell(cell: dict[str, str]) -> Cell:
    """The value held; where it is not what stands in the file, that beside it."""
    source, held = cell["source"].replace("\n", " ⏎ "), cell["holds"].replace("\n", " ⏎ ")
    effect = cell["effect"]
    if effect == "refused":
        hint = cell["reason"]
        return Cell(
            source or _("empty"),
            tone="red_text",
            icon="warning",
            icon_tone="red",
            mono=bool(source),
            hint=hint,
        )
    if effect != "set":
        texts = {"emptied": _("emptied"), "kept": _("left as it is"), "default": _("the org's default")}
        tone = "orange_text" if effect == "emptied" else "text3"
        return Cell(texts[effect], tone=tone, italic=True, note=source, hint=cell["doubt"])
    note = "" if held == source else _("from {value}").format(value=source)
    hint = cell["doubt"] or (note and f"{source} → {held}")
    return Cell(held, mono=True, note=note, hint=hint, tone="orange_text" if cell["doubt"] else "text")
