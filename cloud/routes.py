"""The routes of the process itself: alive, ready, metrics, and what it offers."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import PlainTextResponse

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.addresses import plain
from cloud.errors import Refused, not_found
from studio import __version__
from studio.base.i18n import _

own = Routes("", "server", base="")


@own.get("/health", need=Need.public())
def health() -> dict[str, str]:
    """Answers as long as the process serves requests."""
    return {"status": "ok", "version": __version__}


@own.get("/ready", need=Need.public())
def ready(ctx: Ctx) -> dict[str, str]:
    """Answers 200 as long as the database and the place of blobs do too and the keys can be opened, else 503."""
    try:
        ctx.server.database.ready()
    except Exception as error:
        raise Refused(503, "not_ready", _("The database does not answer.")) from error
    try:
        ctx.server.envelope.need_master()
    except Exception as error:
        raise Refused(503, "not_ready", _("The master key does not open the server's keys.")) from error
    blobs = ctx.server.parts.get("blobs")
    try:
        if blobs is not None:
            blobs.ready()
    except Exception as error:
        raise Refused(503, "not_ready", _("What projects keep cannot be read or written.")) from error
    return {"status": "ready"}


@own.get("/metrics", need=Need.public(), response_class=PlainTextResponse)
def metrics(request: Request, ctx: Ctx) -> PlainTextResponse:
    """Counts for Prometheus; only for callers on the machine itself."""
    address = plain(ctx.address)
    if address is None or not address.is_loopback:
        raise not_found()
    text: str = request.app.state.metrics.text()
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@own.get("/api/v1/openapi.json", need=Need.public(), include_in_schema=False)
def description(request: Request) -> dict[str, Any]:
    """All routes, as OpenAPI."""
    document: dict[str, Any] = request.app.openapi()
    return document


ROUTES = (own,)
