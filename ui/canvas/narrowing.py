"""What the trees of a canvas leave out: filters, views, and the page that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.lines import Drawing
from ui.canvas.limit import joined
from ui.canvas.link_index import Side
from ui.canvas.rows import MOST_FOUND
from ui.canvas.scene import Scene
from ui.canvas.search import Search
from ui.canvas.views import View, limit_of

if TYPE_CHECKING:
    from ui.canvas.canvas import MappingCanvas


class Narrowing(QObject):
    """Keeps the rows of both trees to what filter, view and page let through together.

    `page` are the target subtrees of the page shown, None for the whole map: the target tree shows these only, and the
    links only of rules in them.
    """

    def __init__(self, canvas: MappingCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._views = dict.fromkeys(Side, View.ALL)
        self._searches: dict[Side, Iterator[None]] = {}
        self.page: frozenset[str] | None = None

    def view(self, side: Side) -> View:
        """What a tree shows."""
        return self._views[side]

    def show_view(self, side: Side, view: View) -> None:
        """Show a tree in another view; the current row stays in sight where it is shown."""
        if view is self._views[side]:
            return
        self._views[side] = view
        self._canvas.heads[side].show_view("" if view is View.ALL else view.text)
        if self.follow():
            self._shown(side)
        self._canvas.rearranged.emit()

    def show_page(self, tops: frozenset[str] | None) -> None:
        """Show some subtrees of the target only, or all of it again."""
        if tops == self.page:
            return
        self.page = tops
        self._canvas.take_scene()
        self.follow()
        rows = self._canvas.rows[Side.TARGET]
        for top in sorted(tops or ()):
            rows.reveal(top)
        self._shown(Side.TARGET)

    def paged(self, scene: Scene) -> Scene:
        """The scene with only the links of the page shown."""
        if self.page is None:
            return scene
        page = self.page
        kept = tuple(
            line
            for line in scene.drawing.lines
            if line.target in page or any(up in page for up in address.ancestors(line.target))
        )
        return replace(scene, drawing=Drawing(scene.drawing.loops, kept))

    def follow(self) -> bool:
        """Take over what the scene now lets through; tells whether rows may have changed."""
        canvas = self._canvas
        changed = False
        for side, rows in canvas.rows.items():
            limit = limit_of(self._views[side], canvas.scene, side, canvas.rows[Side.TARGET].shape)
            page = self.page if side is Side.TARGET else None
            changed = rows.set_limit(joined(limit, page)) or changed
        return changed

    def _shown(self, side: Side) -> None:
        canvas = self._canvas
        canvas.relink()
        view = canvas.views[side]
        row = view.selection.row
        if row >= 0:
            view.bring_into_view(row)
        canvas.unfolded.emit()

    # Filters

    def filter(self, side: Side, text: str) -> None:
        """Show what matches, and its parents; the trees of unexpanded types are searched bit by bit."""
        search = self._canvas.rows[side].start_filter(text)
        if search is None:
            self._searches.pop(side, None)
            self._filtered(side)
            return
        self._searches[side] = search.work()
        self._pump(side, search)

    def _pump(self, side: Side, search: Search) -> None:
        work = self._searches.get(side)
        if work is None:
            return
        if next(work, self) is self:
            del self._searches[side]
            self._canvas.rows[side].finish_filter(search)
            self._filtered(side)
        else:
            QTimer.singleShot(
                0, self, lambda: self._pump(side, search) if self._searches.get(side) is work else None
            )

    def _filtered(self, side: Side) -> None:
        canvas = self._canvas
        view, rows = canvas.views[side], canvas.rows[side]
        view.verticalScrollBar().setValue(0)
        canvas.relink()
        found = _("the first {n} matches").format(n=MOST_FOUND) if rows.cut_short else ""
        canvas.heads[side].show_found(found)
        row = view.selection.row
        if row >= 0 and rows.search is None:
            view.bring_into_view(row)
