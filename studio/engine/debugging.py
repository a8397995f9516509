"""The debugger's part of the engine: a judge that tells where it is, and may be held there."""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from studio.engine.debug_values import shown, variables
from studio.engine.following import Following, stops
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed
from studio.engine.operands import tell_operands
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Read, Shape, Target
from studio.engine.trace import address_of, numbered
from studio.mapping.evidence import Around, Came
from studio.mapping.held import At, Breakpoint, Go, Stop, Watch, Why
from studio.script import tree
from studio.script.errors import ScriptError
from studio.script.tree import Value
from studio.script.values import text_of, truth_of

# So many of the values that the rules of a record have given are shown, the latest.
_GIVEN = 500
_SOURCES = 200
Held = Callable[[Stop, "DebuggingJudge"], Go]
Compiled = Callable[[str, str], "Expr | str"]


class Debugger:
    """What a debugged run goes by: breakpoints (to be changed at any time), how it goes on, whom it asks when it is held.

    `held` is called with the place and the judge and says how to go on; whatever it raises ends the run. `compiled`
    makes an expression of a script at a target path, or says what is wrong with it. `record` holds at nothing before
    that record, and at the first rule in it. With `failures` a rule that fails is a place to be held at, too.
    """

    def __init__(
        self,
        held: Held,
        compiled: Compiled,
        breakpoints: Sequence[Breakpoint] = (),
        *,
        go: Go = Go.RUN,
        record: int = 0,
        failures: bool = False,
    ) -> None:
        self._held = held
        self._compiled = compiled
        self._wanted = threading.Event()
        self._go = go
        self._record = record
        self._anchor: tuple[int, int, object] = (0, 0, None)
        self._scripts: dict[tuple[str, str], Expr | str] = {}
        self.failures = failures
        self.met: dict[Breakpoint, int] = {}
        self.breakpoints: Mapping[str, Sequence[Breakpoint]] = {}
        self.put(breakpoints)

    def put(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Other breakpoints from now on; may come from another thread."""
        by_path: dict[str, list[Breakpoint]] = {}
        for each in breakpoints:
            if each.off:
                continue
            by_path.setdefault(each.path, []).append(each)
        self.breakpoints = by_path

    def pause(self) -> None:
        """Hold at the next place; may come from another thread."""
        self._wanted.set()

    def judge(self) -> type[Judge]:
        """A class of judge that tells this object."""
        return type("Debugged", (DebuggingJudge,), {"debugger": self})

    def expr(self, path: str, script: str) -> Expr | str:
        """A script over what the rule at a path sees, or what is wrong with it."""
        key = path, script
        if key not in self._scripts:
            self._scripts[key] = self._compiled(path, script)
        return self._scripts[key]

    def arrived(self, judge: DebuggingJudge, at: At, path: str, turn: Live | None) -> None:
        """Something is about to happen: hold the run there if it is wanted."""
        if self._record:
            if judge.plan.tops and not (judge.turn[0] == self._record and judge.turns and at is At.TURN):
                return
            self._record, self._go = 0, Go.INTO
        why, message, met = self._why(judge, at, path, turn)
        if not why:
            return
        self._wanted.clear()
        stop = replace(judge.stop(at, path), why=why.value, message=message, met=met)
        since = time.monotonic()
        self._go = self._held(stop, judge)
        judge.world.waited(time.monotonic() - since)
        self._anchor = len(judge.turns), len(judge.running), judge.running[-1] if judge.running else None

    def _why(
        self, judge: DebuggingJudge, at: At, path: str, turn: Live | None
    ) -> tuple[Why | None, str, int]:
        if at is At.BREAK:
            return Why.BREAK, "", 0
        if at is At.FAILURE:
            return (Why.FAILURE if self.failures else None), judge.failed, 0
        if at is not At.LINE:
            for each in self.breakpoints.get(path, ()):
                hits, message = self._hits(judge, each, at, turn)
                if hits:
                    self.met[each] = self.met.get(each, 0) + 1
                    return Why.BREAKPOINT, message, self.met[each]
        if self._wanted.is_set():
            return Why.PAUSE, "", 0
        return (Why.STEP if self._steps(judge, at) else None), "", 0

    def _hits(self, judge: DebuggingJudge, point: Breakpoint, at: At, turn: Live | None) -> tuple[bool, str]:
        if (point.at or judge.first_at(point.path)) != at:
            return False, ""
        if point.number and (turn is None or turn.number != point.number):
            return False, ""
        if not point.when:
            return True, ""
        found = judge.look(point.path, point.when)
        # A condition that cannot be told holds the run, so that it is not overlooked.
        return (True, found.problem) if found.problem else (judge.looked, "")

    def _steps(self, judge: DebuggingJudge, at: At) -> bool:
        """Whether the last command leads here."""
        turns, depth, running = self._anchor
        if self._go is Go.RUN:
            return False
        if self._go is Go.INTO:
            return True
        if at is At.LINE:
            if self._go is Go.OVER:
                return bool(running is not None and judge.running and judge.running[-1] is running)
            return 0 < len(judge.running) < depth
        if self._go is Go.OVER or depth:
            return not judge.running
        here = len(judge.turns)
        return here < turns or (at is At.TURN and here <= turns)


class DebuggingJudge(Judge):
    """A judge that tells its debugger of turns, rules, conditions and statements before they are carried out."""

    debugger: Debugger

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.turns: list[tuple[Target, Live]] = []
        self.running: list[Following] = []
        self.failed = ""
        self.looked = False
        self._quiet = 0
        self._given: dict[str, str] = {}
        self._expr: Expr | None = None
        self._at_path = ""
        self._numbers: Mapping[int, int] = {}
        self._tops = {id(top.target) for top in self.plan.tops}
        self._nodes = {target.path: target for target in self.plan.root.walk()}
        self._loops = {
            id(target.loop.when): target
            for target in self._nodes.values()
            if target.loop is not None and target.loop.when is not None
        }
        self._paths = {id(expr): path for path, target in self._nodes.items() for expr in target.exprs()}
        self._places: dict[int, tuple[tree.Script, frozenset[int]]] = {}
        self.world.paused = lambda: self._arrived(At.BREAK, self._at_path)

    def first_at(self, path: str) -> str:
        """What a breakpoint at a path means if it does not say."""
        target = self._nodes.get(path)
        if target is None:
            return At.RULE
        if target.script is not None:
            return At.RULE
        return At.TURN if target.loop is not None else At.CONDITION

    # What is told

    def _arrived(self, at: At, path: str, turn: Live | None = None) -> None:
        if not self._quiet:
            nearest = self.turns[-1][1] if self.turns else None
            self.debugger.arrived(self, at, path, turn or nearest)

    def within(self, live: Live, target: Target) -> list[Out]:
        """A turn of a loop."""
        if id(target) in self._tops:
            numbers = self.turn[1]
            self._numbers = {id(live.item): numbers[0]} if len(numbers) == 1 else {}
            self._given = {}
        self.turns.append((target, live))
        self.frames.append(live)
        before = self._enter(None, target.path)
        try:
            self._arrived(At.TURN, target.path, live)
        finally:
            self._expr, self._at_path = before
            self.frames.pop()
        try:
            return super().within(live, target)
        finally:
            self.turns.pop()

    def _rule(self, expr: Expr, target: Target) -> Value:
        before = self._enter(expr, target.path)
        try:
            self._arrived(At.RULE, target.path)
            return super()._rule(expr, target)
        finally:
            self._expr, self._at_path = before

    def condition(self, expr: Expr, path: str) -> bool:
        """The condition of a rule that does not loop."""
        before = self._enter(expr, path)
        try:
            self._arrived(At.CONDITION, path)
            return super().condition(expr, path)
        finally:
            self._expr, self._at_path = before

    def lets(self, condition: Expr, live: Live) -> bool:
        """The condition of a loop for a candidate, which is not one of its turns yet."""
        target = self._loops.get(id(condition))
        if target is None or self._quiet:
            return super().lets(condition, live)
        before = self._enter(condition, target.path)
        self.frames.append(live)
        self.turns.append((target, live))
        try:
            self._arrived(At.CONDITION, target.path, live)
        finally:
            self.turns.pop()
            self.frames.pop()
        try:
            return super().lets(condition, live)
        finally:
            self._expr, self._at_path = before

    def _enter(self, expr: Expr | None, path: str) -> tuple[Expr | None, str]:
        before = self._expr, self._at_path
        self._expr, self._at_path = expr, path
        return before

    def _texts(self, target: Target) -> list[str]:
        texts = super()._texts(target)
        if texts and target.script is not None:
            self._given.pop(target.path, None)
            self._given[target.path] = texts[-1]
        return texts

    def _fail(self, failure: RuleFailed) -> None:
        self._tell_failure(failure)
        super()._fail(failure)

    def _without_value(self, failure: RuleFailed) -> None:
        if self.nulled is not None:
            self._tell_failure(failure)
        super()._without_value(failure)

    def _tell_failure(self, failure: RuleFailed) -> None:
        self.failed = failure.reason
        self._arrived(At.FAILURE, failure.path)

    def _run(self, expr: Expr) -> Value:
        if expr.wrong is not None or expr.script is None:
            return super()._run(expr)
        following = Following(expr.script, self.world, self._stops_in(expr.script), self._line)
        self.running.append(following)
        before = self._enter(expr, self._paths.get(id(expr), self._at_path))
        try:
            return following.whole()
        except ScriptError as error:
            tell_operands(error, self._reads)
            raise
        finally:
            self._expr, self._at_path = before
            self.running.pop()

    def _stops_in(self, script: tree.Script) -> frozenset[int]:
        known = self._places.get(id(script))
        if known is None:
            # The script is kept, too: its number must not be another one's meanwhile.
            known = self._places[id(script)] = script, frozenset(id(node) for node in stops(script))
        return known[1]

    def _line(self, _following: Following, _node: tree.Expression) -> None:
        self._arrived(At.LINE, self._at_path)

    # What is shown of a place

    def stop(self, at: At, path: str) -> Stop:
        """Everything about the place at hand."""
        running = self.running[-1] if self.running else None
        script, line, column, length = self._expr.text if self._expr else "", 0, 0, 0
        if running is not None:
            script, node = running.script.text, running.node
            if node is not None:
                line, column = running.script.place(node.start)
                length = node.end - node.start
        return Stop(
            Why.STEP.value,
            at.value,
            path,
            script,
            line,
            column,
            length,
            record=self.turn[0] if self.turns else 0,
            turns=tuple(self._turn_of(*each) for each in self.turns),
            sources=self._sources(),
            globals=variables(self.world.variables),
            locals=variables(running.locals) if running is not None else (),
            target=tuple(list(self._given.items())[-_GIVEN:]),
        )

    def look(self, path: str, script: str) -> Watch:
        """A script over what the rule at hand sees; nothing that it does is kept. `looked` says whether it is true."""
        self.looked = False
        found = self.debugger.expr(path, script)
        if isinstance(found, str):
            return Watch(script, problem=found)
        self._reads.update({id(each): read for each, read in found.reads})
        try:
            value = self._quietly(lambda: self._run_with(found))
        except ScriptError as error:
            return Watch(script, problem=error.message)
        with contextlib.suppress(ScriptError):  # arrays and dictionaries are neither true nor false
            self.looked = truth_of(value)
        return Watch(script, shown(value))

    def _run_with(self, expr: Expr) -> Value:
        """The value of a script that also sees the locals of the one at hand."""
        assert expr.script is not None
        following = Following(expr.script, self.world, frozenset(), self._line)
        if self.running:
            following.locals = copy.deepcopy(self.running[-1].locals)
        return following.whole()

    def _quietly(self, do: Callable[[], Any]) -> Any:
        """Do something without being held, and take back what it changes."""
        world, steered, given = self.world, self._steered, self.world.variables
        self._quiet += 1
        self._steered = steered.copy()
        world.variables = copy.deepcopy(dict(given))
        try:
            with world.unlogged():
                return do()
        finally:
            world.variables, self._steered = given, steered
            self._quiet -= 1

    def _sources(self) -> tuple[Came, ...]:
        """The nodes that the script at hand reads; of a turn, the node itself."""
        expr = self._expr
        if expr is None or not expr.reads:
            return tuple(self._came(live.item) for _target, live in self.turns[-1:] if not live.each)
        found: dict[tuple[int, str], Came] = {}
        for path, read in expr.reads:
            try:
                items = self._quietly(partial(self._found, read))
            except ScriptError:
                continue
            for item in items[:_SOURCES]:
                line, column = expr.script.place(path.start) if expr.script else (None, None)
                source = expr.script.source(path) if expr.script else ""
                found[id(item), source] = replace(
                    self._came(item, read), read=source, line=line, column=column
                )
        return tuple(list(found.values())[:_SOURCES])

    def _found(self, read: Read) -> list[Item]:
        return self.down(self._starts(read), read.hops)

    def _came(self, item: Item, read: Read | None = None) -> Came:
        address = address_of(item, self._numbers)
        joined = read is not None and read.joined and "::" not in address
        return Came(f"{read.joined}::{address}" if read is not None and joined else address, item.text)

    def _turn_of(self, target: Target, live: Live) -> Around:
        entry = (text_of(live.entry) if live.entry is not None else "") if live.each else None
        nodes = () if live.each else tuple(self._came(each.item).path for each in live.members or [live])
        return Around(target.path, live.number, nodes, entry)


def whole(plan: Plan) -> Plan:
    """The plan, its input read with all that is in it, so that watches see what no rule reads."""
    if plan.source.format == "xml":  # elsewhere a broken record would be more than one that fails
        plan = numbered(plan)
    tops = tuple(replace(top, unit=replace(top.unit, shape=_all(top.unit.shape))) for top in plan.tops)
    return replace(plan, shape=_all(plan.shape), outer=_all(plan.outer), tops=tops)


def _all(shape: Shape) -> Shape:
    return replace(shape, whole=True, children={key: _all(each) for key, each in shape.children.items()})
