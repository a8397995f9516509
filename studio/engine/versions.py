"""What one place of the target holds in each record, to tell in which records two versions of its rule differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.effects import effects_of
from studio.engine.outs import Out
from studio.engine.plan import Plan, Target
from studio.engine.sample_records import OneByOne
from studio.script.values import exact_arithmetic

Held = tuple[Any, ...]


class AtPlace(OneByOne):
    """A judge that makes what leads to one place, what is in it, and nothing else where nothing else can matter."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._wanted: frozenset[int] | None = None
        self._path = ""

    def at(self, path: str) -> Iterator[Held]:
        """Record after record, what is made at a target path and below it, the rules that fail there among it."""
        self._path = path
        roots = (self.plan.root, *(each.root for each in self.plan.outputs))
        # A script that changes what others read is run, wherever it stands.
        self._wanted = None if effects_of(*roots).in_order else _leading(self.plan, path)
        with exact_arithmetic():
            records = max(len(self.records()), 1)
        for number in range(1, records + 1):
            self.record = number
            self.collected.clear()
            self.world.record()
            # Not around the loop: others go through theirs between two turns of this one.
            with exact_arithmetic():
                held = self._held([out for root in roots for out in self.make(root)])
            yield held

    def make(self, target: Target) -> list[Out]:
        """The instances of a node, none of one that is beside the way."""
        if self._wanted is not None and id(target) not in self._wanted:
            return []
        return super().make(target)

    def _held(self, outs: list[Out]) -> Held:
        places = [each for out in outs for each in out.walk() if each.target.path == self._path]
        made = [[(each.target.path, each.text) for each in place.walk()] for place in places]
        failed = [(each.path, each.reason) for each in self.collected if _within(each.path, self._path)]
        return (*map(tuple, made), *failed)


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def _leading(plan: Plan, path: str) -> frozenset[int]:
    found: set[int] = set()

    def look(target: Target, *, inside: bool) -> bool:
        here = inside or target.path == path
        below = [look(child, inside=here) for child in target.children]
        if here or any(below):
            found.add(id(target))
            return True
        return False

    for root in (plan.root, *(each.root for each in plan.outputs)):
        look(root, inside=False)
        found.add(id(root))
    return frozenset(found)
