"""A list of what would be done, each with a box to tick: nothing is done before it was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.bridge import numbers
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import PanelHead
from ui.widgets.labels import Elided, KeyCap, Text
from ui.widgets.trees import Rows

# The room that the two buttons take at most.
_BUTTONS = 380
# How high the list stands when it opens.
HEIGHT = 300
# Least and wanted widths of the columns, without words and with.
_WIDTHS = {
    False: ((30, 30), (160, 320), (160, 0), (140, 300), (60, 60)),
    True: ((30, 30), (140, 220), (180, 0), (140, 280), (24, 24)),
}
# Where nothing but names and reasons is known.
_REASONS = ((30, 30), (140, 240), (24, 24), (140, 0), (24, 24))


@dataclass(frozen=True)
class Proposal:
    """One thing that would be done: `what` it makes of `before`, why, and how surely (0 to 1, None: not said).

    `path` is the target it is about, `problem` why it should rather not be done; `prose` says that `what` are words about
    it, `ahead` that it is read from its beginning, where it is too long.
    """

    before: str
    what: str
    why: str = ""
    score: float | None = None
    path: str = ""
    problem: str = ""
    chosen: bool = True
    prose: bool = False
    ahead: bool = False


class Proposals(QFrame):
    """The panel between the trees and the script bar.

    `taken` tells that the ticked ones are to be done, `left` that nothing is, `shown` the target path of the row in hand.
    """

    taken = Signal()
    left = Signal()
    shown = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Proposals"))
        self.setProperty("band", "base")
        self._do: Callable[[Sequence[int]], object] | None = None
        self._verb: Callable[[int], str] = str
        self._none = False
        # The row that Enter was pressed on, while what is ticked is being done.
        self.in_hand = -1
        self._title = Elided("", weight=600)
        self._said = Text("", "text2", step=fonts.SECONDARY)
        self._table: CellTable[Proposal] = CellTable(("", "", "", "", ""), self._cells, self)
        self.list = _List(_("What would be done"))
        self.list.setModel(self._table)
        self.list.fit(*_WIDTHS[False])
        self.list.toggled.connect(self.toggle)
        self.list.all_toggled.connect(self.toggle_all)
        self.list.opened.connect(self._opened)
        self.list.left.connect(self.leave)
        self.list.selectionModel().currentRowChanged.connect(self._moved)
        self._ok = button(_("Map"), self.take, primary=True)
        self._cancel = button(_("Cancel"), self.leave)
        self.extra = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addLayout(self.extra)
        column.addWidget(self.list, 1)
        column.addWidget(self._foot())
        self.hide()

    def _head(self) -> QWidget:
        head = PanelHead(self._title, end=metrics.PAD_PANEL)
        head.add(self._said)
        return head

    def _foot(self) -> QWidget:
        foot = _Foot()
        row = QHBoxLayout(foot)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(6)
        for key, text in (
            (("↑", "↓"), _("choose")),
            ((_("Space"),), _("tick")),
            (("Ctrl+A",), _("all")),
            (("Enter",), _("do it")),
            (("Esc",), _("leave")),
        ):
            for cap in key:
                row.addWidget(foot.hint(KeyCap(cap)))
            row.addWidget(foot.hint(Text(text, "text2", step=fonts.SECONDARY)))
        row.addStretch(1)
        row.addWidget(self._cancel)
        row.addWidget(self._ok)
        return foot

    # What is shown

    def offer(
        self,
        title: str,
        proposals: Iterable[Proposal],
        verb: Callable[[int], str],
        do: Callable[[Sequence[int]], object],
        *,
        none: bool = False,
        at: int = 0,
    ) -> None:
        """Show a list: `verb` names the button for so many ticked ones, `do` is told the numbers of those ticked.

        With `none` it may be that none is; `at` is the row in hand.
        """
        self._do, self._verb, self._none = do, verb, none
        self._title.setText(title)
        rows = list(proposals)
        prose = any(each.prose for each in rows)
        self.list.fit(*(_REASONS if prose and not any(each.what for each in rows) else _WIDTHS[prose]))
        self._table.set_rows(rows)
        self.show()
        self._tell()
        if self._table.rows:
            self.list.setCurrentIndex(self._table.index(min(max(at, 0), len(self._table.rows) - 1), 0))

    def enter(self) -> None:
        """Put the focus on the list."""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def proposals(self) -> Sequence[Proposal]:
        """What is listed."""
        return self._table.rows

    @property
    def ticked(self) -> tuple[int, ...]:
        """The numbers of those ticked."""
        return tuple(at for at, each in enumerate(self._table.rows) if each.chosen)

    def toggle(self, row: int) -> None:
        """Tick a row, or no longer."""
        each = self._table.rows[row]
        self._table.change_row(row, replace(each, chosen=not each.chosen))
        self._tell()

    def toggle_all(self) -> None:
        """Tick all, or none where all are ticked."""
        wanted = len(self.ticked) < len(self._table.rows)
        for row, each in enumerate(self._table.rows):
            if each.chosen != wanted:
                self._table.change_row(row, replace(each, chosen=wanted))
        self._tell()

    def _opened(self, row: int) -> None:
        """Enter on a row where none is ticked means this one."""
        if not self.ticked and not self._none:
            self.toggle(row)
        self.in_hand = row
        self.take()
        self.in_hand = -1

    def take(self) -> None:
        """Do what is ticked."""
        do, ticked = self._do, self.ticked
        if do is None or not (ticked or self._none):
            return
        self._close()
        do(ticked)
        self.taken.emit()

    def leave(self) -> None:
        """Do nothing."""
        self._close()
        self.left.emit()

    def _close(self) -> None:
        self._do = None
        self.hide()
        self._table.set_rows(())

    def _tell(self) -> None:
        ticked = len(self.ticked)
        self._said.setText(
            _("{n} of {total} ticked").format(
                n=numbers.count(ticked), total=numbers.count(len(self._table.rows))
            )
        )
        text = self._verb(ticked)
        self._ok.setText(text)
        self._ok.setAccessibleName(text)
        self._ok.setEnabled(ticked > 0 or self._none)

    def _moved(self) -> None:
        row = self.list.currentIndex().row()
        known = 0 <= row < len(self._table.rows)
        # While something is being written the trees stand still.
        if known and self.list.hasFocus() and self._table.rows[row].path:
            self.shown.emit(self._table.rows[row].path)

    def _cells(self, row: Proposal) -> Sequence[Cell]:
        tone = "text" if row.chosen else "text2"
        box = "check-square-fill" if row.chosen else "square"
        score = numbers.share(row.score) if row.score is not None else ""
        why = row.problem or row.why
        return (
            Cell(icon=box, icon_tone="accent" if row.chosen else "text2", hint=_("ticked") if row.chosen else _("not ticked")),
            Cell(row.before, tone, mono=True, small=True, hint=row.before, tail=True),
            Cell(row.what, tone, mono=not row.prose, small=True, hint=row.what, tail=not (row.prose or row.ahead)),
            Cell(why, "red_text" if row.problem else "text2", small=True, hint=why),
            Cell(score, "text2", small=True, right=True),
        )  # fmt: skip


class _Foot(QWidget):
    """The keys and the buttons; where there is no room for both the buttons stay."""

    def __init__(self) -> None:
        super().__init__()
        self._hints: list[QWidget] = []

    def hint(self, made: QWidget) -> QWidget:
        """One of the keys, or what it does."""
        self._hints.append(made)
        return made

    def minimumSizeHint(self) -> QSize:
        """Room for the buttons."""
        return QSize(_BUTTONS, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All the keys, or none."""
        super().resizeEvent(event)
        needed = sum(each.sizeHint().width() + 6 for each in self._hints) + _BUTTONS
        for each in self._hints:
            each.setVisible(self.width() >= needed)


class _List(Rows):
    toggled = Signal(int)
    all_toggled = Signal()
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, Ctrl+A ticks all, Esc leaves."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.toggled.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.all_toggled.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the box ticks."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid() and index.column() == 0:
            self.toggled.emit(index.row())
