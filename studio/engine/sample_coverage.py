"""What the records of samples try of a map, target node by target node: what never ran, and what never had a value."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.base.i18n import _
from studio.engine.golden.coverage import Coverage, Noted, Point, coverage_of
from studio.engine.plan import Plan, Target
from studio.engine.run import transform

# So often, in seconds, what was tried so far is summed up.
_EVERY = 0.5


@dataclass
class Tried:
    """What some samples have tried of a map. `valued` counts, by target path, how often a rule gave a text."""

    coverage: Coverage = field(default_factory=Coverage)
    valued: Counter[str] = field(default_factory=Counter)
    records: int = 0
    failed: int = 0

    def sentences(self, plan: Plan) -> dict[str, list[str]]:
        """By target path what was never seen there, in words."""
        found: dict[str, list[str]] = {}
        for point in self.coverage.missing():
            if point.part != "node":
                found.setdefault(point.path, []).append(_words(point))
        for target in plan.root.walk():
            if self.empty(target):
                said = _("Never had a value.") if target.script is not None else _("Never written.")
                before = found.get(target.path, [])
                # That it has no value is the least of what there is to say where its rule never ran.
                found[target.path] = [said, *(each for each in before if each != _("The rule never ran."))]
        return found

    @property
    def everything(self) -> bool:
        """There is nothing left to be tried."""
        return bool(self.coverage.points) and len(self.coverage.hit) == len(self.coverage.points)

    def empty(self, target: Target) -> bool:
        """Nothing was ever written there."""
        if target.script is not None:
            return not self.valued[target.path]
        point = Point("node", target.path)
        return point in self.coverage.points and point not in self.coverage.hit


def _words(point: Point) -> str:
    if point.part == "rule":
        return _("The rule never ran.")
    where = _(" (line {line})").format(line=point.line) if point.line and point.line > 1 else ""
    if point.part == "condition":
        return _("In no record the condition {label}{where}.").format(label=point.label, where=where)
    return _("The branch was never taken: {label}{where}.").format(label=point.label, where=where)


class _AllTried(Exception):
    """Nothing of the map is left to be watched."""


class _Watch:
    """What the records of one sample try, beside what was tried before; now and then it is told."""

    def __init__(self, plan: Plan, tried: Tried, told: Callable[[int], object]) -> None:
        self.noted = Noted()
        self._plan = plan
        self._tried = tried
        self._told = told
        self._before = tried.records
        self._next = time.monotonic() + _EVERY

    def look(self, record: int) -> None:
        """A record begins. Raises _AllTried."""
        if time.monotonic() < self._next:
            return
        self.sum_up()
        self._told(self._before + record)
        if self._tried.everything and not any(map(self._tried.empty, self._plan.root.walk())):
            raise _AllTried
        self._next = time.monotonic() + _EVERY

    def sum_up(self) -> None:
        """Add what was noted so far."""
        self._tried.coverage.add(coverage_of(self._plan, self.noted))


def try_sample(
    plan: Plan, sample: Path, nowhere: Path, tried: Tried, told: Callable[[int], object], **options: Any
) -> None:
    """Add what the records of one sample try. `told` takes the number of records gone through, now and then; what they
    tried stands in `tried` by then.

    `nowhere` is a file for the output, `options` are those of transform(). Raises Cancelled and BadInput.
    """
    valued: Counter[str] = tried.valued
    watch = _Watch(plan, tried, told)

    class Valuing(watch.noted.judge()):  # type: ignore[misc]
        """It counts the values of rules, too."""

        def within(self, live: Any, target: Target) -> Any:
            if len(self.frames) == 1:
                watch.look(self.turn[0])
            return super().within(live, target)

        def _texts(self, target: Target) -> list[str]:
            texts: list[str] = super()._texts(target)
            if any(texts):
                valued[target.path] += 1
            return texts

    def go_through(**how: Any) -> None:
        stats = transform(
            plan, sample, nowhere, failures=lambda _one: None, log=lambda _line: None, policy="set-aside",
            **how, **options,
        )  # fmt: skip
        tried.records += stats.records_in
        tried.failed += stats.failed

    try:
        go_through(engine="interpret", judge=Valuing)
        watch.sum_up()
    except _AllTried:
        # What is left to know is how many records there are, and how many fail.
        go_through(engine="auto")
