"""The list of a schema's roots and the search through all of it, nothing unfolded: names, types, documentation."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from studio.base.i18n import _, language, ngettext
from studio.schema.model import Node, Schema
from studio.schema.path import parent_path, said_path
from studio.schema.search import Hit, find_roots, hits, prepare
from studio.schema.tongues import said
from ui import theme
from ui.bridge.numbers import count
from ui.canvas.looks import node_icon
from ui.theme import fonts, metrics
from ui.widgets.cells import Cell, CellDelegate, CellTable
from ui.widgets.fields import FilterField
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

_PAUSE = 120
_MOST = 200
_FEW = 8
_NO_LIMIT = 16_777_215


class FindPane(QFrame):
    """`root_wanted` tells the name of a root that was chosen, `path_wanted` the path of what was found."""

    root_wanted = Signal(str)
    path_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self._schema: Schema | None = None
        self._work: Iterator[None] | None = None
        self.field = FilterField(_("Find in the schema"), _("Name, type or words"), "magnifying-glass")
        self._told = Text("", "text2", step=fonts.SECONDARY)
        self.roots = Rows(_("Roots"), inset=metrics.PAD_CELL)
        self._root_rows: CellTable[Node] = CellTable([_("Root")], _root_cells, self)
        self.roots.setModel(self._root_rows)
        self.roots.lay_out(0)
        self._found_head = Text("", "text2", step=fonts.SECONDARY, wrap=True)
        self.found = Rows(_("Found in the schema"), inset=metrics.PAD_CELL)
        self.found.setItemDelegate(CellDelegate(self.found, height=metrics.ROW_TWO_LINES))
        self._found_rows: CellTable[Hit] = CellTable([_("Node")], _hit_cells, self)
        self.found.setModel(self._found_rows)
        self.found.lay_out(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_padded(self.field, 4))
        column.addWidget(_padded(self._told, 4))
        column.addWidget(self.roots, 1)
        self._found_bar = _padded(self._found_head, 4)
        column.addWidget(self._found_bar)
        column.addWidget(self.found, 2)
        column.addStretch(0)
        self.setMinimumWidth(160)
        self.setFocusProxy(self.field)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._search)
        self.field.textChanged.connect(lambda _text: self._pause.start())
        self.field.left.connect(self._leave)
        self.field.returnPressed.connect(self._first)
        self.roots.selectionModel().currentRowChanged.connect(lambda now, _before: self._choose(now.row()))
        self.found.selectionModel().currentRowChanged.connect(lambda now, _before: self._open(now.row()))
        self._show_found([])

    def show_schema(self, schema: Schema | None) -> None:
        """List a schema's roots; what is being looked for is looked for in it."""
        self._schema = schema
        self._work = None
        self._search()

    def show_root(self, name: str) -> None:
        """Select the root that is shown."""
        for row, node in enumerate(self._root_rows.rows):
            if root_name(node) == name:
                if self.roots.currentIndex().row() != row:
                    self.roots.setCurrentIndex(self._root_rows.index(row, 0))
                return

    def _search(self) -> None:
        text, schema = self.field.text().strip(), self._schema
        if schema is None:
            self._root_rows.set_rows([])
            self._show_found([])
            return
        total = len(schema.roots)
        kept = find_roots(schema, text) if text else list(schema.roots)
        self._root_rows.set_rows(kept)
        self.roots.setVisible(bool(kept))
        # A few roots leave the room to what else was found.
        few = bool(text) and len(kept) < _FEW
        self.roots.setMaximumHeight(len(kept) * theme.row_height() + 2 if few else _NO_LIMIT)
        if text:
            told = ngettext("{n} of {total} root", "{n} of {total} roots", total)
            self._told.setText(told.format(n=count(len(kept)), total=count(total)))
        else:
            self._told.setText(ngettext("{n} root", "{n} roots", total).format(n=count(total)))
        self._work = prepare(schema) if text else None
        if text:
            self._pump(text, self._work)
        else:
            self._show_found([])

    def _pump(self, text: str, work: Iterator[None] | None) -> None:
        """A slice of making the index, then the window's turn; other words meanwhile end this one."""
        if work is None or work is not self._work or self._schema is None:
            return
        if next(work, self) is self:
            self._work = None
            self._show_found(hits(self._schema, text, limit=_MOST))
        else:
            self._found_head.setText(_("Looking…"))
            self._found_bar.show()
            QTimer.singleShot(0, self, lambda: self._pump(text, work))

    def _show_found(self, found: list[Hit]) -> None:
        self._found_rows.set_rows(found)
        searched = bool(self.field.text().strip())
        self.found.setVisible(bool(found))
        self._found_bar.setVisible(searched)
        if len(found) >= _MOST:
            text = _("The first {n} nodes found").format(n=count(len(found)))
        elif found:
            text = ngettext("{n} node found", "{n} nodes found", len(found)).format(n=count(len(found)))
        else:
            text = _("No node has that name, type or documentation.")
        self._found_head.setText(text)

    def _leave(self) -> None:
        (self.found if self.found.isVisible() else self.roots).setFocus()

    def _first(self) -> None:
        if self._found_rows.rows:
            self.found.setCurrentIndex(self._found_rows.index(0, 0))

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._root_rows.rows):
            self.root_wanted.emit(root_name(self._root_rows.rows[row]))

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._found_rows.rows):
            self.path_wanted.emit(self._found_rows.rows[row].path)


def root_name(node: Node) -> str:
    """What a root is asked for by: with its prefix where another has its name."""
    return f"{node.prefix}:{node.name}" if node.prefix else node.name


def _root_cells(node: Node) -> tuple[Cell]:
    words = said(node.documentation, language())
    hint = "\n".join(part for part in (root_name(node), node.namespace, words[:400]) if part)
    mark = (("warning-fill", "orange"),) if node.unresolved else ()
    return (Cell(root_name(node) or _("document"), icon=node_icon(node), hint=hint, marks=mark, ends=True),)


def _hit_cells(hit: Hit) -> tuple[Cell]:
    above = said_path(parent_path(hit.path) or hit.path)
    name = said_path(hit.name)
    where = {"type": _("type {name}").format(name=hit.type), "documentation": _("in its documentation")}
    note = where.get(hit.where, hit.type)
    return (Cell(name, note=note, second=above, hint=hit.path, tail=True, ends=True),)


def _padded(widget: QWidget, space: int) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(metrics.PAD_CELL, space, metrics.PAD_CELL, space)
    column.addWidget(widget)
    return made
