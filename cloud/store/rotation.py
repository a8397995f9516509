"""Keys that change while the server works: new data keys, a new master key, and keys destroyed for good."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, Row, Table, and_, select, true, tuple_

from cloud.store.database import Database, Transaction
from cloud.store.envelope import FRESH_SECONDS, Envelope, version_of
from cloud.store.metadata import SERVER, is_tenant, metadata
from cloud.store.schema import know_tables
from cloud.store.tables import data_keys, organizations

_BATCH = 200
# After this long no process seals with a key it read before the rotation, and nothing begun then is still open.
GRACE_SECONDS = 60.0


def opened(database: Database, org: str, *, write: bool = False) -> AbstractContextManager[Transaction]:
    """A transaction of an organization, or of the server's own affairs."""
    return database.common(write=write) if org == SERVER else database.tenant(org, write=write)


def every_chain(database: Database) -> list[str]:
    """The server itself, and every organization whose keys are alive."""
    query = select(organizations.c.id).where(organizations.c.shredded_at.is_(None))
    with database.common() as common:
        return [SERVER, *(row.id for row in common.rows(query.order_by(organizations.c.id)))]


def rotate(
    database: Database,
    envelope: Envelope,
    org: str,
    *,
    grace: float = GRACE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """A new data key for an organization, everything sealed anew with it, the old keys destroyed; returns its version.

    Readers and writers go on meanwhile. Version 0, which only names things, stays.
    """
    with opened(database, org, write=True) as transaction:
        version = _newest(transaction) + 1
        envelope.add_key(transaction, version)
    envelope.forget(org)
    reseal(database, envelope, org, version)
    pause(max(grace, 0.0))
    # Whoever had not noticed the new key by then has sealed a last time with the old one.
    reseal(database, envelope, org, version)
    with opened(database, org, write=True) as transaction:
        old = and_(data_keys.c.version > 0, data_keys.c.version < version, data_keys.c.destroyed_at.is_(None))
        transaction.update(data_keys, old, wrapped=None, destroyed_at=transaction.now())
    envelope.forget(org)
    _truncate(database)
    return version


def reseal(database: Database, envelope: Envelope, org: str, version: int) -> int:
    """Seal anew, with this version of the key, whatever is sealed with an older one; returns how many values."""
    count = 0
    for table, column in sealed_columns(org):
        for rows in _batches(database, org, table, column):
            old = [row for row in rows if version_of(bytes(row[-1])) < version]
            if old:
                count += _reseal(database, envelope, org, table, column, old)
    return count


def sealed_columns(org: str) -> Iterator[tuple[Table, Column[Any]]]:
    """Every column that holds sealed values of an organization; for the server itself those of global tables too."""
    # Whoever calls: a table this process had not heard of would lose its key.
    know_tables()
    for table in metadata.sorted_tables:
        if is_tenant(table) or org == SERVER:
            yield from ((table, column) for column in table.columns if column.info.get("sealed"))


def key_columns(table: Table) -> list[Column[Any]]:
    """The primary key without the organization: what a sealed value's record is made of."""
    return [column for column in table.primary_key.columns if column.name != "org_id"]


def _reseal(
    database: Database, envelope: Envelope, org: str, table: Table, column: Column[Any], rows: list[Row[Any]]
) -> int:
    purpose, keys, count = f"{table.name}.{column.name}", key_columns(table), 0
    changes = []
    for row in rows:
        record = "/".join(map(str, row[:-1]))
        plain = envelope.open(org, purpose, record, bytes(row[-1]))
        changes.append((row, envelope.seal(org, purpose, record, plain)))
    with opened(database, org, write=True) as transaction:
        for row, sealed in changes:
            here: list[Any] = list(row[:-1])
            same = and_(true(), *(key == part for key, part in zip(keys, here, strict=True)))
            # Only if nobody has changed it since it was read: what is newer is sealed with the new key already.
            count += transaction.update(table, same & (column == bytes(row[-1])), **{column.name: sealed})
    return count


def _batches(database: Database, org: str, table: Table, column: Column[Any]) -> Iterator[list[Row[Any]]]:
    keys = key_columns(table)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(*keys, column).where(column.is_not(None))
        query = query.order_by(*keys).limit(_BATCH) if keys else query
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        with opened(database, org) as transaction:
            rows = list(transaction.rows(query))
        if not rows:
            return
        yield rows
        if not keys:
            return
        after = tuple(rows[-1][:-1])


def rewrap(database: Database, envelope: Envelope) -> int:
    """Wrap every data key with the present master key; returns how many were wrapped by an older one."""
    count = 0
    for org in every_chain(database):
        with opened(database, org, write=True) as transaction:
            alive = select(data_keys).where(data_keys.c.destroyed_at.is_(None))
            for row in transaction.rows(alive):
                if row.master == envelope.master.id:
                    continue
                wrapped = envelope.rewrapped(org, row.version, row.master, bytes(row.wrapped))
                transaction.update(
                    data_keys, data_keys.c.version == row.version, wrapped=wrapped, master=envelope.master.id
                )
                count += 1
        envelope.forget(org)
    _truncate(database)
    return count


def shred(database: Database, envelope: Envelope, org: str) -> None:
    """Destroy all keys of an organization: what they sealed cannot be read again, whoever has the database.

    Other processes notice within a few seconds (envelope.FRESH_SECONDS).
    """
    with database.tenant(org, write=True) as tenant:
        now = tenant.now()
        tenant.update(data_keys, data_keys.c.version >= 0, wrapped=None, destroyed_at=now)
        tenant.update(organizations, organizations.c.id == org, shredded_at=now, changed_at=now)
    envelope.forget(org)
    _truncate(database)


def rewrite_keys(owner: Database) -> None:
    """On PostgreSQL, as the owner of the tables: the table of data keys anew, without the rows that were overwritten.

    Their bytes stay in its files until then. The write-ahead log and what the disk keeps of removed files are the
    system's affair.
    """
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM FULL data_keys")


def _newest(transaction: Transaction) -> int:
    rows = transaction.rows(select(data_keys.c.version).with_for_update())
    return max(int(row.version) for row in rows)


def _truncate(database: Database) -> None:
    """On SQLite: what was overwritten is still in the write-ahead log until that is emptied."""
    if database.kind == "sqlite":
        with database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


assert GRACE_SECONDS > FRESH_SECONDS
