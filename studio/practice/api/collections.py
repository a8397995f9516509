"""Up to 200 records in one request, answered in the order they came, all or none if asked."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from studio.practice import removal
from studio.practice.api.records import check_right, read_records
from studio.practice.catalog import SObject
from studio.practice.failures import ApiError
from studio.practice.http.message import Response, json_response
from studio.practice.ids import full_id
from studio.practice.load import Batch, Outcome
from studio.practice.router import Call, Route, route
from studio.practice.write import Incoming, incoming, rolled_back, write

MOST_RECORDS = 200
MOST_READ = 2000
# Runs of records of one object; the vendor processes a request in at most ten.
MOST_RUNS = 10


async def create(call: Call) -> Response:
    """POST records."""
    return await _write(call, "insert")


async def change(call: Call) -> Response:
    """PATCH records that carry their ids."""
    return await _write(call, "update")


async def upsert(call: Call) -> Response:
    """PATCH records of one object by an external id."""
    sobject = call.sobject()
    key = sobject.field(call.match["key"])
    if key is None or not key.is_key:
        message = f"Provided external ID field does not exist or is not accessible: {call.match['key']}"
        raise ApiError(400, "INVALID_FIELD", message)
    check_right(sobject, "upsert")
    body = await call.json_object()
    records = _records(call, body)
    if any(record.sobject is not sobject for record in records):
        raise ApiError(400, "INVALID_TYPE", "All records of an upsert must be of the type in the address")
    outcomes = await call.org.run(
        write, call.org, "upsert", records, key=key, all_or_none=body.get("allOrNone") is True
    )
    return json_response([_result(outcome, created=True) for outcome in outcomes])


async def _write(call: Call, operation: str) -> Response:
    body = await call.json_object()
    records = _records(call, body)
    for record in records:
        check_right(record.sobject, operation)
    outcomes = await call.org.run(
        write, call.org, operation, records, all_or_none=body.get("allOrNone") is True
    )
    return json_response([_result(outcome) for outcome in outcomes])


async def delete(call: Call) -> Response:
    """DELETE records by id, of any objects."""
    ids = _ids(call.request.query.get("ids", ""), MOST_RECORDS)
    all_or_none = call.request.query.get("allOrNone", "false").lower() == "true"
    runs = [(prefix, list(group)) for prefix, group in groupby(ids, key=lambda text: text[:3])]
    if len(runs) > MOST_RUNS:
        raise _too_many(MOST_RUNS, "runs of one type")
    objects = [_with_prefix(call, prefix) for prefix, _group in runs]
    for sobject in objects:
        check_right(sobject, "delete")

    def work() -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with call.org.store.writing() as connection:
                for sobject, (_prefix, group) in zip(objects, runs, strict=True):
                    outcomes += removal.delete(call.org, connection, sobject, group, Batch())
                if all_or_none and any(outcome.failure for outcome in outcomes):
                    raise _AllOrNone
        except _AllOrNone:
            return rolled_back(outcomes)
        return outcomes

    return json_response([_result(outcome) for outcome in await call.org.run(work)])


class _AllOrNone(Exception):
    pass


async def read(call: Call) -> Response:
    """GET records of one object by id; null for each that is not there."""
    query = call.request.query
    fields = [name.strip() for name in query.get("fields", "").split(",") if name.strip()]
    return await _read(call, query.get("ids", "").split(","), fields)


async def read_posted(call: Call) -> Response:
    """POST ids and fields, for lists too long for an address."""
    body = await call.json_object()
    return await _read(call, list(map(str, body.get("ids", []))), list(map(str, body.get("fields", []))))


async def _read(call: Call, texts: list[str], fields: list[str]) -> Response:
    if not fields:
        raise ApiError(400, "MISSING_ARGUMENT", "Missing required parameter: fields")
    ids = _ids(",".join(texts), MOST_READ)
    full = [full_id(text) or text for text in ids]
    known = [record for record in full if full_id(record)]
    found = await call.org.run(read_records, call, call.sobject(), known, fields)
    return json_response([found.get(record) for record in full])


def _records(call: Call, body: dict[str, Any]) -> list[Incoming]:
    given = body.get("records")
    if not isinstance(given, list) or not all(isinstance(record, dict) for record in given):
        raise ApiError(400, "JSON_PARSER_ERROR", "The request needs a list of records")
    if len(given) > MOST_RECORDS:
        raise _too_many(MOST_RECORDS, "records")
    records = []
    for record in given:
        kind = record.get("attributes")
        name = kind.get("type") if isinstance(kind, dict) else None
        if not isinstance(name, str):
            raise ApiError(400, "INVALID_TYPE", "Each record needs attributes with its type")
        sobject = call.org.catalog.get(name)
        if sobject is None:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        records.append(incoming(sobject, record))
    runs = sum(1 for _name, _group in groupby(records, key=lambda record: record.sobject.name))
    if runs > MOST_RUNS:
        raise _too_many(MOST_RUNS, "runs of one type")
    return records


def _too_many(most: int, what: str) -> ApiError:
    message = f"record limit reached. cannot submit more than {most} {what} into this call"
    return ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _ids(text: str, most: int) -> list[str]:
    ids = [part.strip() for part in text.split(",") if part.strip()]
    if not ids:
        raise ApiError(400, "MISSING_ARGUMENT", "Missing required parameter: ids")
    if len(ids) > most:
        raise _too_many(most, "records")
    return ids


def _with_prefix(call: Call, prefix: str) -> SObject:
    sobject = call.org.catalog.with_prefix(prefix)
    if sobject is None:
        raise ApiError(400, "MALFORMED_ID", f"malformed id {prefix}")
    return sobject


def _result(outcome: Outcome, *, created: bool = False) -> dict[str, Any]:
    if outcome.failure:
        return {"success": False, "errors": [outcome.failure.in_collections]}
    result: dict[str, Any] = {"id": outcome.id, "success": True, "errors": []}
    return result | {"created": outcome.created} if created else result


def routes() -> list[Route]:
    """The routes of this module."""
    collection = "/services/data/v{version}/composite/sobjects"
    return [
        route("POST", collection, create),
        route("PATCH", collection, change),
        route("DELETE", collection, delete),
        route("PATCH", collection + "/{object}/{key}", upsert),
        route("GET", collection + "/{object}", read),
        route("POST", collection + "/{object}", read_posted),
    ]
