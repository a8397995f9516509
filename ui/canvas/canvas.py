"""The mapping canvas: two trees and the links between. It shows a scene and says what the person wants; it edits nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.lines import Bundle, Line
from ui.canvas.between import Between
from ui.canvas.canvas_state import canvas_state, restore_canvas
from ui.canvas.catching_up import CatchingUp
from ui.canvas.drag_overlay import DragOverlay
from ui.canvas.gestures import DragRows, GestureArea, Target
from ui.canvas.heads import LinksHead, TreeHead, beside, pane
from ui.canvas.link_index import LinkIndex, Side, chain, row_lines, said_links
from ui.canvas.link_layer import LinkLayer
from ui.canvas.looks import source_look, target_look
from ui.canvas.narrowing import Narrowing
from ui.canvas.overview import Overview, marks_of
from ui.canvas.row_look import Look
from ui.canvas.rows import Rows
from ui.canvas.scene import Scene
from ui.canvas.shape import NO_SHAPE, Row, RowKind, Shape
from ui.canvas.split import Split
from ui.canvas.tree_view import TreeView
from ui.canvas.zoom import stepped
from ui.theme import metrics

# How many rows a tree opens with at most.
FIRST_ROWS = 45
# Gives what a map adds to a tree, worked out when it is wanted.
Asked = Callable[[], Shape]


@dataclass(frozen=True)
class Drop:
    """What was dropped where: addresses of one side onto a row of the other, at a point of the screen.

    `value` is the sample value taken along when the drag began on it.
    """

    sources: tuple[str, ...]
    target: str
    point: QPoint
    value: str | None = None


class MappingCanvas(QWidget):
    """Two trees, a link layer, their heads.

    `dropped` tells a Drop of source fields onto a target row, `moved` a rule dragged to another target row (its path,
    the row's path, the point); `current_changed` a side and the address now current there ("" none); `activated` a
    target path whose rule is to be opened; `picker_wanted` a side, a row's key and a point; `menu_wanted` a side, an
    address and a point; `unfolded` any change of what is shown; `rearranged` one of what `state` gives; `value_asked` a click on a
    value of a side; `picked` a source address that is wanted in what stands between the trees.
    """

    dropped = Signal(object)
    moved = Signal(str, str, QPoint)
    current_changed = Signal(object, str)
    activated = Signal(str)
    picker_wanted = Signal(object, str, QPoint)
    menu_wanted = Signal(object, str, QPoint)
    unfolded = Signal()
    rearranged = Signal()
    value_asked = Signal(object)
    picked = Signal(str)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        # `scene` is what is shown of the `whole` scene: a page leaves links out.
        self.scene = self.whole = scene
        self.area = GestureArea(self)
        self.rows = {Side.SOURCE: Rows(scene.trees.source), Side.TARGET: Rows(scene.trees.target)}
        self.source = TreeView(Side.SOURCE, _("Source tree"), self.rows[Side.SOURCE], self.area)
        self.target = TreeView(Side.TARGET, _("Target tree"), self.rows[Side.TARGET], self.area)
        self.views = {Side.SOURCE: self.source, Side.TARGET: self.target}
        self.links = LinkLayer(_("Links"), self.source, self.target)
        self.heads = {
            Side.SOURCE: TreeHead(_("Filter the source"), _("View of the source")),
            Side.TARGET: TreeHead(_("Filter the target"), _("View of the target")),
        }
        self.links_head = LinksHead()
        self.overviews = {
            Side.SOURCE: self._overview(Side.SOURCE, _("Overview of the source")),
            Side.TARGET: self._overview(Side.TARGET, _("Overview of the target")),
        }
        self._overlay = DragOverlay(self)
        self._looks: dict[Side, dict[int, Look]] = {Side.SOURCE: {}, Side.TARGET: {}}
        self._focus: tuple[Side, str] | None = None
        self._focus_line: Line | None = None
        self.narrowing = Narrowing(self)
        self.behind = CatchingUp(self)
        # Where source fields may be dropped besides the target tree: the script being written.
        self.extra_targets: list[Target] = []
        # The link layer paints the separators itself, below the links.
        self._split = Split()
        self._middle = Between(self.links_head, self.links)
        for widget in (
            pane(self.heads[Side.SOURCE], beside(self.overviews[Side.SOURCE], self.source)),
            self._middle,
            pane(self.heads[Side.TARGET], beside(self.target, self.overviews[Side.TARGET])),
        ):
            self._split.addWidget(widget)
        for at, stretch in enumerate((1, 0, 1)):
            self._split.setStretchFactor(at, stretch)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._split)
        self._split_first, self._split_own = True, False
        loops = scene.drawing.loops
        self.rows[Side.SOURCE].expand_first(FIRST_ROWS, [loop.source for loop in loops if loop.source])
        self.rows[Side.TARGET].expand_first(FIRST_ROWS, [loop.target for loop in loops])
        for side, view in self.views.items():
            self._connect(side, view)
        self._split.splitterMoved.connect(self._part)
        self.unfolded.connect(self.rearranged)
        self.links.hovered.connect(self._hover_bundle)
        self.links.clicked.connect(self._focus_bundle)
        self.links.opened.connect(lambda bundle: self.activated.emit(bundle.lines[0].target))
        self.links.released.connect(self.show_all)
        self.links_head.all_wanted.connect(self.show_all)
        self.index = LinkIndex(scene, self.rows[Side.SOURCE], self.rows[Side.TARGET])
        self.relink()

    def _overview(self, side: Side, name: str) -> Overview:
        return Overview(name, self.views[side], lambda: marks_of(self.scene, self.index, side))

    def _connect(self, side: Side, view: TreeView) -> None:
        view.look = lambda row: self._look(side, row)
        view.end = lambda row: self.index.end(side, row)
        view.said_links = lambda row: said_links(self.scene, side, self.rows[side][row].path)
        view.scrolled.connect(self.links.move_along)
        view.unfolded.connect(self.relink)
        view.unfolded.connect(self.unfolded)
        for changed in (view.scrolled, view.chosen, view.widened, self.heads[side].filtered):
            changed.connect(self.rearranged)
        view.chosen.connect(lambda row: self._choose(side, row))
        view.hovered.connect(lambda row: self._hover_row(side, row))
        view.activated.connect(lambda row: self._activate(side, row))
        view.released.connect(self.show_all)
        view.zoomed.connect(lambda by: self.zoom_to(stepped(self.zoom, by)))
        view.picker_wanted.connect(
            lambda row, point: self.picker_wanted.emit(side, self.rows[side][row].key, point)
        )
        view.menu_wanted.connect(
            lambda row, point: self.menu_wanted.emit(side, self.rows[side][row].path, point)
        )
        view.value_clicked.connect(lambda _row: self.value_asked.emit(side))
        view.drag_wanted.connect(lambda row, on_value: self._begin_drag(side, row, on_value=on_value))
        self.heads[side].filtered.connect(lambda text: self.narrowing.filter(side, text))
        self.heads[side].filter.left.connect(view.setFocus)

    # What is shown

    def show_scene(
        self, scene: Scene, shape: Shape, flash: frozenset[str] = frozenset(), source: Shape = NO_SHAPE
    ) -> None:
        """Show another scene of the same trees; values at the target paths in `flash` light up once.

        `shape` is what the map adds to the target's tree, `source` what it adds to the source's.
        """
        self.show_values(scene, lambda: shape, lambda: source, flash)
        self.behind.catch_up()

    def show_values(
        self, scene: Scene, shape: Asked, source: Asked, flash: frozenset[str] = frozenset()
    ) -> None:
        """What `show_scene` does, but of the new scene only what its rows say is shown at once; `behind` does the rest."""
        self.whole = scene
        self.take_scene()
        self.renew_looks()
        self.target.flash(flash)
        self.behind.begin(shape, source)

    def renew_looks(self) -> None:
        """Rows may say something else now: paint those that do."""
        for side, view in self.views.items():
            before, self._looks[side] = self._looks[side], {}
            seen = view.visible_rows()
            view.refresh_rows(
                row for row in seen if row not in before or before[row] != self._look(side, row)
            )

    def take_scene(self) -> None:
        """Show of the whole scene what the page lets through."""
        self.scene = self.narrowing.paged(self.whole)

    def relink(self) -> None:
        """Rows or links changed: bundle, measure and paint anew."""
        for side in Side:
            self._looks[side].clear()
        self.index = LinkIndex(self.scene, self.rows[Side.SOURCE], self.rows[Side.TARGET])
        self.behind.linked_all()
        self.show_loops()
        self.links.show_index(self.index)
        for overview in self.overviews.values():
            overview.renew()
        self._refocus()

    def show_loops(self) -> None:
        """Rows or loops changed: measure and paint the trees anew."""
        self.source.show_rows({path: loop.index for path, loop in self.scene.source_loops.items()})
        self.target.show_rows({path: loop.index for path, loop in self.scene.target_loops.items()})

    def take_index(self, index: LinkIndex) -> None:
        """Links changed between the same rows: paint the rows that say or end otherwise, and the links."""
        seen = {side: view.visible_rows() for side, view in self.views.items()}
        ends = {side: [self.index.end(side, row) for row in rows] for side, rows in seen.items()}
        self.index = index
        self._light_focus()
        self.renew_looks()
        for side, view in self.views.items():
            now = [index.end(side, row) for row in seen[side]]
            rows = zip(seen[side], ends[side], now, strict=True)
            view.refresh_rows(row for row, before, after in rows if before != after)
            view.light(index.lit_rows(side))
        self.links.follow_index(index)

    def _look(self, side: Side, row: int) -> Look:
        known = self._looks[side].get(row)
        if known is None:
            here = self.rows[side][row]
            expanded = here.expandable and self.rows[side].is_expanded(here)
            make = source_look if side is Side.SOURCE else target_look
            known = make(here, self.scene, expanded=expanded, pill=self.index.pills[side].get(row, 0))
            self._looks[side][row] = known
        return known

    def path(self, side: Side) -> str:
        """The current address of a side, "" where nothing is current."""
        row = self.views[side].selection.row
        return self.rows[side][row].path if row >= 0 else ""

    def current_row(self, side: Side) -> Row | None:
        """The current row of a side."""
        row = self.views[side].selection.row
        return self.rows[side][row] if row >= 0 else None

    def selected(self, side: Side) -> tuple[str, ...]:
        """The selected addresses of a side, from top to bottom."""
        return self.views[side].selection.paths()

    def select(self, side: Side, path: str) -> bool:
        """Make an address current, unfolding what hides it; tells whether it is there."""
        row = self.rows[side].at(path)
        if row < 0:
            # An edit may just have made it.
            self.behind.catch_up()
            row = self.rows[side].reveal(path)
            self.relink()
            self.unfolded.emit()
        if row < 0:
            return False
        self.views[side].set_current(row)
        self.views[side].bring_into_view(row)
        return self.rows[side][row].path == path

    def screen_rect(self, side: Side, path: str) -> QRect:
        """Where an address is painted, on the screen; empty where it is not visible."""
        row = self.rows[side].at(path)
        if row < 0:
            return QRect()
        view = self.views[side]
        rect = view.row_rect(row)
        return QRect(view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    # Focus and hover

    def _choose(self, side: Side, row: int) -> None:
        here = self.rows[side][row] if row >= 0 else None
        self._focus_line = None
        self._focus = (side, here.path) if here is not None and here.kind is not RowKind.CHOICE else None
        self._refocus()
        self.current_changed.emit(side, here.path if here is not None else "")

    def _refocus(self) -> None:
        self._light_focus()
        self._relight(everything=True)

    def _light_focus(self) -> None:
        lines: tuple[Line, ...] = ()
        name = ""
        if self._focus_line is not None:
            lines, name = tuple(chain([self._focus_line], self.scene)), address.name(self._focus_line.target)
        elif self._focus is not None:
            side, path = self._focus
            row, _exact = self.rows[side].nearest(path)
            here = self.rows[side][row] if row >= 0 else None
            folded = (
                here is not None
                and here.path == path
                and here.expandable
                and not self.rows[side].is_expanded(here)
            )
            lines, name = row_lines(self.scene, side, path, inside=folded), address.name(path)
        self.index.focus = frozenset(lines)
        self.links_head.show_count(len(self.scene.links), len(lines) if lines else None, name)

    def _focus_bundle(self, bundle: Bundle) -> None:
        line = bundle.lines[0]
        if bundle.exact[1]:
            self.select(Side.TARGET, line.target)
            row, _exact = self.rows[Side.SOURCE].nearest(line.source)
            self.source.bring_into_view(row)
        else:
            self._focus, self._focus_line = None, line
            self.target.bring_into_view(bundle.target_row)
            self.source.bring_into_view(bundle.source_row)
            self._refocus()

    def show_all(self) -> None:
        """All links at full strength; what is selected stays selected."""
        self._focus = self._focus_line = None
        self._refocus()

    def escape(self) -> None:
        """What Esc means: give up the gesture going on, else show all links."""
        if not self.area.cancel():
            self.show_all()

    @property
    def can_escape(self) -> bool:
        """Esc would do something."""
        return self.area.active is not None or self.focused

    @property
    def focused(self) -> bool:
        """Some links are in focus, the others faded."""
        return bool(self.index.focus)

    def show_partners(self, side: Side) -> None:
        """Scroll the other end of the focused links into sight."""
        rows = sorted(row for row in self.index.lit_rows(side.other) if row >= 0)
        if rows:
            self.views[side.other].bring_into_view(rows[0])

    def show_sources(self) -> None:
        """Scroll to the first source row that a link comes from."""
        rows = [bundle.source_row for bundle in self.index.bundles]
        if rows:
            self.source.bring_into_view(min(rows))

    def _hover_row(self, side: Side, row: int) -> None:
        lines = (line for bundle in self.index.row(side, row) for line in bundle.lines) if row >= 0 else ()
        self._hover(chain(lines, self.scene))

    def _hover_bundle(self, bundle: Bundle | None) -> None:
        self._hover(chain(bundle.lines, self.scene) if bundle is not None else frozenset())

    def _hover(self, lines: frozenset[Line]) -> None:
        if lines != self.index.hover:
            before = {side: self.index.lit_rows(side) for side in Side}
            self.index.hover = lines
            for side, view in self.views.items():
                view.refresh_rows(before[side])
            self._relight(everything=False)

    def _relight(self, *, everything: bool) -> None:
        for side, view in self.views.items():
            view.light(self.index.lit_rows(side))
            if everything:
                view.viewport().update()
        if everything:
            self.links.refresh()
        else:
            self.links.relight()

    # Size

    @property
    def zoom(self) -> float:
        """How large the rows are shown, 1.0 as everywhere in the window."""
        return self.source.painter.zoom

    def zoom_to(self, zoom: float) -> None:
        """Show both trees larger or smaller."""
        for view in self.views.values():
            view.zoom_to(zoom)
        self.links.refresh()
        for overview in self.overviews.values():
            overview.renew()
        self.rearranged.emit()

    # Gestures

    def _activate(self, side: Side, row: int) -> None:
        if side is Side.TARGET:
            self.activated.emit(self.rows[side][row].path)
        elif self._middle.guest is not None:
            self.picked.emit(self.rows[side][row].path)
        else:
            self.show_partners(side)

    def _begin_drag(self, side: Side, row: int, *, on_value: bool) -> None:
        view = self.views[side]
        paths = self.selected(side)
        look = self._look(side, row)
        value = look.value if on_value and not look.value_italic and side is Side.SOURCE else None
        edge = view.viewport().width() if side is Side.SOURCE else 0
        middle = view.row_rect(row).center().y()
        start = view.viewport().mapToGlobal(QPoint(edge, middle))
        text = f"“{value}”" if value is not None else ", ".join(address.name(path) for path in paths)
        self._overlay.begin(start, text)
        across = Target(
            self.views[side.other], self._takes(side.other), self._drop_across(side, paths, value)
        )
        targets = [across]
        if side is Side.TARGET:
            targets.append(Target(view, self._takes(side), self._drop_within(self.rows[side][row].path)))
        else:
            targets += self.extra_targets
        self.area.start(DragRows(targets, self._overlay, self.area))

    def _takes(self, side: Side) -> Callable[[int], bool]:
        return lambda row: self.rows[side][row].kind in (RowKind.NODE, RowKind.WRAPPER)

    def _drop_across(
        self, side: Side, paths: tuple[str, ...], value: str | None
    ) -> Callable[[int, QPoint], None]:
        def drop(row: int, point: QPoint) -> None:
            here = self.rows[side.other][row].path
            if side is Side.SOURCE:
                self.dropped.emit(Drop(paths, here, point, value))
            else:
                self.dropped.emit(Drop((here,), paths[0], point))

        return drop

    def _drop_within(self, path: str) -> Callable[[int, QPoint], None]:
        def drop(row: int, point: QPoint) -> None:
            here = self.rows[Side.TARGET][row].path
            if here != path:
                self.moved.emit(path, here, point)

        return drop

    def put_between(self, guest: QWidget | None) -> None:
        """Show something between the trees in the place of the links, or (None) the links again."""
        self._middle.put(guest, self._split)
        if guest is None and not self._split_own:
            self._split_first = True
            self._share_out()

    # What comes back

    def state(self) -> dict[str, Any]:
        """What is unfolded, scrolled to, shown and how large things are, as plain data."""
        own = {"split": self._middle.sizes(self._split)} if self._split_own else {}
        return canvas_state(self) | own

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave; what is missing or makes no sense stays as it is."""
        restore_canvas(self, state)
        split = state.get("split")
        if isinstance(split, list) and len(split) == 3 and all(isinstance(n, int) and n > 0 for n in split):
            self._split.setSizes(split)
            self._split_first, self._split_own = False, True

    def _part(self) -> None:
        # From now on the widths are the person's own.
        self._split_own = True
        self.rearranged.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first size gives the links their width and the target tree a little more than the source tree."""
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        if self._middle.guest is not None:
            self._middle.share(self._split)
            return
        # The trees keep the room of a name and a value as long as the links can still be told apart.
        links = max(metrics.LINKS_LEAST, min(metrics.LINKS_WIDTH, self.width() - 2 * metrics.TREE_WANTED))
        if self._split_first and self.width() > 3 * metrics.LINKS_LEAST:
            rest = self.width() - links
            self._split.setSizes([rest // 2 - 16, links, rest - rest // 2 + 16])
        elif not self._split_own and (sizes := self._split.sizes())[1] > links:
            spare = sizes[1] - links
            self._split.setSizes([sizes[0] + spare // 2, links, sizes[2] + spare - spare // 2])
