"""The records of a sample looked at one by one: which of them fail, and in which of them a field has a value."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.base.progress import Progress
from studio.engine.failures import Failure
from studio.engine.focused import Focused
from studio.engine.live import Live
from studio.engine.plan import Plan, Target
from studio.engine.run import transform
from studio.engine.trace import address_of
from studio.script.tree import Value
from studio.script.values import exact_arithmetic

# Formats of which what cannot be read is the whole document, never a record.
_WHOLE = frozenset({"xml", "json"})
_NUMBERS = re.compile(r"\[\d+\]")


class OneByOne(Focused):
    """A judge that goes from record to record without finding them anew each time."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._keeps = False
        self._found: dict[int, list[Live]] = {}

    def _turns(self, target: Target) -> list[Live]:
        if len(self.frames) > 1:
            return super()._turns(target)
        if id(target) not in self._found:
            self._found[id(target)] = super()._turns(target)
        return self._found[id(target)]


def failing(judge: OneByOne) -> Iterator[tuple[int, int, bool]]:
    """Each record: its number, how many there are, and whether a rule fails in it."""
    with exact_arithmetic():
        lives = judge.records()
        for number in range(1, max(len(lives), 1) + 1):
            judge.record = number
            judge.collected.clear()
            judge.world.record()
            judge.make(judge.plan.root)
            yield number, max(len(lives), 1), bool(judge.collected)


def runs_alike(plan: Plan) -> bool:
    """A run numbers its records as `failing` does, so that `failing_in_run` may look for them, several times as fast.

    That is one plain outermost loop over one document, whose records are read one by one in the document's order.
    """
    top = plan.tops[0] if len(plan.tops) == 1 else None
    if top is None or top.target.loop is None or plan.source.format not in _WHOLE:
        return False
    loop = top.target.loop
    plain = top.streams and not (top.follows or top.arranges or top.further)
    alone = not (plan.further or plan.lookups or plan.outputs)
    return plain and alone and loop.first is None and loop.last is None


def failing_in_run(
    plan: Plan,
    sample: Path,
    variables: Mapping[str, Value],
    told: Callable[[int], object],
    progress: Progress,
) -> int:
    """Run the plan into nowhere; `told` is given the number of each record that fails when it does. How many there are.

    Raises BadInput where the run cannot go on, and Cancelled.
    """

    def failed(failure: Failure) -> None:
        progress.check()
        told(failure.record)

    with Path(os.devnull).open("wb") as nowhere:
        stats = transform(
            plan, sample, nowhere,
            failures=failed, policy="set-aside", variables=variables, progress=progress,
        )  # fmt: skip
    return stats.records_in


def holding(judge: OneByOne, path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Each record: its number, how many there are, and the address of its first node with `text` in its value, or "".

    `path` is a source address without numbers, empty for any node; without `text` any value will do. Large and small
    letters are the same.
    """
    wanted = text.casefold()
    with exact_arithmetic():
        lives = judge.records()
        for number, live in enumerate(lives, start=1):
            yield number, len(lives), _holds(live, path, wanted)


def _holds(live: Live, path: str, wanted: str) -> str:
    for member in live.members or [live]:
        for item in member.item.walk():
            said = (item.text or "").strip()
            if said and wanted in said.casefold() and (not path or _address(item) == path):
                return _address(item)
    return ""


def _address(item: Any) -> str:
    return _NUMBERS.sub("", address_of(item))
