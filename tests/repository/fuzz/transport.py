"""A network on which everything goes wrong: requests cut, answers lost, sent twice, late, in another order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from tests.repository.fuzz.server import Server

# What can happen to a request. `between`: somebody else acts before it arrives. `late`: it arrives after its sender
# has given up, when something else has happened. `gone`: the server ends while it answers, and starts again.
FAULTS = ("cut", "half", "lost", "short", "twice", "error", "page", "busy", "between", "late", "gone")
HTML = b"<html><body>Gateway time-out</body></html>"


@dataclass
class Late:
    """A request that is still on its way."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    body: bytes


@dataclass
class Fault:
    """What happens to the so-manieth request (from 0) of an action, and to so many after it."""

    kind: str
    at: int
    times: int = 1
    hit: int = 0


@dataclass
class Network(httpx.AsyncBaseTransport):
    """The way from one computer to the server; `between` is what others do meanwhile."""

    server: Server
    online: bool = True
    fault: Fault | None = None
    between: Callable[[], Awaitable[None]] | None = None
    late: list[Late] = field(default_factory=list)
    requests: int = 0
    sent: int = 0

    def begin(self, fault: Fault | None, between: Callable[[], Awaitable[None]] | None = None) -> None:
        """An action begins, and this will happen in it."""
        self.fault, self.between, self.requests, self.sent = fault, between, 0, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.online:
            raise httpx.ConnectError("offline", request=request)
        number, self.requests = self.requests, self.requests + 1
        fault = self.fault
        if fault is None or not fault.at <= number < fault.at + fault.times:
            return await self._whole(request)
        fault.hit += 1
        body = await _body(request)
        self.sent += len(body)
        one = Late(request.method, request.url, request.headers, body)
        return await getattr(self, f"_{fault.kind}")(request, one)

    async def deliver(self, one: Late) -> httpx.Response:
        """A request of which nothing was heard arrives after all; nobody waits for the answer."""
        return await self.server.answer(one.method, one.url, one.headers, one.body)

    async def _whole(self, request: httpx.Request) -> httpx.Response:
        body = await _body(request)
        self.sent += len(body)
        return await self.deliver(Late(request.method, request.url, request.headers, body))

    async def _cut(self, request: httpx.Request, one: Late) -> httpx.Response:
        raise httpx.ConnectError("no way", request=request)

    async def _half(self, request: httpx.Request, one: Late) -> httpx.Response:
        """The server gets a part of the body, then the line is cut."""
        if one.body:
            await self.server.cut_off(one.method, one.url, one.headers, one.body[: len(one.body) // 2])
        raise httpx.WriteError("cut", request=request)

    async def _lost(self, request: httpx.Request, one: Late) -> httpx.Response:
        await self.deliver(one)
        raise httpx.ReadError("answer lost", request=request)

    async def _short(self, request: httpx.Request, one: Late) -> httpx.Response:
        """The answer breaks off half way."""
        answer = await self.deliver(one)
        content = await answer.aread()
        kept = httpx.Headers([pair for pair in answer.headers.multi_items() if pair[0] != "content-encoding"])
        return httpx.Response(answer.status_code, headers=kept, stream=_Cut(content[: len(content) // 2]))

    async def _twice(self, request: httpx.Request, one: Late) -> httpx.Response:
        await self.deliver(one)
        return await self.deliver(one)

    async def _error(self, request: httpx.Request, one: Late) -> httpx.Response:
        await self.deliver(one)
        return httpx.Response(500, json={"code": "server_error", "message": "The server made a mistake."})

    async def _page(self, request: httpx.Request, one: Late) -> httpx.Response:
        """What a proxy says instead of a server whose answer it did not wait for."""
        await self.deliver(one)
        return httpx.Response(504, content=HTML, headers={"content-type": "text/html"})

    async def _busy(self, request: httpx.Request, one: Late) -> httpx.Response:
        return httpx.Response(503, content=HTML, headers={"retry-after": "1"})

    async def _between(self, request: httpx.Request, one: Late) -> httpx.Response:
        act, self.between = self.between, None
        if act is not None:
            await act()
        return await self.deliver(one)

    async def _late(self, request: httpx.Request, one: Late) -> httpx.Response:
        self.late.append(one)
        raise httpx.ReadTimeout("no answer", request=request)

    async def _gone(self, request: httpx.Request, one: Late) -> httpx.Response:
        await self.deliver(one)
        self.server.start()
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)


class _Cut(httpx.AsyncByteStream):
    """Some bytes, and then no more: the line is cut."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield self._data
        raise httpx.ReadError("cut")


async def _body(request: httpx.Request) -> bytes:
    return await request.aread()
