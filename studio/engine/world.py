"""World: what scripts may ask of a run: variables, value tables, the log, the clock, the loops around a rule."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from studio.base.i18n import _
from studio.base.progress import Progress
from studio.engine.generate.layout import Row
from studio.engine.items import Item
from studio.engine.plan import Join
from studio.script.errors import LimitReached, RunError, Unavailable
from studio.script.host import DEFAULT_LIMITS, HERE, Limits, SourceNode, no_source
from studio.script.tree import Path, Value

Asker = Callable[[list[Value]], list[tuple[Any, ...]]]
Table = Mapping[str, Mapping[str, str]]
LOG_LINES = 100_000


def no_document(_path: Path) -> NoReturn:
    """Outside a rule there is nothing to read."""
    raise no_source()


def no_rows(join: Join, _values: list[Value]) -> NoReturn:
    """Where no further source is open there are no rows."""
    raise RunError(
        _("The rows of the join {name} are not at hand.").format(name=join.name),
        next_step=_("Run the transformation with the document they are in."),
    )


class World:
    """A Host for the rules of one run.

    `reader` answers paths and `answers` the functions about the loops around a rule, by lower-case name, `joined` gives
    the rows of a join for the values asked for, `asker` what generated code asks for them; the back end sets them. `record` starts the count of steps and seconds anew, so that limits hold per record.
    """

    def __init__(
        self,
        tables: Mapping[str, Table],
        variables: MutableMapping[str, Value] | None = None,
        *,
        progress: Progress | None = None,
        limits: Limits = DEFAULT_LIMITS,
        log: Callable[[str], object] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.variables: MutableMapping[str, Value] = {} if variables is None else variables
        self.limits = limits
        self.environment = HERE
        self.tables = tables
        self.reader: Callable[[Path], Value] = no_document
        self.nodes: Callable[[Path], SourceNode | None] = no_document
        self.answers: Mapping[str, Callable[..., Value]] = {}
        self.joined: Callable[[Join, list[Value]], list[Item]] = no_rows
        self.asker: Callable[[Join, Row], Asker] = lambda join, _row: lambda values: no_rows(join, values)
        self.paused: Callable[[], object] | None = None
        self.logged: list[str] = []
        self._log = log
        self._held: list[str] | None = None
        self._clock = clock
        self._progress = progress or Progress()
        self._columns: dict[tuple[str, str | None], Mapping[str, str]] = {}
        self._ticks = 0
        self._started = 0.0

    def record(self) -> None:
        """A record begins."""
        self._ticks = 0
        self._started = 0.0

    def read(self, path: Path) -> Value:
        """The value at a path, from the back end."""
        return self.reader(path)

    def node(self, path: Path) -> SourceNode | None:
        """The node at a path, from the back end."""
        return self.nodes(path)

    def pause(self) -> None:
        """Whoever follows the run holds it at DebugBreak, through `paused`."""
        if self.paused is not None:
            self.paused()

    def now(self) -> datetime:
        """The current time in UTC."""
        return self._clock() if self._clock else datetime.now(UTC).replace(tzinfo=None)

    def log(self, message: str) -> None:
        """Pass a line on, or keep it; at most LOG_LINES."""
        if self._held is not None:
            if len(self.logged) + len(self._held) >= LOG_LINES:
                raise LimitReached(_("The scripts write too many lines to the log."))
            self._held.append(message)
            return
        if self._log is not None:
            self._log(message)
            return
        if len(self.logged) >= LOG_LINES:
            raise LimitReached(_("The scripts write too many lines to the log."))
        self.logged.append(message)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Lines written inside reach the log at the end, and not at all when an error ends it."""
        lines: list[str] = []
        self._held = lines
        try:
            yield
        finally:
            self._held = None
        for line in lines:
            self.log(line)

    @contextlib.contextmanager
    def unlogged(self) -> Iterator[None]:
        """Lines written inside are forgotten, and steps and seconds do not count: somebody only looks."""
        before = self._log, self._held, self._ticks, self._started
        self._log, self._held = (lambda _line: None), None
        try:
            yield
        finally:
            self._log, self._held, self._ticks, self._started = before

    def waited(self, seconds: float) -> None:
        """The run was held so long: that time is not the script's."""
        self._started += seconds if self._started else 0.0

    def lookup(self, table: str, key: str, column: str | None) -> tuple[bool, Value]:
        """Whether a value table has the key, and the value in the column (None: the second)."""
        try:
            found = self._columns[table, column].get(key)
        except KeyError:
            found = self._column(table, column).get(key)
        return found is not None, found

    def _column(self, table: str, column: str | None) -> Mapping[str, str]:
        """A table's column by key; kept, because every record asks for it."""
        rows = self.tables.get(table)
        if rows is None:
            raise RunError(
                _("There is no value table {name}.").format(name=table),
                next_step=_("Add tables/{name}.csv to the project.").format(name=table),
            )
        names = list(next(iter(rows.values()), {}))
        name = column if column is not None else names[min(1, len(names) - 1)] if names else ""
        if rows and name not in names:
            raise RunError(
                _("The value table {table} has no column {name}.").format(table=table, name=name),
                next_step=_("Its columns are: {names}.").format(names=", ".join(names)),
            )
        found = {key: row.get(name, "") for key, row in rows.items()}
        self._columns[table, column] = found
        return found

    def ask(self, function: str, arguments: Sequence[Value]) -> Value:
        """Answer a function about the loops around the rule."""
        answer = self.answers.get(function.lower())
        if answer is None:
            raise Unavailable(
                _("{name} is not available in a transformation's rules.").format(name=function),
                next_step=_("Call it in a script of the operation."),
            )
        return answer(*arguments)

    def tick(self) -> None:
        """Count; stop after the limits of steps and seconds per record, or when the run is stopped."""
        self._ticks += 1
        if self._ticks > self.limits.steps:
            raise LimitReached(_("The script takes more than {n} steps.").format(n=self.limits.steps))
        if self._ticks & 255:
            return
        now = time.monotonic()
        self._started = self._started or now
        if now - self._started > self.limits.seconds:
            raise LimitReached(_("The script runs longer than {n} seconds.").format(n=self.limits.seconds))
        self._progress.check()
