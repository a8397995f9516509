"""The turns of a record's inner loops that are looked at: of each loop one, the others are only counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed
from studio.engine.outs import Out
from studio.engine.plan import Join, Target
from studio.mapping.evidence import RuleProblem, Turn


class InHand:
    """Which turn of each loop is looked at: the one wanted (by target path), else the first.

    `turns` are those of all loops on the way, `chosen` the instances (by id) that they gave. `outermost` are the
    targets (by id) whose loops are the record itself.
    """

    def __init__(self, outs: Iterable[Out], outermost: Iterable[int], wanted: Mapping[str, int]) -> None:
        self._outermost = frozenset(outermost)
        self._wanted = wanted
        self.turns: dict[str, Turn] = {}
        self.chosen: set[int] = set()
        self._lives: dict[str, Live] = {}
        self._joining: dict[int, tuple[Target, Live]] = {}
        self._look(list(outs))

    def loops(self, out: Out) -> bool:
        """The instance is one of a loop inside the record."""
        return out.target.loop is not None and id(out.target) not in self._outermost

    def shows(self, out: Out) -> bool:
        """The instance is not of another turn than the one looked at."""
        return not self.loops(out) or id(out) in self.chosen

    @property
    def key(self) -> tuple[object, ...]:
        """What tells that other turns are looked at."""
        return tuple(self.turns.items())

    def _look(self, outs: list[Out]) -> None:
        groups: dict[int, list[Out]] = {}
        for out in outs:
            if not out.target.contains_loop:
                continue
            if self.loops(out):
                groups.setdefault(id(out.target), []).append(out)
            else:
                self._note_rows(out)
                self._look(out.children)
        for group in groups.values():
            self._look_at_turn(group)

    def _look_at_turn(self, group: list[Out]) -> None:
        path, total = group[0].target.path, group[0].live.total
        number = min(max(self._wanted.get(path, group[0].live.number), 1), total)
        self.turns[path] = Turn(number, total)
        for out in group:
            if out.live.number == number:
                self.chosen.add(id(out))
                self._lives[path] = out.live
                self._note_rows(out)
                self._look(out.children)

    def _note_rows(self, out: Out) -> None:
        if out.target.loop is not None and out.target.loop.joins:
            self._joining[id(out.live)] = out.target, out.live

    def rows(self) -> Iterator[tuple[Join, Item]]:
        """The rows that the joins of the record and of its turns have found, with the join."""
        for target, live in self._joining.values():
            for join in target.loop.joins if target.loop is not None else ():
                row = live.joined.get(join.name)
                if row is not None and row.children:
                    yield join, row

    def items(self) -> list[Item]:
        """The source nodes of the turns; those of the loop asked for last come last."""
        order = [*(path for path in self._lives if path not in self._wanted), *self._wanted]
        lives = (self._lives[path] for path in order if path in self._lives)
        return [(live.members or [live])[0].item for live in lives if not live.each]


def problems_of(failures: Iterable[RuleFailed], hand: InHand) -> tuple[RuleProblem, ...]:
    """What failed, each once with the number of turns: in the turns looked at where it failed there, else in the first."""
    found: dict[tuple[str, str], dict[tuple[tuple[str, int], ...], None]] = {}
    for failure in failures:
        found.setdefault((failure.path, failure.reason), {})[failure.turns] = None
    return tuple(
        RuleProblem(
            path, reason, next((each for each in turns if _here(each, hand)), next(iter(turns))), len(turns)
        )
        for (path, reason), turns in found.items()
    )


def first_failing(failures: Iterable[RuleFailed]) -> dict[str, int]:
    """The turns in which a rule fails first; none where none fails inside a loop."""
    return next((dict(failure.turns) for failure in failures if failure.turns), {})


def _here(turns: tuple[tuple[str, int], ...], hand: InHand) -> bool:
    return all(path in hand.turns and hand.turns[path].number == number for path, number in turns)
