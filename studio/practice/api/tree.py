"""Trees of records: parents with their children inside, made together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studio.practice.api.records import check_right
from studio.practice.catalog import SObject
from studio.practice.failures import ApiError
from studio.practice.http.message import Response, json_response
from studio.practice.router import Call, Route, route
from studio.practice.write import Incoming, incoming, write

MOST_RECORDS = 200
_MOST_KINDS = 5
_DEPTH = 5


@dataclass
class _Node:
    """A record of the tree: its name there, its values, where its parent is and by which field; the outcome."""

    name: str
    record: Incoming
    parent: int | None = None
    reference: str = ""
    id: str = ""
    error: Mapping[str, Any] | None = None


async def tree(call: Call) -> Response:
    """POST /composite/tree/{object}: 201 with an id for each record, or 400 with what was wrong and nothing made."""
    body = await call.json_object()
    nodes = list(_nodes(call, call.sobject(), body.get("records"), None, "", 1, []))
    names = [node.name for node in nodes]
    if len(set(names)) < len(names):
        raise ApiError(400, "INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    if len(nodes) > MOST_RECORDS or len({node.record.sobject.name for node in nodes}) > _MOST_KINDS:
        message = f"A tree has at most {MOST_RECORDS} records of {_MOST_KINDS} types"
        raise ApiError(400, "INVALID_INPUT", message)
    for sobject in {node.record.sobject.name: node.record.sobject for node in nodes}.values():
        check_right(sobject, "insert")
    unit = await call.org.run(call.org.store.begin_unit)
    keep = False
    with call.org.store.in_unit(unit):
        try:
            await call.org.run(_make, call, nodes)
            keep = all(node.error is None for node in nodes)
        finally:
            await call.org.run(call.org.store.end_unit, unit, keep=keep)
    if keep:
        made = [{"referenceId": node.name, "id": node.id} for node in nodes]
        return json_response({"hasErrors": False, "results": made}, 201)
    wrong = [{"referenceId": node.name, "errors": [node.error]} for node in nodes if node.error is not None]
    return json_response({"hasErrors": True, "results": wrong}, 400)


def _nodes(
    call: Call,
    sobject: SObject,
    records: Any,
    parent: int | None,
    reference: str,
    depth: int,
    seen: list[int],
) -> Iterator[_Node]:
    """The records, each before its children; `seen` counts them."""
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "The request needs a list: records")
    if depth > _DEPTH:
        raise ApiError(400, "INVALID_INPUT", f"A tree has at most {_DEPTH} levels")
    for record in records:
        own = record.get("attributes")
        name = own.get("referenceId") if isinstance(own, dict) else None
        if not isinstance(name, str) or not name:
            raise ApiError(400, "INVALID_INPUT", "Include a reference ID for each record in the request.")
        kind = str(own.get("type", sobject.name)) if isinstance(own, dict) else sobject.name
        if kind.lower() != sobject.name.lower():
            raise ApiError(400, "INVALID_INPUT", f"{name}: {kind} is not {sobject.name}")
        below = {key: value["records"] for key, value in record.items() if _is_children(value)}
        at = len(seen)
        seen.append(at)
        plain = {key: value for key, value in record.items() if key not in below}
        yield _Node(name, incoming(sobject, plain), parent, reference)
        for relationship, inside in below.items():
            links = call.org.catalog.children(sobject)
            link = next(
                (one for one in links if (one.field.children or "").lower() == relationship.lower()), None
            )
            if link is None:
                message = f"No such column '{relationship}' on sobject of type {sobject.name}"
                raise ApiError(400, "INVALID_FIELD", message)
            yield from _nodes(call, link.child, inside, at, link.field.name, depth + 1, seen)


def _is_children(value: Any) -> bool:
    return isinstance(value, dict) and "records" in value


def _make(call: Call, nodes: list[_Node]) -> None:
    """Make the records, parents first; one that fails leaves its children undone."""
    for node in nodes:
        values = dict(node.record.values)
        if node.parent is not None:
            above = nodes[node.parent]
            if not above.id:
                continue
            values[node.reference] = above.id
        outcome = write(call.org, "insert", [Incoming(node.record.sobject, values)])[0]
        if outcome.failure is not None:
            node.error = outcome.failure.in_collections
        else:
            node.id = outcome.id or ""


def routes() -> list[Route]:
    """The routes of this module."""
    return [route("POST", "/services/data/v{version}/composite/tree/{object}", tree)]
