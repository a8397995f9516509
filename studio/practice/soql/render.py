"""Rows of a query as REST records, nested by relationship, or as the text of CSV cells."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from studio.practice.catalog import Field, SObject
from studio.practice.clock import in_json
from studio.practice.soql.plan import ChildPlan, KindsPlan, Plan
from studio.practice.soql.polymorphic import NameObject


def to_json(field: Field | None, value: Any) -> Any:
    """A stored value as REST answers show it."""
    if value is None or field is None:
        return value
    if field.type == "boolean":
        return bool(value)
    if field.type == "datetime":
        return in_json(value)
    if field.type == "address":
        parts = json.loads(value)
        return parts if any(part is not None for part in parts.values()) else None
    return value


def to_csv(field: Field | None, value: Any) -> str:
    """A stored value as result files show it; null is an empty cell."""
    if value is None:
        return ""
    if field is not None and field.type == "boolean":
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def number_text(value: float) -> str:
    """A number with at least one decimal and no exponent."""
    text = repr(value)
    return format(value, "f") if "e" in text else text


def attributes(sobject: SObject, record: str, data: str) -> dict[str, str]:
    """What every record begins with."""
    kind = sobject.kind_of(record) if isinstance(sobject, NameObject) else sobject
    return {"type": sobject.name, "url": f"{data}/sobjects/{kind.name}/{record}"}


def records(
    connection: sqlite3.Connection, plan: Plan, numbers: Sequence[int], data: str
) -> list[dict[str, Any]]:
    """Records as JSON objects; `data` is the path of the version their addresses begin with."""
    rows = plan.rows(connection, numbers)
    made = [_record(plan, row, data) for row in rows]
    ids = [row[plan.ids[0][1]] for row in rows]
    for child in plan.children:
        found = _children(connection, child, ids, data)
        for record, record_id in zip(made, ids, strict=True):
            record[child.name] = found.get(record_id)
    for at, kinds in enumerate(plan.kinds):
        # The ids stand behind all other columns, in the order of the lookups.
        place = len(plan.columns) + len(plan.ids) + at
        led = _kinds(connection, kinds, [row[place] for row in rows], data)
        made = [
            _inserted(record, kinds.before + at, kinds.name, led.get(row[place]))
            for record, row in zip(made, rows, strict=True)
        ]
    return made


def _kinds(
    connection: sqlite3.Connection, kinds: KindsPlan, ids: Sequence[str | None], data: str
) -> dict[str | None, dict[str, Any]]:
    """The records that ids of several kinds lead to, each with the fields of its kind."""
    found: dict[str | None, dict[str, Any]] = {}
    for plan in kinds.plans:
        mine = sorted({id_ for id_ in ids if id_ and id_[:3] == plan.sobject.prefix})
        pairs = plan.of_parents(connection, "Id", mine) if mine else []
        numbers = [number for _id, number in pairs]
        for (id_, _number), record in zip(pairs, records(connection, plan, numbers, data), strict=True):
            found[id_] = record
    return found


def _inserted(record: dict[str, Any], at: int, name: str, value: Any) -> dict[str, Any]:
    """The record with one member more, which is the `at`th behind its attributes."""
    members = list(record.items())
    members.insert(at + 1, (name, value))
    return dict(members)


def totals(connection: sqlite3.Connection, plan: Plan) -> list[dict[str, Any]]:
    """The rows of a grouped query."""
    return [
        {"attributes": {"type": "AggregateResult"}}
        | {column.name: to_json(column.field, value) for column, value in zip(plan.columns, row, strict=True)}
        for row in plan.totals(connection)
    ]


def _record(plan: Plan, row: Sequence[Any], data: str) -> dict[str, Any]:
    nested: dict[tuple[str, ...], dict[str, Any] | None] = {}
    parents = dict(plan.parents)
    for steps, place in plan.ids:
        sobject = parents[steps] if steps else plan.sobject
        id_ = row[place]
        nested[steps] = None if id_ is None else {"attributes": attributes(sobject, id_, data)}
    for place, column in enumerate(plan.columns):
        _attach(nested, column.steps)
        home = nested[column.steps]
        if home is not None:
            home[column.name] = to_json(column.field, row[place])
    record = nested[()]
    assert record is not None
    return record


def _attach(nested: dict[tuple[str, ...], dict[str, Any] | None], steps: tuple[str, ...]) -> None:
    """Put a parent into its child the first time a column needs it, so that fields keep the query's order."""
    for depth in range(1, len(steps) + 1):
        home = nested[steps[: depth - 1]]
        if home is not None:
            home.setdefault(steps[depth - 1], nested[steps[:depth]])


def _children(
    connection: sqlite3.Connection, child: ChildPlan, ids: list[str], data: str
) -> dict[str, dict[str, Any]]:
    """Per parent: the answer of the nested query."""
    groups: dict[str, list[int]] = defaultdict(list)
    for parent, number in child.plan.of_parents(connection, child.reference, ids):
        groups[parent].append(number)
    limit = _limit(child.plan.tail)
    answers = {}
    for parent, members in groups.items():
        found = records(connection, child.plan, members[:limit], data)
        answers[parent] = {"totalSize": len(found), "done": True, "records": found}
    return answers


def _limit(tail: str) -> int | None:
    words = tail.split()
    return int(words[1]) if words and words[1] != "-1" else None
