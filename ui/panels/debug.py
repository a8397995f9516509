"""The Debug panel: where a run is held, its script, loops, source nodes, variables and watches; and the breakpoints."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import _
from studio.mapping.held import Stop
from ui import theme
from ui.bridge.debugging import Debugging
from ui.bridge.script_text import ScriptHighlighter
from ui.commands import CommandTable
from ui.panels.breakpoints import Breakpoints
from ui.panels.debug_lines import DebugLine, line_cells, reason_of, title_of, variable_lines, where_lines
from ui.panels.debug_log import DebugLog
from ui.theme import fonts, metrics
from ui.widgets.buttons import tool_button
from ui.widgets.cells import CellTable
from ui.widgets.code import CodeEdit, units
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Elided, Line, Picture
from ui.widgets.trees import Rows, current_row

_BUTTONS = ("debug.continue", "debug.over", "debug.into", "debug.out", "debug.pause", "debug.stop")
# As high as it is made when a run is held for the first time.
HEIGHT = 268
# How wide the breakpoints are at least.
POINTS = 272


class _Lines(Rows):
    """`removed` tells that the current row is not wanted any more."""

    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del removes."""
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class DebugPanel(QWidget):
    """`opened` tells that a place is wanted: the object and a path in it."""

    opened = Signal(str, str)

    def __init__(self, debugging: Debugging, table: CommandTable) -> None:
        super().__init__()
        self._debugging = debugging
        self._ref = ""
        self._shown: Stop | None = None
        self.code = CodeEdit(_("Script at hand"))
        self.code.setReadOnly(True)
        self.code.setLineWrapMode(CodeEdit.LineWrapMode.WidgetWidth)
        self._colours = ScriptHighlighter(self.code.document())
        self.where, self._where = _list(_("Loops and source"), _("Node"), self)
        self.variables, self._variables = _list(_("Variables and watches"), _("Variable"), self)
        self.where.opened.connect(lambda row: self._open(self._where.rows[row]))
        self.variables.removed.connect(self._forget)
        self.field = QLineEdit()
        self.field.setAccessibleName(_("Watch"))
        self.field.setPlaceholderText(_("Watch a script, such as [total] * $rate"))
        self.field.setFont(fonts.mono())
        self.field.setFixedHeight(metrics.FIELD)
        self.field.returnPressed.connect(self._watch)
        self.points = Breakpoints(debugging)
        self.points.opened.connect(lambda path: self.opened.emit(self._ref, path))
        self._picture = Picture("bug", "text3")
        self._title = Elided("", weight=600)
        self._reason = Elided("", "text2", step=fonts.SECONDARY)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head(table))
        column.addWidget(Line())
        column.addWidget(self._body(), 1)
        debugging.changed.connect(self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """Never the reason why the panel at the bottom cannot be made small."""
        return QSize(200, 48)

    def _head(self, table: CommandTable) -> QFrame:
        head = QFrame()
        head.setProperty("band", "base")
        head.setFixedHeight(metrics.TREE_HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        for id in _BUTTONS:
            row.addWidget(tool_button(table.action(id), text=False))
        row.addSpacing(4)
        row.addWidget(Line(vertical=True))
        row.addSpacing(4)
        row.addWidget(self._picture)
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._title)
        row.addSpacing(8)
        row.addWidget(self._reason, 1)
        return head

    def _body(self) -> QSplitter:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.variables, 1)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.field)
        column.addWidget(foot)
        self._script = QStackedWidget()
        self._script.addWidget(
            EmptyState("bug", _("Nothing is held"), _("A debugged run is held at breakpoints, and shows its script here."))
        )  # fmt: skip
        self._script.addWidget(self.code)
        left = QSplitter(Qt.Orientation.Vertical)
        left.setHandleWidth(1)
        left.setChildrenCollapsible(False)
        left.addWidget(self._script)
        left.addWidget(DebugLog(self._debugging))
        left.setStretchFactor(0, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for part in (left, self.where, right, self.points):
            part.setMinimumWidth(120)
            split.addWidget(part)
        # Nothing of what a breakpoint holds at is cut.
        self.points.setMinimumWidth(POINTS)
        split.setSizes([280, 300, 280, POINTS])
        return split

    # What is shown

    def show_map(self, of: tuple[Path, str] | None) -> None:
        """The map in front, whose breakpoints are shown while nothing is debugged."""
        wanted = self._debugging.wanted
        of = (wanted.folder, wanted.ref) if wanted is not None else of
        self._ref = of[1] if of is not None else ""
        self.points.show_map(of)

    def refresh(self) -> None:
        """Show what the debugger knows now."""
        debugging = self._debugging
        stop = debugging.stop_at if debugging.state == "held" else None
        self._say(stop)
        if stop is not self._shown:
            self._shown = stop
            self._script.setCurrentIndex(1 if stop is not None and stop.script else 0)
            if stop is not None:
                self._show_script(stop)
            self._where.set_rows(where_lines(stop) if stop is not None else [])
        known = debugging.stop_at if debugging.state else None
        self._variables.set_rows(variable_lines(known, debugging.watches, debugging.looked))
        if debugging.wanted is not None:
            self.show_map(None)
        elif self._ref:
            self.points.show_map(self.points.of)

    def _say(self, stop: Stop | None) -> None:
        if stop is not None:
            self._picture.show_icon("arrow-fat-right-fill", "accent")
            self._title.setText(title_of(stop))
            self._reason.setText(reason_of(stop))
        elif self._debugging.state:
            self._picture.show_icon("circle-half", "accent")
            self._title.setText(_("Running"))
            self._reason.setText(_("The run is held at the next breakpoint."))
        else:
            self._picture.show_icon("bug", "text3")
            self._title.setText(_("Not debugging"))
            self._reason.setText(self._debugging.said)

    def _show_script(self, stop: Stop) -> None:
        if self.code.toPlainText() != stop.script:
            self.code.setPlainText(stop.script)
        marks: list[QTextEdit.ExtraSelection] = []
        if stop.line:
            block = self.code.document().findBlockByNumber(stop.line - 1)
            marks.append(_mark(QTextCursor(block), "accent_tint", whole=True))
            start = block.position() + units(block.text(), stop.column - 1)
            cursor = QTextCursor(block)
            cursor.setPosition(start)
            end = min(start + stop.length, self.code.document().characterCount() - 1)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            marks.append(_mark(cursor, "selected", whole=False))
            self.code.go_to_line(stop.line, stop.column)
        self.code.paint_lines(marks)

    # What a person does

    def enter(self, path: str) -> None:
        """Put the cursor into the condition of the breakpoint at a path."""
        self.points.enter(path)

    def _open(self, line: DebugLine) -> None:
        if line.path and self._ref:
            self.opened.emit(self._ref, line.path)

    def _watch(self) -> None:
        script = self.field.text().strip()
        if script and script not in self._debugging.watches:
            self._debugging.watch([*self._debugging.watches, script])
        self.field.clear()

    def _forget(self) -> None:
        row = current_row(self.variables)
        line = self._variables.rows[row] if 0 <= row < len(self._variables.rows) else None
        if line is not None and line.icon == "eye":
            self._debugging.watch([each for each in self._debugging.watches if each != line.name])


def _list(name: str, first: str, parent: QWidget) -> tuple[_Lines, CellTable[DebugLine]]:
    model: CellTable[DebugLine] = CellTable([first, _("Value")], line_cells, parent)
    view = _Lines(name)
    view.setModel(model)
    # Names give way first: the values are what one looks for.
    view.fit((72, 150), (72, 0))
    view.setMinimumHeight(40)
    return view, model


def _mark(cursor: QTextCursor, role: str, *, whole: bool) -> QTextEdit.ExtraSelection:
    look = QTextCharFormat()
    look.setBackground(theme.color(role))
    if whole:
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.format = look
    return mark
