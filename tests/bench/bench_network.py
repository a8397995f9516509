"""The way out through each kind of proxy here: the first request, a later connection, 30 at once, 5 MB sent.

The origin speaks TLS, the proxies are real ones on loopback; each figure is the median of five rounds, with the key
store's vault of the tests. `python3 dev.py bench network`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from studio.network import tunnel
from studio.network.client import open_client
from studio.network.guard import GUARD
from studio.network.settings import Way, load
from tests.cheap_vault import cheap_vault
from tests.network.authorities import root
from tests.network.conftest import Certified
from tests.network.kerberos_realm import PROXY, realm
from tests.network.origin import answers, listening, own_name
from tests.network.own_proxy import DOMAIN, PASSWORD, USER, OwnProxy, known_users
from tests.network.proxies_run import Proxied, dante, folder_for, squid, tinyproxy
from tests.network.way import also, fetched, through

ROUNDS = 5
BODY = os.urandom(5_000_000)


def run() -> Iterator[dict[str, object]]:
    """One row a figure."""
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        folder = Path(made)
        patch.setenv("WEFT_HOME", str(folder / "home"))
        cheap_vault(folder, patch)
        certified = Certified(root("Corp Root"), folder)
        certified.file.write_bytes(certified.authority.pem)
        for case, ways in _cases(folder, patch):
            try:
                for metric, value, unit in asyncio.run(_measured(ways, certified)):
                    yield {"bench": "network", "case": case, "metric": metric, "value": value, "unit": unit}
            except pytest.skip.Exception as left_out:
                yield {
                    "bench": "network",
                    "case": case,
                    "metric": str(left_out)[:60],
                    "value": 0,
                    "unit": "-",
                }


Ways = Callable[[], contextlib.AbstractAsyncContextManager[str]]


def _cases(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[str, Ways]]:
    yield "direct", _direct
    for scheme in ("basic", "digest", "ntlm"):
        yield f"squid {scheme}", _served(lambda scheme=scheme: squid(scheme))  # type: ignore[misc]
    yield "tinyproxy basic", _served(tinyproxy)
    yield "dante socks 5", _served(dante)
    known_users(folder, patch)
    yield "a proxy that checks NTLMv2", _own("ntlm", None)
    yield "TLS to the proxy, basic", _own("basic", folder)
    if all(map(importlib.util.find_spec, ("gssapi", "krb5"))):
        yield "squid negotiate, Kerberos ticket", _kerberos(patch)


@contextlib.asynccontextmanager
async def _direct() -> AsyncIterator[str]:
    also(way=Way.NONE)
    yield own_name()[0]


def _served(start: Callable[[], contextlib.AbstractContextManager[Proxied]]) -> Ways:
    @contextlib.asynccontextmanager
    async def way() -> AsyncIterator[str]:
        with start() as proxy:
            through(proxy.address, proxy.user, proxy.password)
            yield proxy.origin

    return way


def _own(scheme: str, folder: Path | None) -> Ways:
    @contextlib.asynccontextmanager
    async def way() -> AsyncIterator[str]:
        gateway = root("Gateway Root")
        tls = None
        if folder is not None:
            (folder / "gateway.pem").write_bytes(gateway.pem)
            tls = gateway.below("proxy", ("127.0.0.1",)).server(folder)
        async with OwnProxy(scheme).running(tls) as proxy:
            user = USER if scheme == "basic" else f"{DOMAIN}\\{USER}"
            through(f"http{'s' if tls else ''}://127.0.0.1:{proxy.port}", user, PASSWORD)
            also(extra_ca=(str(folder / "gateway.pem"),) if folder is not None else ())
            yield "origin.corp.test"

    return way


def _kerberos(patch: pytest.MonkeyPatch) -> Ways:
    @contextlib.asynccontextmanager
    async def way() -> AsyncIterator[str]:
        with folder_for("proxy") as place, realm(place) as corp:
            for name, value in corp.environment.items():
                patch.setenv(name, value)
            corp.ticket()
            with squid("negotiate", folder=place, **corp.environment) as proxy:
                through(proxy.address.replace("127.0.0.1", PROXY), "")
                yield proxy.origin

    return way


async def _measured(ways: Ways, certified: Certified) -> list[tuple[str, object, str]]:
    rows: dict[str, list[float]] = {}

    async def timed(name: str, what: Callable[[], Awaitable[object]]) -> None:
        started = time.perf_counter()
        await what()
        rows.setdefault(name, []).append(1000 * (time.perf_counter() - started))

    async with ways() as host, listening(answers, certified.server()) as port:
        also(extra_ca=(*_trusted(), str(certified.file)))
        url = f"https://{host}:{port}/"
        for _round in range(ROUNDS):
            GUARD.forget()
            tunnel.forget()
            async with open_client() as client:
                await timed("first request", lambda: fetched(url, client=client))
                await timed("5 MB sent on the same tunnel", lambda: fetched(url, content=BODY, client=client))
            async with open_client() as client:
                await timed("a later connection", lambda: fetched(url, client=client))
            async with open_client() as client:
                await timed(
                    "30 requests at once",
                    lambda: asyncio.gather(*(fetched(url, client=client) for _ in range(30))),
                )
    return [(name, round(statistics.median(values)), "ms") for name, values in rows.items()]


def _trusted() -> tuple[str, ...]:
    return load()[0].extra_ca
