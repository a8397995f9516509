"""Requests that hold requests: composite batch (independent ones) and composite graph (each graph done whole or not)."""

from __future__ import annotations

import json
from typing import Any

from studio.practice.api.composite import MOST_REQUESTS, CompositeApi, content
from studio.practice.failures import ApiError
from studio.practice.http.message import Response, json_response, refused
from studio.practice.router import Call, Route, route

MOST_GRAPHS = 75
MOST_NODES = 500
_HALTED = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]


class SeveralApi:
    """Answers both through the router of composite requests."""

    def __init__(self, inner: CompositeApi) -> None:
        self._inner = inner

    async def batch(self, call: Call) -> Response:
        """POST /composite/batch: every request has its own answer; `haltOnError` leaves those after an error undone."""
        body = await call.json_object()
        parts = _list(body, "batchRequests")
        if len(parts) > MOST_REQUESTS:
            message = f"The request can't contain more than {MOST_REQUESTS} operations"
            raise ApiError(400, "LIMIT_EXCEEDED", message)
        results: list[dict[str, Any]] = []
        failed = False
        for part in parts:
            if failed and body.get("haltOnError") is True:
                results.append({"statusCode": 412, "result": _HALTED})
                continue
            answer = await self._one(call, part)
            value = json.loads(content(answer)) if answer.body else None
            results.append({"statusCode": answer.status, "result": value})
            failed = failed or answer.status >= 400
        return json_response({"hasErrors": failed, "results": results})

    async def _one(self, call: Call, part: dict[str, Any]) -> Response:
        # Addresses are named from the version on; the whole path is taken too.
        target = "/" + str(part.get("url", "")).lstrip("/")
        if not target.lower().startswith("/services/data/"):
            target = "/services/data" + target
        given = part.get("richInput")
        body = json.dumps(given).encode() if given is not None else b""
        try:
            if "/composite" in target.lower():
                raise ApiError(400, "INVALID_INPUT", f"{target} cannot stand in a batch")
            headers = [("host", call.request.headers.get("host"))]
            return await self._inner.dispatch(call, str(part.get("method", "GET")), target, headers, body)
        except ApiError as error:
            return refused(error)

    async def graph(self, call: Call) -> Response:
        """POST /composite/graph: the nodes of a graph are done together or not at all, graphs apart from each other."""
        graphs = _list(await call.json_object(), "graphs")
        names = [graph.get("graphId") for graph in graphs]
        if any(not isinstance(name, str) for name in names) or len(set(names)) < len(names):
            raise ApiError(400, "INVALID_INPUT", "Each graph needs a graphId of its own")
        nodes = [_list(graph, "compositeRequest") for graph in graphs]
        if len(graphs) > MOST_GRAPHS or sum(map(len, nodes)) > MOST_NODES:
            message = f"The request can't contain more than {MOST_GRAPHS} graphs and {MOST_NODES} nodes"
            raise ApiError(400, "LIMIT_EXCEEDED", message)
        answers = []
        for name, parts in zip(names, nodes, strict=True):
            found, kept = await self._inner.together(call, parts)
            answers.append(
                {"graphId": name, "graphResponse": {"compositeResponse": found}, "isSuccessful": kept}
            )
        return json_response({"graphs": answers})


def _list(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise ApiError(400, "JSON_PARSER_ERROR", f"The request needs a list: {name}")
    return found


def routes(inner: CompositeApi) -> list[Route]:
    """The routes of this module."""
    api, composite = SeveralApi(inner), "/services/data/v{version}/composite"
    return [
        route("POST", composite + "/batch", api.batch),
        route("POST", composite + "/graph", api.graph),
    ]
