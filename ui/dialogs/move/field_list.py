"""The list of fields a column may go to: searched by any word of a label, a name or a type, while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout

from studio.base.i18n import _
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo, FilterField
from ui.widgets.labels import Line
from ui.widgets.trees import Rows, current_row

_WIDTH, _HEIGHT = 460, 340
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Choice:
    """A field to choose: its API name, its label, its type; `sign` is a few words that stand out."""

    name: str
    label: str
    type: str = ""
    sign: str = ""

    @property
    def text(self) -> str:
        """What the closed list shows."""
        return f"{self.label}  {self.name}" if self.name and self.label != self.name else self.label

    def rank(self, words: Sequence[str]) -> int:
        """How well it fits what is looked for, 0 best; -1 not at all."""
        label, name = self.label.casefold(), self.name.casefold()
        if not all(word in label or word in name or word in self.type.casefold() for word in words):
            return -1
        if not words or words[0] in (label, name):
            return 0
        if label.startswith(words[0]) or name.startswith(words[0]):
            return 1
        return 2 if f" {words[0]}" in label else 3


class FieldList(Combo):
    """Opens below itself with a line to search in; a letter typed on it opens it, too."""

    def __init__(self, name: str, choices: Sequence[Choice]) -> None:
        super().__init__(name, small=True)
        self._choices = list(choices)
        for choice in choices:
            self.addItem(choice.text, choice.name)
        self._search: _Search | None = None

    def show_field(self, name: str) -> None:
        """Stand on a field; one that is none of the object's own stands in the list once it is used."""
        if self.findData(name) < 0:
            self._choices.append(Choice(name, name))
            self.addItem(name, name)
        self.setCurrentIndex(self.findData(name))

    def showPopup(self) -> None:
        """Open the list with its search."""
        self._open("")

    def _open(self, typed: str) -> None:
        if self._search is None:
            self._search = _Search(self, self._choices)
        self._search.open(typed, str(self.currentData()))

    def choose(self, name: str) -> None:
        """Somebody has chosen a field in the open list."""
        at = self.findData(name)
        self.setCurrentIndex(at)
        # Not every system gives the keyboard back by itself when a list that floated over the window has closed.
        self.window().activateWindow()
        self.setFocus()
        self.activated.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter looks for fields."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and event.text().strip():
            self._open(event.text())
        else:
            super().keyPressEvent(event)


class _Search(QFrame):
    def __init__(self, owner: FieldList, choices: list[Choice]) -> None:
        super().__init__(owner, Qt.WindowType.Popup)
        self.setProperty("band", "base")
        self.setAccessibleName(_("Fields"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._owner, self._choices = owner, choices
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.filter = FilterField(_("Search the fields"), _("Search by label, name or type"))
        self.filter.textChanged.connect(self._narrow)
        self.filter.returnPressed.connect(self._take)
        self.filter.installEventFilter(self)
        self.model: CellTable[Choice] = CellTable(["", "", ""], _cells, self)
        self.view = Rows(_("Fields"))
        self.view.setModel(self.model)
        self.view.lay_out(0, 160, 96)
        self.view.clicked.connect(lambda _index: self._take())
        self.view.opened.connect(lambda _row: self._take())
        column.addWidget(self.filter)
        column.addWidget(Line())
        column.addWidget(self.view, 1)

    def open(self, typed: str, current: str) -> None:
        """Show the list below its owner, narrowed by what was typed, standing on the field in use."""
        self.resize(max(_WIDTH, self._owner.width()), _HEIGHT)
        place = self._owner.mapToGlobal(QPoint(0, self._owner.height()))
        room = self._owner.screen().availableGeometry()
        if place.y() + _HEIGHT > room.bottom():
            place.setY(self._owner.mapToGlobal(QPoint(0, 0)).y() - _HEIGHT)
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        self.move(place)
        self.filter.setText(typed)
        self._narrow()
        if not typed:
            at = next((n for n, choice in enumerate(self.model.rows) if choice.name == current), 0)
            self.view.setCurrentIndex(self.model.index(at, 0))
        self.show()
        self.filter.setFocus()

    def _narrow(self, *_text: object) -> None:
        words = self.filter.text().casefold().split()
        found = [(choice.rank(words), choice) for choice in self._choices]
        found = [one for one in found if one[0] >= 0]
        found.sort(key=lambda one: one[0])
        self.model.set_rows([choice for _rank, choice in found])
        if found:
            self.view.setCurrentIndex(self.model.index(0, 0))

    def _take(self) -> None:
        at = current_row(self.view)
        if at >= 0:
            chosen = self.model.rows[at].name
            self.hide()
            self._owner.choose(chosen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys go through the list while one writes; Esc closes it and nothing else."""
        if watched is self.filter and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                return True
            if event.key() in _MOVES:
                QApplication.sendEvent(self.view, event)
                return True
        return super().eventFilter(watched, event)


def _cells(choice: Choice) -> Sequence[Cell]:
    return (
        Cell(choice.label, italic=not choice.name, weight=500 if choice.sign else 400, note=choice.sign),
        Cell(choice.name if choice.name != choice.label else "", tone="text2", mono=True, small=True),
        Cell(choice.type, tone="text2", small=True),
    )
