"""One record of a sample through a plan, as evidence for the window; what was parsed is kept for the next edit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path

from studio.engine.focused import Counting, Focused, Kept
from studio.engine.formats.units import Broken
from studio.engine.items import Item
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Target, Top
from studio.engine.skeleton import depth_of, writer_of
from studio.engine.sources import Source, open_input, open_source
from studio.engine.world import World
from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen
from studio.schema.path import Step
from studio.script.tree import Value
from studio.script.values import exact_arithmetic

# Samples kept parsed.
_SAMPLES = 4
# Of samples larger than this, in bytes, only so many records are read.
_LARGE = 24_000_000
_RECORDS = 2_000

Stamp = tuple[str, int, int, str, str]


class Previews:
    """Makes evidence; keep one for as long as previews are wanted."""

    def __init__(self) -> None:
        self._samples: dict[Stamp, Item] = {}
        self._kept = Kept()
        self._sources: tuple[Item, Item | None, bool, dict[str, Seen]] | None = None
        self._counts: dict[tuple[object, ...], Mapping[str, LoopCount]] = {}

    def evidence(
        self,
        plan: Plan,
        sample: Path,
        record: int,
        variables: Mapping[str, Value] | None = None,
        *,
        text: bool = True,
    ) -> Evidence:
        """Record number `record` (from 1, brought into range) of `sample` through `plan`.

        `text` False leaves out the record's target document. Rules that fail are among the problems and give nothing. Raises BadInput for a sample that cannot be read.
        """
        stamp = _stamp(plan, sample)
        document = self._document(plan, sample, stamp)
        started = time.perf_counter()
        with exact_arithmetic():
            kept = self._kept.of(document, (dict(variables or {}), *_tables_key(plan)))
            judge = Focused(plan, _world(plan, variables), document, writer_of(plan.target).check, kept)
            lives = judge.records()
            number = min(max(record, 1), max(len(lives), 1))
            judge.record = number
            outs = judge.make(plan.root)
            loops = self._loops(plan, stamp, document, variables)
        here = lives[number - 1].item if lives else None
        return Evidence(
            record=number,
            records=max(len(lives), 1),
            source=self._source(plan, document, here),
            target=judge.values(outs),
            problems=tuple(dict.fromkeys(RuleProblem(f.path, f.reason) for f in judge.collected)),
            loops=loops,
            document=_text(plan, outs) if text else "",
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def _document(self, plan: Plan, sample: Path, stamp: Stamp) -> Item:
        found = self._samples.pop(stamp, None)
        if found is None:
            with open_input(sample) as stream:
                source = open_source(plan, stream, sample.name, whole=True)
                large = stamp[2] > _LARGE and plan.tops and plan.tops[0].streams
                found = _beginning(source, plan.tops[0]) if large else source.document(None)
        self._samples[stamp] = found
        while len(self._samples) > _SAMPLES:
            self._samples.pop(next(iter(self._samples)))
        return found

    def _source(self, plan: Plan, document: Item, here: Item | None) -> dict[str, Seen]:
        """What the record holds; kept, since edits of the map change nothing of it."""
        known, rooted = self._sources, bool(plan.source.root)
        if known is None or known[0] is not document or known[1] is not here or known[2] != rooted:
            known = self._sources = document, here, rooted, _source_values(plan, document, here)
        return known[3]

    def _loops(
        self, plan: Plan, stamp: Stamp, document: Item, variables: Mapping[str, Value] | None
    ) -> Mapping[str, LoopCount]:
        """The counts of every loop over the whole sample, counted again only when a loop has changed."""
        key = (stamp, tuple(sorted((variables or {}).items(), key=str)), tuple(_loop_key(plan.root)))
        if key not in self._counts:
            if len(self._counts) > 32:
                self._counts.clear()
            self._counts[key] = Counting(plan, _world(plan, variables), document).all()
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


def _world(plan: Plan, variables: Mapping[str, Value] | None) -> World:
    return World(plan.tables, dict(variables or {}))


def _stamp(plan: Plan, sample: Path) -> Stamp:
    try:
        found = sample.stat()
    except OSError:
        return str(sample), 0, -1, "", ""
    source = plan.source
    return (
        str(sample),
        found.st_mtime_ns,
        found.st_size,
        source.format,
        f"{source.root} {sorted(source.facts.items())}",
    )


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


def _source_values(plan: Plan, document: Item, record: Item | None) -> dict[str, Seen]:
    """What the source nodes hold in the record and around it, by address; other records are not looked at."""
    on_the_way: dict[int, Item] = {}
    here = record
    while here is not None and here.parent is not None:
        on_the_way[id(here.parent)] = here
        here = here.parent
    found: dict[str, Seen] = {}
    lead = "" if plan.source.root else "/"
    waiting: list[tuple[Item, str]] = [(document, "")]
    while waiting:
        item, path = waiting.pop()
        chosen = on_the_way.get(id(item))
        for key, items in item.children.items():
            if not items:
                continue  # an array without entries
            if key == "" and path == "":
                waiting += [(each, "") for each in items]
                continue
            below = f"{path}/{_step(key)}" if path else lead + _step(key)
            shown = [chosen] if chosen is not None and chosen.key == key else items
            before = found.get(below)
            text = before.text if before else _shown_text(shown[0])
            found[below] = Seen(text, len(shown) + (before.count if before else 0))
            # The first instance is to be seen first: the stack is emptied from its end.
            waiting += [(each, below) for each in reversed(shown)]
    return found


def _shown_text(item: Item) -> str:
    """The item's own text; the white space between the nodes of a container is not a value."""
    text = item.text or ""
    return "" if item.children and not text.strip() else text


@lru_cache(maxsize=20_000)
def _step(key: str) -> str:
    attribute = key.startswith("@")
    name = key.removeprefix("@")
    return str(Step(name.rpartition("}")[2], attribute))


def _text(plan: Plan, outs: list[Out]) -> str:
    """The record as it stands in the target document."""
    writer = writer_of(plan.target)
    if not plan.tops:
        return writer.document(outs[0].children[0]) if outs and outs[0].children else ""
    wanted = plan.tops[0].target
    depth = depth_of(plan.root, wanted, plan.target)
    found = [out for top in outs for out in top.walk() if out.target is wanted]
    return "".join(writer.record(out, depth) for out in found)
