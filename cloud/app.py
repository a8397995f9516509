"""The ASGI application: routers of every package, behind one guard and one outer layer."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from cloud.access.routes import GuardedRoute, Routes
from cloud.config import Config
from cloud.description import described
from cloud.errors import Refused, bad_request, conflict, not_found
from cloud.log import event
from cloud.metrics import Metrics
from cloud.rates import Rates
from cloud.server import Authenticator, Server
from cloud.store.blobs import BlobsUnreachable
from cloud.store.database import Database
from cloud.store.envelope import Envelope, KeyGone, Tampered
from cloud.store.keys import MasterKey, master_keys
from cloud.traffic import Traffic, say
from studio import __version__
from studio.base.atomic import NotWritten
from studio.base.i18n import _

# Modules with a list `ROUTES: tuple[Routes, ...]`; one that is not there (yet, or as an extra) is left out.
ROUTES = (
    "cloud.routes",
    "cloud.pages.routes",
    "cloud.access.endpoints",
    "cloud.audit.endpoints",
    "cloud.identity.routes",
    "cloud.projects.routes",
    "cloud.files.routes",
    "cloud.console.routes",
)
# Modules with `set_up(server: Server) -> None`, called once: they add authenticators, gates and parts.
PARTS = (
    "cloud.pages.parts",
    "cloud.identity.parts",
    "cloud.projects.parts",
    "cloud.files.parts",
    "cloud.console.parts",
)


# What the disk or the bucket refuses.
_STORAGE = (BlobsUnreachable, NotWritten)


def present(names: tuple[str, ...]) -> Iterator[Any]:
    """Those of the modules that exist."""
    for name in names:
        package = name.rpartition(".")[0]
        if importlib.util.find_spec(package) and importlib.util.find_spec(name):
            yield importlib.import_module(name)


def create_app(
    config: Config | None = None,
    *,
    database: Database | None = None,
    master: MasterKey | None = None,
    authenticators: tuple[Authenticator, ...] = (),
) -> FastAPI:
    """The application for one configuration; nothing is shared between two of them.

    Raises MasterKeyError when the master key is not there. Whether it is the one the database was set up with is asked
    by who serves, before listening (`Envelope.need_master`), and by `/ready`.
    """
    config = config or Config()
    app = FastAPI(
        title="Weft repository",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    database = database or Database(config.database_url)
    masters = [master] if master else master_keys(config.master_key, config.old_master_key, config.folder)
    envelope = Envelope(database, *masters)
    server = Server(config, database, envelope, authenticators)
    app.state.config = config
    app.state.server = server
    app.state.metrics = metrics = Metrics()
    server.parts["app"] = app
    for module in present(PARTS):
        module.set_up(server)
    for module in present(ROUTES):
        for routes in module.ROUTES:
            add(app, routes)
    _refuse_unguarded(app.router.routes)
    app.openapi = described(app)  # type: ignore[method-assign]
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in (
        PoolTimeout,
        OperationalError,
        DataError,
        UnicodeEncodeError,
        KeyGone,
        Tampered,
        IntegrityError,
        *_STORAGE,
    ):
        app.add_exception_handler(kind, _broken)
    server.parts["rates"] = rates = Rates()
    app.add_middleware(Traffic, config=config, metrics=metrics, rates=rates, failed=failed)
    return app


def add(app: FastAPI, routes: Routes) -> None:
    """Add routes to the application (tests add their own)."""
    _refuse_unguarded(routes.router.routes)
    app.router.routes.extend(routes.router.routes)


def guarded_routes(app: FastAPI) -> list[GuardedRoute]:
    """Every route of the application: what the generated tests walk."""
    return [route for route in app.router.routes if isinstance(route, GuardedRoute)]


def _refuse_unguarded(routes: list[BaseRoute]) -> None:
    for route in routes:
        if not isinstance(route, GuardedRoute) and getattr(route, "name", "") != "static":
            raise TypeError(f"{route} does not say what it needs: declare it with cloud.access.routes.Routes")


def _id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return say(request, error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refused):
        return say(request, error.__cause__)
    if error.status_code == 404:
        return say(request, not_found())
    code = {405: "method_not_allowed", 400: "bad_request"}.get(error.status_code, "refused")
    return say(
        request, Refused(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))
    )


async def _invalid(request: Request, error: Exception) -> Response:
    """What was sent does not fit the route; what it was is not repeated, it may be a secret."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": "/".join(map(str, each.get("loc", ()))), "what": str(each.get("msg", ""))}
        for each in error.errors()[:20]
    ]
    refused = Refused(
        422,
        "invalid",
        _("Something in the request is missing or not as it must be."),
        next_step=_("Mend what `problems` names and send it again."),
        problems=found,
    )
    return say(request, refused)


async def _broken(request: Request, error: Exception) -> Response:
    return failed(error, request)


def failed(error: Exception, request: Request) -> Response:
    """The answer to what no handler foresaw: a plain sentence here, kind and place of the error in the log."""
    refused = error if isinstance(error, Refused) else _foreseen(error)
    if refused is None:
        event("error", level=logging.ERROR, error=error, request_id=_id(request))
        refused = Refused(
            500,
            "server_error",
            _("The server made a mistake."),
            next_step=_("Give the request id to whoever runs the server: the log names it."),
        )
    return say(request, refused)


def _foreseen(error: Exception) -> Refused | None:
    if isinstance(error, PoolTimeout | OperationalError):
        event("database_busy", level=logging.WARNING, error=error)
        return Refused(
            503,
            "database_busy",
            _("The database did not answer in time."),
            next_step=_("Try again in a few seconds."),
            headers={"Retry-After": "2"},
        )
    if isinstance(error, DataError | UnicodeEncodeError):
        return bad_request(_("A value holds a character that is none."))
    if isinstance(error, IntegrityError):
        event("integrity", level=logging.WARNING, error=error)
        return conflict(_("This contradicts what is there already."))
    if isinstance(error, KeyGone):
        return Refused(410, "key_gone", _("The key of this organization was destroyed; its data is gone."))
    if isinstance(error, _STORAGE):
        event("storage", level=logging.WARNING, error=error)
        full = isinstance(error, NotWritten)
        return Refused(
            507 if full else 503,
            "storage_cannot_write" if full else "storage_unreachable",
            _("The server could not keep what was sent; nothing was changed.")
            if full
            else _("The place where contents are kept did not answer."),
            next_step=_("Try again later; whoever runs the server finds the reason in its log."),
            headers={"Retry-After": "60"},
        )
    if isinstance(error, Tampered):
        event("tampered", level=logging.CRITICAL, error=error)
        return Refused(
            500,
            "tampered",
            _("What is stored here was changed outside the server, and is not shown."),
            next_step=_("Whoever runs the server: look at the disk and the audit, and restore a backup."),
        )
    return None
