"""Elements of other schemas of the project, drawn with all below where a map's own schema admits anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.mapping import address, drawing
from studio.mapping.further import SOURCE, TARGET
from studio.mapping.model import SchemaUse
from studio.schema.drawn import Drawn
from studio.schema.model import Place
from ui.bridge.numbers import count
from ui.canvas.link_index import Side
from ui.editors.mapping.proposals import Proposal
from ui.theme import metrics
from ui.widgets.fields import FilterField

if TYPE_CHECKING:
    from ui.editors.mapping.drawing import Drawing
    from ui.editors.mapping.editor import MappingEditor

# So many elements are listed; of more than a few one can look for some.
_MOST = 500
_FEW = 12


def side_name(side: Side) -> str:
    """How a transformation names a side."""
    return SOURCE if side is Side.SOURCE else TARGET


class DrawElements(QObject):
    """Lists the schemas of the project, then the elements of those ticked; draws the elements ticked as one step."""

    def __init__(self, editor: MappingEditor, drawing: Drawing) -> None:
        super().__init__(editor)
        self._editor = editor
        self._drawing = drawing
        self._side, self._holder = Side.TARGET, ""
        self._found: list[tuple[str, Place]] = []
        # The numbers of those ticked, and of those shown, in their order.
        self._ticked: set[int] = set()
        self._shown: list[int] = []
        self._connected = False
        self.sought = FilterField(_("Find an element"), _("Find an element"), "magnifying-glass")
        self.search = QWidget()
        row = QHBoxLayout(self.search)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.addWidget(self.sought)

    def reason(self) -> str:
        """Why no element can be drawn at the current node, "" if one can."""
        if not self._files():
            return _("the project has no other schema")
        return self._drawing.reason()

    def begin(self) -> None:
        """List the schemas; with a single one its elements at once."""
        self._side, self._holder = self._editor.last_side, self._drawing.place()
        files = self._files()
        if not self._holder or len(files) < 2:
            self._read(files if self._holder else ())
            return
        rows = [Proposal(file.rpartition("/")[2], file, chosen=False) for file in files]
        title = _("Elements of other schemas for {name}: tick the schemas").format(name=self._name())
        self._offer(title, rows, _verb_of_schemas, lambda ticked: self._read([files[at] for at in ticked]))

    def _files(self) -> tuple[str, ...]:
        """The schemas of the project, without the one of the side at hand."""
        map, side = self._editor.map, self._editor.last_side
        own = map.transformation.source if side is Side.SOURCE else map.transformation.target
        return tuple(file for file in map.workspace.project.schemas if file != own.schema)

    def _name(self) -> str:
        return address.name(self._holder)

    def _offer(
        self,
        title: str,
        rows: Sequence[Proposal],
        verb: Callable[[int], str],
        do: Callable[[Sequence[int]], object],
        *,
        enter: bool = True,
    ) -> None:
        bulk = self._editor.bulk
        bulk.fields.hide()
        self._editor.picking.fields.hide()
        self._connect()
        bulk.panel.offer(title, rows, verb, do)
        bulk.open()
        if enter:
            bulk.panel.enter()

    def _connect(self) -> None:
        """The list is made after this: its field is put there when it is first wanted."""
        if self._connected:
            return
        self._connected = True
        panel = self._editor.bulk.panel
        panel.extra.addWidget(self.search)
        self.search.hide()
        self.sought.textChanged.connect(lambda _text: self._find())
        self.sought.returnPressed.connect(panel.enter)
        self.sought.left.connect(panel.enter)
        panel.taken.connect(self.search.hide)
        panel.left.connect(self.search.hide)

    def _read(self, files: Sequence[str]) -> None:
        if files:
            self._editor.desk.spawn(self._roots(files))

    async def _roots(self, files: Sequence[str]) -> None:
        """The elements of schemas; the agent parses those that are large."""
        workspace, editor = self._editor.map.workspace, self._editor
        found: list[tuple[str, Place]] = []
        for file in files:
            use = SchemaUse(file)
            try:
                if not workspace.schemas.fresh(use):
                    editor.desk.tell(_("Reading {file}…").format(file=file.rpartition("/")[2]))
                    await editor.agent.read_schema(workspace.folder, use)
                found += [(file, Place.root(node)) for node in workspace.schema(use).roots if node.name]
            except WeftError as error:
                editor.desk.tell(str(error))
                return
        self._list(found)

    def _list(self, found: Sequence[tuple[str, Place]]) -> None:
        self._found, self._ticked = list(found), set()
        self.sought.blockSignals(True)
        self.sought.clear()
        self.sought.blockSignals(False)
        self._show_found()
        self.search.setVisible(len(found) > _FEW)
        if self.search.isVisible():
            self.sought.setFocus()

    def _keep_ticks(self) -> None:
        """What is ticked among those shown stays ticked when others are sought."""
        ticked = set(self._editor.bulk.panel.ticked)
        for row, at in enumerate(self._shown):
            (self._ticked.add if row in ticked else self._ticked.discard)(at)

    def _find(self) -> None:
        if self.search.isVisibleTo(self._editor.bulk.panel):
            self._keep_ticks()
            self._show_found()

    def _show_found(self) -> None:
        """List those sought, by name or documentation, and those ticked before; of many the first."""
        words = self.sought.text().casefold().split()
        fitting = [
            at
            for at, (_file, place) in enumerate(self._found)
            if at in self._ticked
            or all(word in f"{place.node.name} {place.node.documentation}".casefold() for word in words)
        ]
        self._shown = fitting[:_MOST]
        rows = [
            Proposal(
                place.node.name,
                " ".join(place.node.documentation.split()),
                _("From {file}.").format(file=file),
                chosen=at in self._ticked,
                prose=True,
            )
            for at, (file, place) in ((at, self._found[at]) for at in self._shown)
        ]
        names = {"name": self._name(), "n": count(len(fitting)), "shown": count(len(rows))}
        title = _("Elements for {name}: {n} to choose from")
        if len(rows) < len(fitting):
            title = _("Elements for {name}: the first {shown} of {n}, find others by their name")
        shown = [self._found[at][1] for at in self._shown]
        self._offer(
            title.format(**names), rows, _verb, lambda ticked: self._draw([shown[at] for at in ticked]),
            enter=not self.sought.hasFocus(),
        )  # fmt: skip

    def _draw(self, places: Sequence[Place]) -> None:
        map, side = self._editor.map, side_name(self._side)
        changed, first = map.transformation, ""
        known = changed.drawn.get(side, {})
        new: dict[str, Drawn] = {}
        for place in places:
            found = drawing.of_place(place, self._holder)
            first = first or next(iter(found))
            new |= {path: each for path, each in found.items() if path not in known}
        try:
            for path, each in new.items():
                changed = drawing.draw(changed, side, path, each)
        except WeftError as error:
            self._editor.desk.tell(str(error))
            return
        if new:
            label = ngettext(
                "Draw {n} element of another schema", "Draw {n} elements of other schemas", len(places)
            )
            map.put(label.format(n=len(places)), changed)
            self._drawing.show(self._side, first)


def _verb(count: int) -> str:
    return ngettext("Draw {n}", "Draw {n}", count).format(n=count)


def _verb_of_schemas(_count: int) -> str:
    return _("List their elements")
