"""What a screen reader is told of a painted tree: its rows as items of a tree, with names, values and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from studio.base.i18n import _
from ui import theme

if TYPE_CHECKING:
    from ui.canvas.painted_tree import PaintedTree

_trees: dict[int, _TreeFace] = {}
_kind: type[PaintedTree] | None = None


class _TreeFace(QAccessibleWidget):
    """A painted tree; its children are the rows as they are unfolded, made when they are asked for."""

    def __init__(self, tree: PaintedTree) -> None:
        super().__init__(tree, QAccessible.Role.Tree)
        self.tree = tree
        self._rows: dict[int, _RowFace] = {}

    def childCount(self) -> int:
        """The rows shown."""
        return len(self.tree.rows) if isValid(self.tree) else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """A row by its number."""
        if not 0 <= index < self.childCount():
            return None
        face = self._rows.get(index)
        if face is None:
            face = self._rows[index] = _RowFace(self, index)
            QAccessible.registerAccessibleInterface(face)
        return face

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The row at a point of the screen."""
        return self.child(self.tree.row_at_screen(QPoint(x, y)))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The number of a row."""
        return child.row if isinstance(child, _RowFace) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The current row."""
        return self.child(self.tree.selection.row)

    def text(self, kind: QAccessible.Text) -> str:
        """The tree's name; as its value the current row in words."""
        if kind is QAccessible.Text.Value:
            return self.tree.accessibleDescription()
        return super().text(kind)


class _RowFace(QAccessibleInterface):
    """One row: it answers for whatever stands at its number now."""

    def __init__(self, tree: _TreeFace, row: int) -> None:
        super().__init__()
        self._face = tree
        self.row = row

    @property
    def _tree(self) -> PaintedTree:
        return self._face.tree

    def isValid(self) -> bool:
        """The tree still has so many rows."""
        return isValid(self._tree) and self.row < len(self._tree.rows)

    def object(self) -> QObject | None:  # type: ignore[override]
        """No widget of its own."""
        return None

    def parent(self) -> QAccessibleInterface:
        """The tree."""
        return self._face

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None: what is unfolded below follows in the tree."""
        return None

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None."""
        return None

    def childCount(self) -> int:
        """None."""
        return 0

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        """None."""
        return -1

    def rect(self) -> QRect:
        """Where the row is on the screen."""
        if not self.isValid():
            return QRect()
        rect = self._tree.row_rect(self.row)
        return QRect(self._tree.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def role(self) -> QAccessible.Role:
        """An item of a tree."""
        return QAccessible.Role.TreeItem

    def text(self, kind: QAccessible.Text) -> str:
        """The node's name, its value in this record, and as description its address, level, cardinality and state."""
        if not self.isValid():
            return ""
        look, here = self._tree.look(self.row), self._tree.rows[self.row]
        if kind is QAccessible.Text.Name:
            return look.prefix + look.name
        if kind is QAccessible.Text.Value:
            return look.value
        if kind is QAccessible.Text.Description:
            level = _("level {n}").format(n=here.depth + 1)
            loop = (
                _("loop {letter}").format(letter=theme.loop_letter(look.letter))
                if look.letter is not None
                else ""
            )
            said = (
                here.path,
                level,
                look.note,
                look.picker,
                loop,
                look.state,
                self._tree.said_links(self.row),
            )
            return ", ".join(part for part in said if part)
        return look.hint if kind is QAccessible.Text.Help else ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:
        """Rows are not renamed."""

    def state(self) -> QAccessible.State:
        """Selected, current, folded or unfolded, out of sight."""
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
            return state
        tree, here = self._tree, self._tree.rows[self.row]
        state.focusable = state.selectable = state.multiSelectable = True
        state.selected = here.key in tree.selection.selected
        state.focused = tree.hasFocus() and here.key == tree.selection.current
        state.expandable = here.expandable
        expanded = here.expandable and tree.rows.is_expanded(here)
        state.expanded = expanded
        state.collapsed = here.expandable and not expanded
        state.offscreen = self.row not in tree.visible_rows()
        return state

    def foregroundColor(self) -> QColor:
        """The colour of its name."""
        return theme.color(self._tree.look(self.row).name_role)


def _face(_class: str, of: QObject | None) -> QAccessibleInterface | None:
    if _kind is None or not isinstance(of, _kind):
        return None
    known = _trees.get(id(of))
    if known is None or known.tree is not of:
        for gone in [key for key, face in _trees.items() if not isValid(face.tree)]:
            del _trees[gone]
        known = _trees[id(of)] = _TreeFace(of)
    return known


def install(kind: type[PaintedTree]) -> None:
    """Let Qt ask for the faces of painted trees, once."""
    global _kind
    if _kind is None:
        _kind = kind
        QAccessible.installFactory(_face)


def tell_current(tree: PaintedTree, row: int) -> None:
    """Tell a screen reader, if one listens, which row is current now."""
    if row >= 0 and QAccessible.isActive():
        event = QAccessibleEvent(tree, QAccessible.Event.Focus)
        event.setChild(row)
        QAccessible.updateAccessibility(event)
