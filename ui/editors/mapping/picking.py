"""The picker: what may stand at a node that the schema leaves open, listed, searched, ticked; taken as one step."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.i18n import _, ngettext
from studio.mapping import address, picking
from studio.mapping.further import SOURCE, TARGET
from studio.mapping.instances import node_of
from studio.mapping.picking import Alternative
from studio.mapping.tree import Tree
from studio.schema.instead import variants
from studio.schema.model import Kind, Place
from ui.canvas.link_index import Side
from ui.canvas.shape import Row, RowKind
from ui.editors.mapping.draw_elements import side_name
from ui.editors.mapping.drawing import Drawing
from ui.editors.mapping.proposals import Proposal
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.fields import FilterField

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

# So many alternatives are listed; the search narrows them.
_MOST = 500
# A schema has no more than this to pick from at one node, as far as anybody can look.
_MOST_KNOWN = 20_000
# So many are asked for at once: a schema makes what its wildcard lets in then, and the window goes on meanwhile.
_AT_ONCE = 300


class PickFields(QWidget):
    """The line above the list: a search, and what else can be done at the node."""

    changed = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sought = FilterField(_("Find an alternative"), _("Find an alternative"), "magnifying-glass")
        self.sought.textChanged.connect(lambda _text: self.changed.emit())
        self.sought.returnPressed.connect(self.entered)
        self.sought.left.connect(self.left)
        self.more = button(_("One more instance"), lambda: None)
        self.draw = button(_("Draw a node…"), lambda: None)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(8)
        row.addWidget(self.sought, 1)
        row.addWidget(self.more)
        row.addWidget(self.draw)
        self.hide()


class Picking(QObject):
    """Fills the list of alternatives for a row and takes what is ticked."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.drawing = Drawing(editor)
        self._side = TARGET
        self._place: Place | None = None
        self._all: list[Alternative] = []
        self._coming: Iterator[Alternative] | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._go_on)
        self._ticked: set[str] = set()
        self._shown: list[Alternative] = []

    @cached_property
    def fields(self) -> PickFields:
        """Narrows the list; made when first wanted."""
        made, panel = PickFields(), self._editor.bulk.panel
        panel.extra.addWidget(made)
        made.changed.connect(lambda: self._find())
        made.entered.connect(panel.enter)
        made.left.connect(panel.enter)
        made.more.clicked.connect(self._more)
        made.draw.clicked.connect(self._draw)
        panel.taken.connect(made.hide)
        panel.left.connect(made.hide)
        return made

    def hide_fields(self) -> None:
        """Another list takes the place of these."""
        self.fields.hide()
        self.drawing.elements.search.hide()

    # What can be picked where

    def _here(self) -> tuple[Side, Row | None]:
        side = self._editor.last_side
        return side, self._editor.canvas.current_row(side)

    def _tree(self, side: Side) -> Tree:
        trees = self._editor.map.trees
        return trees.source if side is Side.SOURCE else trees.target

    def _open_place(self, side: Side, row: Row) -> Place | None:
        """The node that a row leaves open: its own, or the one it is an instance or a kind of."""
        if row.place is None or row.kind not in (RowKind.NODE, RowKind.CHOICE, RowKind.WRAPPER):
            return None
        if row.kind is not RowKind.NODE or row.place.node.kind is Kind.ANY:
            return row.place
        base = node_of(row.path)[0]
        return row.place if base == row.path else self._tree(side).find(base)

    def reason(self) -> str:
        """Why nothing can be picked at the current node, "" if it can."""
        side, row = self._here()
        if row is None:
            return _("no node is selected")
        place = self._open_place(side, row)
        if place is None:
            return _("this row has no rule of its own")
        if place.node.kind in (Kind.CHOICE, Kind.ANY) or next(variants(place.node), None) is not None:
            return ""
        if side is Side.TARGET and place.repeats:
            return ""
        return _("the schema leaves nothing open here")

    def more_reason(self) -> str:
        """Why the current node cannot have one more instance, "" if it can."""
        row = self._editor.canvas.current_row(Side.TARGET)
        place = self._open_place(Side.TARGET, row) if row is not None else None
        if place is None or place.node.kind in (Kind.CHOICE, Kind.ANY):
            return _("no target field is selected")
        return "" if place.repeats else _("this node occurs once only")

    # The list

    def open_current(self) -> None:
        """List what may stand at the current node."""
        side, row = self._here()
        if row is not None:
            self.open_row(side, row.key, QPoint())

    def open_row(self, side: Side, key: str, _point: QPoint) -> None:
        """List what may stand at a row."""
        rows = self._editor.canvas.rows[side]
        at = rows.index(key)
        place = self._open_place(side, rows[at]) if at >= 0 else None
        if place is None:
            return
        self._editor.last_side = side
        self._side, self._place = side_name(side), place
        map = self._editor.map
        ruled = self._used_paths(side)
        used = dict.fromkeys((*ruled, *map.picks(self._side)))
        self._all, self._ticked = [], set()
        self._coming = islice(picking.alternatives(place, used, ruled), _MOST_KNOWN)
        self._gather()
        self.fields.more.setVisible(side is Side.TARGET and place.repeats and place.node.kind is not Kind.CHOICE
                                    and place.node.kind is not Kind.ANY)  # fmt: skip
        self.fields.draw.setVisible(place.node.kind is Kind.ANY)
        self._editor.bulk.fields.hide()
        self.drawing.elements.search.hide()
        self.fields.sought.blockSignals(True)
        self.fields.sought.clear()
        self.fields.sought.blockSignals(False)
        self.fields.show()
        self._shown = []
        self._find()
        self._editor.bulk.open()
        if len(self._all) > 12 or not self._all:
            self.fields.sought.setFocus()
        else:
            self._editor.bulk.panel.enter()

    def _gather(self) -> None:
        """Ask for some more of the alternatives; the timer asks for the others."""
        if self._coming is None:
            return
        some = list(islice(self._coming, _AT_ONCE))
        self._all += some
        self._ticked |= {each.path for each in some if each.taken}
        if len(some) < _AT_ONCE:
            self._coming = None
        else:
            self._later.start(0)

    def _go_on(self) -> None:
        """Some more; what there is, is listed when all are known, with the row in hand where it was."""
        if self._place is None:
            self._coming = None
        self._gather()
        if self._coming is None and self._place is not None:
            self._find(kept=True)

    def _used_paths(self, side: Side) -> list[str]:
        """Every address that has a rule, or is read, and those above them."""
        map = self._editor.map
        if side is Side.TARGET:
            paths = {rule.path for rule in map.mapping.rules}
        else:
            paths = {line.source for line in map.scene.drawing.lines}
        return list(dict.fromkeys(up for path in paths for up in (path, *address.ancestors(path))))

    def _find(self, *, kept: bool = False) -> None:
        """List what the search finds: what is taken first; the row in hand is the first, or `kept`."""
        if self._place is None or not self.fields.isVisibleTo(self._editor.bulk.panel):
            return
        self._keep_ticks()
        row = self._editor.bulk.panel.list.currentIndex().row() if kept else 0
        words = self.fields.sought.text().casefold().split()
        found = list(self._all) if not words else [each for each in self._all if _is_sought(each, words)]
        found.sort(
            key=lambda each: (not each.taken, not any(each.name.casefold().startswith(w) for w in words))
        )
        self._shown = found[:_MOST]
        evidence = self._editor.map.scene.evidence
        here = evidence.source if self._side == SOURCE and evidence is not None else ()
        how = {name: said() for name, said in _HOW.items()}
        rows = [self._row(each, how[each.how], here) for each in self._shown]
        title = _("What stands at {name}: {n} to choose from").format(name=self._name(), n=len(self._all))
        self._editor.bulk.panel.offer(
            title, rows, _verb, self._take, none=any(each.taken for each in self._all), at=row
        )

    def _name(self) -> str:
        place = self._place
        if place is None:
            return ""
        if place.node.kind is Kind.CHOICE:
            return _("the choice in {name}").format(name=address.name(place.path))
        if place.node.kind is Kind.ANY:
            return _("any node in {name}").format(name=address.name(address.parent(place.path) or place.path))
        return address.name(place.path)

    def _keep_ticks(self) -> None:
        panel = self._editor.bulk.panel
        if len(panel.proposals) != len(self._shown):
            return
        for each, row in zip(self._shown, panel.proposals, strict=True):
            (self._ticked.add if row.chosen else self._ticked.discard)(each.path)

    def _row(self, each: Alternative, how: str, here: Container[str]) -> Proposal:
        """The row of an alternative: `how` says how it comes to stand there, `here` are the nodes of this record."""
        if each.ruled:
            how = " ".join((_("Has rules: it stays until they are removed."), how))
        elif each.taken > 1:
            said = ngettext("{n} instance.", "{n} instances.", each.taken).format(n=each.taken)
            how = " ".join((how, said))
        if each.path in here:
            how = " ".join((how, _("In this record.")))
        words = " ".join(each.documentation.split()) if each.documentation else ""
        return Proposal(each.name, words, how, None, "", chosen=each.path in self._ticked, prose=True)

    def _take(self, _ticked: Sequence[int]) -> None:
        place = self._place
        if place is None:
            return
        for at, each in enumerate(self._shown):
            (self._ticked.add if at in set(_ticked) else self._ticked.discard)(each.path)
        while self._coming is not None:
            self._gather()
        self._later.stop()
        taken = [each.path for each in self._all if each.path in self._ticked and not each.taken]
        dropped = [each.path for each in self._all if each.taken and each.path not in self._ticked]
        at = self._editor.bulk.panel.in_hand
        if not taken and not dropped and 0 <= at < len(self._shown) and not self._shown[at].taken:
            taken = [self._shown[at].path]
        map = self._editor.map
        changed = picking.choose(map.transformation, map.trees, self._side, place, taken, dropped)
        name, before = self._name(), len(map.picks(self._side))
        self._place = None
        staying = [each.name for each in self._all if each.ruled and each.path in dropped]
        if staying and not taken:
            said = _("{names} has rules and stays: remove the rules first.")
            self._editor.desk.tell(said.format(names=", ".join(staying)))
        if changed != map.transformation:
            map.put(_("Choose what stands at {name}").format(name=name), changed)
            self._show(changed.picks.get(self._side, ())[before:] or taken)

    def _show(self, paths: Sequence[str]) -> None:
        side = Side.SOURCE if self._side == SOURCE else Side.TARGET
        canvas = self._editor.canvas
        if paths:
            canvas.select(side, paths[0])
            rows = canvas.rows[side]
            found = [rows[at] for path in paths if (at := rows.at(path)) >= 0]
            rows.set_expanded([row for row in found if row.expandable and row.place is not None], True)
            canvas.relink()
            canvas.select(side, paths[0])
        self._editor.canvas.views[side].setFocus()

    # Instances

    def one_more_here(self) -> None:
        """One more instance of the current target node."""
        self.one_more(self._editor.canvas.path(Side.TARGET))

    def one_more(self, path: str) -> None:
        """One more instance of a target node, of the kind it is; it has no rules yet."""
        map = self._editor.map
        base = node_of(path)[0]
        place = map.trees.target.find(base)
        if place is None:
            return
        changed, made = picking.add_instance(map.transformation, map.trees, place, address.instance(path)[0])
        map.put(_("One more instance of {name}").format(name=address.name(base)), changed)
        self._side = TARGET
        self._show((made,))

    def _more(self) -> None:
        row = self._editor.bulk.panel.list.currentIndex().row()
        place = self._place
        if place is None:
            return
        path = self._shown[row].path if 0 <= row < len(self._shown) else place.path
        self._editor.bulk.panel.leave()
        self.one_more(path)

    def _draw(self) -> None:
        self._editor.bulk.panel.leave()
        self.drawing.begin()


def _is_sought(each: Alternative, words: Sequence[str]) -> bool:
    text = f"{each.name} {each.documentation}".casefold()
    return all(word in text for word in words)


def _verb(count: int) -> str:
    return ngettext("Take {n}", "Take {n}", count).format(n=count)


_HOW: dict[str, Callable[[], str]] = {
    picking.CHOICE: lambda: _("An alternative of the choice."),
    picking.DECLARED: lambda: _("As the schema declares it."),
    picking.MEMBER: lambda: _("An element that may stand instead."),
    picking.TYPE: lambda: _("A derived type, told by xsi:type."),
    picking.ELEMENT: lambda: _("An element of the schema that is let in."),
    picking.DRAWN: lambda: _("Drawn by hand."),
}
