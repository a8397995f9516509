"""What is noted at the rows of a map besides the map itself: breakpoints, where a run is held, what no sample tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.held import Breakpoint

if TYPE_CHECKING:
    from ui.canvas.row_look import Look


@dataclass(frozen=True)
class Notes:
    """`points` are breakpoints by target path, `held` the path where a run is held ("" none), `never` what the samples
    never showed at a target path, in sentences; None while nobody asked for that."""

    points: Mapping[str, tuple[Breakpoint, ...]] = field(default_factory=dict)
    held: str = ""
    never: Mapping[str, tuple[str, ...]] | None = None

    @cached_property
    def _above(self) -> frozenset[str]:
        """The target paths that have something below which was never tried."""
        return frozenset(each for path in self.never or () for each in address.ancestors(path))

    def mark(self, path: str) -> tuple[str, str, str] | None:
        """Icon, colour role and words of what stands at a target path: the run that is held, or breakpoints."""
        points = self.points.get(path, ())
        if path and path == self.held:
            return "arrow-fat-right-fill", "accent", _("the run is held here")
        return _point(points) if points else None

    def on(self, look: Look, path: str, *, expanded: bool) -> Look:
        """How a row of the target looks with what is noted at it."""
        points = self.points.get(path, ())
        if points:
            look = _with_points(look, points)
        if path and path == self.held:
            look = replace(look, gutter=("arrow-fat-right-fill", "accent"), framed=True)
            look = replace(look, state=_joined(look.state, _("the run is held here")))
        if self.never:
            look = self._with_never(look, path, expanded=expanded)
        return look

    def _with_never(self, look: Look, path: str, *, expanded: bool) -> Look:
        assert self.never is not None
        never = self.never.get(path, ())
        if never:
            mark = look.mark if look.tint else ("eye-slash", "text2")
            return replace(
                look,
                mark=mark,
                state=_joined(look.state, *never),
                hint="\n".join((*never, look.hint)).strip(),
            )
        if not expanded and look.mark is None and path in self._above:
            return replace(look, mark=("eye-slash", "text3"), hint=_("Something inside was never tried."))
        return look


def _with_points(look: Look, points: tuple[Breakpoint, ...]) -> Look:
    icon, tone, said = _point(points)
    return replace(look, gutter=(icon, tone), state=_joined(look.state, said))


def _point(points: tuple[Breakpoint, ...]) -> tuple[str, str, str]:
    off = all(point.off for point in points)
    some = any(point.when or point.number for point in points)
    icon = "circle" if off else "record-fill" if some else "circle-fill"
    said = _("breakpoint, off") if off else _("breakpoint with a condition") if some else _("breakpoint")
    return icon, "text3" if off else "accent", said


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
