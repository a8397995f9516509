"""Where in an object of the project something stands, as the one text that opening an object takes along."""

from __future__ import annotations

from dataclasses import dataclass

from studio.project.model import PROJECT
from studio.project.names import VARIABLES, Use
from ui.editors.base import Desk

_BETWEEN = "\t"


@dataclass(frozen=True)
class Spot:
    """From `start` to `end` in one text of the rule at `path`; a script has no path and the part `script`."""

    path: str
    part: str
    start: int
    end: int


def written(spot: Spot) -> str:
    """The spot as a text that `spot_of` reads."""
    return _BETWEEN.join((spot.path, spot.part, str(spot.start), str(spot.end)))


def spot_of(text: str) -> Spot | None:
    """The spot that a text tells, None where it tells none."""
    parts = text.split(_BETWEEN)
    if len(parts) != 4 or not (parts[2].isdigit() and parts[3].isdigit()):
        return None
    return Spot(parts[0], parts[1], int(parts[2]), int(parts[3]))


def open_use(desk: Desk, use: Use) -> None:
    """Bring the object in which a name stands to the front, and the name into sight."""
    if use.object == PROJECT and use.part == VARIABLES:
        desk.open(f"variables/{use.path}", "")
    elif use.at < 0:
        desk.open(use.object, use.path)
    else:
        desk.open(use.object, written(Spot(use.path, use.part, use.start, use.end)))
