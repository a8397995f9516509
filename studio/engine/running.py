"""One run of a plan over one input: which engine, record by record, counts and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast

from studio.base.errors import BadInput, Cancelled
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine import rows
from studio.engine.batches import Mapped
from studio.engine.choosing import mapper
from studio.engine.columns_run import ByColumn
from studio.engine.formats.units import Broken
from studio.engine.further import FurtherSources
from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed
from studio.engine.measures import Measures
from studio.engine.plan import Plan, Top
from studio.engine.run_settings import Counts, Settings, Turn
from studio.engine.runs import Runs, alike, sampled
from studio.engine.skeleton import Skeleton, depth_of, writer_of
from studio.engine.sources import Batches, Source, outside
from studio.engine.stopping import failed, stopped
from studio.engine.streams import Sink
from studio.engine.world import World
from studio.script.errors import ScriptError
from studio.script.values import exact_arithmetic

if TYPE_CHECKING:
    from studio.engine import arranging as arranged
else:
    arranged = Lazily("studio.engine.arranging")

_EVERY = 256
Fast = TypeVar("Fast", rows.Record, rows.Gathered)


class Run(ByColumn):
    """Runs a plan (see Telling for what it counts)."""

    def __init__(
        self, plan: Plan, source: Source, sink: Sink, world: World, settings: Settings,
        further: FurtherSources | None = None,
    ) -> None:  # fmt: skip
        super().__init__(plan, settings)
        self._further = further
        self.engine = "interpret"
        self.targets: Mapping[str, Counts] = {}
        self._source = source
        self._sink = sink
        self._world = world
        self._writer = writer_of(plan.target)
        self._judge = settings.judge(plan, world, self._document, self._writer.check)
        self._kept = 0
        self._skeleton = Skeleton(self._judge, plan.root, plan.tops, self._writer)

    def go(self) -> None:
        """Read, map and write everything. Raises BadInput, Cancelled."""
        self._read_outside()
        with exact_arithmetic():
            if self._further is not None:
                self._further.serve(self._world)
                self._further.begin(self._document, self._judge)
            try:
                if not self.plan.tops:
                    self._only_record()
                for number, top in enumerate(self.plan.tops):
                    if self._skeleton.reached(number):
                        self._loop(number, top)
                self._after()
            except RuleFailed as failure:
                raise stopped(self._settings.name, failure, None) from None

    def _read_outside(self) -> None:
        self.hold(outside(self.plan, self._source))

    def _only_record(self) -> None:
        """Without a loop the document is the record; where it fails there is nothing to write."""
        self.read = self.written = 1

    def _after(self) -> None:
        """What stands after the records; without a loop that is the whole document, the only record."""
        if self._settings.nulls and not self.plan.tops:
            self._judge.nulled = []
        self._sink.add(self._skeleton.after())
        self._tell_nulled(Turn(1))

    def part(self, top: Top, document: Item) -> int:
        """Write the records of one outermost loop alone, where the input is a part; `document` is what is outside.

        Gives how many nodes there were at the records' place.
        """
        self.hold(document)
        with exact_arithmetic():
            for text in self._records(top):
                self._sink.add(text)
                self.written += 1
        return self.read + self._shift

    def hold(self, document: Item) -> None:
        """Take what is read outside the records from `document`."""
        self._document = document
        self._judge.frames[0].item = document

    def _records(self, top: Top) -> Iterator[str]:
        """The texts of an outermost loop's records."""
        depth = depth_of(self.plan.root, top.target, self.plan.target)
        if self.plan.passes == "whole" or top.further:
            return self._from_memory(top, depth)
        if top.follows:
            runs = partial(self._from_runs, top, depth)
            return self._from_columns(top, depth, runs) or runs()
        if top.arranges:
            arranged = partial(self._arranged, top, depth)
            return self._from_columns(top, depth, arranged) or arranged()
        if top.gathers:
            return self._from_units(top, depth, self._fast(top, depth, rows.gathered_function))
        one_by_one = partial(self._one_by_one, top, depth)
        return self._from_columns(top, depth, one_by_one) or one_by_one()

    def _one_by_one(self, top: Top, depth: int) -> Iterator[str]:
        return self._from_batches(top, depth) or self._from_stream(
            top, depth, self._fast(top, depth, rows.record_function)
        )

    def _loop(self, number: int, top: Top) -> None:
        self._top, self._known = number, None
        self._shift = -self.read
        records = self._records(top)
        add = self._sink.add
        for text in records:
            self._skeleton.written(number)
            before = self._skeleton.before(number)
            add(before)
            # In a JSON array the first record has no comma before it.
            alone = self._writer.separates and before.rstrip().endswith("[")
            add(text.removeprefix(",") if alone else text)
            self.written += 1
            break
        for text in records:
            add(text)
            self.written += 1

    def _fast(self, top: Top, depth: int, make: Callable[..., Fast]) -> Fast | None:
        """The generated function for a loop's records; None where the judge has to do it."""
        if self._settings.engine == "interpret":
            return None
        try:
            fast = make(self.plan, top, depth, self._world, self._judge)
        except rows.Declined as declined:
            if self._settings.engine == "rows":
                raise BadInput(
                    _("The engine rows cannot run this map: {reason}.").format(reason=str(declined)),
                    next_step=_("Run it with the engine auto or interpret."),
                ) from None
            return None
        self.engine = "rows"
        measures = self._judge.timings
        return fast if measures is None else cast("Fast", partial(_measured, fast, measures))

    def _from_batches(self, top: Top, depth: int) -> Iterator[str] | None:
        """The records of a source that gives them by the hundred; None where that is not done."""
        if not isinstance(self._source, Batches) or top.chain in self._settings.taken:
            return None
        found = mapper(self._settings.engine, self.plan, top, depth, self._world, self._judge)
        return self._batched(found, self._source, top, depth) if found is not None else None

    def _batched(self, found: Mapped, source: Batches, top: Top, depth: int) -> Iterator[str]:
        self._kept, self.engine = 0, found.engine
        for made in found.made(source):
            self.engine = found.engine
            self._report()
            if isinstance(made, Broken):
                self.read += 1
                self._broken(made, top, self._here())
            elif made.whole:
                self.read += len(made.texts)
                self._kept += len(made.texts)
                self.written += len(made.texts) - 1
                yield "".join(cast("list[str]", made.texts))
            else:
                for row, text in zip(made.rows, made.texts, strict=True):
                    self.read += 1
                    again = text is rows.AGAIN
                    yield from (
                        self._judged(self._item(row, top), top, depth) if again else self._counted(text)
                    )

    def _counted(self, text: str | None) -> Iterator[str]:
        """The text of a record, of one that is filtered (None) or of what is no record (empty)."""
        if text:
            self._kept += 1
            yield text
        elif text is None:
            self.filtered += 1
        else:
            self._no_turn()

    def _from_stream(self, top: Top, depth: int, fast: rows.Record | None) -> Iterator[str]:
        loop = top.target.loop
        most = loop.first if loop is not None else None
        taken = self._settings.taken.get(top.chain)
        self._kept = 0
        for unit in self._source.units(top, fast is not None):
            self.read += 1
            if not self.read % _EVERY:
                self._report()
            if isinstance(unit, Broken):
                self._broken(unit, top, self._here())
            elif most is not None and self._kept >= most:
                self.filtered += 1
            elif (taken and self._elsewhere(self._here(), top)) or (text := _tried(fast, unit)) is rows.AGAIN:
                yield from self._judged(self._item(unit, top), top, depth)
            else:
                yield from self._counted(text)

    def _report(self) -> None:
        """Tell how far the input is read."""
        settings = self._settings
        settings.progress.report(self._source.taken, settings.size or None, settings.name)

    def _broken_unit(self, unit: Broken, top: Top) -> None:
        """One that would have held several records: they count as one."""
        self.read += 1
        first = self.read + self._shift
        count = 1 if unit.unit is None else len(self._inside(unit.unit, top))
        self._shift += count - 1
        self._broken(unit, top, Turn(self.read, tuple(range(first, first + count))))

    def _item(self, unit: object, top: Top) -> Item:
        return self._source.item(unit, top, self._document)

    def _from_units(self, top: Top, depth: int, fast: rows.Gathered | None) -> Iterator[str]:
        """The records of units that hold several."""
        self._kept = 0
        for number, unit in enumerate(self._source.units(top, fast is not None), start=1):
            if not number % _EVERY:
                self._report()
            if isinstance(unit, Broken):
                self._broken_unit(unit, top)
                continue
            try:
                found = fast(unit) if fast is not None else None
            except Cancelled:
                raise
            except Exception:  # the unit is not as generated code takes it to be: the judge does its records
                found = None
            yield from self._gathered(unit, found, top, depth)

    def _gathered(self, unit: object, found: list[str | None] | None, top: Top, depth: int) -> Iterator[str]:
        """The records of one unit: what generated code has `found`, the judge's where it has not."""
        loop = top.target.loop
        most = loop.first if loop is not None else None
        items = None
        if found is None:
            items = self._inside(unit, top)
            found = [rows.AGAIN] * len(items)
        taken = self._settings.taken.get(top.chain)
        for place, text in enumerate(found):
            self.read += 1
            if most is not None and self._kept >= most:
                self.filtered += 1
            elif text is rows.AGAIN or (taken and self._elsewhere(self._here(), top)):
                items = items or self._inside(unit, top)
                yield from self._judged(items[place], top, depth)
            else:
                yield from self._counted(text)

    def _inside(self, unit: object, top: Top) -> list[Item]:
        """The records of a unit, whatever the filter in the loop's path says of them."""
        loop = top.target.loop
        assert loop is not None
        assert loop.source is not None
        hops = loop.source.hops[len(top.unit.chain) :]
        return self._judge.down([self._item(unit, top)], (*hops[:-1], replace(hops[-1], filter=None)))

    def _judged(self, item: Item, top: Top, depth: int) -> Iterator[str]:
        loop = top.target.loop
        assert loop is not None
        assert loop.source is not None
        self._world.record()
        of_path = loop.source.hops[-1].filter
        try:
            if of_path is not None and not self._judge.holds(of_path, item):
                self._no_turn()
                return
            lives = self._let(loop, Live(item))
        except ScriptError as error:
            self._set_aside(failed(error, top), self._here())
            return
        if not lives:
            self.filtered += 1
            return
        for live in lives:
            self._kept += 1
            live.number = self._kept
        yield from self._record(lives, top, depth, self._here())

    def _from_runs(self, top: Top, depth: int) -> Iterator[str]:
        """One turn for each run of neighbours with the same keys."""
        runs, before, self._kept = Runs(self.plan, top, self._judge, self._item), self.read, 0
        few, pieces = alike(self._source, top, self.plan, runs.pick)
        fast = self._fast(top, depth, partial(rows.group_function, few=few))
        due = _EVERY
        for units in pieces:
            self.read += 1
            number = self.read + self._shift
            if number >= due:
                due = number + _EVERY
                self._report()
            if isinstance(units, Broken):
                self._broken(units, top, Turn(before + number, (number,)))
                continue
            try:
                goes_on = runs.goes_on(units[0])
            except ScriptError as error:
                for each in range(number, number + len(units)):
                    self._set_aside(failed(error, top), Turn(before + each, (each,)))
                self.read += len(units) - 1
                continue
            if goes_on:
                self._no_turn()
            elif runs.units:
                if (text := self._quick(runs, fast)) is not None:
                    yield text
                else:
                    yield from self._run(runs, before, top, depth)
            runs.take(units, number)
            self._shift += len(units) - 1
        if runs.units and (text := self._quick(runs, fast)) is not None:
            yield text
        elif runs.units:
            yield from self._run(runs, before, top, depth)

    def _quick(self, runs: Runs, fast: rows.Record | None) -> str | None:
        """The text of the run of neighbours at hand, which is done then; None where the judge has to make it."""
        text = _tried(fast, runs.units)
        if not text or text is rows.AGAIN:
            return None
        self._kept += 1
        runs.taken()
        return text

    def _run(self, runs: Runs, before: int, top: Top, depth: int) -> Iterator[str]:
        """The text of a run of neighbours, by the judge."""
        units, spans = runs.taken()
        self._kept += 1
        self._world.record()
        lives = self._judge.arranged([Live(self._item(unit, top)) for unit in units], top.target)
        lives[0].number = self._kept
        nodes = tuple(chain.from_iterable(spans))
        yield from self._record(lives, top, depth, Turn(before + nodes[0], nodes))

    # Records put in order

    def _arranged(self, top: Top, depth: int) -> Iterator[str]:
        """The turns of a loop that is grouped, sorted or cut at its end, kept on disk where they are many."""
        loop = top.target.loop
        assert loop is not None
        few, units = sampled(self._source.units(top), self.plan)
        make = partial(rows.group_function, few=few) if loop.group else rows.record_function
        fast = self._fast(top, depth, make)
        packing = arranged.Packing(self.plan, top, self._source, self._document)
        with closing(arranged.Arranging(top.target, self._judge, packing.item)) as arranging:
            for unit in units:
                self.read += 1
                if not self.read % _EVERY:
                    self._report()
                if isinstance(unit, Broken):
                    self._broken(unit, top, self._here())
                else:
                    self._take(unit, top, packing, arranging)
            self._kept = 0
            for nodes in arranging.turns():
                yield from self._turn(nodes, top, depth, fast, arranging)
            left = arranging.taken - arranging.total
            self.read, self.filtered = (
                (self.read - left, self.filtered) if loop.group else (self.read, self.filtered + left)
            )

    def _take(self, unit: object, top: Top, packing: arranged.Packing, arranging: arranged.Arranging) -> None:
        """Keep a record that is a turn, counted where it is none."""
        loop = top.target.loop
        assert loop is not None
        assert loop.source is not None
        values = packing.quick(unit)
        if values is not None:
            arranging.put(values, arranged.Node(unit, self.read, self.read + self._shift))
            return
        of_path = loop.source.hops[-1].filter
        item, packed = packing.packed(unit)
        self._world.record()
        try:
            if of_path is not None and not self._judge.holds(of_path, item):
                self._no_turn()
                return
        except ScriptError as error:
            raise RuleFailed(top.target.path, error.message, error.line, error.column) from error
        try:
            lives = self._let(loop, Live(item))
            for live in lives:
                arranging.take(live, arranged.Node(packed, self.read, self.read + self._shift))
        except ScriptError as error:
            self._set_aside(failed(error, top), self._here())
            return
        self.filtered += not lives

    def _turn(
        self,
        nodes: list[arranged.Node],
        top: Top,
        depth: int,
        fast: rows.Record | None,
        arranging: arranged.Arranging,
    ) -> Iterator[str]:
        """The text of a turn; more than one node is a group."""
        self._kept += 1
        if not self._kept % _EVERY:
            self._settings.progress.check()
        packed = [node.packed for node in nodes]
        text = _tried(fast, packed if arranging.groups else packed[0])
        if text and text is not rows.AGAIN:
            yield text
            return
        self._world.record()
        live = arranging.live(nodes)
        live.number = self._kept
        yield from self._record([live], top, depth, Turn(nodes[0].record, tuple(node.node for node in nodes)))


def _measured(
    fast: Callable[[object], str | list[str | None] | None], measures: Measures, unit: object
) -> object:
    """What generated code makes of a unit; of what it leaves to the judge only the judge's turn is measured."""
    measures.mark()
    try:
        found = fast(unit)
    except Exception:
        measures.take_back()
        raise
    again = rows.AGAIN in found if isinstance(found, list) else found is rows.AGAIN
    if again:
        measures.take_back()
    return None if again and isinstance(found, list) else found


def _tried(fast: rows.Record | None, unit: object) -> str | None:
    """What generated code makes of a record; AGAIN where the judge says what is wrong with it, or does it right."""
    try:
        return fast(unit) if fast is not None else rows.AGAIN
    except Cancelled:
        raise
    except Exception:
        return rows.AGAIN
