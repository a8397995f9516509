"""The four counts that add up to the rows read, and the bar over them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui import theme
from ui.bridge import numbers
from ui.theme import fonts, metrics
from ui.widgets.bars import Bar
from ui.widgets.labels import Elided, Picture, Text

_KINDS = ("succeeded", "failed", "unprocessed", "not_sent")
_ROLES = {"succeeded": "accent", "failed": "red", "unprocessed": "border_strong", "not_sent": "selected_off"}


class Counts(QFrame):
    """Succeeded + failed + unprocessed + not sent = read."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.setAccessibleName(_("Counts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.PAD_DIALOG, 0, metrics.PAD_DIALOG, 12)
        column.setSpacing(12)
        self.bar = Bar(_("Progress"))
        column.addWidget(self.bar)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        titles = {
            "succeeded": _("Succeeded"),
            "failed": _("Failed"),
            "unprocessed": _("Unprocessed"),
            "not_sent": _("Not sent"),
            "read": _("Read"),
        }
        self._figures: dict[str, Text] = {}
        self._notes: dict[str, Text | Elided] = {}
        for kind, title in titles.items():
            if kind != "succeeded":
                sign = Text("=" if kind == "read" else "+", "text3", step=fonts.TITLE)
                grid.addWidget(sign, 1, grid.columnCount(), Qt.AlignmentFlag.AlignVCenter)
            self._put(grid, grid.columnCount(), kind, title)
        self._sum = Picture("check", "text2")
        self._adds = Text(_("adds up"), "text2", step=fonts.SECONDARY, wrap=True)
        self._adds.setAlignment(Qt.AlignmentFlag.AlignTop)
        at = grid.columnCount()
        grid.addWidget(self._sum, 1, at, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._adds, 2, at)
        column.addLayout(grid)

    def _put(self, grid: QGridLayout, at: int, kind: str, title: str) -> None:
        # In a narrow window the words go below each other; the figures stay in one line.
        name = Text(title, "text2", step=fonts.SECONDARY, wrap=True)
        name.setAlignment(Qt.AlignmentFlag.AlignBottom)
        beside = QHBoxLayout()
        beside.setSpacing(6)
        if kind in _ROLES:
            beside.addWidget(Swatch(_ROLES[kind]))
        figure = Text("0")
        beside.addWidget(figure, 1)
        # A file's name is cut rather than broken; a few words go on in a second line.
        note = (
            Elided("", "text3", step=fonts.SECONDARY)
            if kind == "read"
            else Text("", "text3", step=fonts.SECONDARY, wrap=True)
        )
        figure.setFont(fonts.tabular(fonts.COUNT, 600))
        # The figure is what goes by this name.
        figure.setAccessibleName(title)
        self._figures[kind], self._notes[kind] = figure, note
        grid.addWidget(name, 0, at)
        grid.addLayout(beside, 1, at)
        if isinstance(note, Text):
            note.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(note, 2, at)
        grid.setColumnStretch(at, 1)

    def show_counts(
        self, read: int, counts: dict[str, int], notes: dict[str, str], *, over: bool = False
    ) -> None:
        """Show figures; `notes` are a few words below each; `over` once nothing will change any more."""
        for kind in _KINDS:
            self._figures[kind].setText(numbers.count(counts[kind]))
            self._notes[kind].setText(notes.get(kind, ""))
        self._figures["failed"].set_tone("red_text" if counts["failed"] else "text")
        self._figures["read"].setText(numbers.count(read))
        self._notes["read"].setText(notes.get("read", ""))
        total = sum(counts[kind] for kind in _KINDS)
        self._sum.show_icon(
            "check" if total == read else "x-circle-fill", "text2" if total == read else "red"
        )
        self._adds.setText(_("adds up") if total == read else _("does not add up"))
        done = "green" if over and counts["succeeded"] == read else "accent"
        parts = [(counts[kind], done if kind == "succeeded" else _ROLES[kind]) for kind in _KINDS[:3]]
        said = ", ".join(
            f"{self._figures[kind].accessibleName()} {numbers.count(counts[kind])}" for kind in _KINDS
        )
        self.bar.show_parts(parts, max(1, read), said)


class Swatch(QWidget):
    """A small square in the colour of a part of the bar."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role
        self.setFixedSize(10, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A filled square; the empty part has a frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(self._role))
        if self._role == "selected_off":
            painter.setPen(theme.color("border_strong"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
