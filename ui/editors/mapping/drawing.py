"""Drawing nodes in the trees of a map: adding, changing, removing, and what a copied sample holds."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.mapping import address, drawing
from studio.mapping.further import holds_fields
from studio.schema.drawn import Drawn, plain_address
from studio.schema.model import Kind
from studio.schema.path import parse_path
from ui.canvas.link_index import Side
from ui.editors.mapping.draw_elements import DrawElements, side_name
from ui.editors.mapping.draw_fields import DrawFields

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class Drawing(QObject):
    """Carries out what the commands and the fields ask for; every edit is one named step."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._holder = ""
        self._changing = ""
        self._side = Side.TARGET
        self.elements = DrawElements(editor, self)

    @cached_property
    def fields(self) -> DrawFields:
        """What a drawn node is, above the map and below what is said of its records; made when first wanted."""
        made = DrawFields()
        made.entered.connect(self._entered)
        made.left.connect(self._leave)
        column = self._editor.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(1, made)
        return made

    # Where

    def _path(self) -> str:
        return self._editor.canvas.path(self._editor.last_side)

    def place(self) -> str:
        """The address in which something can be drawn at the current row, or beside a drawn one; ""."""
        side = self._editor.last_side
        trees = self._editor.map.trees
        tree = trees.source if side is Side.SOURCE else trees.target
        row = self._editor.canvas.current_row(side)
        if row is None:
            return ""
        found = drawing.can_hold(tree, row.path)
        if not found and row.place is not None and row.place.node.kind is Kind.ANY:
            around = address.parent(row.path)
            found = plain_address(around) or "/" if around is not None else ""
        if not found and drawing.is_drawn(self._editor.map.transformation, side_name(side), row.path):
            up = address.parent(row.path)
            found = plain_address(up) or "/" if up is not None else ""
        return found

    @property
    def _json(self) -> bool:
        map = self._editor.map
        use = map.transformation.source if self._side is Side.SOURCE else map.transformation.target
        try:
            return holds_fields(map.workspace.schema(use))
        except WeftError:
            return False

    def reason(self) -> str:
        """Why nothing can be drawn at the current node, "" if it can."""
        return "" if self.place() else _("the schema admits no other nodes here")

    def paste_reason(self) -> str:
        """Why no sample can be drawn at the current node, "" if it can."""
        if not QGuiApplication.clipboard().text().strip():
            return _("no text has been copied")
        return self.reason()

    def drawn_reason(self) -> str:
        """Why the current node cannot be changed or removed, "" if it can."""
        side = side_name(self._editor.last_side)
        known = drawing.is_drawn(self._editor.map.transformation, side, self._path())
        return "" if known else _("this node was not drawn")

    # What

    def begin(self) -> None:
        """Open the fields for a new node at the current one."""
        self._side, self._holder, self._changing = self._editor.last_side, self.place(), ""
        if self._holder:
            title = _("Draw in {name}").format(name=address.name(self._holder))
            self.fields.show_for(title, "", Drawn(), json=self._json, verb=_("Draw it"))

    def change(self) -> None:
        """Open the fields with what the current drawn node is."""
        self._side, path = self._editor.last_side, plain_address(self._path())
        known = self._editor.map.transformation.drawn.get(side_name(self._side), {}).get(path)
        if known is not None:
            self._changing, self._holder = path, plain_address(address.parent(path) or "/") or "/"
            title = _("Change {name}").format(name=address.name(path))
            self.fields.show_for(title, address.name(path), known, json=self._json, verb=_("Change it"))

    def remove(self) -> None:
        """Take the current drawn node away."""
        map, path = self._editor.map, self._path()
        side = side_name(self._editor.last_side)
        label = _("Remove the drawn {name}").format(name=address.name(path))
        map.put(label, drawing.undraw(map.transformation, map.trees, side, path))
        self._show(address.parent(path) or "")

    def paste(self) -> None:
        """Draw what the sample in the clipboard holds."""
        self._side, holder = self._editor.last_side, self.place()
        map, side = self._editor.map, side_name(self._side)
        text = QGuiApplication.clipboard().text()
        try:
            found = drawing.sampled(text, holder, json=self._json)
            changed = map.transformation
            known = changed.drawn.get(side, {})
            new = {path: each for path, each in found.items() if path not in known}
            for path, each in new.items():
                changed = drawing.draw(changed, side, path, each)
        except WeftError as error:
            self._editor.desk.tell(str(error))
            return
        label = ngettext("Draw {n} node of a sample", "Draw {n} nodes of a sample", len(new))
        if new:
            map.put(label.format(n=len(new)), changed)
            self._show(next(iter(new)))

    def _entered(self) -> None:
        name = self.fields.name.text().strip()
        map, side = self._editor.map, side_name(self._side)
        try:
            path = self._address(name)
            if self._changing:
                before = map.transformation.drawn.get(side, {}).get(self._changing)
                drawn = self.fields.drawn(before)
                changed = drawing.redraw(map.transformation, map.trees, side, self._changing, path, drawn)
                label = _("Change the drawn {name}").format(name=name)
            else:
                changed = drawing.draw(map.transformation, side, path, self.fields.drawn())
                label = _("Draw {name}").format(name=name)
        except WeftError as error:
            self.fields.say(error.message)
            return
        map.put(label, changed)
        if self._changing:
            self._leave()
        else:
            self.fields.say("")
            self.fields.name.clear()
            self.fields.name.setFocus()
        self._show(path, focus=bool(self._changing))

    def _address(self, name: str) -> str:
        """The address of a node of this name; raises BadInput for what is no name."""
        if not self._json:
            drawing.check_name(name)
        path = drawing.below(
            self._holder, name.removeprefix("@").rpartition(":")[2], attribute=name.startswith("@"),
            prefix=name.removeprefix("@").rpartition(":")[0],
        )  # fmt: skip
        parse_path(path)
        return path

    def _leave(self) -> None:
        self.fields.hide()
        self._editor.canvas.views[self._side].setFocus()

    def show(self, side: Side, path: str, *, focus: bool = True) -> None:
        """Select a node, and go on there."""
        canvas = self._editor.canvas
        if path and not canvas.select(side, path) and canvas.heads[side].filter.text():
            # What was just made is seen, whatever the filter wants.
            canvas.heads[side].filter.clear()
            canvas.narrowing.filter(side, "")
            canvas.select(side, path)
        if focus:
            self._editor.canvas.views[side].setFocus()

    def _show(self, path: str, *, focus: bool = True) -> None:
        self.show(self._side, path, focus=focus)
