"""The write-ahead journal of one move: what is about to be done is on disk before it is done."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from studio.base.database import writing_database
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves.model import Counts, Fingerprint, Move, MoveState
from studio.moves.rows.stage import Slice

FILE = "journal.sqlite"
FORMAT = 1

_TABLES = """
CREATE TABLE move (
  only INTEGER PRIMARY KEY CHECK (only = 1), format INTEGER NOT NULL, spec TEXT NOT NULL, fingerprint TEXT NOT NULL,
  state TEXT NOT NULL, created REAL NOT NULL, seconds REAL NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0,
  facts TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE chunk (
  number INTEGER PRIMARY KEY, first INTEGER NOT NULL, rows INTEGER NOT NULL, offset INTEGER NOT NULL,
  bytes INTEGER NOT NULL, parent INTEGER, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
  job TEXT NOT NULL DEFAULT '', job_state TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '',
  sent INTEGER NOT NULL DEFAULT 0, succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  unprocessed INTEGER NOT NULL DEFAULT 0, not_sent INTEGER NOT NULL DEFAULT 0,
  unreconciled INTEGER NOT NULL DEFAULT 0, since REAL NOT NULL DEFAULT 0
);
CREATE TABLE held (row INTEGER PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE job (id TEXT PRIMARY KEY, chunk INTEGER NOT NULL, attempt INTEGER NOT NULL, fate TEXT NOT NULL);
"""


class ChunkState(StrEnum):
    """How far a chunk is; each is written before the call that leads out of it.

    PLANNED nothing was asked of the org · CREATING a job may exist that we know nothing of · UPLOADING the job's
    content is unknown, so the job must not be used · UPLOADED the job holds exactly the chunk · CLOSING the org may have
    been told to start · SUBMITTED it was · DONE every row's outcome is written.
    """

    PLANNED = "planned"
    CREATING = "creating"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    CLOSING = "closing"
    SUBMITTED = "submitted"
    DONE = "done"

    @property
    def in_the_org(self) -> bool:
        """The org may be working on the rows: only the org knows what became of them."""
        return self in (ChunkState.CLOSING, ChunkState.SUBMITTED)


@dataclass(frozen=True)
class Chunk:
    """Rows that travel in one job. `parent` is the chunk whose unprocessed rows this one sends again."""

    number: int
    part: Slice
    state: ChunkState = ChunkState.PLANNED
    parent: int | None = None
    attempt: int = 0
    job: str = ""
    job_state: str = ""
    message: str = ""
    sent: int = 0
    counts: Counts = field(default_factory=Counts)
    unreconciled: int = 0
    since: float = 0.0


class Journal:
    """One move's journal file. Each change is a transaction that has reached the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with writing_database(folder / FILE):
            self._connection = sqlite3.connect(
                folder / FILE, isolation_level=None, timeout=30, check_same_thread=False
            )
        self._connection.row_factory = sqlite3.Row

    @staticmethod
    def create(
        folder: Path, move: Move, fingerprint: Fingerprint, chunks: Iterable[Chunk], held: Iterable[tuple[int, str]],
        facts: Mapping[str, Any],
    ) -> Journal:  # fmt: skip
        """Write a planned move, whole or not at all."""
        journal = Journal(folder)
        with _closing_on_error(journal), writing_database(folder / FILE):
            # One write to the disk a change instead of several.
            journal._connection.execute("PRAGMA journal_mode = WAL")
            journal._connection.execute("PRAGMA synchronous = FULL")
        with _closing_on_error(journal), journal._transaction() as db:
            # One statement at a time: executescript would end the transaction.
            for statement in _TABLES.split(";"):
                if statement.strip():
                    db.execute(statement)
            db.execute(
                "INSERT INTO move (only, format, spec, fingerprint, state, created, facts) VALUES (1,?,?,?,?,?,?)",
                (
                    FORMAT,
                    json.dumps(move.to_data()),
                    json.dumps(fingerprint.__dict__),
                    MoveState.PLANNED,
                    time.time(),
                    json.dumps(dict(facts)),
                ),
            )
            db.executemany("INSERT INTO held VALUES (?,?)", held)
            for chunk in chunks:
                journal._insert(chunk)
        return journal

    @staticmethod
    def open(folder: Path) -> Journal:
        """Open the journal in a move's folder; raises BadInput when there is none, or a damaged or newer one."""
        if not (folder / FILE).is_file():
            raise BadInput(_("There is no move here."), file=folder, next_step=_("See weft move status."))
        journal = Journal(folder)
        try:
            journal._connection.execute("PRAGMA synchronous = FULL")
            found = journal._connection.execute("SELECT format FROM move").fetchone()
        except sqlite3.DatabaseError as error:
            journal.close()
            raise BadInput(
                _("The journal of the move is damaged: {reason}.").format(reason=str(error)),
                file=folder / FILE,
            ) from error
        if found is None or found["format"] > FORMAT:
            journal.close()
            raise BadInput(
                _("The move was made by a newer version of Weft Studio."),
                file=folder / FILE,
                next_step=_("Update this program to go on with it."),
            )
        return journal

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def run(self) -> str:
        """The move's name: its folder's."""
        return self.folder.name

    # What was asked for.

    @property
    def move(self) -> Move:
        """The move as it was planned."""
        return Move.from_data(json.loads(self._one("spec")))

    @property
    def fingerprint(self) -> Fingerprint:
        """What the source was when it was read."""
        data = json.loads(self._one("fingerprint"))
        return Fingerprint(data["size"], data["sha256"], data["rows"], tuple(data["header"]))

    @property
    def facts(self) -> dict[str, Any]:
        """What the move must remember: the org's id, address, API version, warnings."""
        found = json.loads(self._one("facts"))
        return dict(found)

    def remember(self, **facts: Any) -> None:
        """Add facts."""
        with self._transaction() as db:
            db.execute("UPDATE move SET facts = ?", (json.dumps(self.facts | facts),))

    # How far it is.

    @property
    def state(self) -> MoveState:
        """Where the move is, as last written: RUNNING in a journal nobody works on means it was interrupted."""
        return MoveState(self._one("state"))

    def set_state(self, state: MoveState) -> None:
        """Write where the move is."""
        with self._transaction() as db:
            db.execute("UPDATE move SET state = ?", (state,))

    @property
    def created(self) -> float:
        """When the move was planned (seconds since 1970)."""
        return float(self._one("created"))

    @property
    def spent(self) -> tuple[float, int]:
        """Seconds and requests of all sessions so far."""
        return float(self._one("seconds")), int(self._one("calls"))

    def spend(self, seconds: float, calls: int) -> None:
        """Add a session's seconds and requests."""
        with self._transaction() as db:
            db.execute("UPDATE move SET seconds = seconds + ?, calls = calls + ?", (seconds, calls))

    # Chunks.

    def chunks(self) -> list[Chunk]:
        """All chunks, in order."""
        rows = self._connection.execute("SELECT * FROM chunk ORDER BY number")
        return [_chunk(row) for row in rows]

    def add_chunk(self, chunk: Chunk) -> None:
        """Plan one more chunk."""
        with self._transaction():
            self._insert(chunk)

    def update(self, chunk: Chunk, **changes: Any) -> Chunk:
        """Write changes of a chunk and return it changed."""
        changed = replace(chunk, **changes)
        with self._transaction() as db:
            db.execute(
                "UPDATE chunk SET state=?, attempt=?, job=?, job_state=?, message=?, sent=?, succeeded=?, failed=?,"
                " unprocessed=?, not_sent=?, unreconciled=?, since=? WHERE number=?",
                (
                    changed.state,
                    changed.attempt,
                    changed.job,
                    changed.job_state,
                    changed.message,
                    changed.sent,
                    changed.counts.succeeded,
                    changed.counts.failed,
                    changed.counts.unprocessed,
                    changed.counts.not_sent,
                    changed.unreconciled,
                    changed.since,
                    changed.number,
                ),
            )
            if changed.job and changed.job != chunk.job:
                db.execute(
                    "INSERT OR REPLACE INTO job VALUES (?,?,?,'used')",
                    (changed.job, changed.number, changed.attempt),
                )
        return changed

    def abandon(self, chunk: Chunk) -> Chunk:
        """The chunk starts anew with another job; the old one's id stays known as given up."""
        with self._transaction() as db:
            db.execute("UPDATE job SET fate = 'abandoned' WHERE id = ?", (chunk.job,))
        return self.update(chunk, state=ChunkState.PLANNED, job="", job_state="")

    def send_again(self, parent: Chunk, number: int) -> Chunk:
        """Plan the parent's unprocessed rows as a chunk of their own; from now on they are counted there."""
        child = Chunk(number, parent.part, parent=parent.number)
        with self._transaction() as db:
            db.execute("UPDATE chunk SET unprocessed = 0 WHERE number = ?", (parent.number,))
            self._insert(child)
        return child

    def jobs(self) -> dict[str, str]:
        """Every job id this move ever had, with its fate."""
        return {row["id"]: row["fate"] for row in self._connection.execute("SELECT id, fate FROM job")}

    def held(self, part: Slice) -> dict[int, str]:
        """The rows of a part that are kept back, and why."""
        rows = self._connection.execute(
            "SELECT row, answer FROM held WHERE row BETWEEN ? AND ?", (part.first, part.first + part.rows - 1)
        )
        return {row["row"]: row["answer"] for row in rows}

    def _insert(self, chunk: Chunk) -> None:
        part = chunk.part
        self._connection.execute(
            "INSERT INTO chunk (number, first, rows, offset, bytes, parent, state) VALUES (?,?,?,?,?,?,?)",
            (chunk.number, part.first, part.rows, part.offset, part.bytes, chunk.parent, chunk.state),
        )

    def _one(self, column: str) -> Any:
        with closing(self._connection.execute(f"SELECT {column} FROM move")) as found:
            return found.fetchone()[0]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with writing_database(self.folder / FILE):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


@contextmanager
def _closing_on_error(journal: Journal) -> Iterator[None]:
    """Let go of the journal's file when the block fails."""
    try:
        yield
    except BaseException:
        journal.close()
        raise


def _chunk(row: sqlite3.Row) -> Chunk:
    return Chunk(
        number=row["number"],
        part=Slice(row["first"], row["rows"], row["offset"], row["bytes"]),
        state=ChunkState(row["state"]),
        parent=row["parent"],
        attempt=row["attempt"],
        job=row["job"],
        job_state=row["job_state"],
        message=row["message"],
        sent=row["sent"],
        counts=Counts(row["succeeded"], row["failed"], row["unprocessed"], row["not_sent"]),
        unreconciled=row["unreconciled"],
        since=row["since"],
    )
