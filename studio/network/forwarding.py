"""Plain http through a proxy that opens no tunnel for it: the request itself is handed over, and answered, by the proxy."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable, Sequence

import h11
import httpcore

from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.network.connect import Asking, Opening
from studio.network.guard import GUARD
from studio.network.hops import Hop
from studio.network.observing import Unobserved
from studio.network.refusals import ProxyRefused, odd_proxy
from studio.network.signing_in.sign_in import Answer, sign_in
from studio.network.tunnel import WayOut, patience

# A body is kept to be sent again after each step of signing in.
_LARGEST = 8 * 1024 * 1024
# Headers about the connection to us, which the proxy does not hand on.
_LENGTH = (b"content-length", b"transfer-encoding")
_OURS = (b"proxy-authorization", b"proxy-connection", b"connection")


class _Forwarded(Asking):
    """One request as the proxy is to send it on. A 401 is the other side's own.

    After a body that was not wanted, squid keeps the connection and hears no more: the next request goes over another.
    Only the first of NTLM's two goes without its body, which no proxy hands on.
    """

    asks: tuple[int, ...] = (407,)

    def __init__(
        self, request: httpcore.Request, body: bytes, hop: Hop, opening: Opening, seconds: float
    ) -> None:
        super().__init__(hop, bytes(request.url).decode("ascii"), opening, seconds)
        self.method = request.method.decode("ascii")
        self._request, self._body, self._bare = request, body, False

    def _final(self, status: int) -> bool:
        return status not in self.asks

    def _headers(self) -> list[tuple[bytes, bytes]]:
        kept = [(name, value) for name, value in self._request.headers if name.lower() not in _OURS]
        if self._bare:
            kept = [(name, value) for name, value in kept if name.lower() not in _LENGTH]
            kept.append((b"Content-Length", b"0"))
        return kept

    def _content(self) -> Iterable[bytes]:
        return (self._body,) if self._body and not self._bare else ()

    async def ask(self, authorization: str, *, anew: bool = True) -> Answer:
        """See Asking.ask."""
        self._bare = anew and bool(self._body) and authorization.startswith("NTLM ")
        answer = await super().ask(authorization, anew=anew)
        if self._body and not self._bare and not self._final(answer.status):
            await self.close()
        return answer


async def forward(
    request: httpcore.Request, host: str, port: int, way_out: WayOut, refusal: ProxyRefused
) -> httpcore.Response:
    """The answer to a request for `host`, by the proxy whose `refusal` of a tunnel brought us here.

    Raises that refusal where the proxy is none that forwards, TooLarge for a body too large to be sent again.
    """
    hop = await way_out.proxy_of(host, port, refusal.proxy)
    if hop is None:
        raise refusal
    body = await _body(request)
    timeout = request.extensions.get("timeout", {})
    options = (timeout.get("connect"), None, None)
    seconds = timeout.get("read") or patience(options)
    talk = _Forwarded(request, body, hop, lambda: way_out.to_proxy(hop, options), seconds)
    try:
        first = await talk.ask("")
        if first.status in talk.asks:
            await way_out.as_known(
                hop, lambda who: sign_in(talk, hop, who, first, guard=GUARD, observer=Unobserved())
            )
    except BaseException:
        await talk.close()
        raise
    head = talk.response
    return httpcore.Response(
        head.status_code,
        headers=list(head.headers.raw_items()),
        content=_Rest(talk, hop),
        extensions={"http_version": b"HTTP/" + head.http_version, "reason_phrase": head.reason},
    )


async def _body(request: httpcore.Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    assert not isinstance(request.stream, Sequence)
    async for part in request.stream:  # type: ignore[union-attr]
        size += len(part)
        if size > _LARGEST:
            raise TooLarge(
                _("What is sent without encryption through a proxy may hold {limit} MB at most.").format(
                    limit=_LARGEST >> 20
                ),
                next_step=_("Use the https address."),
            )
        parts.append(part)
    return b"".join(parts)


class _Rest:
    """The body of the answer, as it comes."""

    def __init__(self, talk: Asking, hop: Hop) -> None:
        self._talk, self._hop = talk, hop

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                self._talk.renew()
                event = await self._talk.next_event()
                if not isinstance(event, h11.Data):
                    return
                yield bytes(event.data)
        except (h11.RemoteProtocolError, ssl.SSLError, TimeoutError) as error:
            raise odd_proxy(self._hop, _("it broke off in the middle of an answer")) from error
        finally:
            await self._talk.close()

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._talk.close()
