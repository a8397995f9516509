"""Up to 25 requests in one, each able to use what earlier ones answered; undone together if asked."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from studio.practice.failures import ApiError
from studio.practice.http.message import Headers, Request, Response, json_response, refused
from studio.practice.router import Call, Route, Router, route

MOST_REQUESTS = 25
_REFERENCE = re.compile(r"@\{([^}.\[]+)((?:\.\w+|\[\d+\])*)\}")
# Headers of sub-answers that are passed on.
_SHOWN = ("Location", "ETag", "Last-Modified")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HALTED = [
    {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }
]


class CompositeApi:
    """Answers composite requests through the router it belongs to."""

    def __init__(self) -> None:
        self.router: Router | None = None

    async def composite(self, call: Call) -> Response:
        """POST /composite."""
        body = await call.json_object()
        parts = body.get("compositeRequest")
        if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
            raise ApiError(
                400, "JSON_PARSER_ERROR", "The request needs a list of sub-requests: compositeRequest"
            )
        if len(parts) > MOST_REQUESTS:
            message = f"The request can't contain more than {MOST_REQUESTS} operations"
            raise ApiError(400, "LIMIT_EXCEEDED", message)
        if body.get("allOrNone") is not True:
            _check_names(parts)
            return json_response({"compositeResponse": await self._all(call, parts, halt=False)})
        answers, _keep = await self.together(call, parts)
        return json_response({"compositeResponse": answers})

    async def together(self, call: Call, parts: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
        """The answers to sub-requests that are done all or none, and whether they were. Raises ApiError."""
        _check_names(parts)
        unit = await call.org.run(call.org.store.begin_unit)
        keep = False
        with call.org.store.in_unit(unit):
            try:
                answers = await self._all(call, parts, halt=True)
                keep = all(answer["httpStatusCode"] < 300 for answer in answers)
            finally:
                await call.org.run(call.org.store.end_unit, unit, keep=keep)
        return answers if keep else [_undone(answer) for answer in answers], keep

    async def _all(self, call: Call, parts: list[dict[str, Any]], *, halt: bool) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        bodies: dict[str, Any] = {}
        failed = False
        for part in parts:
            name = part["referenceId"]
            if failed and halt:
                answers.append(_answer(name, 400, _HALTED, {}))
                continue
            response = await self._one(call, part, bodies)
            value = json.loads(content(response)) if response.body else None
            if response.status < 300:
                bodies[name] = value
            failed = failed or (response.status >= 300 and response.status != 304)
            headers = {key: text for key, text in response.headers if key in _SHOWN}
            answers.append(_answer(name, response.status, value, headers))
        return answers

    async def _one(self, call: Call, part: dict[str, Any], bodies: dict[str, Any]) -> Response:
        try:
            target = str(_resolved(part.get("url", ""), bodies))
            if not target.lower().startswith("/services/data/v"):
                raise ApiError(400, "INVALID_INPUT", f"{target} is no address of this API")
            body = (
                json.dumps(_resolved(part["body"], bodies)).encode() if part.get("body") is not None else b""
            )
            headers = [("host", call.request.headers.get("host"))]
            given = part.get("httpHeaders")
            headers += (
                [(str(name), str(value)) for name, value in given.items()] if isinstance(given, dict) else []
            )
            return await self.dispatch(call, str(part.get("method", "GET")), target, headers, body)
        except ApiError as error:
            return refused(error)

    async def dispatch(
        self, call: Call, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> Response:
        """The answer to one sub-request, which costs no call of the day. Raises ApiError."""
        assert self.router is not None
        inner = Request(
            method.upper(),
            target.replace(" ", "%20"),
            Headers(headers),
            call.request.scheme,
            partial(_blocks, body),
        )
        return await self.router.dispatch(inner, counted=False, grant=call.grant)


def _check_names(parts: list[dict[str, Any]]) -> None:
    names = [part.get("referenceId") for part in parts]
    if any(not isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ApiError(400, "INVALID_INPUT", "Each sub-request needs a referenceId of its own")


async def _blocks(body: bytes) -> AsyncIterator[bytes]:
    yield body


def content(response: Response) -> bytes:
    """The body of an answer, whole."""
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def _answer(name: str, status: int, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    return {"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": name}


def _undone(answer: dict[str, Any]) -> dict[str, Any]:
    if answer["httpStatusCode"] >= 300:
        return answer
    return answer | {"body": _HALTED, "httpStatusCode": 400, "httpHeaders": {}}


def _resolved(value: Any, bodies: dict[str, Any]) -> Any:
    """Replace `@{name.path}` by what an earlier answer holds there."""
    if isinstance(value, dict):
        return {key: _resolved(item, bodies) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, bodies) for item in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        found = bodies.get(match[1])
        for name, index in _STEP.findall(match[2]):
            if name and isinstance(found, dict):
                found = found.get(name)
            elif index and isinstance(found, list) and int(index) < len(found):
                found = found[int(index)]
            else:
                found = None
        if found is None:
            raise ApiError(
                400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {match[0]} found"
            )
        return str(found)

    return _REFERENCE.sub(one, value)


def routes(api: CompositeApi) -> list[Route]:
    """The routes of this module."""
    return [route("POST", "/services/data/v{version}/composite", api.composite)]
