"""One record of a sample through a plan, as evidence for the window; what was parsed is kept for the next edit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar

from studio.base.errors import Cancelled
from studio.base.progress import Progress
from studio.engine.ahead import Ahead, Waited
from studio.engine.focused import Counting, Focused, Kept
from studio.engine.formats.units import Broken
from studio.engine.further import FurtherSources
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Target, Top
from studio.engine.skeleton import depth_of, writer_of
from studio.engine.source_values import joined_values, source_values
from studio.engine.sources import Source, open_input, open_source
from studio.engine.turns import InHand, first_failing, problems_of
from studio.engine.world import World
from studio.mapping.evidence import Evidence, LoopCount, Seen
from studio.script.errors import ScriptError
from studio.script.tree import Value
from studio.script.values import exact_arithmetic

# Samples kept parsed.
_SAMPLES = 4
# Records whose source values are kept: the one looked at and those beside it.
_SOURCES = 6
# Of samples larger than this, in bytes, only so many records are read.
LARGE = 24_000_000
_RECORDS = 2_000
# Of the documents that joins ask, so many rows are read.
_LOOKED_UP = 100_000

Stamp = tuple[str, int, int, str, str]
FocusedJudge = TypeVar("FocusedJudge", bound=Focused)


class Previews:
    """Makes evidence; keep one for as long as previews are wanted."""

    def __init__(self) -> None:
        self._samples: dict[Stamp, Item] = {}
        self._kept = Kept()
        self._sources: dict[tuple[object, ...], tuple[tuple[Item | None, ...], dict[str, Seen]]] = {}
        self._counts: dict[tuple[object, ...], Mapping[str, LoopCount]] = {}
        self._stack = contextlib.ExitStack()
        self._further: tuple[tuple[object, ...], FurtherSources, Item] | None = None

    def close(self) -> None:
        """Close the further documents that are still open."""
        self._further = None
        self._stack.close()

    def evidence(
        self,
        plan: Plan,
        sample: Path,
        record: int,
        variables: Mapping[str, Value] | None = None,
        further: Mapping[str, Path] | None = None,
        *,
        text: bool = True,
        turns: Mapping[str, int] | None = None,
    ) -> Evidence:
        """Record number `record` (from 1, brought into range) of `sample` through `plan`.

        `further` are samples of the further sources by their names; of large ones the first rows. `text` False leaves out
        the record's target document. `turns` are those to look at of the loops inside the record, by target path: the first
        ones, and where it is None those in which a rule fails first. Rules that fail are among the problems and give nothing. Raises BadInput for a
        sample that cannot be read.
        """
        stamp = _stamp(plan, sample)
        document, stamp = self._with_further(plan, self._document(plan, sample, stamp), further or {}, stamp)
        started = time.perf_counter()
        with exact_arithmetic():
            kept = self._kept.of(document, (dict(variables or {}), *_tables_key(plan)))
            judge = Focused(plan, self._world(plan, variables), document, writer_of(plan.target).check, kept)
            lives = judge.records()
            number = min(max(record, 1), max(len(lives), 1))
            judge.record = number
            outs = judge.make(plan.root)
            outs_of_all = [*outs, *(out for each in plan.outputs for out in judge.make(each.root))]
            loops = self._loops(plan, stamp, document, variables)
        here = lives[number - 1].item if lives else None
        wanted = first_failing(judge.collected) if turns is None else turns
        hand = InHand(outs_of_all, judge.outermost, wanted)
        return Evidence(
            record=number,
            records=max(len(lives), 1),
            source=_with_joined(plan, hand, self._source(plan, document, here, hand.items())),
            target=judge.values(outs_of_all, hand),
            problems=problems_of(judge.collected, hand),
            turns=hand.turns,
            loops=loops,
            document=_text(plan, outs) if text else "",
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def focused(
        self,
        plan: Plan,
        sample: Path,
        variables: Mapping[str, Value] | None,
        further: Mapping[str, Path] | None,
        kind: type[FocusedJudge],
    ) -> FocusedJudge:
        """A judge of `kind` over the sample, to look at its records one by one. Raises BadInput."""
        stamp = _stamp(plan, sample)
        document, _stamp_now = self._with_further(
            plan, self._document(plan, sample, stamp), further or {}, stamp
        )
        return kind(plan, self._world(plan, variables), document, writer_of(plan.target).check, Kept())

    def ahead(
        self,
        plan: Plan,
        sample: Path,
        record: int,
        variables: Mapping[str, Value] | None,
        waited: Callable[[], bool],
    ) -> bool:
        """Evaluate a record that may be asked for next, unless somebody waits meanwhile; whether there was time for it.

        It is for a sample that was looked at before; nothing is made of maps whose values cannot be kept.
        """
        document = self._samples.get(_stamp(plan, sample))
        if document is None or not plan.tops or plan.logs or plan.further or plan.lookups or self._kept.full:
            return True
        progress = Waited(waited)
        try:
            with exact_arithmetic():
                kept = self._kept.of(document, (dict(variables or {}), *_tables_key(plan)))
                world = self._world(plan, variables, progress)
                judge = Ahead(plan, world, document, writer_of(plan.target).check, kept)
                judge.record, judge.progress = record, progress
                lives = judge.records()
                if not 0 < record <= len(lives):
                    return True
                outs = judge.make(plan.root)
                progress.check()
                hand = InHand(outs, judge.outermost, {})
                judge.values(outs, hand)
                self._source(plan, document, lives[record - 1].item, hand.items())
        except (Cancelled, ScriptError, RecursionError):
            return not waited()
        return True

    def _with_further(
        self, plan: Plan, sample: Item, further: Mapping[str, Path], stamp: Stamp
    ) -> tuple[Item, Stamp]:
        """The sample with the further sources hung into it; they are read again when they or what joins ask changes."""
        if not (plan.further or plan.lookups):
            return sample, stamp
        key = (
            plan.further,
            plan.lookups,
            stamp,
            tuple(sorted((name, _stat(file)) for name, file in further.items())),
        )
        if self._further is None or self._further[0] != key:
            self._stack.close()
            sources = FurtherSources(plan, further, self._stack, most=_LOOKED_UP)
            document = Item("")
            document.children = dict(sample.children)
            with exact_arithmetic():
                sources.begin(document, Judge(plan, World(plan.tables), document))
            self._further = key, sources, document
        return self._further[2], (*stamp[:4], f"{stamp[4]} {key[3]}")

    def _world(
        self, plan: Plan, variables: Mapping[str, Value] | None, progress: Progress | None = None
    ) -> World:
        world = World(plan.tables, dict(variables or {}), progress=progress)
        if (plan.further or plan.lookups) and self._further is not None:
            self._further[1].serve(world)
        return world

    def _document(self, plan: Plan, sample: Path, stamp: Stamp) -> Item:
        found = self._samples.pop(stamp, None)
        if found is None:
            with open_input(sample) as stream:
                source = open_source(plan, stream, sample.name, whole=True)
                large = stamp[2] > LARGE and plan.tops and plan.tops[0].streams
                found = _beginning(source, plan.tops[0]) if large else source.document(None)
        self._samples[stamp] = found
        while len(self._samples) > _SAMPLES:
            self._samples.pop(next(iter(self._samples)))
        return found

    def _source(self, plan: Plan, document: Item, here: Item | None, turns: list[Item]) -> dict[str, Seen]:
        """What the record holds, of loops the nodes of the turns; kept, since edits of the map change nothing of it."""
        items = (document, here, *turns)
        key = (*map(id, items), bool(plan.source.root), *plan.kinds)
        known = self._sources.pop(key, None)
        if known is None:
            # All are held, so that their ids stay their own.
            known = items, source_values(plan, document, here, turns)
            while len(self._sources) >= _SOURCES:
                self._sources.pop(next(iter(self._sources)))
        self._sources[key] = known
        return known[1]

    def _loops(
        self, plan: Plan, stamp: Stamp, document: Item, variables: Mapping[str, Value] | None
    ) -> Mapping[str, LoopCount]:
        """The counts of every loop over the whole sample, counted again only when a loop has changed."""
        key = (stamp, tuple(sorted((variables or {}).items(), key=str)), tuple(_loop_key(plan.root)))
        if key not in self._counts:
            if len(self._counts) > 32:
                self._counts.clear()
            self._counts[key] = Counting(plan, self._world(plan, variables), document).all()
        return self._counts[key]


def _beginning(source: Source, top: Top) -> Item:
    """The first records of a large sample, without what stands around them."""
    document = Item("")
    for unit in islice(source.units(top), _RECORDS):
        if not isinstance(unit, Broken):
            item = source.item(unit, top, document, whole=True)
            if item.parent is not None:
                item.parent.children.setdefault(item.key, []).append(item)
    return document


def _with_joined(plan: Plan, hand: InHand, found: dict[str, Seen]) -> dict[str, Seen]:
    """What the record holds, and what the rows joined to it do."""
    return {**joined_values(plan, hand.rows()), **found} if plan.lookups else found


def _stamp(plan: Plan, sample: Path) -> Stamp:
    source = plan.source
    return (
        *_stat(sample),
        source.format,
        f"{source.root} {sorted(source.facts.items())}",
    )


def _stat(file: Path) -> tuple[str, int, int]:
    """A file's name, the time of its last change and its size."""
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, -1
    return str(file), found.st_mtime_ns, found.st_size


def _loop_key(target: Target) -> Iterator[tuple[object, ...]]:
    """What the counts of the loops depend on."""
    if not target.contains_loop:
        return
    if target.loop is not None:
        loop = target.loop
        texts = tuple(expr.text for expr in loop.exprs())
        yield target.path, _read_key(loop), texts, loop.first, loop.last, loop.adjacent, len(loop.sort)
    elif target.when is not None:
        yield target.path, target.when.text
    for child in target.children:
        yield from _loop_key(child)


def _tables_key(plan: Plan) -> tuple[object, ...]:
    """What tells that value tables have changed."""
    if not plan.tables:
        return ()
    return id(plan.tables), getattr(plan.tables, "stamp", None)


def _read_key(loop: object) -> str:
    source = getattr(loop, "source", None)
    if source is None:
        return ""
    filters = [hop.filter.text if isinstance(hop.filter, Expr) else "" for hop in source.hops]
    return f"{source.level} {source.up} {source.chain} {[hop.index for hop in source.hops]} {filters}"


def _text(plan: Plan, outs: list[Out]) -> str:
    """The record as it stands in the target document."""
    writer = writer_of(plan.target)
    if not plan.tops:
        return writer.document(outs[0].children[0]) if outs and outs[0].children else ""
    wanted = plan.tops[0].target
    depth = depth_of(plan.root, wanted, plan.target)
    found = [out for top in outs for out in top.walk() if out.target is wanted]
    return "".join(writer.record(out, depth) for out in found)
