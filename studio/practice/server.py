"""The practice org as a server on loopback: plain and encrypted listeners over one org."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.system_errors import reason_of
from studio.practice import control
from studio.practice.api import collections, composite, discovery, layouts, query, records, several, tree
from studio.practice.bulk import classic_api, ingest, queries
from studio.practice.bulk.classic_api import ClassicApi
from studio.practice.bulk.ingest import IngestApi
from studio.practice.bulk.jobs import Jobs
from studio.practice.bulk.queries import QueryJobs
from studio.practice.faults import Fault
from studio.practice.http.connection import Connection
from studio.practice.http.tls import make_identity
from studio.practice.org import Org
from studio.practice.ready import Ready
from studio.practice.router import Route, Router
from studio.practice.sign_in import authorize, device, identity, oauth
from studio.practice.soap import calls

HOST = "127.0.0.1"
# How long a client may take to say good-bye over TLS.
_GOODBYE_SECONDS = 1.0


class PracticeOrg:
    """A practice org in this process: `await start()`, use it, `await stop()`; or `async with`.

    `data` keeps the records in a folder; without it they go when the org stops. `records` made-up ones are put in. `port` 0 takes a free one.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        port: int = 0,
        https: bool = False,
        objects: Sequence[Path] = (),
        faults: Iterable[Fault] = (),
        seed: bool = True,
        records: int = 0,
    ) -> None:
        self._data = data
        self._port = port
        self._https = https
        self._open = functools.partial(
            Org.open, data, objects=objects, faults=tuple(faults), seed=seed, records=records
        )
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._org: Org | None = None
        self._jobs: Jobs | None = None
        self._classic: ClassicApi | None = None
        self._ready: Ready | None = None

    @property
    def org(self) -> Org:
        """The org behind the server. Raises WeftError before `start`."""
        if self._org is None:
            raise WeftError(_("The practice org is not running."))
        return self._org

    @property
    def ready(self) -> Ready:
        """Addresses and credentials. Raises WeftError before `start`."""
        if self._ready is None:
            raise WeftError(_("The practice org is not running."))
        return self._ready

    async def start(self) -> Ready:
        """Open the records and listen. Raises BadInput for a bad folder, object table or port."""
        org = self._org = self._open()
        self._jobs = Jobs(org)
        ingest_api, query_jobs = IngestApi(org, self._jobs), QueryJobs(org, self._jobs)
        self._classic = ClassicApi(org)
        router = _router(org, ingest_api, query_jobs, self._classic)
        try:
            url = await self._listen("http", self._port, router, None)
            https_url = ca = None
            if self._https:
                known = make_identity(org.store.folder / "tls")
                https_url = await self._listen("https", self._port and self._port + 1, router, known.context)
                ca = str(known.authority)
        except (OSError, OverflowError) as error:
            await self.stop()
            reason = reason_of(error) if isinstance(error, OSError) else error
            raise BadInput(
                _("The practice org cannot listen on port {port}: {reason}.").format(
                    port=self._port, reason=reason or error
                ),
                next_step=_("Choose another port, or leave it out to take a free one."),
            ) from error
        ingest_api.resume()
        query_jobs.resume()
        user = org.user
        self._ready = Ready(url, https_url, ca, org.access_token, user.username, user.password)
        return self._ready

    async def stop(self) -> None:
        """Close the listeners, every connection and the records."""
        for server in self._servers:
            server.close()
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(list(self._connections))
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
        if self._classic is not None:
            await self._classic.close()
        if self._jobs is not None:
            await self._jobs.close()
        if self._org is not None:
            self._org.close()
        self._classic = self._jobs = self._org = self._ready = None

    async def __aenter__(self) -> PracticeOrg:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def _listen(self, scheme: str, port: int, router: Router, tls: Any) -> str:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await Connection(reader, writer, router.answer, router.faults).serve()
            finally:
                self._connections.discard(task)

        more = {"ssl": tls, "ssl_shutdown_timeout": _GOODBYE_SECONDS} if tls else {}
        server = await asyncio.start_server(serve, HOST, port, **more)
        self._servers.append(server)
        return f"{scheme}://{HOST}:{server.sockets[0].getsockname()[1]}"


def _router(org: Org, ingest_api: IngestApi, query_jobs: QueryJobs, classic: ClassicApi) -> Router:
    composite_api = composite.CompositeApi()
    routes: list[Route] = [
        *discovery.routes(),
        *collections.routes(),
        *composite.routes(composite_api),
        *several.routes(composite_api),
        *tree.routes(),
        *layouts.routes(),
        *query.routes(),
        *ingest.routes(ingest_api),
        *queries.routes(query_jobs),
        *records.routes(),
        *identity.routes(),
        *oauth.routes(),
        *authorize.routes(),
        *calls.routes(),
        *device.routes(),
        *classic_api.routes(classic),
        *control.routes(),
    ]
    router = Router(org, routes)
    composite_api.router = router
    return router
