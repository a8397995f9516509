"""Ways from the roots of a schema into its types: which places a declaration has, the nearest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studio.schema.index import TOP, Index

# Ways into one type that are followed: a shared type is found at so many places, recursion cannot run away.
_WAYS_EACH = 8


@dataclass
class Ways:
    """How states are reached from some roots: how deep each is (-1: not at all), by which entry, from which state.

    A state counts once for each number of `leading` words found in the names above it, in order: as
    `words * states + state`. `fits` are for each word the lines of names and of type names holding it.
    """

    index: Index
    starts: range
    fits: list[tuple[set[int], set[int]]]
    depth: list[int]
    by: list[int]
    above: list[int]

    @staticmethod
    def of(index: Index, starts: range, leading: tuple[str, ...]) -> Ways:
        """The ways below the entries `starts` of roots."""
        if not leading and starts == range(index.roots):
            return _stored(index)
        fits = [(index.named(word), index.typed(word)) for word in leading] + [(set[int](), set[int]())]
        count = _states(index) * len(fits)
        ways = Ways(index, starts, fits, [-1] * count, [-1] * count, [TOP] * count)
        ways._walk()
        return ways

    def nearest_first(self, entries: list[int]) -> list[int]:
        """Those of the entries that have a place with all leading words above it."""
        base, owner, depth, starts = self._last, self.index.owner, self.depth, self.starts
        found = [
            one for one in entries if depth[base + owner[one]] >= 0 and (owner[one] != TOP or one in starts)
        ]
        found.sort(key=lambda one: depth[base + owner[one]])
        return found

    @property
    def _last(self) -> int:
        """Added to a state: with all leading words found above it."""
        return (len(self.fits) - 1) * _states(self.index)

    def places(self, entry: int) -> Iterator[tuple[int, str]]:
        """The depth and path of an entry: the nearest first, then those that turn off from it at one place."""
        state = self._last + self.index.owner[entry]
        nearest = self._climb(state)
        yield len(nearest), self._path([*reversed([step for step, _above in nearest]), entry])
        passed: list[int] = []
        beneath = {state}
        for first, above in nearest:
            for other, start in self._others(state, first):
                rest = self._climb(start)
                # Not round in a circle: a type inside itself says nothing new.
                if start not in beneath and beneath.isdisjoint(one for _step, one in rest):
                    steps = [*reversed([step for step, _above in rest]), other, *reversed(passed), entry]
                    yield len(steps) - 1, self._path(steps)
            passed.append(first)
            state = above
            beneath.add(state)

    def _walk(self) -> None:
        index, depth, states = self.index, self.depth, _states(self.index)
        depth[TOP] = 0
        waiting = [TOP]
        for state in waiting:
            found, here = divmod(state, states)
            begin, end = index.first[here], index.first[here + 1]
            for at in range(begin, end, 2):
                entry, target = index.ways[at], index.ways[at + 1]
                if here == TOP and entry not in self.starts:
                    continue
                target += (found + self._fits(found, entry)) * states
                if depth[target] < 0:
                    self.by[target], self.above[target], depth[target] = entry, state, depth[state] + 1
                    waiting.append(target)

    def _fits(self, found: int, entry: int) -> bool:
        names, types = self.fits[found]
        name = self.index.name_of[entry]
        return name in names if name >= 0 else self.index.type_of[entry] in types

    def _others(self, state: int, first: int) -> Iterator[tuple[int, int]]:
        """Further entries leading into a state, each with the state it is in."""
        states = _states(self.index)
        found, here = divmod(state, states)
        for entry in self.index.into[here][:_WAYS_EACH]:
            if entry == first or (self.index.owner[entry] == TOP and entry not in self.starts):
                continue
            for before in {found, found - 1} - {-1}:
                above = before * states + self.index.owner[entry]
                if self.depth[above] >= 0 and before + self._fits(before, entry) == found:
                    yield entry, above

    def _climb(self, state: int) -> list[tuple[int, int]]:
        """From a state up to the root by the nearest way: each entry passed and the state it is in."""
        chain: list[tuple[int, int]] = []
        while self.by[state] >= 0:
            chain.append((self.by[state], self.above[state]))
            state = self.above[state]
        return chain

    def _path(self, chain: list[int]) -> str:
        first, *steps = (self.index.steps[entry] for entry in chain)
        return first + "".join(step if step.startswith("~") else f"/{step}" for step in steps)


def _states(index: Index) -> int:
    return len(index.first) - 1


def _stored(index: Index) -> Ways:
    """The ways from all roots, which the index holds."""
    rest = [-1] * (_states(index) - len(index.depth))
    by = [*index.by, *rest]
    above = [index.owner[entry] if entry >= 0 else TOP for entry in by]
    return Ways(index, range(index.roots), [(set(), set())], [*index.depth, *rest], by, above)
