"""A schema built by hand: its records and fields as a table that is written in, with undo of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.schema import editing
from studio.schema.model import Kind, Place, Schema
from ui import theme
from ui.canvas.looks import node_icon
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellDelegate, CellTable, Index
from ui.widgets.fields import Combo
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

NAME, TYPE, OCCURS = 0, 1, 2
_INDENT = "\u2003"


@dataclass(frozen=True)
class Line:
    """A row: a record or field, and how deep it stands."""

    place: Place
    depth: int


@dataclass(frozen=True)
class Column:
    """A column: its head and what an edit of it says."""

    title: str
    key: str
    least: int
    wanted: int


def _columns(kind: str) -> tuple[Column, ...]:
    fixed = (Column(_("Starts at"), "start", 60, 70), Column(_("Width"), "width", 60, 70))
    return (
        Column(_("Name"), "name", 140, 240),
        Column(_("Type"), "type", 90, 110),
        Column(_("Occurs"), "occurs", 70, 80),
        *(fixed if kind == "fixed" else ()),
        Column(_("Length"), "length", 70, 80),
        Column(_("Decimals"), "scale", 70, 80),
        Column(_("Format"), "format", 80, 110),
        Column(_("Default"), "default", 80, 110),
        Column(_("Description"), "description", 120, 0),
    )


class SchemaFields(QWidget):
    """`edited` tells a label and the schema as it is now wanted; `failed` an edit that cannot be."""

    edited = Signal(str, object)
    failed = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._schema: Schema | None = None
        self._table: FieldTable | None = None
        self._delimiter = Combo(_("Delimiter"), small=True)
        for text, value in ((_("comma"), ","), (_("semicolon"), ";"), (_("tab"), "\t"), (_("bar"), "|")):
            self._delimiter.addItem(text, value)
        self._delimiter.activated.connect(
            lambda at: self._set("delimiter", str(self._delimiter.itemData(at)))
        )
        self._said = Text(_("Delimiter"), "text2")
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(metrics.PAD_CELL, 4, metrics.PAD_CELL, 4)
        row.setSpacing(8)
        for text, icon, do in (
            (_("Add a field"), "plus", self.add_field),
            (_("Add a record"), "list-numbers", self.add_record),
            (_("Delete"), "trash", self.delete),
            (_("Up"), "arrow-up", lambda: self.shift(-1)),
            (_("Down"), "arrow-down", lambda: self.shift(1)),
        ):
            row.addWidget(button(text, do, icon=icon, small=True))
        row.addStretch(1)
        row.addWidget(self._said)
        row.addWidget(self._delimiter)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(bar)

    def show_schema(self, schema: Schema) -> None:
        """Show another state; the current cell stays."""
        if self._table is None or self._schema is None or self._schema.kind != schema.kind:
            self._make_table(schema)
        self._schema = schema
        assert self._table is not None
        self._table.show_lines(_lines(schema))
        delimited = schema.kind == "delimited"
        self._delimiter.setVisible(delimited)
        self._said.setVisible(delimited)
        known = self._delimiter.findData(schema.facts.get("delimiter", ","))
        self._delimiter.setCurrentIndex(known)

    def _make_table(self, schema: Schema) -> None:
        if self._table is not None:
            self._table.deleteLater()
        self._table = FieldTable(self._name, _columns(schema.kind))
        self._table.model_.written.connect(self._write)
        self.column.addWidget(self._table, 1)
        self.setFocusProxy(self._table)

    @property
    def table(self) -> QWidget | None:
        """The table, to give it keys of its own."""
        return self._table

    def add_field(self) -> None:
        """A field behind the current one, or in the current record; its name can be written at once."""
        self._add(_("New field"), "field", editing.add_field)

    def add_record(self) -> None:
        """A record inside the current one."""
        self._add(_("New record"), "record", editing.add_record)

    def _add(self, label: str, wanted: str, add: Callable[..., Schema]) -> None:
        if self._schema is None or self._table is None:
            return
        above, after = self._where()
        name = editing.free_name(self._schema, above, wanted)
        self._apply(label, lambda schema: add(schema, above, name, after=after))
        place = self._schema.find(above)
        child = (
            next((p for p in place.children() if p.node.name == name), None) if place is not None else None
        )
        if child is not None:
            self._table.go_to(child.path, NAME)
            self._table.edit(self._table.currentIndex())

    def _where(self) -> tuple[str, str]:
        assert self._table is not None
        place = self._table.current()
        if place is None:
            assert self._schema is not None
            return Place.root(self._schema.roots[0]).path, ""
        if place.node.kind is Kind.SEGMENT or place.parent is None:
            return place.path, ""
        return place.parent.path, place.node.name

    def delete(self) -> None:
        """The current record or field goes."""
        place = self._table.current() if self._table is not None else None
        if place is not None:
            label = _("Delete {name}").format(name=place.node.name)
            self._apply(label, lambda schema: editing.remove(schema, place.path))

    def shift(self, by: int) -> None:
        """The current record or field goes up or down."""
        place = self._table.current() if self._table is not None else None
        if place is not None:
            label = _("Move {name}").format(name=place.node.name)
            self._apply(label, lambda schema: editing.move(schema, place.path, by))
            assert self._table is not None
            self._table.go_to(place.path, self._table.currentIndex().column())

    def _set(self, key: str, text: str) -> None:
        self._apply(_("Change the delimiter"), lambda schema: editing.with_setting(schema, key, text))

    def _write(self, line: Line, key: str, text: str) -> None:
        path, name = line.place.path, line.place.node.name
        label = _("Change {name}").format(name=name)
        if key == "name":
            label = _("Rename {name}").format(name=name)
            self._apply(label, lambda schema: editing.rename(schema, path, text.strip()))
        elif key == "type":
            self._apply(label, lambda schema: editing.retype(schema, path, text))
        elif key == "occurs":
            self._apply(label, lambda schema: editing.set_occurs(schema, path, editing.occurs_of(text)))
        else:
            self._apply(label, lambda schema: editing.describe(schema, path, key, text))

    def _apply(self, label: str, change: Callable[[Schema], Schema]) -> None:
        if self._schema is None:
            return
        try:
            changed = change(self._schema)
        except WeftError as error:
            self.failed.emit(error)
            return
        self.show_schema(changed)
        self.edited.emit(label, changed)


def _lines(schema: Schema) -> list[Line]:
    found: list[Line] = []
    waiting = [(Place.root(node), 0) for node in reversed(schema.roots)]
    while waiting:
        place, depth = waiting.pop()
        found.append(Line(place, depth))
        waiting += [(child, depth + 1) for child in reversed(place.children())]
    return found


class FieldModel(CellTable[Line]):
    """Cells that are written in; `written` tells line, what of it, and the text."""

    written = Signal(object, str, str)

    def __init__(self, columns: Sequence[Column], parent: QObject) -> None:
        super().__init__([column.title for column in columns], self._line_cells, parent)
        self.keys = tuple(column.key for column in columns)

    def take_lines(self, lines: Sequence[Line]) -> bool:
        """Show other lines; tells whether they are more or fewer than before. As many keep what is being written."""
        if len(lines) != len(self._rows):
            self.set_rows(lines)
            return True
        self._rows = list(lines)
        self._made.clear()
        if lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(self.keys) - 1))
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell of a field can be written; of a record its name, occurrence and description."""
        flags = super().flags(index)
        record = self.rows[index.row()].place.node.kind is Kind.SEGMENT
        own = not record or self.keys[index.column()] in ("name", "occurs", "description")
        return flags | Qt.ItemFlag.ItemIsEditable if own else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; what is edited is the plain text."""
        if role == Qt.ItemDataRole.EditRole and index.isValid():
            return _text(self.rows[index.row()].place, self.keys[index.column()])
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what was written, where it differs."""
        line, key = self.rows[index.row()], self.keys[index.column()]
        if role != Qt.ItemDataRole.EditRole or str(value) == _text(line.place, key):
            return False
        self.written.emit(line, key, str(value))
        return True

    def _line_cells(self, line: Line) -> Sequence[Cell]:
        node = line.place.node
        record = node.kind is Kind.SEGMENT
        cells = []
        for key in self.keys:
            text = _text(line.place, key)
            if key == "name":
                lead = _INDENT * (2 * line.depth)
                cells.append(Cell(lead + text, weight=600 if record else 400, hint=line.place.path))
            elif key == "type":
                cells.append(Cell(_("record") if record else text, icon=node_icon(node), tone="text2"))
            else:
                cells.append(Cell(text, tone="text2", hint=text))
        return cells


def _text(place: Place, key: str) -> str:
    node = place.node
    if key == "name":
        return node.name
    if key == "occurs":
        return str(node.occurs)
    if key == "default":
        return node.default or ""
    value = node.value
    if value is not None and key in ("type", "length", "scale", "format"):
        said = {
            "type": "text" if value.name == "string" else value.name,
            "length": value.max_length,
            "scale": value.fraction_digits,
            "format": value.format,
        }[key]
        return "" if said is None else str(said)
    return node.facts.get(key, "")


class FieldTable(Rows):
    """The table: arrows go from cell to cell, letters and F2 write, Enter goes on, Tab to the next cell."""

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        super().__init__(name, head=True)
        self.model_ = FieldModel(columns, self)
        self.setModel(self.model_)
        self.fit(*((column.least, column.wanted) for column in columns))
        self.setItemDelegate(_Writer(self, self.model_))
        self.setTabKeyNavigation(True)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these; the current cell stays where it is."""
        index, place = self.currentIndex(), self.current()
        row, column = max(0, index.row()), max(0, index.column())
        path = place.path if place is not None else ""
        anew = self.model_.take_lines(lines)
        rows = [line.place.path for line in lines]
        # While a cell is written its row stays; the cell knows its place.
        if anew or (path in rows and self.state() is not QAbstractItemView.State.EditingState):
            at = rows.index(path) if path in rows else min(row, len(rows) - 1)
            self.setCurrentIndex(self.model_.index(at, column))

    def current(self) -> Place | None:
        """The record or field of the current row."""
        row = self.currentIndex().row()
        return self.model_.rows[row].place if 0 <= row < len(self.model_.rows) else None

    def go_to(self, path: str, column: int) -> None:
        """Make a cell the current one; the first where it has gone."""
        rows = [line.place.path for line in self.model_.rows]
        self.setCurrentIndex(self.model_.index(rows.index(path) if path in rows else 0, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go to the cell beside; Enter writes in the cell."""
        if self.state() is QAbstractItemView.State.EditingState:
            # A key its field has no use for, Enter among them.
            event.ignore()
            return
        index = self.currentIndex()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and index.isValid() and not event.modifiers():
            column = max(0, min(len(self.model_.keys) - 1, index.column() + step))
            self.setCurrentIndex(index.siblingAtColumn(column))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.edit(index)
        else:
            super().keyPressEvent(event)

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Any) -> None:
        """The row, and a frame around the current cell."""
        super().drawRow(painter, options, index)
        current = self.currentIndex()
        if self.hasFocus() and current.isValid() and current.row() == index.row():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(self.visualRect(current)).adjusted(0, 0, -1, -1))


class _Writer(CellDelegate):
    """Fields to write in: a list of types, lines for the rest."""

    def __init__(self, parent: QWidget, model: FieldModel) -> None:
        super().__init__(parent)
        self._model = model

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field with a name a screen reader can say."""
        key = self._model.keys[index.column()]
        name = self._model.headerData(index.column(), Qt.Orientation.Horizontal)
        made: QWidget
        if key == "type":
            combo = QComboBox(parent)
            combo.addItems(list(editing.TYPES))
            made = combo
        else:
            line = QLineEdit(parent)
            line.setFrame(False)
            made = line
        made.setAccessibleName(_("Write: {what}").format(what=name))
        return made

    def setEditorData(self, editor: QWidget, index: QModelIndex | Any) -> None:
        """What the cell says now."""
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex | Any) -> None:
        """What was written."""
        text = editor.currentText() if isinstance(editor, QComboBox) else editor.property("text")
        model.setData(index, text, Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Any) -> None:
        """Over the cell, no higher than it."""
        editor.setGeometry(QRect(option.rect))
