"""Inserting, updating and upserting rows of one shape: checked column by column, written in one statement."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from studio.practice import automation, lookups
from studio.practice.catalog import Field, SObject
from studio.practice.clock import stored
from studio.practice.columns import Column
from studio.practice.convert import SKIP, Failures
from studio.practice.failures import (
    Failure,
    ambiguous_key,
    bad_cross_reference,
    duplicate_key,
    duplicate_value,
    entity_deleted,
    malformed_id,
    no_such_parent,
    not_writable,
    required_missing,
)
from studio.practice.ids import record_ids
from studio.practice.org_state import OrgState
from studio.practice.store import quoted

# Converts one column: from_text for CSV, from_json for REST.
Convert = Callable[[Field, Sequence[Any], Failures], list[Any]]


class Outcome(NamedTuple):
    """What became of a row: its id and whether it is new, or why it was refused."""

    id: str | None
    created: bool
    failure: Failure | None


@dataclass
class Batch:
    """One internal batch: hand the same one to every chunk of it. The keys several of its rows have are refused in
    all of them, so `repeated` is to be known before the first chunk (see `Load.keys`)."""

    repeated: frozenset[Any] = frozenset()
    seen: set[Any] = field(default_factory=set)

    @classmethod
    def of(cls, keys: Iterable[Any]) -> Batch:
        """The batch of rows with these keys."""
        counts = Counter(key for key in keys if key is not None)
        return cls(frozenset(key for key, count in counts.items() if count > 1))


class Load:
    """Rows of `columns` of one object, for `insert`, `update` or `upsert` (then `key` says by what)."""

    def __init__(
        self,
        org: OrgState,
        sobject: SObject,
        operation: str,
        columns: Sequence[Column],
        convert: Convert,
        key: Field | None = None,
    ) -> None:
        self._org = org
        self._sobject = sobject
        self._operation = operation
        self._columns = list(columns)
        self._convert = convert
        self._key = key if operation == "upsert" else sobject.field("Id") if operation == "update" else None
        names = [column.field.name for column in columns]
        self._refused = {
            right: [name for name in names if self._forbidden(name, right)] for right in ("insert", "update")
        }

    def _forbidden(self, name: str, right: str) -> bool:
        column = self._sobject.by_name[name.lower()]
        if self._key is not None and name == self._key.name and right == "update":
            return False
        if name == "Id":
            return self._key is None or self._key.name != "Id"
        return not (column.createable if right == "insert" else column.updateable)

    def keys(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """The key of each row as keys are compared; None where there is none, or none that reads."""
        if self._key is None:
            return []
        places = [place for place, column in enumerate(self._columns) if column.field == self._key]
        if not places:
            return []
        values = self._convert(self._key, [row[places[0]] for row in rows], {})
        return [None if key is SKIP else key for key in lookups.all_folded(self._key, values)]

    def apply(
        self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]], batch: Batch
    ) -> list[Outcome]:
        """Write what can be written, inside the caller's transaction; one outcome per row, in order."""
        chunk = _Chunk(self._org, self._sobject, connection, len(rows))
        raw = list(zip(*rows, strict=True)) if rows else [() for _column in self._columns]
        for column, values in zip(self._columns, raw, strict=True):
            chunk.values[column.field.name] = self._values(connection, column, values, chunk.failures)
        if self._operation == "insert":
            chunk.insert(list(range(len(rows))), self._refused["insert"])
        else:
            self._split(connection, chunk, batch)
        return chunk.outcomes()

    def _values(
        self, connection: sqlite3.Connection, column: Column, values: Sequence[Any], failures: Failures
    ) -> list[Any]:
        converted = self._convert(column.value_field, values, failures)
        if column.parent is not None and column.parent_key is not None:
            return _parents(connection, column, converted, failures)
        if column.field.type == "reference":
            self._check_references(connection, column.field, converted, failures)
        return converted

    def _check_references(
        self, connection: sqlite3.Connection, column: Field, values: list[Any], failures: Failures
    ) -> None:
        given = {value for value in values if value is not SKIP and value is not None}
        if not given:
            return
        wrong = lookups.missing_references(connection, self._org.catalog, column, given)
        if not wrong:
            return
        for row, value in enumerate(values):
            if value in wrong:
                of_type = wrong[value] == "type"
                failure = malformed_id(column.label, value, column.name) if of_type else bad_cross_reference()
                failures.setdefault(row, failure)

    def _split(self, connection: sqlite3.Connection, chunk: _Chunk, batch: Batch) -> None:
        """Upsert and update: find each row's record, then write the two kinds."""
        assert self._key is not None
        values = chunk.values.get(self._key.name) or [SKIP] * chunk.count
        inserts: list[int] = []
        updates: dict[int, str] = {}
        keys = lookups.all_folded(self._key, values)
        found = self._find(connection, keys, chunk.failures)
        for row, key in enumerate(keys):
            if row in chunk.failures:
                continue
            if key is SKIP or key is None:
                self._without_key(row, chunk, inserts)
                continue
            if key in batch.repeated:
                chunk.failures[row] = duplicate_key(self._key.name, str(values[row]))
                continue
            records = found.get(key, [])
            if len(records) > 1:
                chunk.failures[row] = ambiguous_key(self._key.name, records)
            elif records:
                updates[row] = records[0]
            elif self._key.name == "Id":
                chunk.failures[row] = bad_cross_reference()
            else:
                inserts.append(row)
        if self._key.name == "Id":
            chunk.values.pop("Id", None)
        chunk.update(updates, self._refused["update"])
        chunk.insert(inserts, self._refused["insert"])

    def _find(
        self, connection: sqlite3.Connection, keys: list[Any], failures: Failures
    ) -> dict[Any, list[str]]:
        assert self._key is not None
        given = [
            key for row, key in enumerate(keys) if key is not SKIP and key is not None and row not in failures
        ]
        if self._key.name == "Id":
            return {record: [record] for record in lookups.by_id(connection, self._sobject, given, ())}
        return lookups.by_key(connection, self._sobject, self._key, given)

    def _without_key(self, row: int, chunk: _Chunk, inserts: list[int]) -> None:
        if self._operation == "upsert":
            inserts.append(row)
        else:
            chunk.failures[row] = Failure("MISSING_ARGUMENT", "Id not specified in an update call", ())


def _parents(
    connection: sqlite3.Connection, column: Column, values: list[Any], failures: Failures
) -> list[Any]:
    """Ids of the parents a relationship column names by key."""
    assert column.parent is not None
    assert column.parent_key is not None
    key = column.parent_key
    given = {lookups.folded(key, value) for value in values if value is not SKIP and value is not None}
    found = lookups.by_key(connection, column.parent, key, given) if given else {}
    ids: list[Any] = []
    for row, value in enumerate(values):
        if value is SKIP or value is None:
            ids.append(value)
            continue
        records = found.get(lookups.folded(key, value), [])
        if len(records) == 1:
            ids.append(records[0])
            continue
        if records:
            failures.setdefault(row, ambiguous_key(key.name, records))
        else:
            failures.setdefault(row, no_such_parent(str(value), key.name, column.parent.name))
        ids.append(None)
    return ids


class _Chunk:
    """The rows of one `apply`, column-wise, with what has become of them so far."""

    def __init__(self, org: OrgState, sobject: SObject, connection: sqlite3.Connection, count: int) -> None:
        self._org = org
        self._sobject = sobject
        self._connection = connection
        self.count = count
        self.values: dict[str, list[Any]] = {}
        self.failures: Failures = {}
        self._ids: dict[int, str] = {}
        self._created: set[int] = set()

    def outcomes(self) -> list[Outcome]:
        """One per row, in order."""
        none = Outcome(None, False, None)
        failures, ids, created = self.failures, self._ids, self._created
        if not failures and len(created) == self.count:
            return [Outcome(ids[row], True, None) for row in range(self.count)]
        return [
            none._replace(failure=failures[row])
            if row in failures
            else Outcome(ids.get(row), row in created, None)
            for row in range(self.count)
        ]

    def insert(self, rows: list[int], refused: list[str]) -> None:
        """Make new records of these rows."""
        if refused:
            self._refuse(rows, refused)
        self._require(rows)
        names = list(self.values)
        columns = {name: self._filled(name, rows) for name in names}
        owners = automation.owners(self._org, self._sobject, self.values, rows)
        if owners is not None:
            columns["OwnerId"] = owners
        columns |= self._left_out(list(columns), len(rows))
        self._ask_rules(rows, columns, new=True)
        self._unique(rows, columns, {})
        good = [position for position, row in enumerate(rows) if row not in self.failures]
        if not good:
            return
        if len(good) < len(rows):
            columns = {name: [values[i] for i in good] for name, values in columns.items()}
        first = self._org.store.take_numbers(self._connection, self._sobject.name, len(good))
        ids = record_ids(self._sobject.prefix, self._org.first_number + first, len(good))
        self._name_by_id(columns, ids)
        now, user = stored(self._org.clock.now()), self._org.user_id
        fixed = {
            "CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now,
            "CreatedById": user, "LastModifiedById": user,
        }  # fmt: skip
        names = [*columns, *fixed]
        listed = ", ".join(quoted(name) for name in ("seq", "Id", *names))
        marks = ", ".join(["?"] * (2 + len(columns)) + [f"'{value}'" for value in fixed.values()])
        sql = f"INSERT INTO {quoted(self._sobject.name)} ({listed}) VALUES ({marks})"
        numbers = range(first, first + len(good))
        self._connection.executemany(sql, zip(numbers, ids, *columns.values(), strict=True))
        inserted = [rows[i] for i in good]
        self._ids.update(zip(inserted, ids, strict=True))
        self._created.update(inserted)

    def update(self, records: dict[int, str], refused: list[str]) -> None:
        """Change the records these rows belong to; a value left alone keeps what the record has."""
        if refused:
            self._refuse(list(records), refused)
        names = list(self.values)
        more = automation.fields_looked_at(self._org, self._sobject, names)
        current = lookups.by_id(self._connection, self._sobject, records.values(), [*names, *more])
        for row, record in records.items():
            if row not in self.failures and current[record][0]:
                self.failures[row] = entity_deleted()
        rows = [row for row in records if row not in self.failures]
        ids = [records[row] for row in rows]
        columns = {}
        for place, name in enumerate(names, 1):
            column, field_ = self.values[name], self._sobject.by_name[name.lower()]
            new = [column[row] for row in rows]
            if not field_.nillable and None in new:
                self._empty(rows, new, field_)
            columns[name] = [
                current[record][place] if value is SKIP else value
                for value, record in zip(new, ids, strict=True)
            ]
        seen = {name: [current[id_][place] for id_ in ids] for place, name in enumerate(more, len(names) + 1)}
        self._ask_rules(rows, columns | seen, new=False)
        self._unique(rows, columns, dict(zip(rows, ids, strict=True)))
        good = [i for i, row in enumerate(rows) if row not in self.failures]
        now = stored(self._org.clock.now())
        fixed = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": self._org.user_id}
        sets = [f"{quoted(name)} = ?" for name in columns]
        sets += [f"{quoted(name)} = '{value}'" for name, value in fixed.items()]
        sql = f'UPDATE {quoted(self._sobject.name)} SET {", ".join(sets)} WHERE "Id" = ?'
        changed = [tuple(values[i] for values in (*columns.values(), ids)) for i in good]
        self._connection.executemany(sql, changed)
        self._ids.update((rows[i], ids[i]) for i in good)

    def _ask_rules(self, rows: list[int], columns: dict[str, list[Any]], *, new: bool) -> None:
        """Refuse what the org's own rules refuse."""
        refused = automation.refused(self._org, self._connection, self._sobject, columns, len(rows), new=new)
        for place, failure in refused.items():
            self.failures.setdefault(rows[place], failure)

    def _refuse(self, rows: list[int], names: list[str]) -> None:
        """A column nobody may write fails the rows that give it a value."""
        for row in rows:
            given = [name for name in names if self.values[name][row] is not SKIP]
            if given:
                self.failures.setdefault(row, not_writable(given))
        for name in names:
            self.values[name] = [SKIP] * self.count

    def _empty(self, rows: list[int], values: list[Any], field_: Field) -> None:
        for row, value in zip(rows, values, strict=True):
            if value is None:
                self.failures.setdefault(row, required_missing([field_.name]))

    def _require(self, rows: list[int]) -> None:
        missing: dict[int, list[str]] = {}
        for field_ in self._sobject.required:
            column = self.values.get(field_.name)
            for row in rows:
                if column is None or column[row] is SKIP or column[row] is None:
                    missing.setdefault(row, []).append(field_.name)
        for row, names in missing.items():
            self.failures.setdefault(row, required_missing(names))

    def _filled(self, name: str, rows: list[int]) -> list[Any]:
        default = self._default(self._sobject.by_name[name.lower()])
        column = self.values[name]
        return [default if column[row] is SKIP else column[row] for row in rows]

    def _default(self, field_: Field) -> Any:
        if field_.name == "OwnerId":
            return self._org.user_id
        return int(field_.default) if isinstance(field_.default, bool) else field_.default

    def _left_out(self, names: list[str], count: int) -> dict[str, list[Any]]:
        """Defaults of fields no column fills; booleans have theirs in the table."""
        return {
            field_.name: [default] * count
            for field_ in self._sobject.fields
            if field_.name not in names and field_.type != "boolean"
            if not field_.formula and not field_.auto and (default := self._default(field_)) is not None
        }

    def _name_by_id(self, columns: dict[str, list[Any]], ids: list[str]) -> None:
        """A custom object's record without a name is called by its id."""
        name = self._sobject.name_field
        if name is None or name.formula or name.auto or not name.nillable:
            return
        given = columns.get(name.name, [None] * len(ids))
        named = [value or record for value, record in zip(given, ids, strict=True)]
        columns[name.name] = named
        if name.key_column != name.name:
            columns[name.key_column] = lookups.all_folded(name, named)

    def _unique(self, rows: list[int], columns: dict[str, list[Any]], own: dict[int, str]) -> None:
        """Keep key columns, and refuse a unique value that another record, or an earlier row, has."""
        for field_ in self._sobject.keys:
            if field_.name not in columns:
                continue
            keys = lookups.all_folded(field_, columns[field_.name])
            if field_.unique:
                self._refuse_duplicates(rows, keys, field_, own)
            if field_.key_column != field_.name:
                columns[field_.key_column] = keys

    def _refuse_duplicates(
        self, rows: list[int], keys: list[Any], field_: Field, own: dict[int, str]
    ) -> None:
        given = [key for key in keys if key is not None]
        found = lookups.by_key(self._connection, self._sobject, field_, given) if given else {}
        first: dict[Any, int] = {}
        for row, key in zip(rows, keys, strict=True):
            if key is None or row in self.failures:
                continue
            others = [record for record in found.get(key, []) if record != own.get(row)]
            if others or first.setdefault(key, row) != row:
                self.failures[row] = duplicate_value(field_.name, others[0] if others else "unknown")
