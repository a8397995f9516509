"""Undo and redo: the earlier states, named; frozen, so that keeping one costs only what differs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

State = TypeVar("State")

MAX_STEPS = 300


class Lazy(Generic[State]):
    """A state made when first asked for."""

    __slots__ = ("_make", "_state")

    def __init__(self, make: Callable[[], State]) -> None:
        self._make: Callable[[], State] | None = make
        self._state: list[State] = []

    def get(self) -> State:
        """The state, the same object on every call."""
        if self._make is not None:
            self._state.append(self._make())
            self._make = None
        return self._state[0]


@dataclass(frozen=True)
class Step(Generic[State]):
    """What led to a state: its name for people, when (seconds since 1970), which objects it changed."""

    label: str
    state: State | Lazy[State]
    changed: frozenset[str] = frozenset()
    at: float = 0.0


@dataclass(frozen=True)
class History(Generic[State]):
    """Steps in order; `index` is the current one, `dropped` how many older ones have been forgotten."""

    steps: tuple[Step[State], ...]
    index: int = 0
    dropped: int = 0
    limit: int = field(default=MAX_STEPS, compare=False)

    @staticmethod
    def begin(label: str, state: State) -> History[State]:
        """A history of one step."""
        return History((Step(label, state, at=time.time()),))

    @property
    def state(self) -> State:
        """The current state."""
        return self.state_at(self.index)

    def state_at(self, index: int) -> State:
        """The state after the step at `index`."""
        state = self.steps[index].state
        return state.get() if isinstance(state, Lazy) else state

    @property
    def can_undo(self) -> bool:
        """There is a step to take back."""
        return self.index > 0

    @property
    def can_redo(self) -> bool:
        """There is a step that was taken back."""
        return self.index + 1 < len(self.steps)

    @property
    def undo_label(self) -> str:
        """The name of the step that undo takes back, empty where there is none."""
        return self.steps[self.index].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        """The name of the step that redo does again, empty where there is none."""
        return self.steps[self.index + 1].label if self.can_redo else ""

    def add(
        self, label: str, state: State, changed: frozenset[str], at: float | None = None
    ) -> History[State]:
        """A new step after the current one; what had been taken back is forgotten, and the oldest beyond the limit."""
        step = Step(label, state, changed, time.time() if at is None else at)
        steps = (*self.steps[: self.index + 1], step)
        over = max(0, len(steps) - self.limit)
        return replace(self, steps=steps[over:], index=len(steps) - 1 - over, dropped=self.dropped + over)

    def forget(self, count: int) -> History[State]:
        """Without the oldest `count` steps, the current one kept in any case."""
        count = max(0, min(count, self.index))
        if not count:
            return self
        return replace(self, steps=self.steps[count:], index=self.index - count, dropped=self.dropped + count)

    def go_to(self, index: int) -> History[State]:
        """The same steps with another one current; an index outside them is brought inside."""
        return replace(self, index=max(0, min(index, len(self.steps) - 1)))

    def undo(self) -> History[State]:
        """One step back, or the same history at its begin."""
        return self.go_to(self.index - 1)

    def redo(self) -> History[State]:
        """One step forward, or the same history at its end."""
        return self.go_to(self.index + 1)

    def changed_between(self, one: int, other: int) -> frozenset[str]:
        """The objects that the steps from one index to another changed."""
        low, high = sorted((one, other))
        return frozenset().union(*(step.changed for step in self.steps[low + 1 : high + 1]))
