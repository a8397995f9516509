"""What a run goes by, and which of its turns is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import NamedTuple

from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.engine.failures import Failure
from studio.engine.formats.units import Broken
from studio.engine.interpret import Judge


@dataclass(frozen=True)
class Settings:
    """How to run: the engine's name, whether the first failure ends the run, where failures go.

    With `nulls` a field whose rule fails is left without a value, and its record is written. `line` is what the line
    numbers of an input that is a part of a file lack to be those of the file. `taken` are source nodes, by the way to
    them, whose records have failed in another target: they fail here without being told.
    """

    engine: str
    strict: bool
    progress: Progress
    failed: Callable[[Failure], object]
    size: int
    name: str
    refused: Mapping[int, Broken] = field(default_factory=dict)
    judge: type[Judge] = Judge
    nulls: bool = False
    line: int = 0
    taken: Mapping[tuple[str, ...], frozenset[int]] = field(default_factory=dict)


class Turn(NamedTuple):
    """A record: its number, and the source nodes it is made of (see Failure.nodes)."""

    record: int
    nodes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Counts:
    """What a run counted of one target; see Stats."""

    records_in: int
    records_out: int
    failed: int
    filtered: int
