"""One matter: its place, base, mine and theirs side by side with what each gives, and the choice between them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui import theme
from ui.dialogs.compare import side
from ui.dialogs.conflicts import wording
from ui.dialogs.conflicts.marked_text import MarkedText
from ui.dialogs.conflicts.matters import ALL, Choice, Deciding, Kind, Matter
from ui.theme import fonts, metrics
from ui.widgets.checks import Radio
from ui.widgets.labels import Elided, Line, Picture, Text

# The shares of the three columns.
SHARES = (28, 36, 36)
_LONG = 260


class _Head(QFrame):
    """The place, on a ground of its own while it is in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(metrics.TREE_HEAD)
        self.chosen = False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and the line below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("selected" if self.chosen else "window"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("separator"))


class MatterRow(QFrame):
    """`taken` tells that it came into hand: clicked, or one of its controls has the focus."""

    taken = Signal(int)

    def __init__(self, matter: Matter, deciding: Deciding, letter: str = "") -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.matter = matter
        self._deciding = deciding
        self.setAccessibleName(_("Conflict at {place}").format(place=matter.place))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.group = QButtonGroup(self)
        self.results: dict[Kind | None, Elided] = {}
        column.addWidget(self._head(letter))
        column.addLayout(self._cells())
        column.addWidget(Line())
        for child in self.findChildren(QWidget):
            child.installEventFilter(self)
        deciding.changed.connect(self._decided)
        self.show_choice()

    def _head(self, letter: str) -> _Head:
        matter = self.matter
        self.head = _Head()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(metrics.PAD_PANEL, 0, metrics.PAD_PANEL, 1)
        row.setSpacing(8)
        self._mark = Picture("circle-dashed", "text2")
        row.addWidget(self._mark)
        place = Elided(matter.place, mono=True, weight=600, where=Qt.TextElideMode.ElideMiddle)
        place.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(place)
        part = " ".join(each for each in (wording.part_of(matter), letter) if each)
        row.addWidget(Text(part, "text2", step=fonts.SECONDARY))
        row.addSpacing(8)
        self.note = Elided(self._difference(), "text2", step=fonts.SECONDARY, right=True)
        row.addWidget(self.note, 1)
        if matter.joined is not None:
            row.addWidget(Line(vertical=True))
            row.addWidget(self._radio(Kind.JOIN, _("Join both")))
        if matter.binary and matter.mine is not None and matter.theirs is not None:
            row.addWidget(Line(vertical=True))
            row.addWidget(self._radio(Kind.BOTH, _("Keep both")))
        return self.head

    def _difference(self) -> str:
        matter = self.matter
        if matter.theirs is None:
            return _("you changed it, they deleted it")
        if matter.mine is None:
            return _("you deleted it, they changed it")
        mine = wording.changes(matter.base, matter.mine)
        theirs = wording.changes(matter.base, matter.theirs)
        return _("mine {mine}, theirs {theirs}").format(mine=mine, theirs=theirs) if mine and theirs else ""

    def _radio(self, kind: Kind, text: str) -> Radio:
        made = Radio(text)
        made.setAccessibleName(_("{choice}: {place}").format(choice=text, place=self.matter.place))
        made.clicked.connect(lambda: self._deciding.choose(self.matter.number, Choice(kind)))
        self.group.addButton(made)
        made.setProperty("kind", kind.value)
        return made

    def _cells(self) -> QHBoxLayout:
        matter = self.matter
        texts = [wording.text_of(matter, value) for value in matter.versions]
        long = wording.is_long(texts)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        names = (_("Before"), _("Mine"), _("Theirs"))
        radios = (None, self._radio(Kind.MINE, _("Keep mine")), self._radio(Kind.THEIRS, _("Take theirs")))
        self.texts: list[MarkedText] = []
        for place, (share, radio) in enumerate(zip(SHARES, radios, strict=True)):
            if place:
                row.addWidget(Line(vertical=True))
            name = _("{choice}: {place}").format(choice=names[place], place=matter.place)
            if place:
                name = _("{version} of {place}").format(version=names[place], place=matter.place)
            shown = self._long(name, texts, place) if long else self._short(name, texts, place)
            row.addWidget(self._cell(place, shown, radio), share)
        return row

    def _short(self, name: str, texts: list[str], place: int) -> QWidget:
        text = texts[place]
        if self.matter.versions[place] is None:
            return Text(_("not there") if not place else _("deleted"), "text3")
        compared = place and self.matter.base is not None and not self.matter.binary
        marks = wording.differing(texts[0], text) if compared else []
        gone = wording.gone(self.matter, self.matter.versions[place]) if compared else []
        made = MarkedText(name, text, marks, ("", "accent", "theirs")[place], gone)
        self.texts.append(made)
        return made

    def _long(self, name: str, texts: list[str], place: int) -> QWidget:
        if self.matter.versions[place] is None:
            return Text(_("not there") if not place else _("deleted"), "text3")
        lines = texts[place].splitlines()
        marks = wording.differing(texts[0], texts[place]) if place and self.matter.base is not None else []
        numbers = sorted({n for start, end in marks for n in _lines(texts[place], start, end)})
        made = side(name, lines, numbers, ("header", "accent_tint", "theirs_tint")[place])
        made.setFixedHeight(_LONG)
        if numbers:
            made.go_to_line(numbers[0] + 1)
        return made

    def _cell(self, place: int, shown: QWidget, radio: Radio | None) -> QFrame:
        cell = QFrame()
        column = QVBoxLayout(cell)
        column.setContentsMargins(metrics.PAD_PANEL, 10, 8, 8)
        column.setSpacing(8)
        column.addWidget(shown)
        column.addStretch(1)
        kind = (None, Kind.MINE, Kind.THEIRS)[place]
        result = self.results[kind] = Elided("", "text3", mono=True)
        result.setVisible(bool(self.matter.rule))
        column.addWidget(result)
        foot: QWidget = radio if radio is not None else Text(_("as it was"), "text3")
        foot.setMinimumHeight(metrics.FIELD)
        column.addWidget(foot)
        policy = cell.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        cell.setSizePolicy(policy)
        return cell

    # What comes later.

    def show_result(self, kind: Kind | None, text: str) -> None:
        """What a version gives for the record in hand."""
        self.results[kind].setText(f"→ {text}" if text else "")

    def show_note(self, text: str) -> None:
        """In how many records the versions differ; what the sides changed stays where it can be said in words."""
        if not self._difference():
            self.note.setText(text)

    def show_chosen(self, *, chosen: bool) -> None:
        """It is the one in hand."""
        self.head.chosen = chosen
        self.head.update()

    def show_choice(self) -> None:
        """Show what was decided."""
        choice = self._deciding.choices.get(self.matter.number)
        self._mark.show_icon("check-circle" if choice else "circle-dashed", "text2")
        wanted = choice.kind.value if choice is not None else ""
        self.group.setExclusive(False)
        for each in self.group.buttons():
            each.setChecked(each.property("kind") == wanted)
        self.group.setExclusive(True)

    def first_choice(self) -> QWidget:
        """The control the keyboard comes to first."""
        checked = self.group.checkedButton()
        return checked if checked is not None else self.group.buttons()[-2]

    def _decided(self, number: int) -> None:
        if number in (self.matter.number, ALL):
            self.show_choice()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A control that is come to takes the whole row in hand."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress):
            self.taken.emit(self.matter.number)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Clicked: in hand."""
        self.taken.emit(self.matter.number)
        super().mousePressEvent(event)


def _lines(text: str, start: int, end: int) -> range:
    return range(text.count("\n", 0, start), text.count("\n", 0, max(start, end - 1)) + 1)
