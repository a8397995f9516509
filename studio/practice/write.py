"""Records that arrive as JSON: into columns, through the loader, with or without all-or-none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from studio.practice.catalog import Catalog, Field, SObject
from studio.practice.columns import Column, column_for
from studio.practice.convert import Failures, from_json, from_text
from studio.practice.failures import ApiError, Failure
from studio.practice.load import Batch, Load, Outcome
from studio.practice.org_state import OrgState

_ROLLED_BACK = Failure(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


@dataclass(frozen=True)
class Incoming:
    """One record: its object, and its values by column header."""

    sobject: SObject
    values: Mapping[str, Any]

    @property
    def shape(self) -> tuple[str, ...]:
        """What records written together must share."""
        return (self.sobject.name, *self.values)


class _RollBack(Exception):
    pass


def incoming(sobject: SObject, record: Mapping[str, Any]) -> Incoming:
    """A JSON record; a nested parent becomes a relationship column (`Account.ERP_Id__c`)."""
    values: dict[str, Any] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):
            header, value = _parent(name, value)
            values[header] = value
        else:
            values[name] = value
    return Incoming(sobject, values)


def _parent(name: str, value: Mapping[str, Any]) -> tuple[str, Any]:
    keys = [key for key in value if key != "attributes"]
    if len(keys) != 1:
        raise ApiError(400, "INVALID_FIELD", f"{name}: a parent is named by exactly one external id field")
    kind = value.get("attributes")
    typed = f"{kind['type']}:" if isinstance(kind, dict) and "type" in kind else ""
    return f"{typed}{name}.{keys[0]}", value[keys[0]]


def columns_of(catalog: Catalog, record: Incoming) -> list[Column]:
    """The columns of a record. Raises ApiError INVALID_FIELD naming the one the object does not have."""
    columns = []
    for name in record.values:
        column = column_for(catalog, record.sobject, name)
        if column is None:
            message = f"No such column '{name}' on sobject of type {record.sobject.name}"
            raise ApiError(400, "INVALID_FIELD", message)
        columns.append(column)
    return columns


def write(
    org: OrgState,
    operation: str,
    records: Sequence[Incoming],
    *,
    key: Field | None = None,
    key_in_address: bool = False,
    all_or_none: bool = False,
) -> list[Outcome]:
    """Write records; one outcome each, in order. Raises ApiError when the request as a whole does not read.

    With `key_in_address` the key's value is text from an address, not JSON.
    """

    def convert(field: Field, column: Sequence[Any], failures: Failures) -> list[Any]:
        if key_in_address and field == key:
            return from_text(field, column, failures)
        return from_json(field, column, failures)

    outcomes: list[Outcome] = []
    try:
        with org.store.writing() as connection:
            loads = []
            for group in _groups(records):
                columns = columns_of(org.catalog, group[0])
                load = Load(org, group[0].sobject, operation, columns, convert, key)
                loads.append((load, [tuple(record.values.values()) for record in group]))
            batch = Batch.of(key_ for load, rows in loads for key_ in load.keys(rows))
            for load, rows in loads:
                outcomes += load.apply(connection, rows, batch)
            if all_or_none and any(outcome.failure for outcome in outcomes):
                raise _RollBack
    except _RollBack:
        return rolled_back(outcomes)
    return outcomes


def rolled_back(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What is reported when one failure has undone the others."""
    return [Outcome(None, False, outcome.failure or _ROLLED_BACK) for outcome in outcomes]


def _groups(records: Sequence[Incoming]) -> Iterator[list[Incoming]]:
    for _shape, group in groupby(records, key=lambda record: record.shape):
        yield list(group)


def refuse(failure: Failure) -> ApiError:
    """A single record's failure as the answer to its request."""
    status = 404 if failure.code in ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY") else 400
    return ApiError(status, failure.code, failure.message, failure.fields)
