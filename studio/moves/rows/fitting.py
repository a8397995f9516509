"""Fixes seen at work on a whole source: rows whose values do not fit are held back, changed and doubtful ones counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from studio.base.records import dataclass
from studio.moves.rows.shape import Shaper
from studio.moves.rows.value_fix import Fix


@dataclass(frozen=True)
class Fixed:
    """How many values of a field a fix changed."""

    field: str
    fix: Fix
    rows: int


@dataclass(frozen=True)
class Doubt:
    """What was decided for some values of a field, in how many rows, and the first of these."""

    field: str
    text: str
    rows: int
    first: int
    example: str


class Fitting:
    """A watcher of the staging; `refuse` is told of each row with a value that is none in its column's format."""

    def __init__(self, shaper: Shaper, refuse: Callable[[int, str], object]) -> None:
        self._shaper = shaper
        self._refuse = refuse
        self._counts: dict[int, Counter[int]] = {at: Counter() for at in shaper.changes}
        self._doubts: dict[tuple[str, str], Doubt] = {}

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Look at rows numbered from `first`; those of another width than the header are held back elsewhere."""
        width = self._shaper.width
        for at, change in self._shaper.changes.items():
            place = self._shaper.picks[at]
            values = [row[place] if len(row) == width else "" for row in rows]
            self._counts[at] += change.counted(values)
            told = change.told(values)
            if told:
                for number, value in enumerate(values, first):
                    if value in told:
                        self._tell(number, at, value, told[value].reason, told[value].doubt)

    def _tell(self, row: int, at: int, value: str, reason: str, doubt: str) -> None:
        name = self._shaper.fields[at]
        if reason:
            self._refuse(row, f"{name}: {reason}")
        if doubt:
            known = self._doubts.get((name, doubt)) or Doubt(name, doubt, 0, row, value)
            self._doubts[name, doubt] = Doubt(name, doubt, known.rows + 1, known.first, known.example)

    @property
    def fixed(self) -> tuple[Fixed, ...]:
        """What each fix changed."""
        return tuple(
            Fixed(self._shaper.fields[at], fix, self._counts[at][place])
            for at, change in self._shaper.changes.items()
            for place, fix in enumerate(change.fixes)
        )

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What was decided."""
        return tuple(self._doubts.values())
