"""A typed signal without Qt: listeners are called in the order they were connected, on the caller's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """`connect` returns the function that disconnects. A listener may disconnect itself while being called."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def connect(self, listener: Callable[P, object], *, first: bool = False) -> Callable[[], None]:
        """Call `listener` on each emit until the returned function is called; `first`: before those there are."""
        self._listeners.insert(0 if first else len(self._listeners), listener)

        def disconnect() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return disconnect

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every listener with the given arguments."""
        for listener in tuple(self._listeners):
            # One that an earlier listener has disconnected just now hears nothing any more.
            if listener in self._listeners:
                listener(*args, **kwargs)
