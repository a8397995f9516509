"""Declaring routes: none without saying what it needs, and none that writes without saying what the audit calls it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cloud.access.context import Context
from cloud.access.guard import admit
from cloud.access.rights import Need
from cloud.errors import Refused, bad_request, not_found
from cloud.server import Server
from studio.base import i18n
from studio.base.i18n import _

API = "/api/v1"
Handler = TypeVar("Handler", bound=Callable[..., Any])

PROBLEM = {
    "description": "Refused; `code` says why for programs, `title`, `detail` and `next_step` for people",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "next_step": {"type": "string"},
                    "request_id": {"type": "string"},
                },
            }
        }
    },
}


@dataclass(frozen=True)
class Spec:
    """What was declared of a route besides its path."""

    need: Need
    audit: str | None
    body: int | None
    tries: bool
    # Of a page: what the route of the API is declared with that it has do its work, and leave the entry.
    does: Spec | None = None


class GuardedRoute(APIRoute):
    """A route that looks who asks before it reads a byte of the body."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        spec = getattr(endpoint, "weft_route", None)
        if not isinstance(spec, Spec):
            raise TypeError(f"the route {path} does not say what it needs")
        self.spec = spec
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the guard."""
        answer = super().get_route_handler()
        spec = self.spec

        async def guarded(request: Request) -> Response:
            server: Server = request.app.state.server
            if any("\x00" in str(value) for value in request.path_params.values()):
                raise not_found()
            if any("\x00" in part for pair in request.query_params.multi_items() for part in pair):
                raise bad_request(_("A value holds a character that is none."))
            if spec.body is not None:
                request.state.body_limit = spec.body
            if spec.tries:
                request.state.count_try()
            try:
                context = await run_in_threadpool(admit, server, request, spec.need, spec.audit)
                if context.user is not None:
                    request.state.user = context.user.id
                    i18n.use_language_here(context.user.language)
                self.refuse_unknown(request)
                response = await answer(request)
            except Refused as refused:
                if refused.status == 403:
                    await run_in_threadpool(request.state.context.note_refusal, refused.code)
                raise
            if spec.audit is not None and not context.audited and response.status_code < 400:
                await run_in_threadpool(_leave_entry, context)
            return response

        return guarded

    @functools.cached_property
    def queries(self) -> frozenset[str]:
        """The names a query of this route may have."""
        names, todo = set(), [self.dependant]
        while todo:
            one = todo.pop()
            names |= {each.alias for each in one.query_params}
            todo += one.dependencies
        return frozenset(names)

    def refuse_unknown(self, request: Request) -> None:
        """Refuse a name in the query that the API does not know: a mistyped filter must not mean everything."""
        unknown = sorted(set(request.query_params) - self.queries) if self.path.startswith(f"{API}/") else []
        if unknown:
            raise Refused(
                422,
                "invalid",
                _("Something in the request is missing or not as it must be."),
                next_step=_("Mend what `problems` names and send it again."),
                problems=[
                    {"where": f"query/{name[:100]}", "what": _("This route knows no such name.")}
                    for name in unknown[:20]
                ],
            )


def _leave_entry(context: Context) -> None:
    """The entry of a request that changed nothing after all, or not through its context."""
    database = context.server.database
    opened = database.tenant(context.org, write=True) if context.org else database.common(write=True)
    with opened as transaction:
        context.leave_entry(transaction)


class Routes:
    """The routes of one subject. `prefix` follows /api/v1 and may name `{org}`.

    Handlers are plain functions `def create(ctx: Ctx, body: NewThing) -> Thing`; what they return is the answer.
    """

    def __init__(self, prefix: str, tag: str, *, base: str = API) -> None:
        self.router = APIRouter(prefix=base + prefix, tags=[tag], route_class=GuardedRoute)

    def get(
        self, path: str, *, need: Need, audit: str | None = None, **more: Any
    ) -> Callable[[Handler], Handler]:
        """A route that reads; `audit` names reading worth an entry (secrets …)."""
        return self._add("GET", path, need, audit, more)

    def post(self, path: str, *, need: Need, audit: str | None, **more: Any) -> Callable[[Handler], Handler]:
        """A route that makes or does; `audit=None` says that nothing is changed."""
        return self._add("POST", path, need, audit, more)

    def put(self, path: str, *, need: Need, audit: str | None, **more: Any) -> Callable[[Handler], Handler]:
        """A route that sets."""
        return self._add("PUT", path, need, audit, more)

    def patch(self, path: str, *, need: Need, audit: str | None, **more: Any) -> Callable[[Handler], Handler]:
        """A route that changes a part."""
        return self._add("PATCH", path, need, audit, more)

    def delete(
        self, path: str, *, need: Need, audit: str | None, **more: Any
    ) -> Callable[[Handler], Handler]:
        """A route that removes; answers 204 unless told otherwise."""
        return self._add("DELETE", path, need, audit, {"status_code": 204} | more)

    def _add(
        self, method: str, path: str, need: Need, audit: str | None, more: dict[str, Any]
    ) -> Callable[[Handler], Handler]:
        """`body` in `more` is this route's own limit of bytes, `tries` counts it among those that try secrets."""
        full = self.router.prefix + path
        if need.in_organization and "{org}" not in full:
            raise TypeError(f"{full} needs a member and names no organization")
        spec = Spec(need, audit, more.pop("body", None), more.pop("tries", False), more.pop("does", None))
        answers = {"4XX": PROBLEM, "503": PROBLEM} | more.pop("responses", {})

        def keep(handler: Handler) -> Handler:
            if hasattr(handler, "weft_route"):
                raise TypeError(f"{handler.__name__} has a route already")
            handler.weft_route = spec  # type: ignore[attr-defined]
            self.router.add_api_route(path, handler, methods=[method], responses=answers, **more)
            return handler

        return keep
