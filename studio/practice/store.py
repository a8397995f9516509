"""The org's records: one SQLite file with a table per object, a connection per thread, one writer at a time."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.practice import formulas
from studio.practice.catalog import ID_TYPES, NUMBER_TYPES, Field, SObject

# The unit of work the running context belongs to, if any.
_unit: ContextVar[sqlite3.Connection | None] = ContextVar("practice_unit", default=None)

# Our own tables begin with a sign no object name can have.
_OWN_TABLES = """
CREATE TABLE IF NOT EXISTS "~meta" (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "~last" (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS "~objects" (name TEXT PRIMARY KEY, source TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "~jobs" (id TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS "~tokens" (token TEXT PRIMARY KEY, state TEXT NOT NULL);
"""


class Store:
    """Records in `folder`, or in a temporary folder that goes with the org when `folder` is None."""

    def __init__(self, folder: Path | None = None) -> None:
        self.lasting = folder is not None
        self.folder = folder if folder is not None else Path(tempfile.mkdtemp(prefix="weft-practice-"))
        self._threads = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._turn = threading.Lock()
        self._guard: sqlite3.Connection | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._guard = _only_here(self.folder)
            with self.writing() as connection:
                for statement in _OWN_TABLES.split(";"):
                    connection.execute(statement)
        except (OSError, sqlite3.DatabaseError) as error:
            self.close()
            raise BadInput(
                _("The practice org's records cannot be opened: {reason}.").format(reason=error),
                file=self.folder,
                next_step=_("Choose another folder, or delete this one to start with an empty org."),
            ) from error

    def connection(self) -> sqlite3.Connection:
        """The connection of the unit of work this runs in, else this thread's."""
        unit = _unit.get()
        if unit is not None:
            return unit
        found: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if found is None:
            found = self._connect()
            self._threads.connection = found
        return found

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(
            self.folder / "org.db", isolation_level=None, check_same_thread=False, timeout=30
        )
        with self._opening:
            self._open.append(made)
        made.execute("PRAGMA journal_mode = WAL")
        # A practice org may lose its last second in a power cut; a throw-away one has nothing to lose.
        made.execute(f"PRAGMA synchronous = {'NORMAL' if self.lasting else 'OFF'}")
        made.create_function("fold", 1, _fold, deterministic=True)
        return made

    def begin_unit(self) -> sqlite3.Connection:
        """Begin a unit of work several requests share: run them inside `in_unit`, then call `end_unit`."""
        self._turn.acquire()
        try:
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._turn.release()
            raise
        return connection

    def end_unit(self, connection: sqlite3.Connection, *, keep: bool) -> None:
        """End a unit of work, keeping or undoing what was written."""
        try:
            connection.execute("COMMIT" if keep else "ROLLBACK")
        finally:
            with self._opening:
                self._open.remove(connection)
            connection.close()
            self._turn.release()

    @staticmethod
    @contextlib.contextmanager
    def in_unit(connection: sqlite3.Connection) -> Iterator[None]:
        """Everything this context does, in whatever thread, belongs to the unit of work."""
        token = _unit.set(connection)
        try:
            yield
        finally:
            _unit.reset(token)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, committed when the block ends well; others wait for their turn."""
        inside = _unit.get() is not None
        begin, commit, undo = (
            ("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part")
            if inside
            else ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        )
        with contextlib.nullcontext() if inside else self._turn:
            connection = self.connection()
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.execute(undo)
                raise
            connection.execute(commit)

    def create(self, sobject: SObject) -> None:
        """Make the object's table, or add the columns it has gained."""
        with self.writing() as connection:
            known = {row[1] for row in connection.execute(f"PRAGMA table_xinfo({quoted(sobject.name)})")}
            columns = _columns(sobject)
            if not known:
                body = ", ".join(columns.values())
                connection.execute(f'CREATE TABLE {quoted(sobject.name)} ("seq" INTEGER PRIMARY KEY, {body})')
            for name, definition in columns.items():
                if known and name not in known:
                    connection.execute(f"ALTER TABLE {quoted(sobject.name)} ADD COLUMN {definition}")
            for statement in _indexes(sobject):
                connection.execute(statement)

    @property
    def in_a_unit(self) -> bool:
        """Whether this context belongs to a unit of work."""
        return _unit.get() is not None

    def take_numbers(self, connection: sqlite3.Connection, name: str, count: int) -> int:
        """Reserve `count` numbers in a row under this name, inside a transaction; the first is returned."""
        row = connection.execute('SELECT number FROM "~last" WHERE name = ?', (name,)).fetchone()
        last = row[0] if row else 0
        connection.execute('INSERT OR REPLACE INTO "~last" VALUES (?, ?)', (name, last + count))
        return int(last) + 1

    def read_meta(self, name: str) -> str | None:
        """A value kept beside the records."""
        row = self.connection().execute('SELECT value FROM "~meta" WHERE name = ?', (name,)).fetchone()
        return str(row[0]) if row else None

    def write_meta(self, name: str, value: str) -> None:
        """Keep a value beside the records."""
        with self.writing() as connection:
            connection.execute('INSERT OR REPLACE INTO "~meta" VALUES (?, ?)', (name, value))

    def close(self) -> None:
        """Close every connection; a throw-away org's folder goes."""
        with self._opening:
            for connection in self._open:
                connection.close()
            self._open.clear()
        if self._guard is not None:
            self._guard.close()
        if not self.lasting:
            shutil.rmtree(self.folder, ignore_errors=True)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def listed(values: Sequence[Any]) -> str:
    """Values for `IN (SELECT value FROM json_each(?))`: one parameter, however many there are."""
    return json.dumps(list(values))


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _only_here(folder: Path) -> sqlite3.Connection:
    """Hold the folder until closed. Raises OperationalError when another org has it open."""
    guard = sqlite3.connect(folder / "lock.db", isolation_level=None, timeout=0, check_same_thread=False)
    try:
        guard.execute("PRAGMA locking_mode = EXCLUSIVE")
        guard.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        guard.close()
        raise sqlite3.OperationalError(_("another practice org has this folder open")) from error
    return guard


def _columns(sobject: SObject) -> dict[str, str]:
    columns = {}
    for field in sobject.fields:
        if not field.stored:
            continue
        columns[field.name] = f"{quoted(field.name)} {_type(field)}"
        if field.key_column != field.name:
            columns[field.key_column] = f"{quoted(field.key_column)} TEXT"
    return columns


def _type(field: Field) -> str:
    if field.formula or field.auto:
        sql = formulas.auto_number(field.auto) if field.auto else formulas.FORMULAS[str(field.formula)]
        kind = _affinity(field)
        return f"{kind} GENERATED ALWAYS AS ({sql}) VIRTUAL"
    if field.type == "id":
        return "TEXT NOT NULL UNIQUE"
    if field.type == "boolean":
        return f"INTEGER NOT NULL DEFAULT {int(field.default is True)}"
    return _affinity(field)


def _affinity(field: Field) -> str:
    if field.type in NUMBER_TYPES:
        return "INTEGER" if field.type == "int" else "REAL"
    if field.type == "boolean":
        return "INTEGER"
    binary = field.case_sensitive or field.type in ID_TYPES or not field.is_text
    return "TEXT" if binary else "TEXT COLLATE NOCASE"


def _indexes(sobject: SObject) -> list[str]:
    """An index for every key, and for every reference a delete must follow; empty values cost nothing."""
    statements = []
    for field in sobject.fields:
        if field.auto or field.formula or field.name in ("OwnerId", "CreatedById", "LastModifiedById"):
            continue
        if (field.is_key and field.type != "id") or field.type == "reference":
            name = quoted(f"{sobject.name}.{field.key_column}")
            column = quoted(field.key_column)
            table = quoted(sobject.name)
            statements.append(
                f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column}) WHERE {column} IS NOT NULL"
            )
    return statements
