"""How often each rule ran in a run, and how long it took; nothing is measured unless it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from studio.engine.interpret import Judge
from studio.engine.plan import Expr, Plan, Read


@dataclass(frozen=True)
class Timing:
    """A script of the rule at a target path: what it is for (`value`, `when`, `loop`), how often it ran, for how many seconds."""

    path: str
    kind: str
    script: str
    count: int
    seconds: float


class Timings:
    """Collects what the scripts of a plan take; give it to transform()."""

    def __init__(self, plan: Plan) -> None:
        self._exprs: list[tuple[str, str, Expr]] = []
        for root in (plan.root, *(output.root for output in plan.outputs)):
            for target in root.walk():
                for expr in target.exprs():
                    kind = "value" if expr is target.script else "when" if expr is target.when else "loop"
                    self._exprs.append((target.path, kind, expr))
        self._numbers = {id(expr): number for number, (_path, _kind, expr) in enumerate(self._exprs)}
        self._counts = [0] * len(self._exprs)
        self._seconds = [0.0] * len(self._exprs)
        self._since: list[tuple[int, float]] = []

    def number(self, expr: Expr) -> int | None:
        """The number of a rule's script; None for one that is inside a path."""
        return self._numbers.get(id(expr))

    def scripts(self) -> tuple[Expr, ...]:
        """The scripts that are measured."""
        return tuple(expr for _path, _kind, expr in self._exprs)

    def add(self, number: int, started: float) -> None:
        """A script that was started then has ended."""
        seconds = perf_counter() - started
        self._seconds[number] += seconds
        self._counts[number] += 1
        self._since.append((number, seconds))

    def mark(self) -> None:
        """What is added from here on may be taken back."""
        self._since.clear()

    def take_back(self) -> None:
        """Forget what was added since the mark: the judge does it again."""
        for number, seconds in self._since:
            self._seconds[number] -= seconds
            self._counts[number] -= 1
        self._since.clear()

    def found(self) -> tuple[Timing, ...]:
        """Every script that has run, those that took longest first."""
        timings = (
            Timing(path, kind, expr.text, count, seconds)
            for (path, kind, expr), count, seconds in zip(
                self._exprs, self._counts, self._seconds, strict=True
            )
            if count
        )
        return tuple(sorted(timings, key=lambda timing: -timing.seconds))


def timing_judge(timings: Timings) -> type[Judge]:
    """A class of judge that measures every script it runs."""

    class Timed(Judge):
        """It looks at the clock before and after."""

        def _run(self, expr: Expr) -> Any:
            number = timings.number(expr)
            if number is None:
                return super()._run(expr)
            started = perf_counter()
            try:
                return super()._run(expr)
            finally:
                timings.add(number, started)

        def _carry(self, read: Read) -> Any:
            number = timings.number(self._carrying[id(read)]) if id(read) in self._carrying else None
            if number is None:
                return super()._carry(read)
            started = perf_counter()
            try:
                return super()._carry(read)
            finally:
                timings.add(number, started)

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.timings = timings
            self._carrying = {
                id(expr.carried): expr for expr in timings.scripts() if expr.carried is not None
            }

    return Timed
