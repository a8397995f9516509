"""The start page: open, new, sample, import; a move or the practice org at once; recent projects; samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui import theme
from ui.bridge import numbers
from ui.commands import Command, CommandTable, native
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, CellDelegate, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Elided, KeyCap, Line, Picture, Text
from ui.widgets.logo import Logo
from ui.widgets.trees import Rows

LEFT_WIDTH = 356
LEFT_MOST = 460
ROW = 32


@dataclass(frozen=True)
class Recent:
    """A project opened before: its folder and when it was last changed (seconds since 1970, 0 if it has gone)."""

    folder: Path
    at: float


@dataclass(frozen=True)
class SampleFace:
    """A sample project: the name to make it by, its title and one line about it."""

    name: str
    title: str
    about: str


class _Entry(QFrame):
    """A command as two lines with an icon and its keys: a big, quiet button."""

    pressed = Signal()

    def __init__(
        self, icon: str, title: str, about: str, keys: str = "", *, tone: str = "accent", wide: bool = True
    ) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(48)
        self._over = False
        row = QHBoxLayout(self)
        row.setContentsMargins(12 if wide else 0, 0, 12 if wide else 0, 0)
        row.setSpacing(16 if wide else 12)
        row.addWidget(Picture(icon, tone, 20 if wide else 16))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        self.title = Elided(title, weight=400 if wide else 500)
        texts.addWidget(self.title)
        texts.addWidget(Elided(about, "text3", step=fonts.SECONDARY))
        texts.addStretch(1)
        row.addLayout(texts, 1)
        if keys:
            row.addWidget(KeyCap(keys))

    def needed(self) -> int:
        """The width at which nothing of it is cut."""
        layout = self.layout()
        return layout.sizeHint().width() if layout is not None else 0

    def dim(self, reason: str) -> None:
        """Cannot be done now, and why."""
        self.setEnabled(not reason)
        self.setToolTip(reason)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Light up under the pointer and with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._over and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_tint"))
            painter.drawRoundedRect(QRectF(self.rect()), metrics.RADIUS, metrics.RADIUS)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), metrics.RADIUS, metrics.RADIUS
            )

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer has come."""
        super().enterEvent(event)
        self._over = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        super().leaveEvent(event)
        self._over = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pressed."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space press it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(LEFT_WIDTH, 48)


class _RuledDelegate(CellDelegate):
    """Rows of 32 px with a line below each."""

    def paint(self, painter: QPainter, option: object, index: object) -> None:
        super().paint(painter, option, index)  # type: ignore[arg-type]
        rect = option.rect  # type: ignore[attr-defined]
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("separator"))


class StartPage(QScrollArea):
    """What a person sees without a project. `recent_wanted` tells a folder, `sample_wanted` a sample's name."""

    recent_wanted = Signal(str)
    sample_wanted = Signal(str)

    def __init__(self, table: CommandTable, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self.setAccessibleName(_("Start page"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._table = table
        self._entries: dict[str, _Entry] = {}
        page = QFrame()
        page.setProperty("band", "base")
        self.setWidget(page)
        grid = QGridLayout(page)
        grid.setContentsMargins(116, 88, 116, 48)
        grid.setHorizontalSpacing(64)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._title(), 0, 0, 1, 3)
        grid.setRowMinimumHeight(1, 40)
        self._grid = grid
        grid.addLayout(self._left(groups), 2, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(self._middle(), 2, 1, Qt.AlignmentFlag.AlignTop)
        self._samples = QVBoxLayout()
        self._samples.setSpacing(0)
        right = QVBoxLayout()
        right.addLayout(self._samples)
        right.addStretch(1)
        grid.addLayout(right, 2, 2, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(3, 1)
        table.changed.connect(self._refresh)

    def show_recent(self, recent: Sequence[Recent]) -> None:
        """The projects opened before, the latest first."""
        self._model.set_rows(list(recent))
        self.recent.setFixedHeight(metrics.TABLE_HEAD + 1 + ROW * len(recent))
        self.recent.setVisible(bool(recent))
        self._no_recent.setVisible(not recent)

    def show_notice(self, notice: QWidget) -> None:
        """Something that waits for an answer, between the title and the rest."""
        self._grid.addWidget(notice, 1, 0, 1, 3)

    def show_samples(self, samples: Sequence[SampleFace]) -> None:
        """The sample projects a person may start from."""
        while self._samples.count():
            item = self._samples.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if samples:
            section = _section(_("Samples"))
            section.setContentsMargins(0, 0, 0, 8)
            self._samples.addWidget(section)
        for sample in samples:
            self._samples.addWidget(Line())
            entry = _Entry("cube", sample.title, sample.about, tone="text2", wide=False)
            entry.setFixedWidth(248)
            entry.pressed.connect(lambda name=sample.name: self.sample_wanted.emit(name))
            self._samples.addWidget(entry)

    def _title(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(14, 0, 0, 0)
        row.setSpacing(18)
        row.addWidget(Logo(35))
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(Text("Weft Studio", step=11, weight=600))
        texts.addWidget(Text(_("Move and map data between systems"), "text2"))
        row.addLayout(texts, 1)
        return holder

    def _left(self, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        for title, entries in groups:
            ids = [(id, about) for id, about in entries if id in self._table]
            if not ids:
                continue
            if column.count():
                column.addSpacing(20)
            section = _section(title)
            section.setContentsMargins(12, 0, 0, 8)
            column.addWidget(section)
            for id, about in ids:
                column.addWidget(self._command(self._table.get(id), about))
        column.addStretch(1)
        # As wide as the longest line needs, in any language.
        width = max((entry.needed() for entry in self._entries.values()), default=LEFT_WIDTH)
        for entry in self._entries.values():
            entry.setFixedWidth(min(LEFT_MOST, max(LEFT_WIDTH, width)))
        return column

    def _command(self, command: Command, about: str) -> _Entry:
        keys = native(command.keys[0]) if command.keys else ""
        entry = _Entry(command.icon, command.text, about, keys)
        entry.pressed.connect(lambda: self._table.run(command.id))
        self._entries[command.id] = entry
        return entry

    def _middle(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(_section(_("Recent projects")))
        self._model: CellTable[Recent] = CellTable(
            [_("Project"), _("Where"), _("Changed")], _recent_cells, self
        )
        self.recent = Rows(_("Recent projects"), head=True)
        self.recent.setModel(self._model)
        self.recent.setItemDelegate(_RuledDelegate(self.recent, height=ROW))
        self.recent.lay_out(200, 0, 150)
        self.recent.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.opened.connect(self._want_recent)
        self.recent.clicked.connect(lambda index: self._want_recent(index.row()))
        column.addWidget(self.recent)
        self._no_recent = EmptyState(
            "folder-simple",
            _("No project yet"),
            _("Start from a sample to see a finished one, or open a folder."),
        )
        column.addWidget(self._no_recent)
        column.addStretch(1)
        return column

    def _want_recent(self, row: int) -> None:
        if 0 <= row < len(self._model.rows):
            self.recent_wanted.emit(str(self._model.rows[row].folder))

    def _refresh(self) -> None:
        for id, entry in self._entries.items():
            if id in self._table:
                entry.dim(self._table.reason(id))


def _section(title: str) -> Text:
    return Text(title, "text2", step=fonts.SECONDARY, weight=600)


def _recent_cells(recent: Recent) -> Sequence[Cell]:
    gone = not recent.at
    place = str(recent.folder.parent)
    home = str(Path.home())
    if place == home or place.startswith(home + "/"):
        place = "~" + place[len(home) :]
    return (
        Cell(
            recent.folder.name,
            "disabled" if gone else "text",
            icon="folder-simple",
            weight=500,
            hint=str(recent.folder),
        ),
        Cell(place, "text3" if gone else "text2"),
        Cell(_("not found") if gone else numbers.when(recent.at), "text2"),
    )


def recent_of(folder: str) -> Recent:
    """A recent project with the time of its last change."""
    file = Path(folder) / "project.yaml"
    try:
        return Recent(Path(folder), file.stat().st_mtime)
    except OSError:
        return Recent(Path(folder), 0.0)
