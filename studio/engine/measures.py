"""What the engine tells of the scripts it runs, where somebody measures them."""

from __future__ import annotations

from typing import Protocol

from studio.engine.plan import Expr


class Measures(Protocol):
    """What takes the times of scripts: see engine.timings."""

    def number(self, expr: Expr) -> int | None:
        """The number of a rule's script; None for one that is inside a path."""

    def add(self, number: int, started: float) -> None:
        """A script that was started then has ended."""

    def mark(self) -> None:
        """What is added from here on may be taken back."""

    def take_back(self) -> None:
        """Forget what was added since the mark."""
