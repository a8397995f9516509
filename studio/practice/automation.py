"""What an org does of its own when records are written: rules that refuse them, and owners found for new ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from studio.practice import lookups
from studio.practice.catalog import SObject
from studio.practice.convert import SKIP
from studio.practice.failures import Failure
from studio.practice.org_state import OrgState
from studio.practice.rules import Validation
from studio.practice.store import quoted

_DUPLICATES = Failure("DUPLICATES_DETECTED", "Use one of these records?", ())
Columns = Mapping[str, Sequence[Any]]


def fields_looked_at(org: OrgState, sobject: SObject, names: Sequence[str]) -> list[str]:
    """The fields a change of `names` must know besides, so that the rules can be asked."""
    wanted: list[str] = []
    for rule in org.rules.validations.get(sobject.name.lower(), ()):
        if set(rule.columns) & set(names):
            wanted += rule.columns
    if any(key[0] == sobject.name.lower() and _spelled(sobject, key[2]) in names for key in org.rules.picks):
        wanted.append("RecordTypeId")
    return [name for name in dict.fromkeys(wanted) if name not in names]


def refused(
    org: OrgState,
    connection: sqlite3.Connection,
    sobject: SObject,
    columns: Columns,
    count: int,
    *,
    new: bool,
) -> dict[int, Failure]:
    """The rows of these columns that a rule refuses, by their place."""
    found = _foreign_types(connection, sobject, columns)
    for place, failure in _of_record_type(org, connection, sobject, columns).items():
        found.setdefault(place, failure)
    for rule in org.rules.validations.get(sobject.name.lower(), ()):
        if any(name in columns for name in rule.columns):
            for place in _breaking(connection, rule, columns, count):
                found.setdefault(place, _failure(rule))
    if new and not org.asking.save_duplicates:
        for place in _duplicates(org, connection, sobject, columns):
            found.setdefault(place, _DUPLICATES)
    return found


def _failure(rule: Validation) -> Failure:
    fields = (rule.field,) if rule.field else ()
    return Failure("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)


def _breaking(connection: sqlite3.Connection, rule: Validation, columns: Columns, count: int) -> list[int]:
    nothing = [None] * count
    rows = list(zip(*(columns.get(name, nothing) for name in rule.columns), strict=True))
    picked = ", ".join(
        f"json_extract(value, '$[{place}]') AS {quoted(name)}" for place, name in enumerate(rule.columns)
    )
    sql = f"WITH r AS (SELECT key AS n, {picked} FROM json_each(?)) SELECT n FROM r WHERE {rule.condition}"
    return [row[0] for row in connection.execute(sql, (json.dumps(rows),))]


def _foreign_types(connection: sqlite3.Connection, sobject: SObject, columns: Columns) -> dict[int, Failure]:
    """A record's type must be one of its own object."""
    given = columns.get("RecordTypeId", ())
    if all(value is None for value in given):
        return {}
    sql = 'SELECT "Id" FROM "RecordType" WHERE "SobjectType" = ?'
    own = {row[0] for row in connection.execute(sql, (sobject.name,))}
    message = "Record Type ID: this ID value isn't valid for the user: {id}"
    return {
        place: Failure("INVALID_CROSS_REFERENCE_KEY", message.format(id=value), ("RecordTypeId",))
        for place, value in enumerate(given)
        if value is not None and value not in own
    }


def _of_record_type(
    org: OrgState, connection: sqlite3.Connection, sobject: SObject, columns: Columns
) -> dict[int, Failure]:
    """A restricted picklist takes the values that the record's type offers, and no others."""
    offers = {
        (kind, name): values for (owner, kind, name), values in org.rules.picks.items() if owner == sobject.name.lower()
    }  # fmt: skip
    types = columns.get("RecordTypeId")
    if not offers or types is None:
        return {}
    rows = connection.execute('SELECT "Id", lower("DeveloperName") FROM "RecordType"').fetchall()
    kinds: dict[str, str] = dict(rows)
    found: dict[int, Failure] = {}
    for (kind, lower), values in offers.items():
        field = sobject.field(lower)
        if field is None or not field.restricted or field.name not in columns:
            continue
        for place, (type_, value) in enumerate(zip(types, columns[field.name], strict=True)):
            if value is not None and kinds.get(str(type_)) == kind and value not in values:
                message = f"{field.label}: bad value for restricted picklist field: {value}"
                found.setdefault(
                    place, Failure("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
                )
    return found


def _spelled(sobject: SObject, lower: str) -> str:
    field = sobject.field(lower)
    return field.name if field else ""


def _duplicates(
    org: OrgState, connection: sqlite3.Connection, sobject: SObject, columns: Columns
) -> list[int]:
    names = org.rules.duplicates.get(sobject.name.lower(), ())
    first = sobject.field(names[0]) if names else None
    if first is None or not all(name in columns for name in names):
        return []
    keys = lookups.all_folded(first, columns[first.name])
    given = [key for key in keys if key is not None]
    ids = lookups.by_key(connection, sobject, first, given) if given else {}
    others = lookups.by_id(connection, sobject, [id_ for found in ids.values() for id_ in found], names[1:])
    found = []
    for place, key in enumerate(keys):
        rest = [_folded(columns[name][place]) for name in names[1:]]
        if any([_folded(value) for value in others[id_][1:]] == rest for id_ in ids.get(key, ())):
            found.append(place)
    return found


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def owners(org: OrgState, sobject: SObject, values: Columns, rows: Sequence[int]) -> list[Any] | None:
    """Owners of new records that name none, by the assignment rules; None where none applies."""
    rules = org.rules.assignments.get(sobject.name.lower(), ())
    if not rules or not org.asking.assign:
        return None
    given = values.get("OwnerId")
    found = [SKIP if given is None else given[row] for row in rows]
    for rule in rules:
        looked_at = values.get(rule.field, ())
        for place, row in enumerate(rows) if looked_at else ():
            if found[place] is SKIP and looked_at[row] == rule.value:
                found[place] = org.users.get(rule.username, SKIP)
    return [org.user_id if owner is SKIP else owner for owner in found]
