"""Transactions: the only way to the tables, each opened for one organization or for the server's own affairs."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    TextClause,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import ColumnClause, TableClause

from cloud.store.metadata import SERVER, is_tenant

Clock = Callable[[], datetime]
Query = Select[Any] | CompoundSelect[Any]
# How long a writer of SQLite waits for another process (a backup, a command).
BUSY_MS = 15_000


class OutsideTenant(Exception):
    """A statement went past the layer that knows the organization: a mistake in the program, never in a request."""


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


class Transaction:
    """One transaction; see Tenant and Common. It is committed when its block ends well."""

    def __init__(self, connection: Connection, org: str, user: str | None, clock: Clock, write: bool) -> None:
        self._connection = connection
        self.after: list[Callable[[], None]] = []
        self._clock = clock
        self._values = {"weft_org": org, "weft_user": user or ""}
        self.org = org
        self.user = user
        self.write = write

    def now(self) -> datetime:
        """The server's time."""
        return self._clock()

    def rows(self, statement: Query) -> Sequence[Row[Any]]:
        """All rows of a query, narrowed to the organization."""
        found: Sequence[Row[Any]] = self._query(statement).all()
        return found

    def one(self, statement: Query) -> Row[Any] | None:
        """The first row of a query, or None."""
        found: Row[Any] | None = self._query(statement).first()
        return found

    def each(self, statement: Query, batch: int = 500) -> Iterator[Row[Any]]:
        """The rows of a query one after the other, never all in memory."""
        streaming = self._safe(statement).execution_options(stream_results=True, max_row_buffer=batch)
        with self._connection.execute(streaming, self._values) as result:
            yield from result

    def value(self, statement: Query) -> Any:
        """The first column of the first row, or None."""
        found = self.one(statement)
        return None if found is None else found[0]

    def insert(self, table: Table, **values: Any) -> None:
        """Add a row."""
        self.insert_many(table, [values])

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows; none is fine."""
        if rows:
            self._connection.execute(
                self._writable(table).insert(), [self._owned(table, row) for row in rows]
            )

    def insert_new(self, table: Table, **values: Any) -> bool:
        """Add a row unless one with the same key is there; tells whether it was added."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(self._writable(table)).values(**self._owned(table, values))
        counted = statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        return self._connection.execute(counted).rowcount == 1

    def update(self, table: Table, where: ColumnElement[bool], **values: Any) -> int:
        """Change the organization's rows that meet the condition; returns how many."""
        if "org_id" in values:
            raise OutsideTenant("a row never moves to another organization")
        statement = self._writable(table).update().where(self._safe(where)).values(**values)
        return self._change(table, statement)

    def delete(self, table: Table, where: ColumnElement[bool]) -> int:
        """Delete the organization's rows that meet the condition; returns how many."""
        return self._change(table, self._writable(table).delete().where(self._safe(where)))

    def commit_hook(self, call: Callable[[], None]) -> None:
        """Call it once the transaction is committed; not at all if it is not."""
        self.after.append(call)

    def _query(self, statement: Query) -> Any:
        if not isinstance(statement, Select | CompoundSelect):
            raise OutsideTenant("only queries made of tables can be narrowed to an organization")
        return self._connection.execute(self._safe(statement), self._values)

    def _safe(self, statement: Any) -> Any:
        """The statement, if no part of it is SQL as text."""
        for part in visitors.iterate(statement):
            literal = isinstance(part, ColumnClause) and part.is_literal and part.name != "*"
            foreign = isinstance(part, TableClause) and not isinstance(part, Table)
            if literal or foreign or isinstance(part, TextClause):
                raise OutsideTenant("SQL as text cannot be narrowed to an organization")
        return statement

    def _change(self, table: Table, statement: Any) -> int:
        if is_tenant(table):
            statement = statement.where(table.c.org_id == self.org)
        elif "scope" in table.info:
            statement = statement.where(table.c.id.in_(select(table.alias("seen").c.id)))
        return int(self._connection.execute(statement, self._values).rowcount)

    def _writable(self, table: Table) -> Table:
        if not self.write:
            raise OutsideTenant("this transaction was opened for reading")
        return table

    def _owned(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        if not is_tenant(table):
            return dict(values)
        if values.get("org_id", self.org) != self.org:
            raise OutsideTenant(f"a row of {table.name} for another organization")
        return {**values, "org_id": self.org}


class Tenant(Transaction):
    """A transaction of one organization: of tenant tables it sees and makes rows of this organization only."""


class Common(Transaction):
    """A transaction of the server's own affairs: global tables, and rows of `user` where a table offers them."""


class Whole(Transaction):
    """A transaction that goes from organization to organization."""

    def enter(self, org: str) -> None:
        """From here on this organization's rows are read and made; SERVER for the server's own."""
        self.org = org
        self._values["weft_org"] = org
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("SELECT set_config('app.org', %s, true)", (org,))


class Database:
    """The database behind a URL: `sqlite:////folder/weft.db` or `postgresql://role:password@host/name`."""

    def __init__(self, url: str, *, clock: Clock = utc_now, pool: int = 20, durable: bool = True) -> None:
        self.clock = clock
        self.url = url
        self.kind = "sqlite" if url.startswith("sqlite:") else "postgresql"
        if self.kind == "postgresql":
            url = "postgresql+psycopg://" + url.partition("://")[2]
        self.engine: Engine = create_engine(
            url, pool_size=pool, max_overflow=pool, pool_timeout=20, pool_pre_ping=self.kind == "postgresql"
        )
        # SQLite has one writer: those of this process queue here, fairly, and not in its own sleeping loop.
        self._writing = threading.Lock()
        if self.kind == "sqlite":
            _set_up_sqlite(self.engine, durable)

    @contextlib.contextmanager
    def tenant(self, org: str, *, user: str | None = None, write: bool = False) -> Iterator[Tenant]:
        """One transaction of an organization (its id). What is raised inside undoes all of it."""
        if not org or org == SERVER:
            raise OutsideTenant("a tenant's transaction needs its organization")
        with self._begin(org, user, write) as connection:
            opened = Tenant(connection, org, user, self.clock, write)
            yield opened
        _run(opened.after)

    @contextlib.contextmanager
    def common(self, *, user: str | None = None, write: bool = False) -> Iterator[Common]:
        """One transaction of the server's own affairs."""
        with self._begin(SERVER, user, write) as connection:
            opened = Common(connection, SERVER, user, self.clock, write)
            yield opened
        _run(opened.after)

    @contextlib.contextmanager
    def _begin(
        self, org: str, user: str | None, write: bool, *, snapshot: bool = False
    ) -> Iterator[Connection]:
        guard = self._writing if write and self.kind == "sqlite" else contextlib.nullcontext()
        with guard, self.engine.connect() as plain:
            connection = plain.execution_options(weft_write=write)
            if snapshot and self.kind == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if self.kind == "postgresql":
                    scope = "SELECT set_config('app.org', %s, true), set_config('app.user', %s, true)"
                    connection.exec_driver_sql(scope, (org, user or ""))
                yield connection

    @contextlib.contextmanager
    def whole(self, *, write: bool = False) -> Iterator[Whole]:
        """One transaction over all organizations, for backup and restore; reading sees one moment."""
        with self._begin(SERVER, None, write, snapshot=True) as connection:
            yield Whole(connection, SERVER, None, self.clock, write)

    def ready(self) -> None:
        """Ask the database something; raises when it does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _run(calls: list[Callable[[], None]]) -> None:
    for call in calls:
        call()


def _set_up_sqlite(engine: Engine, durable: bool) -> None:
    """WAL, every commit on the disk before it is told, foreign keys, transactions begun by us."""

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "foreign_keys=ON",
            # What is deleted is overwritten: the wrapped key of a closed organization above all.
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("weft_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
