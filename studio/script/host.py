"""What a script may ask of the world around it; the engine and the agent implement it, a plain one is here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Protocol

from studio import __version__
from studio.base.errors import Cancelled
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.script import memory
from studio.script.errors import LimitReached, RunError, Unavailable
from studio.script.tree import Path, Value


@dataclass(frozen=True)
class Limits:
    """What a script may use up: turns per While, turns of all loops together, seconds. (Texts and arrays: values.py.)"""

    iterations: int = 50_000
    steps: int = 50_000_000
    seconds: float = 300.0


DEFAULT_LIMITS = Limits()
HERE: Mapping[str, tuple[int, str]] = {
    "Agent": (0, "embedded"),
    "AgentGroup": (0, "local"),
    "AgentVersion": (0, __version__),
    "Environment": (0, "local"),
    "Organization": (0, "local"),
}
"""The environment of a script that runs in this program, not on a server's agent."""


@dataclass(frozen=True)
class SourceNode:
    """A node of the source as scripts may look at it: its name, attributes and children that hold only a value.

    An attribute's name begins with `@`. `text` is its own text, None without any; `xml` writes it and everything below
    as XML (an attribute as its value).
    """

    name: str
    attributes: tuple[tuple[str, Value], ...]
    elements: tuple[tuple[str, Value], ...]
    text: str | None
    nil: bool
    xml: Callable[[], str]


class Host(Protocol):
    """The world of a running script.

    `variables` holds the globals by name without `$`, `environment` number and name of Agent, AgentGroup, AgentVersion,
    Environment and Organization. Every method may raise RunError (the script can catch it) or
    any other WeftError (it cannot).
    """

    variables: MutableMapping[str, Value]
    limits: Limits
    environment: Mapping[str, tuple[int, str]]

    def read(self, path: Path) -> Value:
        """The value at a path: null where nothing is, an array where a step repeats."""

    def node(self, path: Path) -> SourceNode | None:
        """The first node a path leads to, None where there is none. Raises RunError without a source document."""

    def now(self) -> datetime:
        """The current time in UTC, without a zone."""

    def log(self, message: str) -> None:
        """Add a line to the operation log."""

    def lookup(self, table: str, key: str, column: str | None) -> tuple[bool, Value]:
        """Whether a value table has the key, and the value in the column (None: the second column)."""

    def ask(self, function: str, arguments: Sequence[Value]) -> Value:
        """Answer a function that only the surroundings can: GetInstance, RecordCount, RunScript, DBLookup …

        Raises Unavailable for one they do not offer.
        """

    def tick(self) -> None:
        """Called in loops and before long work: raises Cancelled or LimitReached when the script must stop."""

    def pause(self) -> None:
        """Hold here for whoever follows the run step by step; nothing where nobody does."""


@dataclass
class PlainHost:
    """A host without documents: variables, value tables, a log kept in memory, a clock and limits.

    `reader` answers paths and `nodes` paths taken for their node, `answers` functions of the surroundings by lower-case
    name; `stopped` is asked now and then and returns true to stop; `paused` is called at DebugBreak and
    returns when the run goes on.
    """

    variables: MutableMapping[str, Value] = field(default_factory=dict)
    limits: Limits = DEFAULT_LIMITS
    environment: Mapping[str, tuple[int, str]] = field(default_factory=lambda: HERE)
    tables: Mapping[str, Mapping[str, Mapping[str, str] | str]] = field(default_factory=dict)
    reader: Callable[[Path], Value] | None = None
    nodes: Callable[[Path], SourceNode | None] | None = None
    answers: Mapping[str, Callable[..., Value]] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None)
    stopped: Callable[[], bool] = lambda: False
    paused: Callable[[], object] = lambda: None
    logged: list[str] = field(default_factory=list)
    _ticks: int = 0
    _started: float = field(default_factory=time.monotonic)

    def read(self, path: Path) -> Value:
        """What `reader` gives; without one, an error."""
        if self.reader is None:
            raise no_source()
        return self.reader(path)

    def node(self, path: Path) -> SourceNode | None:
        """What `nodes` gives; without it, an error."""
        if self.nodes is None:
            raise no_source()
        return self.nodes(path)

    def pause(self) -> None:
        """Call `paused`."""
        self.paused()

    def now(self) -> datetime:
        """What `clock` gives."""
        return self.clock()

    def log(self, message: str) -> None:
        """Keep the message in `logged`, at most 100,000 of them."""
        if len(self.logged) >= 100_000:
            raise LimitReached(_("The script writes too many lines to the log."))
        self.logged.append(message)

    def lookup(self, table: str, key: str, column: str | None) -> tuple[bool, Value]:
        """A row is text, or a mapping of columns whose first is the key."""
        if table not in self.tables:
            raise RunError(
                _("There is no value table {name}.").format(name=table),
                next_step=_("Add tables/{name}.csv to the project.").format(name=table),
            )
        row = self.tables[table].get(key)
        if row is None:
            return False, None
        if isinstance(row, str):
            return True, row
        names = list(row)
        name = column if column is not None else names[min(1, len(names) - 1)]
        if name not in row:
            raise RunError(
                _("The value table {table} has no column {name}.").format(table=table, name=name),
                next_step=_("Its columns are: {names}.").format(names=", ".join(names)),
            )
        return True, row[name]

    def ask(self, function: str, arguments: Sequence[Value]) -> Value:
        """What `answers` gives."""
        answer = self.answers.get(function.lower())
        if answer is None:
            raise Unavailable(_("{name} is not available here.").format(name=function))
        return answer(*arguments)

    def tick(self) -> None:
        """Count; stop when told to, and at the limits of steps, seconds and memory."""
        self._ticks += 1
        if self._ticks > self.limits.steps:
            raise LimitReached(_("The script takes more than {n} steps.").format(n=self.limits.steps))
        if self._ticks & 15:
            return
        if time.monotonic() - self._started > self.limits.seconds:
            raise LimitReached(_("The script runs longer than {n} seconds.").format(n=self.limits.seconds))
        memory.check()
        if self.stopped():
            raise Cancelled(_("The script was stopped."))


def no_source() -> RunError:
    """The error of reading where there is no document."""
    return RunError(
        _("There is no source document to read from."),
        next_step=_("Use paths in a transformation's rules."),
    )
