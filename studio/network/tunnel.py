"""The way out: connections through whatever the route says, as the backend of our HTTP clients and for everything else."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import httpcore

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.network import remembered
from studio.network.connect import Asking
from studio.network.guard import GUARD, Guard
from studio.network.hops import Hop
from studio.network.observing import Observer, Unobserved, Watch
from studio.network.proxies import is_loopback
from studio.network.refusals import (
    ProxyNotReachable,
    ProxyRefused,
    no_way_led_out,
    odd_proxy,
    proxy_not_there,
    target_not_reached,
    target_refused,
)
from studio.network.routes import Route, route_for
from studio.network.settings import NetworkPreferences, current, saved_when
from studio.network.signing_in.credentials import Credentials, StoredCredentials
from studio.network.signing_in.sign_in import Answer, Identity, sign_in
from studio.network.socks import socks_tunnel
from studio.network.trust import extra_files, tls_context

Result = TypeVar("Result")
Routes = Callable[[str, str, int], Awaitable[Route]]
# The time for each of a proxy's answers, as a multiple of the time for a connection: it connects further itself.
_PATIENCE = 3.0
_CONNECT_SECONDS = 10.0
# A proxy that was not there is asked last for so long (s).
_LAST_FOR = 300.0
# It is no proxy for tunnels at all: not implemented, version not supported.
_NOT_OFFERED = (501, 505)
_gone: dict[Hop, float] = {}


class WayOut(httpcore.AsyncNetworkBackend):
    """Opens connections for one scheme (`https`, `http`, or `tcp` for what is not HTTP), each by the route of its host.

    `tls` makes the context for proxies that are spoken to in TLS. The schemes a proxy may ask for are those of the
    `preferences` given, else of the user's as they are then.
    """

    def __init__(
        self,
        scheme: str,
        *,
        routes: Routes = route_for,
        credentials: Credentials | None = None,
        tls: Callable[[], ssl.SSLContext] | None = None,
        observer: Observer | None = None,
        guard: Guard = GUARD,
        preferences: NetworkPreferences | None = None,
    ) -> None:
        self._scheme, self._routes, self._guard = scheme, routes, guard
        self._preferences = preferences
        self._tls = tls or tls_of_user
        self._credentials = credentials or StoredCredentials()
        self._observer = observer or Unobserved()
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the target through the first hop that lets us through.

        Raises ProxyRefused where a proxy says no, ProxyNotReachable where no hop leads there, and httpcore's
        ConnectError and ConnectTimeout where the only way is direct.
        """
        options = (timeout, local_address, None if socket_options is None else list(socket_options))
        if is_loopback(host):
            return await self._direct(host, port, options)
        watch = Watch()
        route = await self._routes(self._scheme, host, port)
        self._observer.step("setting", True, route.rule, watch.lap(), hops=route.hops)
        problems: list[tuple[Hop, str]] = []
        for hop in _likely_first(route.hops):
            try:
                stream = await self._through(hop, host, port, options)
            except (ProxyNotReachable, httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                if len(route.hops) == 1:
                    raise
                problems.append((hop, _told(hop, error)))
                _gone[hop] = time.monotonic()
            else:
                _gone.pop(hop, None)
                return stream
        raise no_way_led_out(_target(host, port), route.rule, problems)

    async def connect_unix_socket(self, *_given: Any, **_named: Any) -> httpcore.AsyncNetworkStream:
        """Not offered: every address is a host and a port."""
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        """Wait, between tries of the pool."""
        await asyncio.sleep(seconds)

    async def _through(self, hop: Hop, host: str, port: int, options: Options) -> httpcore.AsyncNetworkStream:
        watch = Watch()
        try:
            if hop.kind == "direct":
                stream = await self._direct(host, port, options)
            elif hop.kind == "socks5":
                stream = await self._by_socks(hop, host, port, options)
            else:
                stream = await self._by_connect(hop, host, port, options)
        except (WeftError, httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            self._observer.step("connection", False, _told(hop, error), watch.lap(), hop=hop)
            raise
        self._observer.step(
            "connection",
            True,
            _("Connected directly.")
            if hop.kind == "direct"
            else _("Connected through {hop}.").format(hop=hop),
            watch.lap(),
            hop=hop,
        )
        return stream

    async def _direct(self, host: str, port: int, options: Options) -> httpcore.AsyncNetworkStream:
        timeout, local, more = options
        return await self._plain.connect_tcp(host, port, timeout, local, more)

    async def to_proxy(self, hop: Hop, options: Options) -> httpcore.AsyncNetworkStream:
        """A fresh connection to a proxy, in TLS where it wants that. Raises ProxyNotReachable."""
        try:
            stream = await self._direct(hop.host, hop.port, options)
        except httpcore.ConnectTimeout as error:
            raise proxy_not_there(hop, _("no connection came about in time")) from error
        except httpcore.ConnectError as error:
            raise proxy_not_there(hop, _why(error)) from error
        if hop.kind != "https":
            return stream
        try:
            return await stream.start_tls(self._tls(), hop.host, options[0])
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise odd_proxy(
                hop, _("no secure connection to it came about, {reason}").format(reason=_why(error))
            ) from error

    async def proxy_of(self, host: str, port: int, address: str) -> Hop | None:
        """The HTTP proxy at an address among those that lead to a host."""
        route = await self._routes(self._scheme, host, port)
        return next(
            (hop for hop in route.hops if hop.address == address and hop.kind in ("http", "https")), None
        )

    async def as_known(self, hop: Hop, signing_in: Callable[[Identity], Awaitable[Result]]) -> Result:
        """What signing in as who we are for a proxy gives; raises ProxyRefused where it was refused before, anywhere."""
        allowed = (self._preferences or current()).schemes
        how = " ".join([*allowed, saved_when()])
        # A key store is asked, which may take its time.
        login = await asyncio.to_thread(self._credentials.for_proxy, hop.address)
        who = Identity(login, allowed, how, self._guard.mark(login, how))
        if not self._guard.known(hop.address) and not self._guard.stopped(hop.address, who.mark):
            refused = await asyncio.to_thread(remembered.find, hop.address, login, how)
            if refused is not None:
                self._guard.refused(hop.address, who.mark, refused)
        before = self._guard.stopped(hop.address, who.mark)
        try:
            return await signing_in(who)
        except ProxyRefused as error:
            if error.fresh and not before:
                await asyncio.to_thread(remembered.keep, hop.address, login, how, error)
            raise

    async def _by_connect(
        self, hop: Hop, host: str, port: int, options: Options
    ) -> httpcore.AsyncNetworkStream:
        target = _target(host, port)
        talk = Asking(hop, target, lambda: self.to_proxy(hop, options), patience(options))
        try:
            first = None if self._guard.known(hop.address) else await talk.ask("")
            if first is None or first.status in talk.asks:
                unsigned = first
                first = await self.as_known(
                    hop,
                    lambda who: sign_in(talk, hop, who, unsigned, guard=self._guard, observer=self._observer),
                )
            _let_through(hop, target, first)
            return Tunnel(talk.through(), talk.beginning)
        finally:
            await talk.close()

    async def _by_socks(
        self, hop: Hop, host: str, port: int, options: Options
    ) -> httpcore.AsyncNetworkStream:
        return await self.as_known(hop, lambda who: self._socks(hop, host, port, who, options))

    async def _socks(
        self, hop: Hop, host: str, port: int, who: Identity, options: Options
    ) -> httpcore.AsyncNetworkStream:
        stream = await self.to_proxy(hop, options)
        try:
            await socks_tunnel(stream, hop, host, port, who, guard=self._guard, seconds=patience(options))
        except BaseException as error:
            await stream.aclose()
            if isinstance(error, TimeoutError | httpcore.TimeoutException):
                raise proxy_not_there(hop, _("it did not answer in time")) from error
            raise
        return stream


Options = tuple[float | None, str | None, list[Any] | None]


class Tunnel(httpcore.AsyncNetworkStream):
    """A stream whose first bytes were read already, with the answer of the proxy."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, beginning: bytes) -> None:
        self._stream, self._beginning = stream, beginning

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next."""
        if self._beginning:
            data, self._beginning = self._beginning[:max_bytes], self._beginning[max_bytes:]
            return data
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same stream inside TLS."""
        if self._beginning:
            await self.aclose()
            raise httpcore.ConnectError(_("the other side speaks before TLS has begun"))
        return await self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        """As of the connection to the proxy."""
        return self._stream.get_extra_info(info)


async def open_tunnel(
    host: str, port: int, *, observer: Observer | None = None, seconds: float = _CONNECT_SECONDS
) -> httpcore.AsyncNetworkStream:
    """A connection for what is not HTTP, by the same way as everything else; whoever opens it closes it.

    Raises ProxyRefused, ProxyNotReachable, and httpcore's ConnectError and ConnectTimeout where the way is direct.
    """
    return await WayOut("https", observer=observer).connect_tcp(host, port, seconds)


def tls_of_user() -> ssl.SSLContext:
    """For proxies spoken to in TLS: the system's trust and the extra authorities of the preferences."""
    return tls_context(extra_files(current()))


def forget() -> None:
    """Ask every proxy in its turn again, also those that were not there."""
    _gone.clear()


def _let_through(hop: Hop, target: str, answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    if answer.status >= 500 and answer.status not in _NOT_OFFERED:
        raise target_not_reached(hop, target, answer.status, answer.reason)
    raise target_refused(hop, target, answer.status, answer.reason)


def _likely_first(hops: tuple[Hop, ...]) -> list[Hop]:
    """In their order, but last those that were not there some minutes ago."""
    now = time.monotonic()
    return sorted(hops, key=lambda hop: now - _gone.get(hop, -_LAST_FOR) < _LAST_FOR)


def _target(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def patience(options: Options) -> float:
    """Seconds for each answer of a proxy."""
    return _PATIENCE * (_CONNECT_SECONDS if options[0] is None else options[0])


def _told(hop: Hop, error: Exception) -> str:
    if isinstance(error, WeftError):
        return error.message
    if isinstance(error, httpcore.ConnectTimeout):
        return _("{hop}: no connection came about in time.").format(hop=hop)
    return _("{hop}: no connection came about: {reason}.").format(hop=hop, reason=_why(error))


def _why(error: BaseException) -> str:
    """What the operating system or TLS said first."""
    cause: BaseException = error
    while (before := cause.__cause__ or cause.__context__) is not None:
        cause = before
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _("its certificate is not trusted: {reason}").format(reason=cause.verify_message.rstrip("."))
    if isinstance(cause, ConnectionRefusedError):
        return _("it refuses connections")
    return (getattr(cause, "strerror", None) or str(cause) or type(cause).__name__).rstrip(".")
