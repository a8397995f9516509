"""The map as a table: every rule with script, loop, condition, value and state, for screen readers and quick hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping.model import Rule
from ui import theme
from ui.canvas.scene import Scene
from ui.theme import metrics
from ui.widgets.cells import CELL, Cell, CellDelegate, CellTable, text_width
from ui.widgets.fields import FilterField
from ui.widgets.trees import head_width, shares

# Target, rule, type, value, state, loop and condition: the least width in pixels, and the most its texts may ask for.
_COLUMNS = ((210, 380), (240, 420), (60, 110), (110, 160), (80, 200), (72, 240), (90, 320))
# These are read whole, if need be at the cost of scrolling to the others.
_WHOLE = (0, 2, 4)
_ELASTIC = 1
# So many rows say how wide the texts are.
_MEASURED = 400


@dataclass(frozen=True)
class RuleRow:
    """What the table shows of a rule, or of a mandatory node without one."""

    path: str
    script: str = ""
    loop: str = ""
    when: str = ""
    value: str = ""
    state: str = ""
    type: str = ""
    tone: str = "text"
    absent: bool = False
    point: tuple[str, str] | None = None


def rule_rows(scene: Scene) -> tuple[RuleRow, ...]:
    """The rows of a scene in schema order: rules, mandatory nodes without one, then parked rules."""
    rules = [_row(rule, scene) for rule in scene.mapping.rules]
    missing = [
        RuleRow(path, state=_("mandatory, no rule"), type=_type(scene, path), tone="orange_text")
        for path in scene.missing
        if scene.mapping.get(path) is None
    ]
    ordered = sorted((*rules, *missing), key=lambda row: scene.trees.target.order(row.path))
    parked = [RuleRow(r.path, r.script or "", r.loop or "", r.when or "", state=_("parked"), tone="text3")
              for r in scene.mapping.parked]  # fmt: skip
    return (*ordered, *parked)


def _row(rule: Rule, scene: Scene) -> RuleRow:
    seen = scene.evidence.target.get(rule.path) if scene.evidence is not None else None
    failed = scene.failed.get(rule.path)
    problem = scene.problems.get(rule.path)
    if failed or problem is not None:
        state = failed or (problem.message if problem else "")
        tone = "red_text" if failed or (problem and problem.severity == "error") else "text"
    elif rule.loops:
        state, tone = _("loop"), "text"
    elif scene.constant(rule.path):
        state, tone = _("constant"), "text"
    else:
        state, tone = (_("conditional") if rule.when else _("mapped")), "text"
    absent = scene.evidence is not None and seen is None and not failed
    value = (seen.text or f"{seen.count} ×" if rule.loops else seen.text) if seen is not None else ""
    mark = scene.notes.mark(rule.path)
    return RuleRow(
        rule.path,
        rule.script or "",
        rule.loop or rule.each or "",
        rule.when or "",
        value,
        f"{state}, {mark[2]}" if mark else state,
        _type(scene, rule.path),
        tone,
        absent,
        mark[:2] if mark else None,
    )


def _type(scene: Scene, path: str) -> str:
    place = scene.trees.target.find(path)
    return place.node.value.name if place is not None and place.node.value is not None else ""


def _cells(row: RuleRow) -> Sequence[Cell]:
    def mono(text: str) -> Cell:
        return Cell(" ".join(text.split()), mono=True, small=True, hint=text)

    absent = Cell(_("not in this record"), tone="text3", italic=True, small=True)
    value = absent if row.absent else mono(row.value)
    icon, icon_tone = row.point or ("", "text2")
    return (
        Cell(row.path, row.tone, icon, icon_tone, mono=True, small=True, hint=row.path, tail=True), mono(row.script),
        Cell(row.type, "text2", small=True), value, Cell(row.state, row.tone, hint=row.state), mono(row.loop),
        mono(row.when),
    )  # fmt: skip


class RuleTable(QWidget):
    """The table with its filter. `opened` tells the path of the row taken with Enter, `left` Esc."""

    opened = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[RuleRow, ...] = ()
        self._model: CellTable[RuleRow] = CellTable(
            (_("Target"), _("Script"), _("Type"), _("Value"), _("State"), _("Loop"), _("Condition")),
            _cells,
            self,
        )
        self.filter = FilterField(_("Filter the rules"), _("Filter"))
        self.filter.textChanged.connect(lambda _text: self._show())
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.TREE_HEAD)
        line = QVBoxLayout(head)
        line.setContentsMargins(metrics.PAD_PANEL, 0, metrics.PAD_PANEL, 0)
        line.addWidget(self.filter)
        self.view = _View(self)
        self.view.setModel(self._model)
        self.view.activated.connect(lambda index: self.opened.emit(self._model.rows[index.row()].path))
        self.filter.left.connect(self.view.setFocus)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addWidget(head)
        column_layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def show_scene(self, scene: Scene) -> None:
        """Show the rules of a scene."""
        self._rows = rule_rows(scene)
        self._show()

    def select(self, path: str) -> None:
        """Make the row of a target path current."""
        for number, row in enumerate(self._model.rows):
            if row.path == path:
                self.view.setCurrentIndex(self._model.index(number, 0))
                return

    def _show(self) -> None:
        wanted = self.filter.text().casefold()
        current = self.view.currentIndex().row()
        path = self._model.rows[current].path if 0 <= current < len(self._model.rows) else ""
        self._model.set_rows([row for row in self._rows if wanted in f"{row.path} {row.script}".casefold()])
        self.view.fit(self._model)
        self.select(path)


class _View(QTableView):
    def __init__(self, owner: RuleTable) -> None:
        super().__init__()
        self._owner = owner
        self.setAccessibleName(_("Rules"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.row_height())
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._wanted: tuple[tuple[int, int], ...] = _COLUMNS
        self.horizontalHeader().setFixedHeight(metrics.TABLE_HEAD)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(CellDelegate(self))

    def fit(self, model: CellTable[RuleRow]) -> None:
        """Give the columns the widths their texts ask for; the rule takes what is left, a narrow table scrolls."""
        rows = range(min(model.rowCount(), _MEASURED))
        wanted = []
        for column, (least, most) in enumerate(_COLUMNS):
            head = head_width(str(model.headerData(column, Qt.Orientation.Horizontal)))
            texts = max((text_width(model.index(row, column).data(CELL)) for row in rows), default=0)
            least = max(least, head)
            asked = min(most, max(least, texts))
            wanted.append((asked if column in _WHOLE else least, asked))
        self._wanted = tuple(wanted)
        self._share_out()

    def _share_out(self) -> None:
        room = self.viewport().width()
        widths = shares(self._wanted, room)
        widths[_ELASTIC] += max(0, room - sum(widths))
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns share the width anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the rule, Esc goes back to the canvas."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self._owner.left.emit()
        else:
            super().keyPressEvent(event)
