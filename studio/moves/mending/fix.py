"""The rows of a move that did not succeed as a table on disk that can be edited, sorted and narrowed.

Nothing is in memory whole. Rows that were kept back are in it too, and shown where they are asked for.

It stands in the move's folder, so that edits survive; each edit is a step that can be taken back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path

from studio.base.database import writing_database
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.errors import row_error
from studio.moves import store
from studio.moves.carrying.parts import OUR_COLUMNS, Kind, fields_named
from studio.moves.mending import family
from studio.moves.store import MoveRecord

FILE = "fix.sqlite"
_MOST_COLUMNS = 1900
_BATCH = 2000
_TABLES = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE reason (id INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, columns TEXT NOT NULL);
CREATE TABLE step (id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE edit (step INTEGER NOT NULL, at INTEGER NOT NULL, col INTEGER NOT NULL, before TEXT NOT NULL,
  after TEXT NOT NULL, PRIMARY KEY (step, at, col)) WITHOUT ROWID;
CREATE INDEX edit_at ON edit (at);
"""
LIVE = "SELECT at FROM edit JOIN step ON step.id = edit.step WHERE NOT undone"
# A row that was kept back would be kept back again as it is: it goes once somebody has changed it.
_READY = f"NOT sent AND (NOT held OR at IN ({LIVE}))"


@dataclass(frozen=True)
class Reason:
    """Why rows failed: the org's code, its message for the first of them, the columns at fault, and how many are left."""

    id: int
    code: str
    message: str
    columns: tuple[int, ...]
    rows: int


@dataclass(frozen=True)
class View:
    """Which rows are shown and in what order; `sort` is a column's place, -1 the row number, -2 the answer."""

    reason: int = 0
    text: str = ""
    changed: bool = False
    sort: int = -1
    down: bool = False


@dataclass(frozen=True)
class GridRow:
    """A row as shown: its number in the first source, the answer, the columns at fault, its values, those changed."""

    number: int
    answer: str
    wrong: tuple[int, ...]
    values: tuple[str, ...]
    changed: tuple[int, ...]


class Fix:
    """The rows of one move that failed, or were kept back too, and were not sent again yet. Close it."""

    def __init__(self, record: MoveRecord, path: Path, *, held: bool = False) -> None:
        self.record = record
        self._held = held
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.create_function("weft_has", -1, _has, deterministic=True)
        self.db.execute("CREATE TEMP TABLE shown (pos INTEGER PRIMARY KEY, at INTEGER NOT NULL UNIQUE)")
        facts = dict(self.db.execute("SELECT name, value FROM fact"))
        self.header: tuple[str, ...] = tuple(json.loads(facts["header"]))
        # Kept back and of more values than there are columns: the table cannot hold these.
        self.unfit = int(facts.get("unfit", 0)) if held else 0
        if "held" not in {row[1] for row in self.db.execute("PRAGMA table_info(row)")}:
            # A table of an earlier version that was edited.
            self.db.execute("ALTER TABLE row ADD COLUMN held INTEGER NOT NULL DEFAULT 0")
        self.values_sql = ", ".join(f"c{at}" for at in range(len(self.header)))

    @staticmethod
    def open(run: str, *, held: bool = False) -> Fix:
        """The failed rows of a move, with `held` those kept back too, as they were left; raises BadInput where they
        cannot be read.
        """
        record = store.record(run)
        path = store.move_folder(record.run) / FILE
        if not path.is_file() or (_stamp(record) not in ("", _known_stamp(path)) and not _edited(path)):
            with writing_database(path):
                _build(record, path)
        fix = Fix(record, path, held=held)
        try:
            fix.leave_out(family.sent_again(record))
            fix.show(View())
        except BaseException:
            fix.close()
            raise
        return fix

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def __enter__(self) -> Fix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def must_be_over(self) -> None:
        """Raise BadInput while the move can still go on: nothing is edited or sent again before."""
        if self.record.state.resumable:
            raise BadInput(
                _("{run} is not finished yet.").format(run=self.record.run),
                next_step=_("Go on with: weft move resume {run}").format(run=self.record.run),
            )

    def leave_out(self, numbers: Iterable[int]) -> None:
        """Rows that are being sent again, or were with another end than failing, are not shown any more."""
        with writing_database(self.path), transaction(self.db):
            self.db.execute("UPDATE row SET sent = 0 WHERE sent")
            self.db.executemany("UPDATE row SET sent = 1 WHERE number = ?", ((n,) for n in numbers))
            if not self._held:
                self.db.execute("UPDATE row SET sent = 1 WHERE held")

    @property
    def left(self) -> int:
        """The rows that can be sent again."""
        return int(self.db.execute("SELECT count(*) FROM row WHERE NOT sent").fetchone()[0])

    def reasons(self) -> list[Reason]:
        """Why the rows failed, the commonest first."""
        found = self.db.execute(
            "SELECT reason.id, code, message, columns, count(*) FROM reason JOIN row ON row.reason = reason.id"
            " WHERE NOT sent GROUP BY reason.id ORDER BY count(*) DESC, reason.id"
        )
        return [Reason(id_, code, text, tuple(json.loads(cols)), n) for id_, code, text, cols, n in found]

    # What is shown.

    def show(self, view: View) -> int:
        """Narrow and sort; tells how many rows are shown. They stay shown while they are edited."""
        where, values = ["NOT sent"], list[object]()
        if view.reason:
            where.append("reason = ?")
            values.append(view.reason)
        if view.changed:
            where.append(f"at IN ({LIVE})")
        if view.text:
            where.append(f"weft_has(?, answer, {self.values_sql})")
            values.append(view.text.casefold())
        key = {-1: "number", -2: "answer"}.get(view.sort, f"c{view.sort} COLLATE NOCASE")
        order = f"{key} {'DESC' if view.down else 'ASC'}, at"
        with transaction(self.db):
            self.db.execute("DELETE FROM shown")
            self.db.execute(
                "INSERT INTO shown (pos, at) SELECT row_number() OVER (ORDER BY "
                f"{order}) - 1, at FROM row WHERE {' AND '.join(where)}",
                values,
            )
        return self.shown

    @property
    def shown(self) -> int:
        """How many rows are shown."""
        return int(self.db.execute("SELECT count(*) FROM shown").fetchone()[0])

    def page(self, start: int, count: int) -> list[GridRow]:
        """The shown rows from a place on."""
        found = self.db.execute(
            f"SELECT at, number, answer, columns, {self.values_sql} FROM shown JOIN row USING (at)"
            " JOIN reason ON reason.id = row.reason WHERE pos >= ? AND pos < ? ORDER BY pos",
            (start, start + count),
        ).fetchall()
        first = self._first_values([row[0] for row in found])
        return [
            GridRow(
                number,
                answer,
                tuple(json.loads(columns)),
                tuple(values),
                tuple(
                    sorted(at_col for at_col, value in first.get(at, {}).items() if values[at_col] != value)
                ),
            )
            for at, number, answer, columns, *values in found
        ]

    def _first_values(self, ats: Sequence[int]) -> dict[int, dict[int, str]]:
        """What the edited cells of rows held at first."""
        found: dict[int, dict[int, str]] = {}
        marks = ",".join("?" * len(ats))
        edits = self.db.execute(
            "SELECT at, col, before FROM edit JOIN step ON step.id = edit.step"
            f" WHERE NOT undone AND at IN ({marks}) ORDER BY step DESC",
            list(ats),
        )
        for at, col, before in edits:
            found.setdefault(at, {})[col] = before
        return found

    def distinct(self, column: int, most: int) -> list[tuple[str, int]]:
        """The commonest values of a column among the rows shown, with how many hold each."""
        found = self.db.execute(
            f"SELECT c{column}, count(*) FROM shown JOIN row USING (at) GROUP BY c{column}"
            f" ORDER BY count(*) DESC, c{column} LIMIT ?",
            (most,),
        )
        return [(value, n) for value, n in found]

    def only(self, ats: Sequence[int]) -> None:
        """Show these rows and no others, in this order."""
        with transaction(self.db):
            self.db.execute("DELETE FROM shown")
            self.db.executemany("INSERT INTO shown VALUES (?, ?)", enumerate(ats))

    @property
    def edited(self) -> int:
        """How many cells hold another value than at first."""
        found = self.db.execute(
            "SELECT count(*) FROM (SELECT DISTINCT at, col FROM edit JOIN step ON step.id = edit.step"
            " JOIN row USING (at) WHERE NOT undone AND NOT sent)"
        )
        return int(found.fetchone()[0])

    def ready(self, *, unchanged: bool = False) -> int:
        """How many of the rows shown would be sent; `unchanged`: with those kept back that nobody changed."""
        where = "NOT sent" if unchanged else _READY
        return int(
            self.db.execute(f"SELECT count(*) FROM shown JOIN row USING (at) WHERE {where}").fetchone()[0]
        )

    def rows_shown(self, *, unsent: bool = False, ready: bool = False) -> Iterator[list[str]]:
        """Each row shown: its number, the answer, its values as they are now.

        `unsent` leaves out those in hand, `ready` also those kept back that nobody changed.
        """
        where = f" WHERE {_READY if ready else 'NOT sent'}" if unsent or ready else ""
        found = self.db.execute(
            f"SELECT number, answer, {self.values_sql} FROM shown JOIN row USING (at){where} ORDER BY pos"
        )
        for number, answer, *values in found:
            yield [str(number), answer, *values]


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A block that is written whole or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _has(wanted: str, *texts: str) -> bool:
    return any(wanted in text.casefold() for text in texts)


def _file(record: MoveRecord, kind: Kind) -> Path:
    return Path(record.facts.get("files", {}).get(kind.value, ""))


def _kept_back(record: MoveRecord) -> Path | None:
    """The file of the rows kept back; before a move is over it has those that wait, too."""
    path = _file(record, Kind.NOT_SENT)
    return path if not record.state.resumable and path.is_file() else None


def _build(record: MoveRecord, path: Path) -> None:
    """Copy the files of rows that failed and were kept back into a table, beside its place first."""
    failed, kept_back = _file(record, Kind.FAILED), _kept_back(record)
    source = DelimitedFile.open(failed, encoding="utf-8", delimiter=",")
    numbered = family.numbered(record)
    header = list(source.header)[len(OUR_COLUMNS) + numbered :]
    if len(header) > _MOST_COLUMNS:
        raise BadInput(
            _("The rows have {count} columns; up to {most} can be shown for fixing.").format(
                count=len(header), most=_MOST_COLUMNS
            ),
            file=failed,
            next_step=_("Correct the file itself, then: weft move retry {run} --from FILE").format(
                run=record.run
            ),
        )
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA journal_mode = MEMORY")
        columns = "".join(f", c{at} TEXT NOT NULL" for at in range(len(header)))
        with transaction(db):
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(
                "CREATE TABLE row (at INTEGER PRIMARY KEY, number INTEGER NOT NULL, reason INTEGER NOT NULL,"
                f" answer TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL{columns})"
            )
            filling = _Filling(db, header, _places(record), numbered)
            filling.take(source, held=False)
            if kept_back is not None:
                filling.take(DelimitedFile.open(kept_back, encoding="utf-8", delimiter=","), held=True)
            facts = {"header": json.dumps(header), "stamp": _stamp(record), "unfit": str(filling.unfit)}
            db.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
            db.execute("CREATE INDEX row_reason ON row (reason)")
            db.execute("CREATE INDEX row_number_at ON row (number)")
    new.replace(path)


def _places(record: MoveRecord) -> dict[str, int]:
    """Where the value of each field stands; fields and columns by their names in lower case."""
    own = family.own_columns(record)
    places = {name.lower(): at for at, name in enumerate(own)}
    fields = {
        entry.field.lower(): own.index(entry.column)
        for entry in record.move.map.entries
        if entry.constant is None and entry.column in own
    }
    # A parent named by its key is refused under the name of the field that points to it.
    for name, at in list(fields.items()):
        relation = name.partition(".")[0].rpartition(":")[2]
        if "." in name:
            pointing = f"{relation[:-1]}c" if relation.endswith("__r") else f"{relation}id"
            fields.setdefault(pointing, at)
    return places | fields


class _Filling:
    """Copies result files into the table, each reason once; `unfit` counts the rows that the table cannot hold."""

    def __init__(
        self, db: sqlite3.Connection, header: Sequence[str], places: dict[str, int], numbered: bool
    ) -> None:
        self.unfit = 0
        self._db = db
        self._header = header
        self._places = places
        self._numbered = numbered
        self._first = len(OUR_COLUMNS) + numbered
        self._known: dict[tuple[str, tuple[int, ...]], int] = {}

    def take(self, source: DelimitedFile, *, held: bool) -> None:
        """Copy the rows of a file, of those the org refused or of those kept back."""
        marks = ",".join("?" * (len(self._header) + 4))
        names = ["number", "reason", "answer", "held", *(f"c{at}" for at in range(len(self._header)))]
        insert = f"INSERT INTO row ({', '.join(names)}) VALUES ({marks})"
        with source.rows() as found:
            while batch := list(islice(found, _BATCH)):
                self._db.executemany(insert, list(self._rows(batch, held)))

    def _rows(self, batch: Iterable[list[str]], held: bool) -> Iterator[list[object]]:
        first, width = self._first, len(self._header)
        for row in batch:
            if held and len(row) > first + width:
                self.unfit += 1
                continue
            reason, answer = self._kept_back(row[2]) if held else self._refused(row[2])
            number = int(row[first - 1] if self._numbered else row[0])
            yield [number, reason, answer, held, *[*row[first:], *[""] * width][:width]]

    def _refused(self, text: str) -> tuple[int, str]:
        """The reason of an answer of the org, and its message."""
        said = row_error(text)
        wrong = self._wrong(said.fields)
        return self._reason(said.code or said.message, said.code, said.message, wrong), said.message or text

    def _kept_back(self, text: str) -> tuple[int, str]:
        """The reason of a row that was kept back: one for each set of columns, whatever the values were."""
        wrong = self._wrong(fields_named(text))
        message = _("Not sent")
        return self._reason(f"{message}:", "", message, wrong), text

    def _wrong(self, fields: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({self._places[f.lower()] for f in fields if f.lower() in self._places}))

    def _reason(self, name: str, code: str, message: str, wrong: tuple[int, ...]) -> int:
        key = (name, wrong)
        if key not in self._known:
            self._known[key] = len(self._known) + 1
            values = (self._known[key], code, message, json.dumps(wrong))
            self._db.execute("INSERT INTO reason VALUES (?, ?, ?, ?)", values)
        return self._known[key]


def _stamp(record: MoveRecord) -> str:
    """What tells whether the files are those that were copied; "" where the failed rows are gone."""
    failed, kept_back = _file(record, Kind.FAILED), _kept_back(record)
    with suppress(OSError):
        facts = [file.stat() for file in (failed, kept_back) if file is not None]
        return " ".join(f"{fact.st_size} {fact.st_mtime_ns}" for fact in facts)
    return ""


def _known_stamp(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.DatabaseError):
        return str(db.execute("SELECT value FROM fact WHERE name = 'stamp'").fetchone()[0])
    return ""


def _edited(path: Path) -> bool:
    """Somebody has worked on the table: a file of failed rows changed later does not take that away."""
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.DatabaseError):
        return db.execute("SELECT 1 FROM step WHERE NOT undone").fetchone() is not None
    return False
