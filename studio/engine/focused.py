"""Judges for the preview: one looks at a single record and keeps what an edit cannot have changed, one counts loops."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from studio.engine.effects import stays
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.lexical import Writer
from studio.engine.live import Live, RuleFailed
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Read, Target
from studio.engine.quick_reads import Reader, reader_of
from studio.engine.replay import Trace, Watched
from studio.engine.turns import InHand
from studio.engine.world import World
from studio.mapping.evidence import LoopCount, Seen
from studio.script.compile import compile_script
from studio.script.errors import ScriptError
from studio.script.host import Host
from studio.script.tree import Path, Value
from studio.script.values import exact_arithmetic

# The time (s) the counting of all loops over a sample may take before it is given up.
_COUNTING = 2.0
# Nodes whose values are kept.
_MOST_KEPT = 100_000


@dataclass(frozen=True)
class Given:
    """The instances a target node gave, what failed meanwhile and what became of the globals.

    Node and frame are held: their ids are the key.
    """

    target: Target
    live: Live
    outs: list[Out]
    failed: tuple[RuleFailed, ...]
    trace: Trace


class Values(NamedTuple):
    """What instances hold: text and number by path, how many more are in turns not looked at; `key` tells the turns."""

    key: tuple[object, ...]
    found: dict[str, Seen]
    more: dict[str, int]


class Learned:
    """What judges know of scripts they have met: their paths and, where these are plain, what reads them."""

    def __init__(self) -> None:
        self.exprs: dict[int, Expr] = {}  # held, so that the ids of their paths stay their own
        self.reads: dict[int, Read] = {}
        self.readers: dict[int, Reader | None] = {}

    def add(self, expr: Expr) -> None:
        """A script is met."""
        if len(self.exprs) > _MOST_KEPT:
            self.exprs.clear()
            self.reads.clear()
            self.readers.clear()
        self.exprs[id(expr)] = expr
        for path, read in expr.reads:
            self.reads[id(path)] = read
            self.readers[id(path)] = reader_of(read)


class Kept:
    """What nodes gave for one document and its variables: another plan's nodes are the same where no edit was.

    `groups` are the instances in `given` by the first of them (the others have an empty one there), `values` what those
    of a group hold with all below.
    """

    def __init__(self) -> None:
        self.document: Item | None = None
        self.variables: object = None
        self.given: dict[tuple[int, ...], Given] = {}
        self.values: dict[int, Values] = {}
        self.groups: dict[int, list[Out]] = {}
        self.learned = Learned()

    @property
    def full(self) -> bool:
        """There is no more room for what nobody has asked for."""
        return len(self.given) > _MOST_KEPT // 2

    def of(self, document: Item, variables: object) -> Kept:
        """It, emptied where it is of something else, or has grown too large."""
        if self.document is not document or self.variables != variables or len(self.given) > _MOST_KEPT:
            self.document, self.variables = document, variables
            self.given.clear()
            self.values.clear()
            self.groups.clear()
        return self


class _Learning(Judge):
    """A judge that looks things up when it comes to them: it is made for every edit, and most are never asked for."""

    def _prepare(self) -> None:
        self._use(Learned())

    def _use(self, learned: Learned) -> None:
        self._learned = learned
        self._reads = learned.reads

    def read(self, path: Path) -> Value:
        """The value of a path of a script that is met."""
        reader = self._learned.readers[id(path)]
        if reader is None or self.noticed is not None:
            return self.value(self._reads[id(path)])
        return reader(self.frames)

    def _run(self, expr: Expr) -> Value:
        if id(expr) not in self._learned.exprs:
            self._learned.add(expr)
        return super()._run(expr)

    def writer(self, target: Target) -> Writer:
        """What makes text of a target's values."""
        found = self._writers.get(id(target))
        if found is None:
            found = self._writers[id(target)] = self._make(target)
        return found


class Focused(_Learning):
    """A judge to whom the outermost loops have one turn each: the record looked at.

    What a node gives is taken from `kept` where its scripts can only give the same again.
    """

    def __init__(
        self, plan: Plan, world: World, document: Item, check: Callable[[str], object], kept: Kept
    ) -> None:
        super().__init__(plan, world, document, check)
        self._use(kept.learned)
        world.reader = self.read
        self.record = 1
        self.collected: list[RuleFailed] = []
        self.collect = self.collected
        # Further targets show what the same record gives them, as far as they loop over as many.
        tops = (*plan.tops, *(top for each in plan.outputs for top in each.tops))
        self.outermost = {id(top.target) for top in tops}
        self._turns_at_hand: list[tuple[str, int]] = []
        self._kept = kept
        self._keeps = not (plan.logs or self._steers or plan.further or plan.lookups)
        self._watched = Watched(world.variables)
        if self._keeps:
            self.world.variables = self._watched

    def make(self, target: Target) -> list[Out]:
        """The instances of a target node: those of the last preview where they cannot be others."""
        live = self.frames[-1]
        if len(self.frames) > 2 or not self._keeps or live.each or not stays(target):
            return super().make(target)
        number = live.number if len(self.frames) > 1 else self.record
        key = (id(target), id(live.item), number, *(id(each.item) for each in live.members))
        found = self._kept.given.get(key)
        if found is not None and self._watched.again(found.trace):
            self.collected += found.failed
            return found.outs
        kept = self._kept
        for out in found.outs if found is not None else ():
            kept.groups.pop(id(out), None)  # it may go, and its id to another one
            kept.values.pop(id(out), None)
        found = kept.given[key] = self._given(target, live)
        kept.groups.update({id(out): [] for out in found.outs[1:]})
        if found.outs:
            kept.groups[id(found.outs[0])] = found.outs
        return found.outs

    def within(self, live: Live, target: Target) -> list[Out]:
        """The instances of a turn, which is noted at them."""
        outermost = id(target) in self.outermost
        if not outermost:
            self._turns_at_hand.append((target.path, live.number))
        try:
            outs = super().within(live, target)
        finally:
            if not outermost:
                self._turns_at_hand.pop()
        for out in outs:
            out.live = live
        return outs

    def _fail(self, failure: RuleFailed) -> None:
        failure.turns = tuple(self._turns_at_hand)
        super()._fail(failure)

    def _given(self, target: Target, live: Live) -> Given:
        """What a node gives now, with a note of what its scripts do to the globals."""
        before = len(self.collected)
        outer = self._watched.begin()
        outs = super().make(target)
        return Given(target, live, outs, tuple(self.collected[before:]), self._watched.end(outer))

    def values(self, outs: list[Out], hand: InHand) -> dict[str, Seen]:
        """The first text in the turns looked at, and the number of instances, by target path."""
        made = Values(hand.key, {}, {})
        for out in outs:
            self._collect(out, made, hand, shown=True)
        found, more = made.found, made.more
        for path in more.keys() & found.keys():
            found[path] = Seen(found[path].text, found[path].count + more[path])
        return found

    def _collect(self, out: Out, into: Values, hand: InHand, *, shown: bool) -> None:
        group = self._kept.groups.get(id(out)) if self._keeps and shown else None
        if group is None:
            self._collect_one(out, into, hand, shown=shown)
        elif group:
            self._add(self._values_of(group, hand), into)

    def _values_of(self, group: list[Out], hand: InHand) -> Values:
        """What the instances of a node hold, kept for the same turns."""
        first = group[0]
        key = hand.key if first.target.contains_loop else ()
        known = self._kept.values.get(id(first))
        if known is None or known.key != key:
            known = self._kept.values[id(first)] = Values(key, {}, {})
            for each in group:
                self._collect_one(each, known, hand, shown=True)
        return known

    def _collect_one(self, out: Out, into: Values, hand: InHand, *, shown: bool) -> None:
        shown = shown and hand.shows(out)
        path = out.target.path
        if path and shown:
            _count(into.found, path, out.text or "", 1)
        elif path:
            into.more[path] = into.more.get(path, 0) + 1
        for child in out.children:
            self._collect(child, into, hand, shown=shown)

    def _add(self, values: Values, into: Values) -> None:
        if into.found.keys().isdisjoint(values.found):
            into.found.update(values.found)
        else:
            for path, seen in values.found.items():
                _count(into.found, path, seen.text, seen.count)
        for path, count in values.more.items():
            into.more[path] = into.more.get(path, 0) + count

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
        if id(target) not in self.outermost:
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


class Counting(_Learning):
    """A judge that only goes through the loops, its conditions compiled: a sample has many records."""

    def _run(self, expr: Expr) -> Value:
        if expr.script is None or expr.wrong is not None:
            return super()._run(expr)
        run = self._compiled.get(id(expr))
        if run is None:
            self._learned.add(expr)
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


def _count(found: dict[str, Seen], path: str, text: str, count: int) -> None:
    before = found.get(path)
    found[path] = Seen(before.text, before.count + count) if before else Seen(text, count)
