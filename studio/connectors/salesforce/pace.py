"""How long to wait between two looks and for how long to go on trying."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.records import dataclass


@dataclass(frozen=True)
class Pace:
    """Waits grow from `first` to `most` seconds by `growth`; trouble is borne for `patience` seconds in a row.

    Where nobody has answered yet, an address is given up after `opening` seconds: it may just be the wrong one.
    """

    first: float = 0.25
    most: float = 5.0
    growth: float = 1.5
    patience: float = 300.0
    opening: float = 10.0

    def waits(self) -> Iterator[float]:
        """The waits, without end."""
        wait = self.first
        while True:
            yield wait
            wait = min(wait * self.growth, self.most)
