"""Which record each row became: names of rows (an old id, a key) with the new id, or why there is none; on disk."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path

from studio.base.atomic import told
from studio.base.database import writing_database
from studio.base.records import dataclass
from studio.moves.carrying.parts import Kind, source_columns
from studio.moves.several.model import Fold

FILE = "names.sqlite"
_BATCH = 2000
_TABLES = """
CREATE TABLE IF NOT EXISTS name (
  object TEXT, by TEXT, value TEXT, id TEXT NOT NULL, fate TEXT NOT NULL, row INTEGER NOT NULL,
  PRIMARY KEY (object, by, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (part INTEGER, row INTEGER, id TEXT NOT NULL, PRIMARY KEY (part, row)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learned (what TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Fate(StrEnum):
    """What became of a named row: it has a record, it has none, or two rows have the name."""

    THERE = "there"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    UNPROCESSED = "unprocessed"
    TWICE = "twice"


@dataclass(frozen=True)
class Named:
    """What is known of a name: its record's id (where it is there) and the row that has it."""

    id: str
    fate: Fate
    row: int = 0


Entry = tuple[str, str, Named]


class Names:
    """The names of one set. What is learned of a part is written whole or not at all, and once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        with writing_database(self._file):
            self._db = sqlite3.connect(self._file, isolation_level=None, timeout=30)
            self._db.execute("PRAGMA synchronous = FULL")
            for statement in _TABLES.split(";"):
                if statement.strip():
                    self._db.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def knows(self, what: str) -> bool:
        """This was learned before."""
        with closing(self._db.execute("SELECT 1 FROM learned WHERE what = ?", (what,))) as found:
            return found.fetchone() is not None

    def learn(
        self,
        what: str,
        object_name: str,
        entries: Iterable[Entry],
        records: Iterable[tuple[int, int, str]] = (),
    ) -> None:
        """Take names `(by, value as folded, what became of it)` of an object's rows, and `(part, row, id)` of its records.

        A name two records have becomes TWICE; a record's name stands before that of a row without one.
        """
        waiting, found = iter(entries), iter(records)
        with self._transaction():
            while batch := list(islice(waiting, _BATCH)):
                self._db.executemany(
                    "INSERT INTO name VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
                    " fate = CASE WHEN name.id = '' OR excluded.id = '' OR name.id = excluded.id"
                    "  THEN CASE WHEN name.id = '' THEN excluded.fate ELSE name.fate END ELSE 'twice' END,"
                    " row = CASE WHEN name.id = '' THEN excluded.row ELSE name.row END,"
                    " id = CASE WHEN name.id = '' THEN excluded.id ELSE name.id END",
                    [(object_name, by, value, one.id, one.fate, one.row) for by, value, one in batch],
                )
            while ids := list(islice(found, _BATCH)):
                self._db.executemany("INSERT OR REPLACE INTO record VALUES (?,?,?)", ids)
            self._db.execute("INSERT OR IGNORE INTO learned VALUES (?)", (what,))

    def find(self, object_name: str, by: str, values: Iterable[str]) -> dict[str, Named]:
        """What is known of these names."""
        wanted = json.dumps(list(dict.fromkeys(values)))
        rows = self._db.execute(
            "SELECT value, id, fate, row FROM name WHERE object = ? AND by = ?"
            " AND value IN (SELECT value FROM json_each(?))",
            (object_name, by, wanted),
        )
        return {value: Named(id_, Fate(fate), row) for value, id_, fate, row in rows}

    def ids(self, part: int, rows: Sequence[int]) -> dict[int, str]:
        """The record ids of a part's rows, numbered from 1; rows without a record are left out."""
        found = self._db.execute(
            "SELECT row, id FROM record WHERE part = ? AND row BETWEEN ? AND ?",
            (part, rows[0] if rows else 0, rows[-1] if rows else 0),
        )
        return dict(found)

    def clear(self) -> None:
        """Forget everything."""
        with self._transaction():
            for table in ("name", "record", "learned"):
                self._db.execute(f"DELETE FROM {table}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with writing_database(self._file):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def folded(value: str, fold: Fold) -> str:
    """A name as names are compared."""
    if fold is Fold.LOWER:
        return value.lower()
    if fold is Fold.ID:
        return value[:15] if len(value) == 18 and value.isalnum() else value
    return value


def read_results(
    files: Mapping[str, str], header: Sequence[str], bys: Mapping[str, Fold], *, chosen: bool = False
) -> Iterator[tuple[int, str, Fate, list[tuple[str, str]]]]:
    """Every row of a move's four result files: number, record id, fate, and its names as (column, folded).

    Rows that were `chosen` from a part end with their number in its source.
    """
    shown = dict(zip(header, source_columns(header), strict=True))
    fates = {
        Kind.SUCCEEDED: Fate.THERE,
        Kind.FAILED: Fate.FAILED,
        Kind.UNPROCESSED: Fate.UNPROCESSED,
        Kind.NOT_SENT: Fate.NOT_SENT,
    }
    for kind, fate in fates.items():
        path = Path(files[kind.value])
        with told(path), path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            at = {name: index for index, name in enumerate(next(rows, []))}
            places = [(by, at[shown[by]], fold) for by, fold in bys.items()]
            for row in rows:
                names = [(by, folded(row[place], fold)) for by, place, fold in places if row[place]]
                yield int(row[-1 if chosen else 0]), row[1] if fate is Fate.THERE else "", fate, names
