"""What a new scene changes besides what its rows say: the rows themselves, the links, the overviews; a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ui.canvas.link_index import LinkIndex, Side
from ui.canvas.overview import marks_of, same_marks
from ui.canvas.shape import Shape

if TYPE_CHECKING:
    from ui.canvas.canvas import MappingCanvas


class CatchingUp:
    """Brings a canvas in step with the scene it shows. `linked` is the scene whose links are drawn."""

    def __init__(self, canvas: MappingCanvas) -> None:
        self._canvas = canvas
        self._work: Iterator[None] | None = None
        self._shapes: dict[Side, Callable[[], Shape]] = {}
        self.linked = self._marked = canvas.whole

    @property
    def going_on(self) -> bool:
        """Rows or links are still those of a scene before."""
        return self._work is not None

    def begin(self, shape: Callable[[], Shape], source: Callable[[], Shape]) -> None:
        """Another scene is shown: what was done for the one before is given up."""
        self._shapes = {Side.TARGET: shape, Side.SOURCE: source}
        self._work = self._steps()

    def steps(self) -> Iterator[None]:
        """Catch up little by little; pump it between events."""
        while self._work is not None:
            work = self._work
            if next(work, self) is self and work is self._work:
                self._work = None
            yield

    def catch_up(self) -> None:
        """Catch up at once."""
        for _step in self.steps():
            pass

    def take_shapes(self) -> bool:
        """Show the rows that the map adds now; tells whether there are others. The links are to be made anew then."""
        reshaped = False
        for side in tuple(self._shapes):
            reshaped = self._canvas.rows[side].reshape(self._shapes.pop(side)()) or reshaped
        return self._canvas.narrowing.follow() or reshaped

    def _steps(self) -> Iterator[None]:
        canvas = self._canvas
        for side, shape in self._shapes.items():
            found = shape()
            self._shapes[side] = lambda found=found: found  # type: ignore[misc]
            yield
        if self.take_shapes():
            canvas.relink()
        elif not canvas.whole.same_links(self.linked):
            yield from self._link()
        elif not same_marks(canvas.whole, self._marked):
            yield from self._mark()

    def _link(self) -> Iterator[None]:
        """The links between the same rows."""
        canvas, whole = self._canvas, self._canvas.whole
        index = LinkIndex(canvas.scene, canvas.rows[Side.SOURCE], canvas.rows[Side.TARGET], whole=False)
        for _step in index.steps:
            yield
            if self.linked is whole:
                # They were all made anew meanwhile: a row was folded, another page is shown.
                return
        same_loops = whole.drawing.loops == self.linked.drawing.loops
        self.linked = whole
        canvas.take_index(index)
        if not same_loops:
            canvas.show_loops()
        yield
        yield from self._mark()

    def _mark(self) -> Iterator[None]:
        canvas = self._canvas
        self._marked = canvas.whole
        for side in Side:
            canvas.overviews[side].follow(marks_of(canvas.scene, canvas.index, side))
            yield

    def linked_all(self) -> None:
        """All links were made anew."""
        self.linked = self._marked = self._canvas.whole
