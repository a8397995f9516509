"""Which rows of a tree are selected, and which is the current one; kept by key, so that folding loses nothing."""

from __future__ import annotations

from ui.canvas.rows import Rows


class Selection:
    """Selected and current rows of one tree."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.selected: set[str] = set()
        self.current: str = ""
        self._anchor: str = ""
        self._has_current = False

    @property
    def row(self) -> int:
        """The current row, -1 when none is or it is hidden."""
        return self._rows.index(self.current) if self._has_current else -1

    def rows(self) -> list[int]:
        """The selected visible rows from top to bottom."""
        found = (self._rows.index(key) for key in self.selected)
        return sorted(row for row in found if row >= 0)

    def paths(self) -> tuple[str, ...]:
        """The addresses of the selected rows from top to bottom."""
        return tuple(self._rows[row].path for row in self.rows())

    def choose(self, row: int) -> None:
        """Only this row; -1 none."""
        self._has_current = row >= 0
        self.current = self._rows[row].key if row >= 0 else ""
        self._anchor = self.current
        self.selected = {self.current} if row >= 0 else set()

    def toggle(self, row: int) -> None:
        """This row too, or no longer."""
        key = self._rows[row].key
        self.selected ^= {key}
        self.current = self._anchor = key
        self._has_current = True

    def extend(self, row: int) -> None:
        """From where the selection began to this row."""
        start = self._rows.index(self._anchor) if self._has_current else -1
        if start < 0:
            self.choose(row)
            return
        first, last = sorted((start, row))
        self.selected = {self._rows[each].key for each in range(first, last + 1)}
        self.current = self._rows[row].key

    def all_siblings(self) -> None:
        """Every row beside the current one."""
        at = self.row
        if at < 0:
            return
        depth = self._rows[at].depth
        parent = self._rows.parent(at)
        end = self._rows.extent(parent) if parent >= 0 else len(self._rows)
        inside = range(parent + 1, end)
        self.selected = {self._rows[each].key for each in inside if self._rows[each].depth == depth}

    def keep_visible(self) -> None:
        """Rows folded away are no longer selected; the nearest row above takes the current one's place.

        What a filter hides is only out of sight.
        """
        if self._rows.narrowed:
            return
        self.selected = {key for key in self.selected if self._rows.index(key) >= 0}
        if self._has_current and self._rows.index(self.current) < 0:
            row = self._rows.nearest(self.current.partition("#")[0].removeprefix("?"))[0]
            self.choose(row)
