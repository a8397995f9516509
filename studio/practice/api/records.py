"""Single records: made, read, changed, deleted, by id or by external id."""

from __future__ import annotations

from typing import Any

from studio.practice import lookups, removal
from studio.practice.catalog import Field, SObject
from studio.practice.convert import Failures, from_text
from studio.practice.failures import ApiError, not_found
from studio.practice.http.message import Response, empty, json_response
from studio.practice.ids import full_id
from studio.practice.load import Batch, Outcome
from studio.practice.router import Call, Route, route
from studio.practice.soql import render
from studio.practice.soql.plan import compile_query
from studio.practice.write import Incoming, incoming, refuse, write

# From this version on an upsert that changes a record answers 200 with a body.
_UPSERT_BODY_SINCE = 46


def check_right(sobject: SObject, operation: str) -> None:
    """Refuse to write what nobody may write over the API."""
    rights = {"insert": sobject.createable, "update": sobject.updateable, "delete": sobject.deletable}
    if operation == "upsert":
        rights["upsert"] = sobject.createable and sobject.updateable
    if not rights[operation]:
        message = (
            f"entity type cannot be {operation}{'d' if operation.endswith('e') else 'ed'}: {sobject.name}"
        )
        raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", message)


async def create(call: Call) -> Response:
    """POST a record."""
    sobject = call.sobject()
    check_right(sobject, "insert")
    record = incoming(sobject, await call.json_object())
    outcome = (await call.org.run(write, call.org, "insert", [record]))[0]
    if outcome.failure:
        raise refuse(outcome.failure)
    location = [("Location", f"{call.data}/sobjects/{sobject.name}/{outcome.id}")]
    return json_response({"id": outcome.id, "success": True, "errors": []}, 201, location)


async def read(call: Call) -> Response:
    """GET a record, whole or the fields asked for."""
    record = _id(call)
    return json_response(await call.org.run(_read, call, record))


async def change(call: Call) -> Response:
    """PATCH a record."""
    sobject, record = call.sobject(), _id(call)
    check_right(sobject, "update")
    body = await call.json_object()
    if any(name.lower() == "id" for name in body):
        raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    change_ = incoming(sobject, body)
    with_id = Incoming(sobject, {**change_.values, "Id": record})
    outcome = (await call.org.run(write, call.org, "update", [with_id]))[0]
    if outcome.failure:
        missing = outcome.failure.code == "INVALID_CROSS_REFERENCE_KEY" and not outcome.failure.fields
        found = await call.org.run(_exists, call, record) if missing else True
        raise refuse(outcome.failure) if found else not_found()
    return empty()


async def delete(call: Call) -> Response:
    """DELETE a record."""
    sobject, record = call.sobject(), _id(call)
    check_right(sobject, "delete")

    def work() -> Outcome:
        with call.org.store.writing() as connection:
            return removal.delete(call.org, connection, sobject, [record], Batch())[0]

    outcome = await call.org.run(work)
    if outcome.failure:
        error = refuse(outcome.failure)
        raise not_found() if outcome.failure.code == "INVALID_CROSS_REFERENCE_KEY" else error
    return empty()


async def read_by_key(call: Call) -> Response:
    """GET a record by external id."""
    record = await _by_key(call)
    return json_response(await call.org.run(_read, call, record))


async def upsert(call: Call) -> Response:
    """PATCH by external id: 201 for a new record, 200 or 204 for a known one, 300 when several match."""
    sobject, key = call.sobject(), _key(call)
    check_right(sobject, "upsert")
    body = {
        name: value for name, value in (await call.json_object()).items() if name.lower() != key.name.lower()
    }
    record = incoming(sobject, body)
    with_key = Incoming(sobject, {**record.values, key.name: call.match["value"]})
    outcome = (await call.org.run(write, call.org, "upsert", [with_key], key=key, key_in_address=True))[0]
    if outcome.failure:
        if outcome.failure.code == "DUPLICATE_EXTERNAL_ID":
            return await _several(call, key)
        raise refuse(outcome.failure)
    if not outcome.created and float(call.version) < _UPSERT_BODY_SINCE:
        return empty()
    answer: dict[str, Any] = {"id": outcome.id, "success": True, "errors": [], "created": outcome.created}
    return json_response(answer, 201 if outcome.created else 200)


async def delete_by_key(call: Call) -> Response:
    """DELETE a record by external id."""
    call.match["id"] = await _by_key(call)
    return await delete(call)


def _id(call: Call) -> str:
    text = call.match["id"]
    record = full_id(text)
    if record is None or record[:3] != call.sobject().prefix:
        message = f"Provided external ID field does not exist or is not accessible: {text}"
        raise ApiError(404, "NOT_FOUND", message)
    return record


def _key(call: Call) -> Field:
    field = call.sobject().field(call.match["key"])
    if field is None or not field.is_key or field.type == "id":
        message = f"Provided external ID field does not exist or is not accessible: {call.match['key']}"
        raise ApiError(404, "NOT_FOUND", message)
    return field


async def _matches(call: Call, key: Field) -> list[str]:
    failures: Failures = {}
    value = from_text(key, [call.match["value"]], failures)[0]
    if failures:
        return []

    def work() -> list[str]:
        folded = lookups.folded(key, value)
        return lookups.by_key(call.org.store.connection(), call.sobject(), key, [folded]).get(folded, [])

    return await call.org.run(work)


async def _by_key(call: Call) -> str:
    key = _key(call)
    records = await _matches(call, key)
    if not records:
        raise not_found()
    if len(records) > 1:
        raise ApiError(300, "MULTIPLE_CHOICES", "More than one record has this external id")
    return records[0]


async def _several(call: Call, key: Field) -> Response:
    name = call.sobject().name
    return json_response(
        [f"{call.data}/sobjects/{name}/{record}" for record in await _matches(call, key)], 300
    )


def _exists(call: Call, record: str) -> bool:
    return bool(lookups.by_id(call.org.store.connection(), call.sobject(), [record], ()))


def _read(call: Call, record: str) -> dict[str, Any]:
    sobject = call.sobject()
    asked = [name.strip() for name in call.request.query.get("fields", "").split(",") if name.strip()]
    for name in asked:
        if sobject.field(name) is None and "." not in name:
            message = f"No such column '{name}' on sobject of type {sobject.name}"
            raise ApiError(400, "INVALID_FIELD", message)
    found = read_records(call, sobject, [record], asked)[record]
    if found is None:
        raise not_found()
    if asked and "Id" not in asked:
        found["Id"] = record
    return found


def read_records(
    call: Call, sobject: SObject, ids: list[str], names: list[str]
) -> dict[str, dict[str, Any] | None]:
    """Records by id, with the named fields or all; None for those that are not there."""
    fields = names or [field.name for field in sobject.fields]
    wanted = ["Id", *(name for name in fields if name.lower() != "id")]
    quoted = ", ".join(f"'{record}'" for record in ids)
    text = f"SELECT {', '.join(dict.fromkeys(wanted))} FROM {sobject.name} WHERE Id IN ({quoted})"
    plan = compile_query(call.org.catalog, text, call.org.clock.now().date())
    connection = call.org.store.connection()
    found = render.records(connection, plan, plan.numbers(connection), call.data)
    answers: dict[str, dict[str, Any] | None] = dict.fromkeys(ids)
    for values in found:
        record = values["Id"]
        if names and "id" not in (name.lower() for name in names):
            values = {name: value for name, value in values.items() if name != "Id"}
        answers[record] = values
    return answers


def routes() -> list[Route]:
    """The routes of this module."""
    sobject = "/services/data/v{version}/sobjects/{object}"
    return [
        route("POST", sobject, create),
        route("GET", sobject + "/{id}", read),
        route("PATCH", sobject + "/{id}", change),
        route("DELETE", sobject + "/{id}", delete),
        route("GET", sobject + "/{key}/{value}", read_by_key),
        route("PATCH", sobject + "/{key}/{value}", upsert),
        route("DELETE", sobject + "/{key}/{value}", delete_by_key),
    ]
