"""Records that are read and mapped by the hundred: what generated code makes of each batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, Protocol

from studio.base.records import dataclass
from studio.engine import rows
from studio.engine.formats.delimited_read import Batch, few_texts
from studio.engine.formats.units import Broken
from studio.engine.interpret import Judge
from studio.engine.plan import Plan, Top
from studio.engine.sources import Batches
from studio.engine.world import World

SAMPLE = 200  # rows that show which columns have few different texts
_UNKNOWN = "".join(map(chr, range(128)))
"""In place of a line that is not at hand: it holds whatever may be looked for."""


@dataclass(frozen=True)
class Made:
    """The rows of a batch and what each gave (see rows.Record); `whole` says that all of that is text."""

    rows: Sequence[Any]
    texts: list[str | None]
    whole: bool


class Mapped(Protocol):
    """Maps the rows of an outermost loop; `engine` is the one that does, or did the last of them."""

    engine: str

    def made(self, source: Batches) -> Iterator[Made | Broken]:
        """What is made of the source's rows, in their order."""


class Mapper:
    """Maps the rows of an outermost loop; raises rows.Declined when it is made where that is not to be done."""

    engine = "rows"

    def __init__(self, plan: Plan, top: Top, depth: int, world: World, judge: Judge) -> None:
        self._given = (plan, top, depth, world, judge)
        self._columns = plan.source.columns
        self._fast = rows.batch_function(*self._given)
        self._sampled = False

    def made(self, source: Batches) -> Iterator[Made | Broken]:
        """What is made of the source's rows, in their order."""
        for batch in source.batches():
            yield batch if isinstance(batch, Broken) else self._mapped(batch)

    def _mapped(self, batch: Batch) -> Made:
        if not self._sampled and len(batch.rows) >= SAMPLE:
            self._sampled = True
            self._fast = rows.batch_function(*self._given, few_texts(batch.rows, self._columns))
        return Made(batch.rows, *self._fast(batch.rows, batch.lines or repeat(_UNKNOWN)))
