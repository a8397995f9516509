"""Which source nodes are looked for in an input, and how what is found is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from studio.base.records import dataclass

Chain = tuple[str, ...]


class Numbers:
    """A set of numbers from 1, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()
        self.count = 0
        self.last = 0

    def add(self, number: int) -> None:
        """Put one in."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + (len(self._bits) >> 1)))
        if not self._bits[place] & bit:
            self._bits[place] |= bit
            self.count += 1
            self.last = max(self.last, number)

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (number & 7))


@dataclass
class Place:
    """One place of an input where records are: `kept` stay in the document, `shown` are told.

    `repeats` says of each step whether there may be several; `entries` whether it stands for the entries of a JSON array.
    """

    chain: Chain
    repeats: tuple[bool, ...]
    entries: tuple[bool, ...]
    kept: Numbers = field(default_factory=Numbers)
    shown: Numbers = field(default_factory=Numbers)

    @property
    def last(self) -> int:
        """The number of the last node that is looked for."""
        return max(self.kept.last, self.shown.last)


@dataclass(frozen=True)
class Found:
    """A node that was looked for: its number at the place, its address, its text in the input.

    `line` is the one it begins in, None where there are no lines or they are not known.
    """

    place: Place
    number: int
    path: str
    line: int | None
    text: str


@dataclass
class Cut:
    """What a format's cutter is given: it writes the document and tells what it finds.

    Nodes at a place are left out unless they are kept; `check` is called now and then and may raise.
    """

    places: tuple[Place, ...]
    write: Callable[[bytes], object]
    tell: Callable[[Found], object]
    check: Callable[[], object] = lambda: None

    def at(self, chain: Chain) -> Place | None:
        """The place where nodes at a chain of keys are counted."""
        return next((place for place in self.places if place.chain == chain), None)

    def below(self, chain: Chain) -> bool:
        """There is a place further down."""
        return any(
            len(place.chain) > len(chain) and place.chain[: len(chain)] == chain for place in self.places
        )


def address(steps: list[tuple[str, int]]) -> str:
    """The address of a node from the keys of its steps with their numbers, 0 for one that is alone."""
    parts = []
    for key, number in steps:
        name = key.rpartition("}")[2]
        parts.append(f"{name}[{number}]" if number else name)
    return "/" + "/".join(parts)
