"""Out: one instance of a target node, made by the judge and turned into text by a format's writer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.engine.plan import Target

HOLE = "\x00"


class Out:
    """An instance: its target node, its text as the format writes it (None for none) and the instances below.

    `live` is the turn of the loop that made it, noted by judges of a preview. `hole` marks the place where the records of the outermost loop with that number go.
    """

    __slots__ = ("children", "hole", "live", "target", "text")

    def __init__(self, target: Target, text: str | None = None, hole: int | None = None) -> None:
        self.target = target
        self.text = text
        self.children: list[Out] = []
        self.hole = hole
        self.live: Any = None

    @property
    def has_value(self) -> bool:
        """A parent that may be left out exists because of it: it holds a value, or a loop or condition made it."""
        target = self.target
        if self.hole is not None or (self.text is not None and target.fixed is None):
            return True
        if target.loop is not None or target.when is not None:
            return True
        return any(child.has_value for child in self.children)

    def walk(self) -> Iterator[Out]:
        """It and everything below, in target order."""
        yield self
        for child in self.children:
            yield from child.walk()
