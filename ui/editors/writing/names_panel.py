"""The places of a name, to be gone through or looked at before they are renamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.project.names import Use
from ui.bridge import numbers
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.heads import PanelHead
from ui.widgets.labels import Elided, Text
from ui.widgets.trees import Rows

# How high it stands, and how long a pause in typing is.
HEIGHT = 220
_PAUSE = 150
# Before a place so much of its line is shown, in characters.
_LEAD = 24


@dataclass(frozen=True)
class Line:
    """A use as it is listed: where, and its line as it would be ("": as it is)."""

    use: Use
    place: str
    new: str = ""


class NamesPanel(QFrame):
    """`wanted` tells the use to be shown, `left` that the text is wanted again."""

    wanted = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.setAccessibleName(_("Places of a name"))
        self._check: Callable[[str], object] | None = None
        self._do: Callable[[str], object] | None = None
        self._old = ""
        self._title = Elided("", weight=600)
        self._said = Elided("", "text2", step=fonts.SECONDARY)
        self._table: CellTable[Line] = CellTable(("", "", ""), self._cells, self)
        self.list = _List(_("Places"))
        self.list.setModel(self._table)
        self.list.fit((160, 240), (200, 0), (200, 0))
        self.list.opened.connect(self._open)
        self.list.left.connect(self.leave)
        self._field = FilterField(_("New name"), _("New name"), "pencil-simple")
        self._field.returnPressed.connect(self.take)
        self._field.left.connect(self.leave)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._preview)
        self._field.textChanged.connect(lambda _text: self._soon.start())
        self._ok = button(_("Rename"), self.take, primary=True)
        self._problem = Text("", "red_text", step=fonts.SECONDARY)
        self._line = self._new_name()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._line)
        column.addWidget(self.list, 1)
        self.setFixedHeight(HEIGHT)
        self.hide()

    def _head(self) -> QWidget:
        head = PanelHead(self._title)
        head.add(self._said, 1)
        head.add(icon_button("x", _("Close the list of places"), self.leave))
        return head

    def _new_name(self) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(8)
        self._field.setMinimumWidth(240)
        row.addWidget(self._field)
        row.addWidget(self._ok)
        row.addWidget(self._problem, 1)
        return line

    # What is shown

    def show_uses(self, title: str, uses: Sequence[Use], *, working: bool = False) -> None:
        """List where a name stands; Enter opens a place."""
        self._check = self._do = None
        self._line.hide()
        self._title.setText(title)
        self._fill([Line(use, place_of(use)) for use in uses], working=working)

    def ask_name(
        self,
        title: str,
        old: str,
        uses: Sequence[Use],
        check: Callable[[str], object],
        do: Callable[[str], object],
    ) -> None:
        """Ask for a new name, showing what becomes of each place; `check` raises BadInput for one that cannot be."""
        self._check, self._do, self._old = check, do, old
        self._title.setText(title)
        self._line.show()
        self._field.setText(old)
        self._fill([Line(use, place_of(use)) for use in uses])
        self._preview()
        self._field.setFocus()
        self._field.selectAll()

    def enter(self) -> None:
        """Put the focus on the list."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Close it."""
        self._soon.stop()
        self._check = self._do = None
        self.hide()
        self._table.set_rows(())
        self.left.emit()

    def take(self) -> None:
        """Rename, if the name can be."""
        do, new = self._do, self._field.text().strip()
        self._preview()
        if do is not None and self._ok.isEnabled():
            self.leave()
            do(new)

    @property
    def lines(self) -> Sequence[Line]:
        """What is listed."""
        return self._table.rows

    def _fill(self, lines: list[Line], *, working: bool = False) -> None:
        self._table.set_rows(lines)
        count = ngettext("{n} place", "{n} places", len(lines)).format(n=numbers.count(len(lines)))
        self._said.setText(_("Looking…") if working else count)
        self.show()
        if lines:
            self.list.setCurrentIndex(self._table.index(0, 0))

    def _preview(self) -> None:
        self._soon.stop()
        if self._check is None:
            return
        new, problem = self._field.text().strip(), ""
        try:
            self._check(new)
        except BadInput as error:
            problem = f"{error.message} {error.next_step}".strip()
        self._problem.setText(problem)
        self._ok.setEnabled(not problem and new != self._old)
        for row, line in enumerate(self._table.rows):
            shown = "" if problem or new == self._old else line.use.renamed(new.removeprefix("$"))
            if shown != line.new:
                self._table.change_row(row, replace(line, new=shown))

    def _open(self, row: int) -> None:
        if self._do is not None:
            self.take()
        elif 0 <= row < len(self._table.rows):
            self.wanted.emit(self._table.rows[row].use)

    def _cells(self, line: Line) -> Sequence[Cell]:
        sets = _("gets its value here") if line.use.sets else ""
        return (
            Cell(line.place, "text2", note=sets, small=True, hint=line.place),
            Cell(
                _near(line.use.text, line.use),
                "text2" if line.new else "text",
                mono=True,
                small=True,
                hint=line.use.text,
            ),
            Cell(_near(line.new, line.use), mono=True, small=True, hint=line.new),
        )


def _near(text: str, use: Use) -> str:
    """A line from shortly before the place: what changes must not be cut off."""
    return text if use.at < _LEAD or not text else f"…{text[use.at - _LEAD // 2 :]}"


def place_of(use: Use) -> str:
    """Where a name stands, in words."""
    name = use.object.partition("/")[2] or _("Project")
    if use.path and use.at >= 0:
        part = "" if use.part == "script" else f" · {use.part}"
        return f"{name} · {address.name(use.path)}{part}"
    if use.at >= 0:
        return _("{name}, line {line}").format(name=name, line=use.line)
    return name


class _List(Rows):
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
