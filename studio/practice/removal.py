"""Deleting records: into the recycle bin or for good, with their details; what only referred to them is cleared."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from studio.practice import lookups
from studio.practice.catalog import SObject
from studio.practice.clock import stored
from studio.practice.convert import Failures, from_text
from studio.practice.failures import (
    Failure,
    bad_cross_reference,
    duplicate_key,
    duplicate_value,
    entity_deleted,
    malformed_id,
)
from studio.practice.load import Batch, Outcome
from studio.practice.org_state import OrgState
from studio.practice.store import listed, quoted

_DEPTH = 10
_NOT_IN_BIN = Failure("UNDELETE_FAILED", "Entity is not in the recycle bin", ())


def delete(
    org: OrgState,
    connection: sqlite3.Connection,
    sobject: SObject,
    texts: Sequence[str],
    batch: Batch,
    *,
    hard: bool = False,
) -> list[Outcome]:
    """Delete the records with these ids, inside the caller's transaction; one outcome per id, in order."""
    failures: Failures = {}
    field = sobject.by_name["id"]
    ids = from_text(field, texts, failures)
    rows = lookups.by_id(connection, sobject, [id_ for id_ in ids if isinstance(id_, str)], ())
    going: list[str] = []
    for row, record in enumerate(ids):
        failure = failures.get(row) or _refusal(sobject, rows, record, batch, hard=hard)
        if failure is None:
            batch.seen.add(record)
            going.append(record)
        else:
            failures[row] = failure
    _remove(org, connection, sobject, going, hard, _DEPTH, stored(org.clock.now()))
    return [
        Outcome(record if row not in failures else None, False, failures.get(row))
        for row, record in enumerate(ids)
    ]


def _refusal(
    sobject: SObject, rows: dict[str, tuple[object, ...]], record: object, batch: Batch, *, hard: bool
) -> Failure | None:
    if not isinstance(record, str):
        return Failure("MISSING_ARGUMENT", "Id not specified in a delete call", ())
    if record in batch.seen:
        return duplicate_key("Id", record)
    if record[:3] != sobject.prefix:
        return malformed_id(sobject.by_name["id"].label, record, "Id")
    if record not in rows:
        return bad_cross_reference()
    return entity_deleted() if rows[record][0] and not hard else None


def _remove(
    org: OrgState,
    connection: sqlite3.Connection,
    sobject: SObject,
    ids: list[str],
    hard: bool,
    depth: int,
    stamp: str,
) -> None:
    if not ids or depth == 0:
        return
    these = listed(ids)
    for link in org.everything.children(sobject):
        field, table = quoted(link.field.name), quoted(link.child.name)
        where = f"WHERE {field} IN (SELECT value FROM json_each(?))"
        if link.field.cascade:
            details = connection.execute(f'SELECT "Id" FROM {table} {where} AND "IsDeleted" = 0', (these,))
            _remove(org, connection, link.child, [row[0] for row in details], hard, depth - 1, stamp)
        elif link.field.nillable and link.field.name not in ("OwnerId", "CreatedById", "LastModifiedById"):
            connection.execute(f"UPDATE {table} SET {field} = NULL {where}", (these,))
    table = quoted(sobject.name)
    where = 'WHERE "Id" IN (SELECT value FROM json_each(?))'
    if hard:
        connection.execute(f"DELETE FROM {table} {where}", (these,))
        return
    connection.execute(
        f'UPDATE {table} SET "IsDeleted" = 1, "LastModifiedDate" = ?, "SystemModstamp" = ?, '
        f'"LastModifiedById" = ? {where}',
        (stamp, stamp, org.user_id, these),
    )


def undelete(
    org: OrgState, connection: sqlite3.Connection, sobject: SObject, ids: Sequence[str]
) -> list[Outcome]:
    """Take records out of the recycle bin, inside the caller's transaction, with the details that went with them."""
    rows = lookups.by_id(connection, sobject, ids, ())
    outcomes, seen = [], set[str]()
    for id_ in ids:
        failure = None
        if id_ not in rows:
            failure = bad_cross_reference()
        elif not rows[id_][0] or id_ in seen:
            failure = _NOT_IN_BIN
        else:
            failure = _taken(connection, sobject, id_)
        if failure is None:
            seen.add(id_)
            _bring_back(org, connection, sobject, id_, _DEPTH)
        outcomes.append(Outcome(id_ if failure is None else None, False, failure))
    return outcomes


def _taken(connection: sqlite3.Connection, sobject: SObject, id_: str) -> Failure | None:
    """A unique value of the record that another one has taken meanwhile."""
    table = quoted(sobject.name)
    for field in sobject.fields:
        if field.unique and field.name != "Id":
            column = quoted(field.key_column)
            sql = (
                f'SELECT o."Id" FROM {table} o JOIN {table} t ON o.{column} = t.{column} '
                'WHERE t."Id" = ? AND o."Id" <> t."Id" AND o."IsDeleted" = 0'
            )
            other = connection.execute(sql, (id_,)).fetchone()
            if other is not None:
                return duplicate_value(field.name, other[0])
    return None


def _bring_back(
    org: OrgState, connection: sqlite3.Connection, sobject: SObject, id_: str, depth: int
) -> None:
    table = quoted(sobject.name)
    sql = f'SELECT "SystemModstamp" FROM {table} WHERE "Id" = ?'
    gone = connection.execute(sql, (id_,)).fetchone()[0]
    now = stored(org.clock.now())
    connection.execute(
        f'UPDATE {table} SET "IsDeleted" = 0, "LastModifiedDate" = ?, "SystemModstamp" = ?, '
        '"LastModifiedById" = ? WHERE "Id" = ?',
        (now, now, org.user_id, id_),
    )
    for link in org.everything.children(sobject) if depth else ():
        if link.field.cascade:
            # Those that went at the same moment went with it.
            where = f'WHERE {quoted(link.field.name)} = ? AND "IsDeleted" = 1 AND "SystemModstamp" = ?'
            found = connection.execute(f'SELECT "Id" FROM {quoted(link.child.name)} {where}', (id_, gone))
            for (detail,) in found.fetchall():
                _bring_back(org, connection, link.child, detail, depth - 1)


def empty_bin(
    org: OrgState, connection: sqlite3.Connection, sobject: SObject, ids: Sequence[str]
) -> list[Outcome]:
    """Take records that are in the recycle bin away for good, inside the caller's transaction."""
    rows = lookups.by_id(connection, sobject, ids, ())
    outcomes = []
    for id_ in ids:
        failure = None
        if id_ not in rows:
            failure = bad_cross_reference()
        elif not rows[id_][0]:
            failure = Failure("DELETE_FAILED", "Entity is not in the recycle bin", ())
        outcomes.append(Outcome(id_ if failure is None else None, False, failure))
    gone = [outcome.id for outcome in outcomes if outcome.id]
    _remove(org, connection, sobject, gone, True, _DEPTH, stored(org.clock.now()))
    return outcomes
