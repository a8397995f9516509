"""What sample data shows about a mapping: values, counts, problems per node, as plain data for the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """What a node held in one record: the text of its first instance and how many instances there were."""

    text: str
    count: int = 1


@dataclass(frozen=True)
class LoopCount:
    """A loop over all sample records: candidates met, instances written."""

    candidates: int
    written: int


@dataclass(frozen=True)
class RuleProblem:
    """A rule that failed for this record."""

    path: str
    message: str


@dataclass(frozen=True)
class Evidence:
    """One sample record through the map.

    `record` counts from 1 in `records` instances of the outermost loop. `source` is keyed by source address without
    instance numbers, `target` by target address as in the map (instance numbers kept only where rules carry them); an
    address missing from them is not in this record. `loops` is keyed by the looping rule's target path and counts the
    whole sample. `document` is the record's target text. `milliseconds` is the time the engine took.
    """

    record: int
    records: int
    source: Mapping[str, Seen] = field(default_factory=dict)
    target: Mapping[str, Seen] = field(default_factory=dict)
    problems: tuple[RuleProblem, ...] = ()
    loops: Mapping[str, LoopCount] = field(default_factory=dict)
    document: str = ""
    milliseconds: float = 0.0
