"""The judge: walks plan and Items and says what a mapping means. Every other back end must agree with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.base.i18n import _
from studio.engine.items import Item
from studio.engine.leaves import leaf_writers
from studio.engine.lexical import Unwritable, Writer
from studio.engine.live import Live, RuleFailed, cut, group_key, members_of, numbered
from studio.engine.measures import Measures
from studio.engine.nodes import node_of
from studio.engine.operands import tell_operands
from studio.engine.ordering import in_order
from studio.engine.outs import Out
from studio.engine.plan import Expr, Hop, Join, Loop, Plan, Read, Target
from studio.engine.steered import Steered
from studio.engine.world import World
from studio.script.errors import RunError, ScriptError
from studio.script.evaluate import evaluate
from studio.script.host import SourceNode
from studio.script.tree import Value
from studio.script.values import text_of, truth_of, typed

# What a left join gives a candidate without a row: everything in it is null.
_NO_ROW = Item("")


class Judge:
    """Evaluates a plan's rules. `frames` are the current instances, the document's first.

    `collect`, where given, takes failures instead of raising them (their values are then null), `nulled` only those of
    rules that give a value, not of conditions and loops. `counts` takes
    candidates and instances per looping rule. `noticed` is told every node a rule reads. `check` raises Unwritable
    for text the target's format cannot hold. `turn` is the record at hand: its number and, where they are known, the
    numbers of its source nodes; `timings`, where given, is for generated code to measure itself too.
    """

    turn: tuple[int, tuple[int, ...]] = (0, ())
    timings: Measures | None = None

    def __init__(
        self, plan: Plan, world: World, document: Item, check: Callable[[str], object] = str
    ) -> None:
        self.plan = plan
        self._check = check
        self.world = world
        self.frames = [Live(document)]
        self.collect: list[RuleFailed] | None = None
        self.nulled: list[RuleFailed] | None = None
        self.counts: dict[str, list[int]] | None = None
        self.noticed: Callable[[Item, Read], object] | None = None
        self._reads: dict[int, Read] = {}
        self._writers: dict[int, Writer] = {}
        self._steers = plan.root.steered
        self._steered = Steered()
        self._make = leaf_writers(plan.target)
        self._prepare()
        world.reader = lambda path: self.value(self._reads[id(path)])
        world.nodes = lambda path: self.node(self._reads[id(path)])
        world.answers = {
            **world.answers,
            "getinstance": lambda: self._nearest_each().entry,
            "recordcount": lambda: self.frames[-1].number,
            "sourceinstancecount": lambda: self.frames[-1].number,
            "targetinstancecount": lambda: self.frames[-1].number,
            "countsourcerecords": lambda: self.frames[-1].total,
            "setinstances": lambda name, entries: self._steered.give(text_of(name), entries, plan),
            "sortinstances": lambda name, *keys: self._steered.order(text_of(name), keys, plan),
        }

    def _prepare(self) -> None:
        """Look everything up that does not depend on the data."""
        conditions = [expr for lookup in self.plan.lookups for expr in filters(lookup.source)]
        for expr in _all_exprs(self.plan.root, conditions):
            self._reads.update({id(path): read for path, read in expr.reads})
        for target in self.plan.root.walk():
            self._writers[id(target)] = self._make(target)

    # Reading

    def value(self, read: Read) -> Value:
        """The value of a read in the current frames."""
        starts = self._starts(read)
        entries = self.down(starts, read.hops[: read.spread]) if read.spread else starts
        rest = read.hops[read.spread :]
        if read.array:
            return [self._leaf(self._single(entry, rest), read) for entry in entries]
        return self._leaf(self._single(entries[0], rest) if entries else None, read)

    def texts(self, read: Read) -> str | list[str | None] | None:
        """The text of a read, or the texts of an array, before they are taken for numbers or dates."""
        starts = self._starts(read)
        entries = self.down(starts, read.hops[: read.spread]) if read.spread else starts
        found = [self._text(self._single(entry, read.hops[read.spread :]), read) for entry in entries]
        return found if read.array else next(iter(found), None)

    def _text(self, item: Item | None, read: Read) -> str | None:
        if item is None or item.text is None:
            return None
        return item.text if read.holds_text else ""

    def node(self, read: Read) -> SourceNode | None:
        """The first node a read leads to, as functions look at it; None where there is none."""
        found = self.down(self._starts(read), read.hops)
        if not found:
            return None
        if self.noticed is not None:
            self.noticed(found[0], read)
        return node_of(found[0])

    def writer(self, target: Target) -> Writer:
        """What makes text of a target's values."""
        return self._writers[id(target)]

    def nodes(self, read: Read) -> list[Item]:
        """The instances a loop's path leads to, in document order."""
        return self.down(self._starts(read), read.hops)

    def _starts(self, read: Read) -> list[Item]:
        live = self.frames[read.level]
        if read.members:
            return [member.item for member in members_of(live, read)]
        return [live.joined[read.joined] if read.joined else live.item.above(read.up)]

    def down(self, items: list[Item], hops: tuple[Hop, ...]) -> list[Item]:
        """The instances that steps lead to from others, in document order; raises ScriptError."""
        for hop in hops:
            items = [found for item in items for found in self._step(item, hop)]
        return items

    def _single(self, item: Item, hops: tuple[Hop, ...]) -> Item | None:
        found = self.down([item], hops)
        return found[0] if found else None

    def _step(self, item: Item, hop: Hop) -> list[Item]:
        found = item.children.get(hop.key, [])
        if hop.type is not None:
            found = [each for each in found if each.type == hop.type]
        if hop.filter is not None:
            found = [each for each in found if self.holds(hop.filter, each)]
        if hop.every:
            return found
        place = (hop.index or 1) - 1
        return found[place : place + 1]

    def _leaf(self, item: Item | None, read: Read) -> Value:
        if item is None:
            return None
        if self.noticed is not None:
            self.noticed(item, read)
        if not read.holds_text:
            return None if item.text is None else ""
        return typed(item.text, read.base)

    def holds(self, condition: Expr, item: Item) -> bool:
        """Whether a condition holds for a node; raises ScriptError."""
        return self.lets(condition, Live(item))

    def lets(self, condition: Expr, live: Live) -> bool:
        """Whether a loop's condition holds for a turn, which keeps what it says of the loops below; raises ScriptError."""
        self.frames.append(live)
        before = self._steered
        if self._steers:
            self._steered = before.copy()
        try:
            holds = truth_of(self._run(condition))
            if holds and self._steered.changed:
                live.steered = self._steered
            return holds
        finally:
            self._steered = before
            self.frames.pop()

    def _run(self, expr: Expr) -> Value:
        if expr.wrong is not None or expr.script is None:
            problem = expr.wrong
            raise ScriptError(problem.message if problem else "", line=problem.line if problem else None)
        try:
            return evaluate(expr.script, self.world)
        except ScriptError as error:
            tell_operands(error, self._reads)
            raise

    # Rules

    def _rule(self, expr: Expr, target: Target) -> Value:
        """The value of a rule's script; a path alone keeps the text it had."""
        try:
            carried = expr.carried
            if carried is not None and not carried.array and carried.holds_text:
                return self._carry(carried)
            return self._run(expr)
        except ScriptError as error:
            self._without_value(RuleFailed(target.path, error.message, error.line, error.column))
            return None

    def _carry(self, read: Read) -> Value:
        starts = self._starts(read)
        item = self._single(starts[0], read.hops) if starts else None
        value = self._leaf(item, read)
        return item.text if isinstance(value, bool) and item is not None else value

    def _fail(self, failure: RuleFailed) -> None:
        if self.collect is None:
            raise failure
        self.collect.append(failure)

    def _without_value(self, failure: RuleFailed) -> None:
        """A rule gives no value: where the policy is to do without it, the field is null."""
        if self.nulled is None:
            self._fail(failure)
        else:
            self.nulled.append(failure)

    def condition(self, expr: Expr, path: str) -> bool:
        """Whether a rule's condition holds in the current frames."""
        try:
            return truth_of(self._run(expr))
        except ScriptError as error:
            self._fail(RuleFailed(path, error.message, error.line, error.column))
            return False

    def make(self, target: Target) -> list[Out]:
        """The instances of a target node in the current frames."""
        if target.loop is None:
            return self._one(target)
        outs: list[Out] = []
        for live in self.instances(target)[0]:
            outs += self.within(live, target)
        if self.counts is not None:
            self.counts.setdefault(target.path, [0, 0])[1] += len(outs)
        return outs

    def within(self, live: Live, target: Target) -> list[Out]:
        """The instances one turn of a loop gives."""
        self.frames.append(live)
        before = self._steered
        if self._steers:
            self._steered = live.steered or before
        try:
            return self._one(target)
        finally:
            self._steered = before
            self.frames.pop()

    def _one(self, target: Target) -> list[Out]:
        if not self._steers:
            return self._outs(target)
        before = self._steered
        self._steered = before.copy()  # what its scripts say holds for what is inside it
        try:
            return self._outs(target)
        finally:
            self._steered = before

    def _outs(self, target: Target) -> list[Out]:
        if target.when is not None and not self.condition(target.when, target.path):
            return []
        if target.fixed is not None:
            return [Out(target, target.fixed)]
        texts = self._texts(target)
        if not target.children and target.holds_text:
            if not texts:
                return [Out(target)] if target.required else []
            return [Out(target, text) for text in texts]
        out = Out(target, texts[0] if texts else None)
        for child in target.children:
            out.children += self.make(child)
        exists = target.loop is not None or target.when is not None or target.required or out.has_value
        return [out] if exists else []

    def _texts(self, target: Target) -> list[str]:
        if target.script is None:
            return []
        value = self._rule(target.script, target)
        values = value if isinstance(value, list) and target.repeats else [value]
        write = self.writer(target)
        texts = []
        for each in values:
            try:
                text = write(each)
                if text is not None:
                    self._check(text)
            except Unwritable as error:
                self._without_value(RuleFailed(target.path, str(error)))
                continue
            if text is not None:
                texts.append(text)
        return texts

    # Loops

    def instances(self, target: Target) -> tuple[list[Live], int]:
        """The turns of a loop in the current frames, and how many candidates conditions (or an `each`'s cut) left out."""
        loop = target.loop
        assert loop is not None
        try:
            if loop.wrong is not None:
                raise ScriptError(loop.wrong.message, line=loop.wrong.line, column=loop.wrong.column)
            if loop.source is None:
                return self._entries(loop, target)
            candidates = [turn for live in self.candidates(loop) for turn in self.joined(loop, live)]
            if self.counts is not None:
                self.counts.setdefault(target.path, [0, 0])[0] += len(candidates)
            kept = [live for live in candidates if loop.when is None or self.lets(loop.when, live)]
        except ScriptError as error:
            self._fail(RuleFailed(target.path, error.message, error.line, error.column))
            return [], 0
        return self.arranged(kept, target), len(candidates) - len(kept)

    def candidates(self, loop: Loop) -> list[Live]:
        """The nodes a loop visits, in the order that SortInstances has set; raises ScriptError."""
        read = loop.source
        assert read is not None
        if read.members:
            inside = members_of(self.frames[read.level], read)
            found = [Live(item, 1, one.joined) for one in inside for item in self.down([one.item], read.hops)]
        else:
            found = [Live(item) for item in self.nodes(read)]
        return self._steered.arranged(loop.ordered, found) if loop.ordered else found

    def joined(self, loop: Loop, live: Live) -> list[Live]:
        """The turns that a loop's joins make of a candidate, in the order of the rows; raises ScriptError."""
        turns = [live]
        for join in loop.joins:
            turns = [turn for each in turns for turn in self._joined(join, each)]
        return turns

    def _joined(self, join: Join, live: Live) -> list[Live]:
        rows = self.world.joined(join, [self.of(expr, live) for expr in join.given])
        if not rows and join.left:
            rows = [_NO_ROW]
        return [Live(live.item, live.number, {**live.joined, join.name: row}) for row in rows]

    def arranged(self, lives: list[Live], target: Target) -> list[Live]:
        """A loop's turns grouped, sorted and cut as it says."""
        loop = target.loop
        assert loop is not None
        try:
            lives = self._grouped(lives, loop) if loop.group else lives
            lives = cut(self._sorted(lives, loop), loop)
        except ScriptError as error:
            self._fail(RuleFailed(target.path, error.message, error.line, error.column))
            return []
        return numbered(lives)

    def _entries(self, loop: Loop, target: Target) -> tuple[list[Live], int]:
        """The turns of an `each` loop; anything but an array counts as one entry, null as none."""
        here = self.frames[-1].item
        if loop.each is None and loop.given not in self._steered.entries:
            live = Live(here)
            live.members = self.frames[-1].members
            live.each = True  # nobody has given it instances: it is there once, and its entry is null
            return [live], 0
        value = self._run(loop.each) if loop.each is not None else self._steered.entries[loop.given]
        entries = value if isinstance(value, list) else [] if value is None else [value]
        lives = []
        for entry in entries:
            live = Live(here)
            live.each, live.entry = True, entry
            live.members = self.frames[-1].members
            self.frames.append(live)
            before, self._steered = self._steered, self._steered.copy()
            try:
                if loop.when is None or truth_of(self._run(loop.when)):
                    live.steered = self._steered
                    lives.append(live)
            finally:
                self._steered = before
                self.frames.pop()
        if self.counts is not None:
            self.counts.setdefault(target.path, [0, 0])[0] += len(entries)
        lives = numbered(cut(self._sorted(lives, loop), loop))
        return lives, len(entries) - len(lives)

    def _grouped(self, turns: list[Live], loop: Loop) -> list[Live]:
        groups: dict[object, Live] = {}
        lives: list[Live] = []
        last: object = None
        for turn in turns:
            key = tuple(group_key(self.of(expr, turn)) for expr in loop.group or ())
            live = groups.get(key)
            if live is None or (loop.adjacent and key != last):
                live = Live(turn.item, 1, turn.joined)
                live.steered = turn.steered
                groups[key] = live
                lives.append(live)
            live.members.append(turn)
            last = key
        return lives

    def _sorted(self, lives: list[Live], loop: Loop) -> list[Live]:
        for order in reversed(loop.sort):
            keyed = [(self.of(order.by, live), live) for live in lives]
            lives = in_order(keyed, descending=order.descending)
        return lives

    def of(self, expr: Expr, live: Live) -> Value:
        """A script's value in a frame of its own; raises ScriptError."""
        self.frames.append(live)
        try:
            return self._run(expr)
        finally:
            self.frames.pop()

    def _nearest_each(self) -> Live:
        for live in reversed(self.frames):
            if live.each:
                return live
        raise RunError(_("GetInstance() is for rules below a node with `each`."))


def _all_exprs(root: Target, more: list[Expr]) -> Iterator[Expr]:
    """Every script of a target, and more, those of filters included."""
    waiting = list(more)
    for target in root.walk():
        waiting += target.exprs()
        if target.loop is not None and target.loop.source is not None:
            waiting += filters(target.loop.source)
    while waiting:
        expr = waiting.pop()
        yield expr
        for _path, read in expr.reads:
            waiting += filters(read)


def filters(read: Read) -> Iterator[Expr]:
    """The conditions in a read's steps."""
    return (hop.filter for hop in read.hops if hop.filter is not None)
