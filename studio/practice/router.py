"""From an address to the function that answers it: versions, sign-in, the day's calls."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

from studio.practice.asking import asking, wish
from studio.practice.catalog import SObject
from studio.practice.failures import ApiError, not_found
from studio.practice.http.message import Request, Response, refused
from studio.practice.org import FIRST_VERSION, LAST_VERSION, ApiCall, Org
from studio.practice.sign_in.sessions import Grant


@dataclass
class Call:
    """A request on its way to a handler: `match` holds the parts of its address, `grant` who asks."""

    org: Org
    request: Request
    match: dict[str, str]
    grant: Grant | None = None

    @property
    def version(self) -> str:
        """The API version asked for, as `62.0`."""
        return self.match["version"]

    @property
    def data(self) -> str:
        """The path every resource of this version begins with."""
        return f"/services/data/v{self.version}"

    def sobject(self, name: str | None = None) -> SObject:
        """The object named in the address, or by `name`. Raises ApiError 404."""
        found = self.org.catalog.get(self.match["object"] if name is None else name)
        if found is None:
            raise not_found()
        return found

    async def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        value = await self.request.json()
        if not isinstance(value, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The request body must be a JSON object")
        return value


Handle = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True)
class Route:
    """A method and an address pattern with named parts; `open` ones need no token, `counted` ones cost a call."""

    method: str
    pattern: re.Pattern[str]
    handle: Handle
    open: bool = False
    counted: bool = True


def route(method: str, pattern: str, handle: Handle, *, open: bool = False, counted: bool = True) -> Route:
    """A route; `{version}`, `{object}`, `{id}` … in the pattern match one part of the address each."""
    parts = {"version": r"\d{1,3}\.0", "soap": r"\d{1,3}\.\d"}

    def part(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{parts.get(match[1], '[^/]+')})"

    regex = re.sub(r"\{(\w+)\}", part, pattern)
    return Route(method, re.compile(regex + "/?", re.IGNORECASE), handle, open, counted)


class Router:
    """Finds the route of a request and answers it."""

    def __init__(self, org: Org, routes: Iterable[Route]) -> None:
        self._org = org
        self._routes = tuple(routes)
        self.faults = org.faults

    async def answer(self, request: Request) -> Response:
        """The answer to a request from outside."""
        try:
            response = await self.dispatch(request)
        except ApiError as error:
            response = refused(error)
        self._org.calls.append(ApiCall(request.method, request.path, response.status))
        # The org's own clock, which a test may have moved.
        response.headers.append(("Date", formatdate(self._org.clock.now().timestamp(), usegmt=True)))
        if request.path.lower().startswith("/services/data/v"):
            usage = f"api-usage={self._org.calls_today}/{self._org.call_limit}"
            response.headers.append(("Sforce-Limit-Info", usage))
        return response

    async def dispatch(
        self, request: Request, *, counted: bool = True, grant: Grant | None = None
    ) -> Response:
        """The answer, or ApiError; sub-requests of a composite call pass their grant and cost nothing."""
        # Matched as it was sent: a slash inside a key is sent as %2F and must not part it.
        path = urlsplit(request.target).path
        matches = [(route, match) for route in self._routes if (match := route.pattern.fullmatch(path))]
        if not matches:
            raise not_found()
        method = _method(request)
        found = next(((route, match) for route, match in matches if route.method == method), None)
        if found is None:
            allowed = ",".join(sorted({route.method for route, _match in matches}))
            message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", message, headers=[("Allow", allowed)])
        route, match = found
        parts = {name: unquote(text) for name, text in match.groupdict().items()}
        call = Call(self._org, request, parts, grant)
        _check_version(call.match.get("version"))
        if not route.open and grant is None:
            call.grant = self._grant(request)
        if route.counted and counted and not route.open:
            self._count()
        if call.grant is None:
            return await route.handle(call)
        wishes = (request.headers.get(f"sforce-{name}") for name in ("duplicate-rule-header", "auto-assign"))
        token = asking.set(wish(call.grant.user_id, *wishes))
        try:
            return await route.handle(call)
        finally:
            asking.reset(token)

    def _grant(self, request: Request) -> Grant:
        scheme, _space, token = request.headers.get("authorization").partition(" ")
        grant = self._org.sessions.find(token.strip()) if scheme.lower() in ("bearer", "oauth") else None
        if grant is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return grant

    def _count(self) -> None:
        if self._org.calls_today >= self._org.call_limit:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._org.calls_today += 1


def _method(request: Request) -> str:
    method = request.query.get("_HttpMethod", request.method) if request.method == "POST" else request.method
    return "GET" if method == "HEAD" else method.upper()


def _check_version(version: str | None) -> None:
    if version is None:
        return
    number = float(version)
    if number < FIRST_VERSION:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", f"API version {version} is retired")
    if number > LAST_VERSION:
        raise not_found()
