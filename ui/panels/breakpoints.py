"""The breakpoints of a map: a list, and what the one selected holds at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping.held import At, Breakpoint
from ui.bridge.debugging import Debugging
from ui.panels.debug_lines import place_words, point_cells
from ui.theme import fonts, metrics
from ui.widgets.cells import CellTable
from ui.widgets.checks import Check
from ui.widgets.fields import Combo
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Text
from ui.widgets.trees import Rows, current_row


class _List(Rows):
    """`removed` tells that the current row is not wanted any more, `turned` that it is wanted or not."""

    removed = Signal()
    turned = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes, Space turns on and off."""
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.turned.emit()
        else:
            super().keyPressEvent(event)


class Breakpoints(QWidget):
    """`opened` tells that a breakpoint's rule is to be shown: its target path."""

    opened = Signal(str)

    def __init__(self, debugging: Debugging) -> None:
        super().__init__()
        self._debugging = debugging
        self.of: tuple[Path, str] | None = None
        self._model: CellTable[Breakpoint] = CellTable([_("Breakpoint"), _("Holds at")], point_cells, self)
        self.list = _List(_("Breakpoints"))
        self.list.setModel(self._model)
        self.list.lay_out(136, 0)
        self.list.setMinimumHeight(48)
        self.list.selectionModel().currentRowChanged.connect(lambda _now, _before: self._show())
        self.list.opened.connect(lambda row: self.opened.emit(self._model.rows[row].path))
        self.list.removed.connect(lambda: self._change(None))
        self.list.turned.connect(self._turn)
        self.on = Check(_("On"))
        self.on.clicked.connect(self._turn)
        self.at = Combo(_("Hold before"), small=True)
        for at, text in place_words().items():
            self.at.addItem(text, str(at))
        self.at.activated.connect(lambda: self._put(at=str(self.at.currentData())))
        self.number = QLineEdit()
        self.number.setAccessibleName(_("Only at turn"))
        self.number.setPlaceholderText(_("every"))
        self.number.setValidator(QIntValidator(0, 999_999_999, self))
        self.number.setFixedWidth(56)
        self.number.editingFinished.connect(lambda: self._put(number=int(self.number.text() or 0)))
        self.when = QLineEdit()
        self.when.setAccessibleName(_("Only where"))
        self.when.setPlaceholderText(_("Only where this script is true"))
        self.when.setFont(fonts.mono())
        self.when.editingFinished.connect(lambda: self._put(when=self.when.text().strip()))
        self._form = QWidget()
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
        first.addWidget(self.on)
        first.addWidget(self.at, 1)
        first.addWidget(Text(_("turn"), "text2"))
        first.addWidget(self.number)
        second.addWidget(self.when)
        form = QVBoxLayout(self._form)
        form.setContentsMargins(8, 6, 8, 6)
        form.setSpacing(6)
        form.addLayout(first)
        form.addLayout(second)
        for field in (self.number, self.when):
            field.setFixedHeight(metrics.FIELD)
        self._pages = QStackedWidget()
        hint = _("F9 sets one on the selected rule; Ctrl+F5 debugs.")
        self._pages.addWidget(EmptyState("circle-fill", _("No breakpoints"), hint))
        self._pages.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addWidget(self._form)

    def show_map(self, of: tuple[Path, str] | None) -> None:
        """Show the breakpoints of a map (folder and object), None for none."""
        self.of = of
        points = list(self._debugging.points(*of)) if of is not None else []
        row = current_row(self.list)
        before = self._model.rows[row] if 0 <= row < len(self._model.rows) else None
        if points != list(self._model.rows):
            self._model.set_rows(points)
            if points:
                same = next((n for n, point in enumerate(points) if before and point.path == before.path), 0)
                self.list.setCurrentIndex(self._model.index(same, 0))
        self._pages.setCurrentIndex(1 if points else 0)
        self._show()

    def enter(self, path: str) -> None:
        """Put the cursor into the condition of the breakpoint at a path."""
        for row, point in enumerate(self._model.rows):
            if point.path == path:
                self.list.setCurrentIndex(self._model.index(row, 0))
        self.when.setFocus(Qt.FocusReason.OtherFocusReason)

    def _current(self) -> Breakpoint | None:
        row = current_row(self.list)
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None

    def _show(self) -> None:
        point = self._current()
        self._form.setVisible(point is not None)
        if point is None:
            return
        self.on.setChecked(not point.off)
        self.at.setCurrentIndex(max(0, self.at.findData(str(point.at))))
        self.number.setText(str(point.number) if point.number else "")
        if not self.when.hasFocus() or self.when.text().strip() == point.when:
            self.when.setText(point.when)

    def _turn(self) -> None:
        point = self._current()
        if point is not None:
            self._change(replace(point, off=not point.off))

    def _put(self, *, at: str | None = None, number: int | None = None, when: str | None = None) -> None:
        point = self._current()
        if point is None:
            return
        changed = replace(
            point,
            at=At(at).value if at else "" if at is not None else point.at,
            number=point.number if number is None else number,
            when=point.when if when is None else when,
        )
        if changed != point:
            self._change(changed)

    def _change(self, new: Breakpoint | None) -> None:
        point = self._current()
        if point is not None and self.of is not None:
            self._debugging.put(*self.of, point, new)
