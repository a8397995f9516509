"""httpx over our own pools of connections: which pool a request goes to, and whose errors it ends in."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from pathlib import Path

import httpcore
import httpx

from studio.base.errors import NotAllowed
from studio.base.i18n import _
from studio.network.forwarding import forward
from studio.network.hops import DIRECT, read_hop
from studio.network.proxies import ProxyRules, is_loopback
from studio.network.refusals import ProxyRefused
from studio.network.routes import Route
from studio.network.settings import NetworkPreferences, current
from studio.network.signing_in.credentials import AddressCredentials
from studio.network.trust import certificate_pattern, context_for, tls_context
from studio.network.tunnel import Routes, WayOut, tls_of_user

# How long (s) an idle connection is kept.
_IDLE = 30.0
# For pools that only ever speak plain http: cheap to make, and it would still verify.
_UNUSED_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Contexts = Callable[[str, int], ssl.SSLContext]


class Pools(httpx.AsyncBaseTransport):
    """One pool for each of: plain http, https by the certificates shown and trusted, as the preferences are now."""

    def __init__(
        self,
        way_out: Callable[[str], WayOut],
        contexts: Contexts | None,
        *,
        connections: int,
        plain_http: bool,
    ) -> None:
        self._way_out, self._contexts = way_out, contexts
        self._connections, self._plain_http = connections, plain_http
        self._made: dict[tuple[str, ssl.SSLContext], httpcore.AsyncConnectionPool] = {}
        # Those with requests under way when the preferences changed.
        self._old: list[httpcore.AsyncConnectionPool] = []
        self._preferences = current()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give back its answer's head, the body to be read from it."""
        url = request.url
        if url.scheme != "https" and not self._plain_http and not is_loopback(url.host):
            raise NotAllowed(
                _("{host} is addressed without encryption.").format(host=url.host),
                next_step=_("Use its https address."),
            )
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        port = url.port or (443 if url.scheme == "https" else 80)
        with _in_words_of_httpx():
            pool = await self._pool(url.scheme, url.host, port)
            try:
                answer = await pool.handle_async_request(asked)
            except ProxyRefused as error:
                # Many proxies open tunnels to port 443 only, and forward what is not encrypted.
                if url.scheme != "http" or error.status in (401, 407) or not error.status:
                    raise
                answer = await forward(asked, url.host, port, self._way_out("http"), error)
        assert isinstance(answer.stream, AsyncIterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def _pool(self, scheme: str, host: str, port: int) -> httpcore.AsyncConnectionPool:
        preferences = current()
        if preferences is not self._preferences:
            self._preferences = preferences
            await self._close_idle()
        context = _UNUSED_TLS
        if scheme == "https":
            context = await self._context(host, port, preferences)
        key = (scheme, context)
        if key not in self._made:
            self._made[key] = httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=self._connections,
                max_keepalive_connections=self._connections,
                keepalive_expiry=_IDLE,
                network_backend=self._way_out(scheme),
            )
        return self._made[key]

    async def _close_idle(self) -> None:
        """The preferences are others: what goes over an open connection would go the old way."""
        made, self._made = self._made, {}
        for pool in made.values():
            if all(connection.is_idle() or connection.is_closed() for connection in pool.connections):
                await pool.aclose()
            else:
                self._old.append(pool)

    async def _context(self, host: str, port: int, preferences: NetworkPreferences) -> ssl.SSLContext:
        if self._contexts is not None:
            return self._contexts(host, port)
        if certificate_pattern(preferences.client_certificates, host, port) is None:
            return context_for(host, port, preferences)
        # The key store may be asked for the passphrase of its key.
        return await asyncio.to_thread(context_for, host, port, preferences)

    async def aclose(self) -> None:
        """Close every connection."""
        pools = [*self._made.values(), *self._old]
        self._made, self._old = {}, []
        for pool in pools:
            await pool.aclose()


def pools(rules: ProxyRules | None, extra_ca: Path | None, *, connections: int, plain_http: bool) -> Pools:
    """The way of the user's preferences; or, where they are given, of these rules, with these authorities besides."""
    tls = tls_of_user if extra_ca is None else lambda: tls_context(extra_ca)

    def way_out(scheme: str) -> WayOut:
        if rules is None:
            return WayOut(scheme, tls=tls)
        by_address = AddressCredentials((rules.https, rules.http))
        return WayOut(scheme, routes=_by(rules), credentials=by_address, tls=tls)

    contexts = None if extra_ca is None else lambda _host, _port: tls()
    return Pools(way_out, contexts, connections=connections, plain_http=plain_http)


def _by(rules: ProxyRules) -> Routes:
    async def route(scheme: str, host: str, port: int) -> Route:
        address = rules.choose(scheme, host, port)
        hop = DIRECT if address is None else read_hop(address, credentials=True)
        return Route((hop,), _("Given: {hop}").format(hop=hop))

    return route


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_words_of_httpx():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        closing = getattr(self._stream, "aclose", None)
        if closing is not None:
            await closing()


@contextlib.contextmanager
def _in_words_of_httpx() -> Iterator[None]:
    """httpcore's errors have the names of httpx's."""
    try:
        yield
    except Exception as error:
        for kind in type(error).__mro__:
            same = getattr(httpx, kind.__name__, None) if kind.__module__.startswith("httpcore") else None
            if same is not None:
                raise same(str(error)) from error
        raise
