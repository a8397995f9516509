"""Around every request: an id, the caller's address, limits, security headers, one line of log, counts."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.addresses import Proxies
from cloud.config import Config
from cloud.errors import Refused, bad_request, too_large, too_many
from cloud.log import event, log_request
from cloud.metrics import Metrics
from cloud.rates import Rates
from cloud.store.metadata import new_id
from studio.base import i18n
from studio.base.i18n import _

# The answer to an exception nobody caught.
Failed = Callable[[Exception, Request], Response]
PROBLEM_TYPE = "application/problem+json"
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
HSTS = "max-age=31536000; includeSubDomains"


def problem(refused: Refused, request_id: str) -> JSONResponse:
    """The answer to a request that is refused."""
    return JSONResponse(
        refused.body(request_id), refused.status, headers=refused.headers, media_type=PROBLEM_TYPE
    )


def say(request: Request, refused: Refused) -> Response:
    """The answer to a request that is refused: a page for a person, a problem document for a program."""
    parts = request.app.state.server.parts
    if "refusal_page" in parts:
        wants_page, refusal_page = parts["refusal_page"]
        if wants_page(request):
            page: Response = refusal_page(request, refused)
            return page
    return problem(refused, str(request.state.request_id))


def language_of(accept: str) -> str | None:
    """The first of our languages an Accept-Language header names."""
    for part in accept.split(",")[:20]:
        name = part.partition(";")[0].strip().lower()
        if name.startswith(("pt", "en")):
            return "pt_BR" if name.startswith("pt") else "en"
    return None


class Traffic:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, config: Config, metrics: Metrics, rates: Rates, failed: Failed) -> None:
        self.app = app
        self.failed = failed
        self.config = config
        self.metrics = metrics
        self.rates = rates
        self.proxies = Proxies(config.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self, scope, receive, send)
        await exchange.run()


class _Exchange:
    """One request and its answer."""

    def __init__(self, traffic: Traffic, scope: Scope, receive: Receive, send: Send) -> None:
        self.traffic, self.scope = traffic, scope
        self._receive, self._send = receive, send
        self.headers = Headers(scope=scope)
        given = self.headers.get("x-request-id", "")
        self.request_id = given if _ID.fullmatch(given) else new_id()
        self.address, self.secure = traffic.proxies.resolve(scope, self.headers)
        self.started = time.perf_counter()
        self.status = 0
        self.taken = 0
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = self.request_id
        state["address"] = self.address
        state["secure"] = self.secure
        state["language"] = language_of(self.headers.get("accept-language", "")) or traffic.config.language
        state["body_limit"] = traffic.config.limits.body
        state["count_try"] = self.count_try
        # What is still to be done when the answer is on its way (Context.later); pages share it with what they ask.
        state["later"] = []
        self.state = state

    async def run(self) -> None:
        """Refuse at once, or let the application answer; then log and count."""
        i18n.use_language_here(self.state["language"])
        metrics = self.traffic.metrics
        metrics.begin()
        try:
            refused = self.refusal()
            if refused is not None:
                await say(Request(self.scope), refused)(self.scope, self._receive, self.send)
            else:
                await self.answer()
                await self.do_later()
        finally:
            seconds = time.perf_counter() - self.started
            route = self.scope.get("route")
            path = getattr(route, "path", "") or "(none)"
            metrics.end(self.scope["method"], path, self.status or 500, seconds)
            log_request(
                method=self.scope["method"],
                route=path,
                status=self.status or 500,
                ms=round(seconds * 1000, 1),
                request_id=self.request_id,
                address=self.address,
                user=self.state.get("user", ""),
                bytes_in=self.taken,
            )

    async def answer(self) -> None:
        """Let the application answer; what it does not catch becomes a plain answer, if none has begun."""
        try:
            await self.traffic.app(self.scope, self.receive, self.send)
        except Exception as error:
            said = self.traffic.failed(error, Request(self.scope))
            if self.status:
                raise
            await said(self.scope, self._receive, self.send)

    async def do_later(self) -> None:
        """What was put off until the answer was sent; a shutdown waits for it as for the answer."""
        for call in self.state["later"]:
            try:
                await run_in_threadpool(call)
            except Exception as error:
                event("later_failed", level=logging.ERROR, error=error, request_id=self.request_id)

    def refusal(self) -> Refused | None:
        """What can be refused before anything is read."""
        limits = self.traffic.config.limits
        if self.traffic.metrics.running > limits.at_once:
            return Refused(
                503,
                "busy",
                _("The server has too much to do."),
                next_step=_("Try again in a few seconds."),
                headers={"Retry-After": "2"},
            )
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            return Refused(415, "encoded_body", _("Compressed requests are not taken here."))
        seconds = self.traffic.rates.take(f"a:{self.address}", limits.per_minute)
        return too_many(seconds) if seconds else None

    def count_try(self) -> None:
        """Count a request that tries a secret; raises Refused when there were too many from this address."""
        seconds = self.traffic.rates.take(f"t:{self.address}", self.traffic.config.limits.tries_per_minute)
        if seconds:
            raise too_many(seconds, "too_many_tries")

    async def receive(self) -> Message:
        """A part of the body, as long as the route's limit allows."""
        limit = self.state["body_limit"]
        said = self.headers.get("content-length")
        if said is not None and (not said.isascii() or not said.isdigit()):
            raise bad_request(_("The length of the body is not a number."))
        if said is not None and int(said) > limit:
            raise too_large(limit)
        message = await self._receive()
        if message["type"] == "http.request":
            self.taken += len(message.get("body", b""))
            if self.taken > limit:
                raise too_large(limit)
        return message

    async def send(self, message: Message) -> None:
        """Add what every answer carries."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", API_POLICY)
            headers.setdefault("Cache-Control", "no-store")
            if self.secure:
                headers["Strict-Transport-Security"] = HSTS
        await self._send(message)
