"""One record of a sample through a plan, as evidence for the window; what was parsed is kept for the next edit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path

from studio.engine.formats.units import Broken
from studio.engine.interpret import Judge, Live, RuleFailed
from studio.engine.items import Item
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Target, Top
from studio.engine.skeleton import depth_of, writer_of
from studio.engine.sources import Source, open_input, open_source
from studio.engine.world import World
from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen
from studio.schema.path import Step
from studio.script.compile import compile_script
from studio.script.errors import ScriptError
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import exact_arithmetic

# Samples kept parsed, and the time (s) the counting of all loops over a sample may take before it is given up.
_SAMPLES = 4
_COUNTING = 2.0
# Of samples larger than this, in bytes, only so many records are read.
_LARGE = 24_000_000
_RECORDS = 2_000

Stamp = tuple[str, int, int, str, str]


class Previews:
    """Makes evidence; keep one for as long as previews are wanted."""

    def __init__(self) -> None:
        self._samples: dict[Stamp, Item] = {}
        self._counts: dict[tuple[object, ...], Mapping[str, LoopCount]] = {}

    def evidence(
        self, plan: Plan, sample: Path, record: int, variables: Mapping[str, Value] | None = None
    ) -> Evidence:
        """Record number `record` (from 1, brought into range) of `sample` through `plan`.

        Rules that fail are among the problems and give nothing. Raises BadInput for a sample that cannot be read.
        """
        stamp = _stamp(plan, sample)
        document = self._document(plan, sample, stamp)
        started = time.perf_counter()
        with exact_arithmetic():
            judge = _Focused(plan, _world(plan, variables), document, writer_of(plan.target).check)
            lives = judge.records()
            number = min(max(record, 1), max(len(lives), 1))
            judge.record = number
            outs = judge.make(plan.root)
            loops = self._loops(plan, stamp, document, variables)
        here = lives[number - 1].item if lives else None
        return Evidence(
            record=number,
            records=max(len(lives), 1),
            source=_source_values(plan, document, here),
            target=_target_values(outs),
            problems=tuple(dict.fromkeys(RuleProblem(f.path, f.reason) for f in judge.collected)),
            loops=loops,
            document=_text(plan, outs),
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

    def _loops(
        self, plan: Plan, stamp: Stamp, document: Item, variables: Mapping[str, Value] | None
    ) -> Mapping[str, LoopCount]:
        """The counts of every loop over the whole sample, counted again only when a loop has changed."""
        key = (stamp, tuple(sorted((variables or {}).items(), key=str)), tuple(_loop_key(plan.root)))
        if key not in self._counts:
            if len(self._counts) > 32:
                self._counts.clear()
            self._counts[key] = _Counting(plan, _world(plan, variables), document).all()
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


class _Focused(Judge):
    """A judge to whom the outermost loops have one turn each: the record looked at."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.record = 1
        self.collected: list[RuleFailed] = []
        self.collect = self.collected
        self._outermost = {id(top.target) for top in self.plan.tops}

    def records(self) -> list[Live]:
        """The turns of the first outermost loop: its candidates, whatever its condition says of them."""
        return self._turns(self.plan.tops[0].target) if self.plan.tops else []

    def _turns(self, target: Target) -> list[Live]:
        loop = target.loop
        assert loop is not None
        if loop.source is None or loop.group or loop.sort:
            return super().instances(target)[0]
        lives = self.candidates(loop)
        for number, live in enumerate(lives, start=1):
            live.number = number
        return lives

    def instances(self, target: Target) -> tuple[list[Live], int]:
        """One turn for an outermost loop, none where its condition leaves the record out."""
        if id(target) not in self._outermost:
            return super().instances(target)
        turns = self._turns(target)
        if not turns:
            return [], 0
        live = turns[min(self.record, len(turns)) - 1]
        loop = target.loop
        assert loop is not None
        if loop.source is None or loop.group or loop.sort:
            return [live], 0
        try:
            found = self.joined(loop, live)
            if loop.when is not None:
                found = [each for each in found if self.lets(loop.when, each)]
        except ScriptError as error:
            self.collected.append(RuleFailed(target.path, error.message))
            return [], 1
        return found, int(not found)


class _Counting(Judge):
    """A judge that only goes through the loops, its conditions compiled: a sample has many records."""

    def _run(self, expr: Expr) -> Value:
        if expr.script is None or expr.wrong is not None:
            return super()._run(expr)
        run = self._compiled.get(id(expr))
        if run is None:
            run = self._compiled[id(expr)] = compile_script(expr.script)
        return run(self.world)

    def all(self) -> Mapping[str, LoopCount]:
        """Candidates and instances per looping rule; empty where counting takes too long."""
        self.collect = []
        self.counts = {}
        self._compiled: dict[int, Callable[[Host], Value]] = {}
        self._end = time.monotonic() + _COUNTING
        try:
            with exact_arithmetic():
                self._through(self.plan.root)
        except TimeoutError:
            return {}
        return {path: LoopCount(*count) for path, count in self.counts.items()}

    def _through(self, target: Target) -> None:
        if target.loop is None:
            self._children(target)
            return
        assert self.counts is not None
        lives, _left_out = self.instances(target)
        self.counts.setdefault(target.path, [0, 0])[1] += len(lives)
        if not any(child.contains_loop for child in target.children):
            return
        for live in lives:
            if time.monotonic() > self._end:
                raise TimeoutError
            self.world.record()
            self.frames.append(live)
            try:
                self._children(target)
            finally:
                self.frames.pop()

    def _children(self, target: Target) -> None:
        for child in target.children:
            if child.contains_loop and (child.when is None or self.condition(child.when, child.path)):
                self._through(child)


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


def _loop_key(root: Target) -> Iterator[tuple[object, ...]]:
    """What the counts of the loops depend on."""
    for target in root.walk():
        if target.loop is not None:
            loop = target.loop
            texts = tuple(expr.text for expr in loop.exprs())
            yield target.path, _read_key(loop), texts, loop.first, loop.last, loop.adjacent, len(loop.sort)
        elif target.when is not None and target.contains_loop:
            yield target.path, target.when.text


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


def _target_values(outs: list[Out]) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for top in outs:
        for out in top.walk():
            path = out.target.path
            if not path:
                continue
            before = found.get(path)
            found[path] = Seen(before.text, before.count + 1) if before else Seen(out.text or "", 1)
    return found


def _text(plan: Plan, outs: list[Out]) -> str:
    """The record as it stands in the target document."""
    writer = writer_of(plan.target)
    if not plan.tops:
        return writer.document(outs[0].children[0]) if outs and outs[0].children else ""
    wanted = plan.tops[0].target
    depth = depth_of(plan.root, wanted, plan.target)
    found = [out for top in outs for out in top.walk() if out.target is wanted]
    return "".join(writer.record(out, depth) for out in found)
