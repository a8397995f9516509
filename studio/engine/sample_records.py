"""The records of a sample looked at one by one: which of them fail, and in which of them a field has a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from studio.engine.focused import Focused
from studio.engine.live import Live
from studio.engine.plan import Target
from studio.engine.trace import address_of
from studio.script.values import exact_arithmetic

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
