"""Pages ask the API as any client does, within the process: through its guard, its checks and its audit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import anyio
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message

from cloud.access.context import Context
from cloud.access.routes import GuardedRoute
from cloud.errors import Refused
from cloud.pages.forms import fields_refused
from studio.protocol import limits

# What vouches for whoever looks at the page, and what the API reads besides.
_PASSED_ON = (b"cookie", b"authorization", b"sec-fetch-site", b"origin", b"user-agent", b"accept-language")


@dataclass(frozen=True)
class Answer:
    """What the API answered: `data` is its JSON, `version` what a change of it is based on, `cookies` what it gives
    the browser."""

    status: int
    data: Any
    version: str
    cookies: tuple[bytes, ...] = ()

    def hand_on(self, response: Response) -> Response:
        """The page's own answer, with the cookies."""
        response.raw_headers.extend((b"set-cookie", each) for each in self.cookies)
        return response


async def ask(
    ctx: Context,
    function: Callable[..., Any],
    /,
    *,
    body: Any = None,
    query: Mapping[str, Any] | None = None,
    match: str = "",
    key: str = "",
    **path: str,
) -> Answer:
    """Have a function of the API called by whoever looks at the page. Raises Refused as the API refuses.

    `match` becomes If-Match, `key` the Idempotency-Key; None in `query` is left out.
    """
    route = _route(ctx, function)
    address = route.path_format.format(**{name: quote(value, safe="") for name, value in path.items()})
    headers = {b"content-type": b"application/json"} if body is not None else {}
    headers |= {b"if-match": match.encode()} if match else {}
    headers |= {b"idempotency-key": key.encode()} if key else {}
    asked = [(name, text) for name, text in (query or {}).items() if text is not None]
    given = ctx.request.scope
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": next(iter(set(route.methods or ()) - {"HEAD"})),
        "scheme": given["scheme"],
        "server": given.get("server"),
        "client": given.get("client"),
        "root_path": "",
        "path": route.path_format.format(**path),
        "raw_path": address.encode(),
        "query_string": urlencode(asked).encode(),
        "headers": [pair for pair in given["headers"] if pair[0] in _PASSED_ON] + list(headers.items()),
        "app": given["app"],
        "state": {**given["state"], "body_limit": ctx.server.config.limits.body},
    }
    return await _run(ctx, scope, b"" if body is None else json.dumps(body).encode())


async def every(ctx: Context, function: Callable[..., Any], /, org: str) -> list[dict[str, Any]]:
    """All that a list of the API holds, page after page. Raises Refused."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    if "after" not in _route(ctx, function).queries:
        whole: list[dict[str, Any]] = (await ask(ctx, function, org=org)).data
        return whole
    while True:
        data = (await ask(ctx, function, org=org, query={"after": after, "limit": limits.PAGE_MOST})).data
        found += data["items"]
        after = data["after"]
        if after is None:
            return found


def _route(ctx: Context, function: Callable[..., Any]) -> GuardedRoute:
    """Where the API serves this function."""
    known: dict[Any, GuardedRoute] = ctx.server.parts.setdefault("routes_by_function", {})
    if not known:
        routes = ctx.request.app.router.routes
        known |= {route.endpoint: route for route in routes if isinstance(route, GuardedRoute)}
    return known[function]


async def _run(ctx: Context, scope: dict[str, Any], body: bytes) -> Answer:
    parts: list[bytes] = []
    started: dict[str, Any] = {}
    left = [body]

    async def receive() -> Message:
        if not left:
            # Nobody hangs up within the process.
            await anyio.sleep_forever()
        return {"type": "http.request", "body": left.pop(), "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    try:
        async with AsyncExitStack() as stack:
            # FastAPI closes here what a request leaves open; its own middleware is not passed again.
            scope["fastapi_middleware_astack"] = stack
            await ctx.request.app.router(scope, receive, send)
    except RequestValidationError as error:
        raise fields_refused(error.errors()) from error
    except HTTPException as error:
        raise error.__cause__ if isinstance(error.__cause__, Refused) else error from error
    headers = {name.lower(): value for name, value in started["headers"]}
    content = b"".join(parts)
    is_json = headers.get(b"content-type", b"").startswith(b"application/json")
    data = json.loads(content) if is_json and content else content
    cookies = tuple(value for name, value in started["headers"] if name.lower() == b"set-cookie")
    return Answer(started["status"], data, headers.get(b"etag", b"").decode(), cookies)
