"""The source: chosen, recognised, its first rows shown; encoding and delimiter, sheet and table can be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.engine.address import is_address
from studio.moves.places import is_named
from ui.dialogs.ask import ask_file
from ui.dialogs.move.choices import Choices, SourceFile
from ui.dialogs.move.connections import Connections, whole
from ui.dialogs.move.page import Desk, Page, inset, wide_rows
from ui.dialogs.move.part_row import PartRow
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo
from ui.widgets.flow import Flow
from ui.widgets.labels import Line, Text

_ENCODINGS = ("", "utf-8", "cp1252", "utf-16-le", "latin-1", "cp1250")
_COLUMN_WIDTH = 150
# The pause in typing after which a path is looked at, in milliseconds.
_PAUSE = 400


class SourcePage(Page):
    """Which file. Its path can be typed: it is read after a pause, or at once with Enter."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("From which file?"))
        self.about.setText(
            _(
                "A CSV file whose first line names its columns, a workbook, JSON lines, Parquet, or a database."
            )
        )
        row = QHBoxLayout()
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        row.setSpacing(8)
        self.path = QLineEdit()
        self.path.setAccessibleName(_("File"))
        self.path.setPlaceholderText(_("Path of the file, or address of a database"))
        self.path.setFixedHeight(metrics.BUTTON)
        self.path.returnPressed.connect(self._typed)
        self.path.textEdited.connect(self._typing)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._paused)
        self.choose = button(
            _("Choose a file…"), lambda: self.desk.tasks.spawn(self._choose()), icon="folder-open"
        )
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        self.connections = Connections(desk.workspace, self._connected)
        row.addWidget(self.connections)
        self.column.addLayout(row)
        self.column.addLayout(self._dialect())
        self.part = PartRow(self._typed, self._query_typing)
        self.column.addLayout(inset(self.part, bottom=8))
        self.state = Text("", "red_text", wrap=True)
        self.column.addLayout(inset(self.state, bottom=4))
        self.doubt = Text("", "orange_text", wrap=True)
        self.doubt.hide()
        self.column.addLayout(inset(self.doubt, bottom=4))
        self.column.addWidget(Line())
        self.view = wide_rows(_("First rows"))
        self.column.addWidget(self.view, 1)
        # Without rows to show, the page stays together at the top.
        self._below = QWidget()
        self.column.addWidget(self._below, 1)
        self._model: CellTable[tuple[str, ...]] | None = None
        self._shown: SourceFile | None = None

    def _dialect(self) -> Flow:
        self.recognised = Text("", "text2")
        self.encoding = Combo(_("Encoding"), small=True)
        for name in _ENCODINGS:
            self.encoding.addItem(name.upper() or _("Encoding: recognised"), name)
        self.delimiter = Combo(_("Delimiter"), small=True)
        names = {
            "": _("Delimiter: recognised"),
            ",": _("Comma"),
            ";": _("Semicolon"),
            "\t": _("Tab"),
            "|": _("Bar"),
        }
        for sign, name in names.items():
            self.delimiter.addItem(name, sign)
        self.first_line = Combo(_("First line"), small=True)
        self.first_line.addItem(_("First line: column names"), False)
        self.first_line.addItem(_("First line: a row"), True)
        for combo in (self.encoding, self.delimiter, self.first_line):
            combo.activated.connect(lambda _at: self._typed())
        row = Flow(self.encoding, self.delimiter, self.first_line, self.recognised)
        row.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 8)
        return row

    def show_choices(self, choices: Choices) -> None:
        """Show the file chosen and its first rows."""
        super().show_choices(choices)
        if choices.source is not self._shown:
            self._shown = choices.source
            self._show_rows(choices.source)

    def first(self) -> QWidget:
        """The path while there is none, else the button."""
        return self.choose if self.choices.source else self.path

    def _show_rows(self, source: SourceFile | None) -> None:
        self.recognised.setText(source.shown if source else "")
        self.view.setVisible(source is not None)
        self._below.setVisible(source is None)
        if source is None:
            return
        if self._place() != source.place:
            self.path.setText(source.place)
        self._model = CellTable(source.header, _cells, self)
        self._model.set_rows(list(source.rows))
        self.view.setModel(self._model)
        self.view.lay_out(*[_COLUMN_WIDTH] * len(source.header))

    async def _choose(self) -> None:
        start = str(self.choices.source.path.parent) if self.choices.source else str(Path.home())
        filters = _(
            "Tables (*.csv *.tsv *.txt *.xlsx *.xlsm *.jsonl *.ndjson *.parquet *.db *.sqlite *.duckdb);;All files (*)"
        )
        chosen = await ask_file(self, _("Choose a file"), filters, start)
        if chosen is not None:
            self.path.setText(str(chosen))
            self.first_line.setCurrentIndex(0)
            await self._read()

    def entered(self) -> None:
        """The project's connections may be others now."""
        self.connections.look()

    def _connected(self, place: str) -> None:
        self.path.setText(place)
        self._typed()

    def _path(self) -> Path:
        return Path(self.path.text().strip()).expanduser()

    def _place(self) -> str:
        """What is asked for: a file's path, or an address as it was typed."""
        text = whole(self.path.text().strip(), self.desk.workspace())
        return text if is_address(text) or is_named(text) else str(self._path())

    def _typing(self) -> None:
        """What was chosen is no longer what stands there."""
        self._pause.start()
        self.part.hide()
        self._doubt("")
        self.first_line.setCurrentIndex(0)
        self._query_typing()

    def _query_typing(self) -> None:
        self.state.setText("")
        if self.choices.source is not None:
            self._forget()

    def _paused(self) -> None:
        if not self.path.text().strip():
            return
        place = self._place()
        if is_address(place) or is_named(place) or self._path().is_file():
            self._typed()
        else:
            self.state.setText(_("There is no file of this name: {path}").format(path=self._path()))

    def _forget(self) -> None:
        self.take(replace(self.choices, source=None, mapped=(), checked=None, summary=None))

    async def read(self) -> None:
        """Read the source again, as it is now."""
        self._pause.stop()
        await self._read()

    def _typed(self) -> None:
        self._pause.stop()
        if self.path.text().strip():
            self.desk.tasks.spawn(self._read())

    def _part(self, place: str) -> dict[str, str | int]:
        """Which part of a source is asked for; of a delimited file, whether its first line is a row."""
        if self.part.kind_of(place) in ("", "delimited"):
            return {"bare": True} if self.first_line.currentData() else {}
        return self.part.asked(place)

    def _doubt(self, text: str) -> None:
        self.doubt.setText(text)
        self.doubt.setVisible(bool(text))

    async def _read(self) -> None:
        place = self._place()
        part = self._part(place)
        delimited = self.part.kind_of(place) in ("", "delimited")
        asked: dict[str, Any] = {
            "source": place,
            "encoding": self.encoding.currentData() if delimited else "",
            "delimiter": self.delimiter.currentData() if delimited else "",
            **part,
        }
        try:
            found = await self.desk.mover.ask("preview", **asked)
        except WeftError as error:
            # Wrong files are usual here: said on the page, not in a box over it.
            if place == self._place():
                self._doubt("")
                self.state.setText(str(error))
                self.part.setVisible(self.part.kind_of(place) in ("excel", "database"))
                self._forget()
            return
        now = self._part(place)
        other = any(now.get(name) != value for name, value in part.items()) or "bare" in {*now} - {*part}
        if place != self._place() or other:
            # Another part was chosen meanwhile, whose answer comes.
            return
        self.state.setText("")
        self.part.show_found(place, found)
        self._doubt(found["doubt"])
        for combo in (self.encoding, self.delimiter, self.first_line):
            combo.setVisible(found["kind"] == "delimited")
        source = SourceFile(
            Path(place),
            found["encoding"],
            found["delimiter"],
            found["shown"],
            tuple(found["header"]),
            tuple(tuple(row) for row in found["rows"]),
            place,
            tuple(self._part(place).items()),
        )
        if source == self.choices.source:
            # Read once more and found the same: what was mapped meanwhile stays.
            self.take(replace(self.choices, checked=None, summary=None))
        else:
            before = self.choices.source
            same = before is not None and before.header == source.header
            mapped = self.choices.mapped if same else ()
            self.take(replace(self.choices, source=source, mapped=mapped, checked=None, summary=None))


def _cells(row: tuple[str, ...]) -> Sequence[Cell]:
    return [Cell(value.replace("\n", " ⏎ "), mono=True) for value in row]
