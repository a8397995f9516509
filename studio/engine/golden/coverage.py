"""What tests exercise of a map: its rules, both sides of its conditions, the arms of If and Case, the target nodes."""

from __future__ import annotations

import contextlib
import decimal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from studio.base.i18n import _
from studio.engine.interpret import Judge, filters
from studio.engine.live import Live, RuleFailed
from studio.engine.outs import Out
from studio.engine.plan import Expr, Plan, Target
from studio.script import tree
from studio.script.compile import compile_script
from studio.script.errors import ScriptError
from studio.script.evaluate import Evaluation
from studio.script.functions import find
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import EXACT, truth_of

# A script is compiled when it has run so often without anything more to be seen in it.
_OFTEN = 20


@dataclass(frozen=True)
class Point:
    """Something that tests may exercise: `part` is rule, condition, branch or node; `label` says which one it is."""

    part: str
    path: str
    label: str = ""
    line: int | None = None


PARTS = ("rule", "condition", "branch", "node")


@dataclass
class Coverage:
    """The points of a map, and those that were exercised. Those of several tests of one map add up."""

    points: dict[Point, None] = field(default_factory=dict)
    hit: set[Point] = field(default_factory=set)

    def add(self, other: Coverage) -> None:
        """Take the points of another one in."""
        self.points.update(other.points)
        self.hit |= other.hit

    def counts(self) -> dict[str, tuple[int, int]]:
        """Of each part how many were exercised, of how many."""
        found: dict[str, tuple[int, int]] = {}
        for part in PARTS:
            of_part = [point for point in self.points if point.part == part]
            found[part] = sum(point in self.hit for point in of_part), len(of_part)
        return found

    def missing(self) -> list[Point]:
        """The points that nothing exercised, in the order of the target."""
        return [point for point in self.points if point not in self.hit]


class Noted:
    """What a judge goes through while it runs a plan: how often each piece of a script, each node, each answer."""

    def __init__(self) -> None:
        self.pieces: Counter[int] = Counter()
        self.answers: Counter[tuple[int, bool]] = Counter()
        self.rules: Counter[int] = Counter()
        self.nodes: Counter[int] = Counter()
        self._open: dict[int, tuple[tuple[int, int], ...]] = {}
        self._runs: Counter[int] = Counter()
        self._compiled: dict[int, Callable[[Host], Value]] = {}

    def looks(self, expr: Expr) -> bool:
        """Whether there are branches of a script that nothing has taken yet."""
        arms = self._open.get(id(expr))
        if arms is None:
            arms = _arms(expr)
        elif arms:
            arms = tuple((arm, asked) for arm, asked in arms if self.pieces[arm] <= self.pieces[asked])
        self._open[id(expr)] = arms
        return bool(arms)

    def quick(self, expr: Expr) -> Callable[[Host], Value] | None:
        """A script that runs often, and of which nothing more is to be seen, compiled."""
        run = self._compiled.get(id(expr))
        if run is None and expr.script is not None:
            self._runs[id(expr)] += 1
            if self._runs[id(expr)] > _OFTEN:
                run = self._compiled[id(expr)] = compile_script(expr.script)
        return run

    def judge(self) -> type[Judge]:
        """A class of judge that tells this object."""
        return type("Telling", (_Watching,), {"noted": self})


class _Watching(Judge):
    """A judge that notes what it evaluates. Nodes count when the record they are in is written."""

    noted: Noted

    def _prepare(self) -> None:
        super()._prepare()
        self._asked = {id(expr) for target in self.plan.root.walk() for expr in _conditions(target)}

    def _run(self, expr: Expr) -> Value:
        if expr.wrong is not None or expr.script is None:
            return super()._run(expr)
        value = self._value(expr, expr.script)
        if id(expr) in self._asked:
            with contextlib.suppress(ScriptError):  # arrays and dictionaries are neither true nor false
                self.noted.answers[id(expr), truth_of(value)] += 1
        return value

    def _value(self, expr: Expr, script: tree.Script) -> Value:
        looks = self.noted.looks(expr)
        quick = None if looks else self.noted.quick(expr)
        if not looks and quick is None:
            return super()._run(expr)
        try:
            with decimal.localcontext(EXACT):
                return quick(self.world) if quick is not None else _Noting(script, self).run()
        except RecursionError:
            return super()._run(expr)  # which says so in words

    def _rule(self, expr: Expr, target: Target) -> Value:
        self.noted.rules[id(target)] += 1
        return super()._rule(expr, target)

    def within(self, live: Live, target: Target) -> list[Out]:
        before = self.noted.nodes.copy() if len(self.frames) == 1 else None
        try:
            return super().within(live, target)
        except RuleFailed:
            if before is not None:
                self.noted.nodes = before
            raise

    def _outs(self, target: Target) -> list[Out]:
        outs = super()._outs(target)
        if outs:
            self.noted.nodes[id(target)] += 1
        return outs


class _Noting(Evaluation):
    """An evaluation that counts every expression it comes to."""

    def __init__(self, script: tree.Script, judge: _Watching) -> None:
        super().__init__(script, judge.world, {})
        self._pieces = judge.noted.pieces

    def value(self, node: tree.Expression) -> Value:
        self._pieces[id(node)] += 1
        return super().value(node)


def _arms(expr: Expr) -> tuple[tuple[int, int], ...]:
    """The pieces of a script that are its branches, each with the piece it must be met more often than (0: than none)."""
    found: list[tuple[int, int]] = []
    for name, node in _branching(expr):
        if name == "Case":
            found += [(id(value), 0) for value in node.arguments[1::2]]
        else:
            condition, then, *other = node.arguments
            found += [(id(then), 0), (id(other[0]), 0) if other else (id(condition), id(then))]
    return tuple(found)


def _branching(expr: Expr) -> Iterator[tuple[str, tree.Call]]:
    for node in tree.walk(expr.script) if expr.script is not None else ():
        if isinstance(node, tree.Script) or not isinstance(node, tree.Call):
            continue
        function = find(node.name)
        name = function.name if function is not None else ""
        if name == "Case" or (name == "If" and len(node.arguments) > 1):
            yield name, node


def coverage_of(plan: Plan, noted: Noted | None = None) -> Coverage:
    """The points of a plan, and which of them a run of it went through."""
    found = Coverage()
    noted = noted or Noted()
    for target in plan.root.walk():
        for point, hit in _of_target(target, noted):
            found.points[point] = None
            if hit:
                found.hit.add(point)
    return found


def _of_target(target: Target, noted: Noted) -> Iterator[tuple[Point, bool]]:
    loop = target.loop
    if target.script is not None:
        yield Point("rule", target.path, target.script.text), noted.rules[id(target)] > 0
    if loop is not None:
        label = loop.source.address if loop.source is not None else loop.each.text if loop.each else ""
        yield Point("rule", target.path, _("loop {source}").format(source=label)), noted.nodes[id(target)] > 0
    for condition in _conditions(target):
        for answer, label in ((True, _("holds: {script}")), (False, _("does not hold: {script}"))):
            point = Point("condition", target.path, label.format(script=condition.text))
            yield point, noted.answers[id(condition), answer] > 0
    for expr in _every_expr(target.exprs()):
        yield from _branches(target.path, expr, noted)
    if target.script is not None or loop is not None or target.when is not None:
        yield Point("node", target.path), _written(target, noted)


def _written(target: Target, noted: Noted) -> bool:
    """The node was made. One around the records is not made as others are: its condition says so."""
    held = target.when is not None and target.contains_loop and noted.answers[id(target.when), True] > 0
    return noted.nodes[id(target)] > 0 or held


def _conditions(target: Target) -> Iterator[Expr]:
    if target.when is not None:
        yield target.when
    if target.loop is not None and target.loop.when is not None:
        yield target.loop.when


def _every_expr(given: Iterable[Expr]) -> Iterator[Expr]:
    """The scripts and the filters inside their paths."""
    waiting = list(given)
    while waiting:
        expr = waiting.pop(0)
        yield expr
        waiting += [each for _path, read in expr.reads for each in filters(read)]


def _branches(path: str, expr: Expr, noted: Noted) -> Iterator[tuple[Point, bool]]:
    if expr.script is None or expr.wrong is not None:
        return
    for name, node in _branching(expr):
        if name == "If":
            yield from _of_if(path, expr.script, node, noted)
        else:
            yield from _of_case(path, expr.script, node, noted)


def _of_if(path: str, script: tree.Script, node: tree.Call, noted: Noted) -> Iterator[tuple[Point, bool]]:
    condition, then, *other = node.arguments
    asked, times = noted.pieces[id(condition)], noted.pieces[id(then)]
    line = script.place(node.start)[0]
    text = script.source(condition)
    yield Point("branch", path, _("If {condition}").format(condition=text), line), times > 0
    # Without an else, that the condition did not hold is the other branch.
    hit = noted.pieces[id(other[0])] > 0 if other else asked > times
    yield Point("branch", path, _("If not {condition}").format(condition=text), line), hit


def _of_case(path: str, script: tree.Script, node: tree.Call, noted: Noted) -> Iterator[tuple[Point, bool]]:
    for condition, value in zip(node.arguments[::2], node.arguments[1::2], strict=False):
        line = script.place(condition.start)[0]
        label = _("Case {condition}").format(condition=script.source(condition))
        yield Point("branch", path, label, line), noted.pieces[id(value)] > 0
