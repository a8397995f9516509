"""Finding records for a chunk of rows at a time: by id, by key, and whether references lead anywhere."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from studio.practice.catalog import Catalog, Field, SObject
from studio.practice.store import listed, quoted


def folded(field: Field, value: Any) -> Any:
    """A key as keys are compared: in lower case where case does not count."""
    return value.lower() if isinstance(value, str) and field.key_column != field.name else value


def all_folded(field: Field, values: Iterable[Any]) -> list[Any]:
    """`folded` of many values; made by the hundred thousand."""
    if field.key_column == field.name:
        return list(values)
    return [value.lower() if isinstance(value, str) else value for value in values]


def by_id(
    connection: sqlite3.Connection, sobject: SObject, ids: Iterable[str], names: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """Per id found: whether it is deleted, then its values of the named fields."""
    columns = ", ".join(quoted(name) for name in ("Id", "IsDeleted", *names))
    table = quoted(sobject.name)
    sql = f'SELECT {columns} FROM {table} WHERE "Id" IN (SELECT value FROM json_each(?))'
    return {row[0]: row[1:] for row in connection.execute(sql, (listed(sorted(set(ids))),))}


def by_key(
    connection: sqlite3.Connection, sobject: SObject, field: Field, keys: Iterable[Any]
) -> dict[Any, list[str]]:
    """Per key (folded): the ids of the records that have it and are not deleted, oldest first."""
    column, table = quoted(field.key_column), quoted(sobject.name)
    sql = (
        f'SELECT {column}, "Id" FROM {table} WHERE {column} IN (SELECT value FROM json_each(?)) '
        f'AND {column} IS NOT NULL AND "IsDeleted" = 0 ORDER BY "seq"'
    )
    found: dict[Any, list[str]] = defaultdict(list)
    for key, record in connection.execute(sql, (listed(list(dict.fromkeys(keys))),)):
        found[key].append(record)
    return found


def missing_references(
    connection: sqlite3.Connection, catalog: Catalog, field: Field, ids: Iterable[str]
) -> dict[str, str]:
    """The ids that are no value for this reference, each with why: `type` (another object's) or `gone`."""
    wrong: dict[str, str] = {}
    per_object: dict[str, list[str]] = defaultdict(list)
    for record in set(ids):
        target = catalog.with_prefix(record[:3])
        if target is not None and target.name in field.references:
            per_object[target.name].append(record)
        else:
            known = [catalog.get(name) for name in field.references]
            # An object the practice org does not have: nothing can be there.
            wrong[record] = "gone" if target is None and None in known else "type"
    for name, records in per_object.items():
        found = catalog.get(name)
        if found is None:
            continue
        rows = by_id(connection, found, records, ())
        wrong |= {record: "gone" for record in records if record not in rows or rows[record][0]}
    return wrong
