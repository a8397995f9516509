"""The one place an HTTP client is made: verified TLS, the system's trust, proxies, time-outs, nothing secret in logs."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from studio.base.errors import NotReachable, TooLarge
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.network.proxies import ProxyRules
from studio.network.refusals import ProxyNotReachable, ProxyRefused

if TYPE_CHECKING:
    from studio.network import transport
else:
    # With the first client come httpcore, h11 and anyio.
    transport = Lazily("studio.network.transport")

LOG = logging.getLogger("weft.network")
USER_AGENT = "WeftStudio/0.1"
JSON_LIMIT = 64 * 1024 * 1024
# For the first words with a system: the longest silence (s) before nobody is thought to be there.
FIRST_WORDS = httpx.Timeout(15.0, connect=10.0)
_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-sfdc-session"}
)


class WrongAddress(NotReachable):
    """No connection comes about as things are (unknown name, TLS refused): trying again at once cannot help."""


@dataclass(frozen=True)
class NetworkSettings:
    """How to get out of the building. Times in seconds; `read` is the longest silence, not the whole answer.

    Without `proxies` and `extra_ca` the user's preferences say which way is taken and who is trusted; with them they do.
    """

    proxies: ProxyRules | None = None
    extra_ca: Path | None = None
    connect: float = 10.0
    read: float = 120.0
    connections: int = 16


def open_client(settings: NetworkSettings | None = None, *, plain_http: bool = False) -> httpx.AsyncClient:
    """A client for one system; close it with `aclose` or `async with`.

    It follows no redirects, keeps no cookies between requests, and speaks plain http to this computer only, unless
    `plain_http` allows it. Which way it takes, and how it signs in on the way, see tunnel.WayOut.
    """
    chosen = settings or NetworkSettings()
    return httpx.AsyncClient(
        transport=transport.pools(
            chosen.proxies, chosen.extra_ca, connections=chosen.connections, plain_http=plain_http
        ),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(chosen.read, connect=chosen.connect),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
        event_hooks={"response": [_log]},
    )


async def _log(response: httpx.Response) -> None:
    LOG.debug("%s %s: %d", response.request.method, safe_url(str(response.url)), response.status_code)


@contextlib.contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn what a request inside the block raises about the network into NotReachable, naming the host."""
    host = urlsplit(url).netloc.rpartition("@")[2] or url
    try:
        yield
    except httpx.ConnectTimeout as error:
        raise NotReachable(
            _("Nobody answers at {host}: no connection came about in time.").format(host=host),
            next_step=_("Check the address, the connection and the proxy."),
        ) from error
    except httpx.TimeoutException as error:
        raise NotReachable(
            _("{host} did not answer in time.").format(host=host),
            next_step=_("Check the connection and try again."),
        ) from error
    except httpx.TransportError as error:
        raise _not_reachable(host, error) from error


def _not_reachable(host: str, error: httpx.TransportError) -> NotReachable:
    cause = _cause(error)
    reason = str(error).rstrip(".") or type(error).__name__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return WrongAddress(
            _("The certificate of {host} is not trusted: {reason}.").format(
                host=host, reason=cause.verify_message.rstrip(".") or reason
            ),
            next_step=_("If your company inspects traffic, add its certificate in the network preferences."),
        )
    if not isinstance(error, httpx.ConnectError):
        return NotReachable(
            _("The connection to {host} broke: {reason}.").format(host=host, reason=reason),
            next_step=_("Try again."),
        )
    if isinstance(cause, socket.gaierror):
        known_later = cause.errno == socket.EAI_AGAIN
        return (NotReachable if known_later else WrongAddress)(
            _("{host} cannot be reached: no computer of that name is known.").format(host=host),
            next_step=_("Check how the address is written, and the connection to the internet."),
        )
    if isinstance(cause, ssl.SSLError):
        return WrongAddress(
            _("No secure connection to {host} came about: {reason}.").format(host=host, reason=reason),
            next_step=_("Check the address and its port, and the proxy."),
        )
    if isinstance(cause, ConnectionRefusedError):
        reason = _("it refuses connections")
    return NotReachable(
        _("{host} cannot be reached: {reason}.").format(host=host, reason=reason),
        next_step=_("Check the address, the connection and the proxy."),
    )


def never_sent(error: BaseException) -> bool:
    """No connection came about, so that the other side cannot have seen the request."""
    return isinstance(error, WrongAddress | ProxyRefused | ProxyNotReachable) or isinstance(
        error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    )


def _cause(error: BaseException) -> BaseException:
    """The first error of the chain: what the operating system or TLS said."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


async def read_body(response: httpx.Response, limit: int = JSON_LIMIT) -> bytes:
    """The whole decoded body of a streamed answer; raises TooLarge beyond `limit` bytes, without reading on."""
    return b"".join([block async for block in limited(response.aiter_bytes(), limit, str(response.url))])


async def limited(blocks: AsyncIterator[bytes], limit: int, url: str) -> AsyncIterator[bytes]:
    """The same blocks; raises TooLarge once they hold more than `limit` bytes."""
    total = 0
    async for block in blocks:
        total += len(block)
        if total > limit:
            raise TooLarge(
                _("The answer of {url} is larger than {limit} MB.").format(
                    url=safe_url(url), limit=limit >> 20
                ),
                next_step=_("Ask for less at once."),
            )
        yield block


def safe_url(url: str) -> str:
    """The address without user, password, query and fragment: what may be shown and logged."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of secret ones replaced."""
    return {name: "…" if name.lower() in _SECRET_HEADERS else value for name, value in headers.items()}
