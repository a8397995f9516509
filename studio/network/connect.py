"""Asking an HTTP proxy for something (a tunnel by CONNECT), on a connection that is opened anew where it closes it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import h11
import httpcore

from studio.base.i18n import _
from studio.network.hops import Hop
from studio.network.refusals import odd_proxy, proxy_not_there
from studio.network.signing_in.sign_in import Answer, challenges_in

# The head of an answer, its body and the bytes read at once.
_HEAD = 64 * 1024
_BODY = 256 * 1024
_BLOCK = 16 * 1024
# Answers that only announce another one.
_INTERIM = 8


class Deadline:
    """So many seconds from now for all steps together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none; raises TimeoutError when they are over."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Closed(Exception):
    """The proxy closed the connection; `answering`: with its answer half said."""

    def __init__(self, *, answering: bool) -> None:
        self.answering = answering


Opening = Callable[[], Awaitable[httpcore.AsyncNetworkStream]]


class Asking:
    """A conversation with a proxy about one request, with so many `seconds` for each of its answers.

    `response` is the head of the last answer, and `stream` the connection it came by, when it is the final one.
    """

    method = "CONNECT"
    # 401 is said by tinyproxy; nobody else can speak before there is a tunnel.
    asks: tuple[int, ...] = (407, 401)

    def __init__(self, hop: Hop, target: str, opening: Opening, seconds: float) -> None:
        self.target = target
        self.response: Any = None
        self.unbroken = False
        self.beginning = b""
        self._hop, self._opening, self._seconds = hop, opening, seconds
        self._deadline = Deadline(seconds)
        self._stream: httpcore.AsyncNetworkStream | None = None
        self._http: Any = None
        self._closing = False

    async def ask(self, authorization: str, *, anew: bool = True) -> Answer:
        """The proxy's answer; anything but 2xx is read to its end. Raises ProxyNotReachable.

        With `anew` a connection that the proxy closed meanwhile is opened again.
        """
        kept = self._stream is not None
        try:
            return await self._ask(authorization)
        except _Closed as error:
            if not kept or not anew or error.answering:
                raise self._closed(error) from error
        try:
            return await self._ask(authorization)
        except _Closed as error:
            raise self._closed(error) from error

    async def _ask(self, authorization: str) -> Answer:
        try:
            if self._stream is None:
                self._stream = await self._opening()
                self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
            self.renew()
            await self._send(authorization)
            answer = await self._head()
            if self._final(answer.status):
                self.beginning = self._http.trailing_data[0]
            else:
                await self._rest()
        except BaseException as error:
            await self.close()
            if isinstance(error, TimeoutError | httpcore.TimeoutException):
                raise proxy_not_there(self._hop, _("it did not answer in time")) from error
            if isinstance(error, h11.RemoteProtocolError):
                raise odd_proxy(self._hop, str(error) or _("it does not speak HTTP")) from error
            if isinstance(error, httpcore.ReadError | httpcore.WriteError):
                raise _Closed(answering=False) from error
            raise
        return answer

    def _final(self, status: int) -> bool:
        """What follows the head is for whoever asked; any other answer is read here to its end."""
        return 200 <= status < 300

    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"Host", self.target.encode("ascii"))]

    def _content(self) -> Iterable[bytes]:
        return ()

    async def _send(self, authorization: str) -> None:
        headers = [*self._headers(), (b"Proxy-Connection", b"Keep-Alive")]
        if authorization:
            headers.append((b"Proxy-Authorization", authorization.encode("utf-8")))
        request = h11.Request(method=self.method, target=self.target, headers=headers)
        events = [request, *(h11.Data(data=part) for part in self._content()), h11.EndOfMessage()]
        assert self._stream is not None
        for event in events:
            await self._stream.write(self._http.send(event) or b"", self._deadline.left())

    def renew(self) -> None:
        """So many seconds again, from now."""
        self._deadline = Deadline(self._seconds)

    async def next_event(self) -> Any:
        """The next event of the answer, as h11 has it."""
        assert self._stream is not None
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._stream.read(_BLOCK, self._deadline.left())
            begun = self._http.trailing_data[0] + data
            if self._http.their_state is h11.SEND_RESPONSE:
                if not data:
                    raise _Closed(answering=bool(begun))
                if not b"HTTP/".startswith(begun[:5]):
                    raise h11.RemoteProtocolError(_("it does not speak HTTP"))
            self._http.receive_data(data)
        return event

    async def _head(self) -> Answer:
        for _time in range(_INTERIM):
            event = await self.next_event()
            if isinstance(event, h11.Response):
                self.response = event
                self._closing = any(
                    name == b"proxy-connection" and b"close" in value.lower() for name, value in event.headers
                )
                return Answer(event.status_code, event.reason.decode("latin-1"), challenges_in(event.headers))
        raise h11.RemoteProtocolError(_("it announces an answer without end"))

    async def _rest(self) -> None:
        """The body to its end, so that the next request can follow; close instead where that would take long."""
        size = 0
        while size <= _BODY:
            event = await self.next_event()
            if not isinstance(event, h11.Data):
                break
            size += len(event.data)
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        self.unbroken = done and not self._closing
        if self.unbroken:
            self._http.start_next_cycle()
        else:
            await self.close()

    async def close(self) -> None:
        """Let go of the connection, if there is one."""
        stream, self._stream = self._stream, None
        self.unbroken = False
        if stream is not None:
            await stream.aclose()

    def through(self) -> httpcore.AsyncNetworkStream:
        """The tunnel, after a 2xx; whoever takes it closes it."""
        stream, self._stream = self._stream, None
        assert stream is not None
        return stream

    def _closed(self, error: _Closed) -> Exception:
        if error.answering:
            return odd_proxy(self._hop, _("it closed the connection in the middle of its answer"))
        return odd_proxy(self._hop, _("it closed the connection without an answer"))
