"""The sizes a map can be looked at, and the step from one to the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

ZOOMS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


def stepped(zoom: float, by: int) -> float:
    """The next larger (`by` 1) or smaller (-1) size; the same at either end; the usual one for 0."""
    if by == 0:
        return 1.0
    at = bisect_right(ZOOMS, zoom) if by > 0 else bisect_left(ZOOMS, zoom) - 1
    return ZOOMS[max(0, min(len(ZOOMS) - 1, at))]


def known(zoom: object) -> float:
    """A size that was kept, brought into range; the usual one for what is no size."""
    if isinstance(zoom, bool) or not isinstance(zoom, (int, float)):
        return 1.0
    return min(max(float(zoom), ZOOMS[0]), ZOOMS[-1])
