"""The journal of unsaved work and of the history: every step is in `.weft/history.db` before the next one is made.

Texts of objects are kept once each, by digest. `disk` remembers what each touched object's file held when we last read
or wrote it, so that an opening can tell unsaved work from changes made outside.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.base import atomic
from studio.project.commit import digest
from studio.project.lock import local_folder

DATABASE = "history.db"
MAX_BYTES = 64 * 1024 * 1024
_FORMAT = 1
_COLLECT_EVERY = 40

_TABLES = """
create table if not exists texts (digest text primary key, data blob not null);
create table if not exists steps (n integer primary key, label text not null, at real not null);
create table if not exists changes (
    n integer not null, object text not null, before text, after text, primary key (n, object)
);
create table if not exists disk (object text primary key, digest text);
create table if not exists state (key text primary key, value integer not null);
"""


@dataclass(frozen=True)
class Entry:
    """A step as kept: the digests of each changed object's text before and after it, None where there was no object."""

    n: int
    label: str
    at: float
    changes: Mapping[str, tuple[str | None, str | None]]


class Journal:
    """One database per project, used by the holder of the project's lock only.

    Every method raises sqlite3.Error when the disk fails; what was kept before stays readable.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._path = path
        self._added = 0
        self._synced = 0

    @staticmethod
    def open(folder: Path) -> Journal:
        """The journal of the project in `folder`; a damaged one is put aside and a new one begun."""
        path = local_folder(folder) / DATABASE
        try:
            return _connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and not path.exists():
                raise
            _put_aside(path)
            return _connect(path)

    def entries(self) -> list[Entry]:
        """All steps, oldest first."""
        changes: dict[int, dict[str, tuple[str | None, str | None]]] = {}
        for n, object, before, after in self._db.execute("select n, object, before, after from changes"):
            changes.setdefault(n, {})[object] = (before, after)
        rows = self._db.execute("select n, label, at from steps order by n").fetchall()
        return [Entry(n, label, at, changes.get(n, {})) for n, label, at in rows]

    def position(self) -> int | None:
        """The number of the current step."""
        return self._number("position")

    def crashed(self) -> bool:
        """The last program that had the project open did not close it."""
        return self._number("open") == 1

    def disk(self) -> dict[str, str | None]:
        """The digest of the text each touched object had on disk when last read or written."""
        return dict(self._db.execute("select object, digest from disk"))

    def text(self, digest: str) -> str:
        """A kept text; KeyError where it is not kept."""
        row = self._db.execute("select data from texts where digest = ?", (digest,)).fetchone()
        if row is None:
            raise KeyError(digest)
        return zlib.decompress(row[0]).decode("utf-8")

    def begin(self, n: int, label: str, at: float) -> None:
        """Forget everything and start with a step that changed nothing."""
        with self._db:
            for table in ("changes", "steps", "texts", "disk"):
                self._db.execute(f"delete from {table}")
            self._db.execute("insert into steps values (?, ?, ?)", (n, label, at))
            self._set("position", n)

    def opened(self) -> None:
        """Note that the project is open, so that a crash can be told from a close."""
        with self._db:
            self._set("open", 1)

    def add(self, n: int, label: str, at: float, changes: Mapping[str, tuple[str | None, str | None]]) -> int:
        """Keep step `n` with each object's text before and after it; steps from `n` on that were there go.

        Returns the number of the first step kept: old ones go when texts take too much room.
        """
        with self._db:
            self._cut(n)
            self._db.execute("insert into steps values (?, ?, ?)", (n, label, at))
            for object, (before, after) in changes.items():
                was, now = self._keep(before), self._keep(after)
                self._db.execute("insert into changes values (?, ?, ?, ?)", (n, object, was, now))
                # An object without an entry was never touched: its file holds what it was before this step.
                self._db.execute("insert or ignore into disk values (?, ?)", (object, was))
            self._set("position", n)
        self._added += 1
        if self._added % _COLLECT_EVERY == 0:
            return self.collect()
        return self._first()

    def move(self, n: int) -> None:
        """Another step became the current one."""
        with self._db:
            self._set("position", n)

    def on_disk(self, texts: Mapping[str, str | None]) -> None:
        """These objects were just read or written: this is what their files hold. Untouched objects are not kept."""
        with self._db:
            for object, text in texts.items():
                self._db.execute("update disk set digest = ? where object = ?", (self._keep(text), object))

    def forget_before(self, n: int) -> None:
        """Forget steps older than `n`, which becomes the first; its changes then say what touched objects hold in it."""
        with self._db:
            self._db.execute(
                "delete from changes where n <= ?1 and n < (select max(n) from changes as later"
                " where later.object = changes.object and later.n <= ?1)",
                (n,),
            )
            self._db.execute("update changes set n = ?1, before = null where n <= ?1", (n,))
            self._db.execute("delete from steps where n < ?", (n,))

    def collect(self, limit: int = MAX_BYTES) -> int:
        """Forget texts no step needs, then the oldest steps while texts take more than `limit` bytes.

        Returns the number of the first step left.
        """
        first, last = self._first(), self.position() or 0
        while True:
            with self._db:
                self._db.execute(
                    "delete from texts where digest not in (select before from changes where before is not null"
                    " union select after from changes where after is not null"
                    " union select digest from disk where digest is not null)"
                )
            (size,) = self._db.execute("select coalesce(sum(length(data)), 0) from texts").fetchone()
            if size <= limit or first >= last:
                return first
            first += max(1, (last - first) // 2)
            self.forget_before(first)

    def sync(self) -> None:
        """Make what was kept survive a power cut too; a killed process loses nothing even without."""
        if self._db.total_changes == self._synced:
            return
        self._synced = self._db.total_changes
        log = self._path.with_name(self._path.name + "-wal")
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(log, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def close(self) -> None:
        """Note that the project was closed in order."""
        with contextlib.suppress(sqlite3.Error), self._db:
            self._set("open", 0)
        self._db.close()

    def _keep(self, text: str | None) -> str | None:
        if text is None:
            return None
        data = text.encode("utf-8")
        key = digest(data)
        if self._db.execute("select 1 from texts where digest = ?", (key,)).fetchone() is None:
            self._db.execute("insert into texts values (?, ?)", (key, zlib.compress(data, 1)))
        return key

    def _first(self) -> int:
        (first,) = self._db.execute("select coalesce(min(n), 0) from steps").fetchone()
        return int(first)

    def _cut(self, n: int) -> None:
        """Forget the steps from `n` on, but not what an object they alone changed holds now, where that is unsaved."""
        only = self._db.execute(
            "select object, before, min(n) from changes as c where n >= ?1 and not exists"
            " (select 1 from changes as e where e.object = c.object and e.n < ?1) group by object",
            (n,),
        ).fetchall()
        self._db.execute("delete from changes where n >= ?", (n,))
        self._db.execute("delete from steps where n >= ?", (n,))
        disk = self.disk()
        for object, before, _n in only:
            if disk.get(object) == before:
                self._db.execute("delete from disk where object = ?", (object,))
            else:
                self._db.execute(
                    "insert into changes values (?, ?, null, ?)", (self._first(), object, before)
                )

    def _number(self, key: str) -> int | None:
        row = self._db.execute("select value from state where key = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def _set(self, key: str, value: int) -> None:
        self._db.execute("insert or replace into state values (?, ?)", (key, value))


def _connect(path: Path) -> Journal:
    connection = sqlite3.connect(path, timeout=2)
    try:
        # The project's lock keeps others away; the write-ahead log makes a step one short append.
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.executescript(_TABLES)
        (version,) = connection.execute("pragma user_version").fetchone()
        if version not in (0, _FORMAT):
            raise sqlite3.DatabaseError("a journal of another format")
        connection.execute(f"pragma user_version = {_FORMAT}")
        if connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("a damaged journal")
    except BaseException:
        connection.close()
        raise
    return Journal(connection, path)


def _put_aside(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        atomic.discard(path.with_name(path.name + suffix))
    with contextlib.suppress(OSError):
        path.replace(path.with_name(path.name + ".damaged"))
