"""The part of a run whose records are mapped by the column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily
from studio.engine.choosing import by_column
from studio.engine.further import FurtherSources
from studio.engine.items import Item
from studio.engine.judged import ByJudge
from studio.engine.live import Live
from studio.engine.plan import Lookup, Top
from studio.engine.run_settings import Turn
from studio.engine.sources import Batches, Source, Streamed

if TYPE_CHECKING:
    from studio.engine import columns, columns_tables
else:
    columns = Lazily("studio.engine.columns")
    columns_tables = Lazily("studio.engine.columns_tables")


class ByColumn(ByJudge):
    """What a run needs for that; `_further`, `_source`, `engine`, `_kept`, `_item` and `_judged` are the run's."""

    engine: str
    _further: FurtherSources | None
    _source: Source
    _kept: int
    _item: Callable[[object, Top], Item]
    _judged: Callable[[Item, Top, int], Iterator[str]]

    def _from_columns(
        self, top: Top, depth: int, otherwise: Callable[[], Iterator[str]]
    ) -> Iterator[str] | None:
        """The records of rows mapped by the column, where their values allow it; None where that is not done."""
        if not isinstance(self._source, Streamed) or top.chain in self._settings.taken:
            return None
        size = self._settings.size + (self._further.size if self._further is not None else 0)
        found = by_column(self._settings.engine, self.plan, top, self._world, self._judge, size)
        return self._columned(found, self._source, top, depth, otherwise) if found is not None else None

    def _columned(
        self,
        found: columns.ColumnMapper,
        source: Source,
        top: Top,
        depth: int,
        otherwise: Callable[[], Iterator[str]],
    ) -> Iterator[str]:
        self._kept, self.engine = 0, "columns"
        try:
            for made in found.made(source, self._report_part, self._joined_rows):
                if isinstance(made, columns.Unusual):
                    self.read += 1
                    yield from self._unusual(made, top, depth)
                    continue
                self.read += made.written + made.filtered
                self.filtered += made.filtered
                self._kept += made.written
                if made.text:
                    self.written += made.written - 1
                    yield made.text
                self._settings.progress.check()
        except columns.Unlike:
            self.engine = "interpret"
            yield from otherwise()

    def _joined_rows(self, lookup: Lookup) -> Source:
        assert self._further is not None
        return self._further.rows(lookup)

    def _unusual(self, made: columns.Unusual, top: Top, depth: int) -> Iterator[str]:
        """A row that the judge maps."""
        named = None if isinstance(self._source, Batches) else self._names(top)
        cells = dict(zip(named, (cell or None for cell in made.cells), strict=True)) if named else made.cells
        item = self._item(cells, top)
        if not made.number:
            yield from self._judged(item, top, depth)
            return
        # It is a turn, and its place is known.
        self._kept += 1
        self._world.record()
        live = Live(item, self._kept)
        yield from self._record([live], top, depth, Turn(made.number, (made.number + self._shift,)))

    def _names(self, top: Top) -> tuple[str, ...]:
        """The columns in use, in the order in which rows come from where they have names."""
        return columns_tables.sides(self.plan, top)[0].names

    def _report_part(self, part: float) -> None:
        """Tell how far the input is mapped."""
        settings = self._settings
        settings.progress.report(int(part * settings.size), settings.size or None, settings.name)
