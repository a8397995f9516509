"""The agent's journal: every run, its events and its counts, in one SQLite file that survives kills."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from studio.agent.run import Counts, RunEvent, RunRequest, RunState, event_from_data, event_to_data
from studio.base.atomic import make_folder
from studio.base.database import writing_database
from studio.base.paths import data_folder

_TABLES = """
create table if not exists runs (
  id text primary key, folder text not null, operation text not null, started real not null, ended real,
  state text not null, read integer not null default 0, written integer not null default 0,
  failed integer not null default 0, filtered integer not null default 0, message text not null default '',
  process integer not null default 0
);
create table if not exists events (
  run text not null references runs(id) on delete cascade, number integer not null, at real not null,
  data text not null, primary key (run, number)
) without rowid;
create index if not exists runs_by_start on runs(started desc);
"""


@dataclass(frozen=True)
class RunRecord:
    """A run as the journal knows it; times are seconds since 1970."""

    id: str
    folder: str
    operation: str
    started: float
    ended: float | None
    state: RunState
    counts: Counts
    message: str
    process: int = 0


class Journal:
    """Open the journal at `path` (the user's data folder by default). Several processes may write at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / "runs.sqlite"
        make_folder(self.path.parent)
        with writing_database(self.path):
            self._db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            try:
                self._db.execute("pragma journal_mode = wal")
                # FULL: an acknowledged run event survives a power cut, at one fsync an event; progress is not journalled.
                self._db.execute("pragma synchronous = full")
                self._db.execute("pragma foreign_keys = on")
                self._db.executescript(_TABLES)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with writing_database(self.path):
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                # A full disk may have ended the transaction by itself.
                if self._db.in_transaction:
                    self._db.execute("rollback")
                raise

    def begin(self, request: RunRequest, process: int) -> None:
        """A run starts in process number `process`; one that is known already stays as it is."""
        with self._transaction() as db:
            db.execute(
                "insert or ignore into runs (id, folder, operation, started, state, process) values (?, ?, ?, ?, ?, ?)",
                (request.id, request.folder, request.operation, time.time(), RunState.RUNNING, process),
            )

    def add(self, event: RunEvent) -> None:
        """Keep one event; progress only updates the counts."""
        with self._transaction() as db:
            self._count(db, event)
            if event.kind != "progress":
                db.execute(
                    "insert into events select ?, 1 + coalesce(max(number), 0), ?, ? from events where run = ?",
                    (event.run, time.time(), json.dumps(event_to_data(event)), event.run),
                )

    def _count(self, db: sqlite3.Connection, event: RunEvent) -> None:
        counts = event.counts
        if counts != Counts():
            db.execute(
                "update runs set read = ?, written = ?, failed = ?, filtered = ? where id = ?",
                (counts.read, counts.written, counts.failed, counts.filtered, event.run),
            )
        if event.kind == "ended":
            db.execute(
                "update runs set state = ?, ended = ?, message = ? where id = ? and ended is null",
                (event.state, time.time(), event.text, event.run),
            )

    def runs(self, *, folder: str | None = None, limit: int = 200) -> tuple[RunRecord, ...]:
        """The newest runs first, of one project folder or of all."""
        where, values = ("where folder = ?", [folder]) if folder is not None else ("", [])
        rows = self._db.execute(
            "select id, folder, operation, started, ended, state, read, written, failed, filtered, message, process "
            f"from runs {where} order by started desc limit ?",
            [*values, limit],
        )
        return tuple(_record(row) for row in rows)

    def run(self, run: str) -> RunRecord | None:
        """One run by its id."""
        rows = self._db.execute(
            "select id, folder, operation, started, ended, state, read, written, failed, filtered, message, process "
            "from runs where id = ?",
            [run],
        )
        return next((_record(row) for row in rows), None)

    def events(self, run: str) -> tuple[RunEvent, ...]:
        """What a run told, in order."""
        rows = self._db.execute("select data from events where run = ? order by number", [run])
        return tuple(event_from_data(json.loads(row[0])) for row in rows)

    def lose(self, run: str, message: str) -> None:
        """Mark a run whose process died without a word; one that has ended stays as it is."""
        self.add(RunEvent(run, "ended", message, level="error", state=RunState.LOST))

    def forget(self, folder: str) -> tuple[str, ...]:
        """Forget the runs of a project folder that have ended, with what they told; returns their ids."""
        with self._transaction() as db:
            gone = db.execute(
                "delete from runs where folder = ? and ended is not null returning id", [folder]
            )
            return tuple(row[0] for row in gone.fetchall())

    def clear(self, *, keep: int = 0) -> None:
        """Forget all but the newest `keep` runs."""
        with self._transaction() as db:
            db.execute(
                "delete from runs where id not in (select id from runs order by started desc limit ?)", [keep]
            )


def _record(row: tuple[str, str, str, float, float | None, str, int, int, int, int, str, int]) -> RunRecord:
    return RunRecord(
        id=row[0],
        folder=row[1],
        operation=row[2],
        started=row[3],
        ended=row[4],
        state=RunState(row[5]),
        counts=Counts(*row[6:10]),
        message=row[10],
        process=row[11],
    )
