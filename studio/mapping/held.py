"""What a debugger holds at and shows, as plain data: breakpoints, places, and the values around a place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.mapping.evidence import Around, Came


class At(StrEnum):
    """What is about to happen at a place: a loop's turn, a rule's script, a condition, a statement of a script.

    FAILURE: a rule has just failed; BREAK: a script says DebugBreak.
    """

    TURN = "turn"
    RULE = "rule"
    CONDITION = "condition"
    LINE = "line"
    FAILURE = "failure"
    BREAK = "break"


class Go(StrEnum):
    """How to go on: to the next breakpoint, over this rule or line, to the very next place, out of this script or loop."""

    RUN = "run"
    OVER = "over"
    INTO = "into"
    OUT = "out"


class Why(StrEnum):
    """Why a run is held."""

    BREAKPOINT = "breakpoint"
    STEP = "step"
    PAUSE = "pause"
    FAILURE = "failure"
    BREAK = "break"


@dataclass(frozen=True)
class Breakpoint:
    """Hold before something happens at a target path.

    `at` is TURN, RULE or CONDITION, or empty for the first of them that the node has in the order RULE, TURN, CONDITION.
    `number` holds only at that turn of the nearest loop, `when` only where that script is true. One that is `off` is
    kept for later.
    """

    path: str
    at: str = ""
    number: int = 0
    when: str = ""
    off: bool = False


@dataclass(frozen=True)
class Watch:
    """A script looked at while the run is held: its value as text, or why there is none."""

    script: str
    value: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class Stop:
    """Where a run is held. `record` is 0 outside the records; `turns` are those of the loops around, the outermost first.

    `line` and `column` (from 1) are those of the statement in `script`, with `length` characters, 0 outside scripts.
    `sources` are the nodes that the script at hand reads, `globals` and `locals` the variables by name, `target` what the
    rules of this record have given so far, the latest last. `met` says how often the breakpoint was met.
    """

    why: str
    at: str
    path: str
    script: str = ""
    line: int = 0
    column: int = 0
    length: int = 0
    record: int = 0
    message: str = ""
    met: int = 0
    turns: tuple[Around, ...] = ()
    sources: tuple[Came, ...] = ()
    globals: tuple[tuple[str, str], ...] = ()
    locals: tuple[tuple[str, str], ...] = ()
    target: tuple[tuple[str, str], ...] = ()
    watches: tuple[Watch, ...] = ()
