"""Runs of neighbouring records with the same keys, gathered as they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any

from studio.engine.batches import SAMPLE
from studio.engine.formats.delimited_read import Batch, few_texts
from studio.engine.formats.units import Broken
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.live import Live, group_key
from studio.engine.plan import Expr, Plan, Top
from studio.engine.sources import Batches, Source
from studio.schema.model import Base
from studio.script.values import typed

Keys = tuple[object, ...]
Texts = str | tuple[str, ...]
"""What a row's keys are written as: one text, or a tuple of several."""
_NUMBERS = (Base.INTEGER, Base.DECIMAL)
_LONG = 19  # digits; a key of fewer is compared by its digits
_EACH = 20  # what a group has once stands on each of its rows


def sampled(units: Iterable[Any], plan: Plan) -> tuple[frozenset[str], Iterator[Any]]:
    """The columns of delimited rows that have few different texts among the first ones; the units, those included."""
    coming = iter(units)
    first = list(islice(coming, SAMPLE)) if plan.source.format == "delimited" else []
    rows = [unit for unit in first if not isinstance(unit, Broken)]
    few = few_texts(rows, plan.source.columns, _EACH) if len(rows) >= SAMPLE // 2 else frozenset[str]()
    return few, chain(first, coming)


def alike(
    source: Source, top: Top, plan: Plan, pick: Callable[[Any], Texts] | None
) -> tuple[frozenset[str], Iterator[list[Any] | Broken]]:
    """The units of an outermost loop, those that follow each other with the same texts by `pick` together as far as
    they were read together; the columns that have few different texts."""
    if pick is None or not isinstance(source, Batches):
        few, units = sampled(source.units(top), plan)
        return few, (unit if isinstance(unit, Broken) else [unit] for unit in units)
    coming = iter(source.batches())
    first: list[Batch | Broken] = []
    rows: list[Any] = []
    while len(rows) < SAMPLE and (batch := next(coming, None)) is not None:
        first.append(batch)
        rows += () if isinstance(batch, Broken) else batch.rows
    known = len(rows) >= SAMPLE // 2
    few = few_texts(rows[:SAMPLE], plan.source.columns, _EACH) if known else frozenset[str]()
    return few, _alike(chain(first, coming), pick)


def _alike(batches: Iterable[Batch | Broken], pick: Callable[[Any], Texts]) -> Iterator[list[Any] | Broken]:
    for batch in batches:
        if isinstance(batch, Broken):
            yield batch
        else:
            for _texts, rows in groupby(batch.rows, pick):
                yield list(rows)


def plain_cells(plan: Plan, exprs: Iterable[Expr]) -> list[tuple[int, Base]] | None:
    """The places of the cells that scripts are, with their types; None where they are anything else."""
    if plan.source.format != "delimited":
        return None
    reads = [expr.carried for expr in exprs]
    places = {name: place for place, name in enumerate(plan.source.columns)}
    found = [
        (places[read.hops[0].key], read.base)
        for read in reads
        if read is not None
        and len(read.hops) == 1
        and read.hops[0].filter is None
        and not read.array
        and not read.members
        and not read.outside
        and read.holds_text
    ]
    return found if len(found) == len(reads) else None


class Runs:
    """Gathers one run after the other: ask whether the next unit goes on with the run at hand, then take it."""

    def __init__(self, plan: Plan, top: Top, judge: Judge, item: Callable[[object, Top], Item]) -> None:
        loop = top.target.loop
        assert loop is not None
        self.units: list[Any] = []
        self._group = loop.group or ()
        self._top = top
        self._judge = judge
        self._item = item
        self._numbers: list[range] = []
        # None while nobody had to know them: texts that are the only way to write their keys are compared instead.
        self._keys: Keys | None = ()
        self._next: Keys | None = ()
        self._only = self._next_only = False
        self._texts: Texts | None = None
        self._cells = plain_cells(plan, self._group)
        # The texts that the keys are, taken from a row at once: one text, or a tuple of several.
        pick = itemgetter(*[place for place, _base in self._cells]) if self._cells else None
        self.pick: Callable[[Any], Texts] | None = pick

    def goes_on(self, unit: Any) -> bool:
        """Whether a unit has the keys of the run at hand. Raises ScriptError where it has none."""
        texts = self.pick(unit) if self.pick is not None else None
        if texts is not None and self.units and texts == self._texts:
            self._next, self._next_only = self._keys, self._only
            return True
        only = texts is not None and self._is_only_way(texts)
        if only and (self._only or not self.units):
            self._next, self._next_only, self._texts = None, True, texts
            return False
        if self._keys is None and self.units:
            self._keys = self._keys_of(None, self._texts)
        self._next = self._keys_of(unit, texts)
        self._next_only = only
        self._texts = texts
        return bool(self.units) and self._next == self._keys

    def _is_only_way(self, texts: Texts) -> bool:
        """No other texts have the same keys."""
        pairs = zip((texts,) if isinstance(texts, str) else texts, self._cells or (), strict=True)
        for text, (_place, base) in pairs:
            if base is not Base.TEXT:
                plain = base in _NUMBERS and text.isdecimal() and text.isascii() and len(text) < _LONG
                if not plain or text[0] == "0":
                    return False
            elif not text:
                return False
        return True

    def _keys_of(self, unit: Any, texts: Texts | None) -> Keys:
        if texts is None or self._cells is None:
            live = Live(self._item(unit, self._top))
            self._judge.world.record()
            return tuple(group_key(self._judge.of(expr, live)) for expr in self._group)
        pairs = zip((texts,) if isinstance(texts, str) else texts, self._cells, strict=True)
        return tuple(group_key(typed(text or None, base)) for text, (_place, base) in pairs)

    def take(self, units: list[Any], number: int) -> None:
        """Add the unit that was asked about last, and those after it that are written alike; `number` is its own."""
        self._keys, self._only = self._next, self._next_only
        if self.units:
            self.units += units
        else:
            self.units = units
        self._numbers.append(range(number, number + len(units)))

    def taken(self) -> tuple[list[Any], list[range]]:
        """The units of the run at hand and their numbers; the next run begins."""
        found = self.units, self._numbers
        self.units, self._numbers = [], []
        return found
