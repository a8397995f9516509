"""What sample data shows about a mapping: values, counts, problems per node, as plain data for the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Seen(NamedTuple):
    """What a node held in one record: the text of its first instance and how many instances there were."""

    text: str
    count: int = 1  # type: ignore[assignment]  # a tuple has a method of that name


class Turn(NamedTuple):
    """The turn of a loop that is looked at, and how many there are where it stands."""

    number: int
    total: int


@dataclass(frozen=True)
class LoopCount:
    """A loop over all sample records: candidates met, instances written."""

    candidates: int
    written: int


@dataclass(frozen=True)
class RuleProblem:
    """A rule that failed for this record, in `count` turns: in those looked at, else first in these of the loops inside."""

    path: str
    message: str
    turns: tuple[tuple[str, int], ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Evidence:
    """One sample record through the map.

    `record` counts from 1 in `records` instances of the outermost loop. `source` is keyed by source address without
    instance numbers (of the kinds that a map tells apart, with their type too), `target` by target address as in the map (instance numbers kept only where rules carry them); an
    address missing from them is not in this record, or not in the turns looked at. `turns` are those of the loops inside
    the record, by target path: of such nodes the values are those of the turn, counts those of the record. `loops` is keyed by the looping rule's target path and counts the
    whole sample. `missing` are mandatory source nodes that the record does not have, `unknown` nodes beside them that the
    schema does not have. `document` is the record's target text. `milliseconds` is the time the engine took.
    """

    record: int
    records: int
    source: Mapping[str, Seen] = field(default_factory=dict)
    target: Mapping[str, Seen] = field(default_factory=dict)
    problems: tuple[RuleProblem, ...] = ()
    turns: Mapping[str, Turn] = field(default_factory=dict)
    loops: Mapping[str, LoopCount] = field(default_factory=dict)
    document: str = ""
    milliseconds: float = 0.0
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def here(self, turns: Iterable[tuple[str, int]]) -> bool:
        """Whether turns (target path of the loop, number) are those looked at."""
        return all(path not in self.turns or self.turns[path].number == number for path, number in turns)


@dataclass(frozen=True)
class Came:
    """A source node that went into a value: its address with instance numbers, its text, and which path read it where.

    `script` is empty where the rule's own script read it, else the condition's.
    """

    path: str
    text: str | None
    read: str = ""
    line: int | None = None
    column: int | None = None
    script: str = ""


@dataclass(frozen=True)
class Around:
    """A turn of a loop around a value: the loop's target path, its number, the source nodes or the array's entry."""

    path: str
    number: int
    nodes: tuple[str, ...] = ()
    entry: str | None = None


@dataclass(frozen=True)
class ValueMade:
    """A value that a rule gave: None where there is none; `problem` where the rule failed."""

    path: str
    text: str | None
    script: str
    sources: tuple[Came, ...] = ()
    turns: tuple[Around, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Provenance:
    """What is known of the values of one node in one record; `more` values are not among them."""

    side: str
    path: str
    record: int
    values: tuple[ValueMade, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Answer:
    """The value as a debugger shows it, or the problem; what was logged, the globals before and after.

    `met` is False where the record does not come to the rule; `own` are the script's own variables at its end.
    """

    met: bool = False
    value: str = ""
    problem: str = ""
    line: int | None = None
    column: int | None = None
    logged: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    own: tuple[tuple[str, str], ...] = ()
