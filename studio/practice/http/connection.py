"""One client connection: requests in, answers out, kept alive, and broken off where a fault says so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from email.utils import formatdate

import h11

from studio.practice.failures import ApiError
from studio.practice.faults import Faults
from studio.practice.http.coding import prepare
from studio.practice.http.message import Headers, Request, Response, json_response, refused

log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]

_BLOCK = 64 * 1024
# The vendor allows 16 KB for address and headers together; h11 counts the request line as well.
_HEAD_LIMIT = 32 * 1024
ADDRESS_LIMIT = 16 * 1024
_IDLE_SECONDS = 120.0
# A body nobody read is drained up to here to keep the connection; a longer one closes it.
_DRAIN = 256 * 1024


class _Dropped(Exception):
    """The connection is to be closed at once."""


class Connection:
    """Serves one socket until either side closes it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, faults: Faults
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._faults = faults
        self._scheme = "https" if writer.get_extra_info("sslcontext") else "http"
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_LIMIT)

    async def serve(self) -> None:
        """Answer requests, one after the other."""
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except (_Dropped, ConnectionError, TimeoutError):
            pass
        finally:
            # Closing sends what is already written: a dropped answer arrives up to the byte the fault names.
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await self._writer.wait_closed()

    async def _exchange(self) -> bool:
        """One request and its answer; False when the connection is over."""
        try:
            event = await asyncio.wait_for(self._next(), _IDLE_SECONDS)
        except h11.RemoteProtocolError as error:
            await self._complain(error)
            return False
        if not isinstance(event, h11.Request):
            return False
        request = self._request(event)
        struck = self._faults.striking(request.method, request.path)
        request.blocks = lambda: self._body(struck)
        response = await self._respond(request, struck)
        if "lost-answer" in struck:
            raise _Dropped
        await self._drain()
        await self._send(request, response, struck)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _request(self, event: h11.Request) -> Request:
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        return Request(
            event.method.decode("ascii"),
            # An address put together with one slash too many is no other address.
            "/" + event.target.decode("ascii", "replace").lstrip("/"),
            Headers(pairs),
            self._scheme,
        )

    async def _respond(self, request: Request, struck: Mapping[str, float]) -> Response:
        if "delay" in struck:
            await asyncio.sleep(struck["delay"])
        try:
            if "unavailable" in struck:
                again = [("Retry-After", f"{struck['unavailable']:g}")]
                raise ApiError(
                    503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable", headers=again
                )
            if "unauthorized" in struck:
                raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
            if len(request.target) > ADDRESS_LIMIT:
                raise ApiError(414, "URI_TOO_LONG", "The request's address is too long")
            return await self._handler(request)
        except ApiError as error:
            return refused(error)
        except h11.RemoteProtocolError as error:
            return json_response([{"message": str(error), "errorCode": "BAD_REQUEST"}], 400)
        except (_Dropped, ConnectionError, TimeoutError):
            raise
        except Exception:
            log.exception("The practice org failed to answer %s %s", request.method, request.path)
            message = "An unexpected error occurred. Please include this ErrorId if you contact support"
            return json_response([{"message": message, "errorCode": "UNKNOWN_EXCEPTION"}], 500)

    async def _next(self) -> h11.Event | None:
        """The next event; None when nothing more is to be read before the answer."""
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Event):
                return event
            if event is h11.PAUSED:
                return None
            self._http.receive_data(await self._reader.read(_BLOCK))

    async def _body(self, struck: Mapping[str, float]) -> AsyncIterator[bytes]:
        """The request's body, as it arrives."""
        if self._http.they_are_waiting_for_100_continue:
            go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
            await self._write(go_on or b"")
        limit, total = struck.get("drop-request"), 0
        while True:
            if self._http.their_state is h11.DONE:
                return
            event = await asyncio.wait_for(self._next(), _IDLE_SECONDS)
            if isinstance(event, h11.Data):
                total += len(event.data)
                if limit is not None and total >= limit:
                    raise _Dropped
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise _Dropped

    async def _drain(self) -> None:
        """Read the rest of a body no handler wanted, if it is short and on its way."""
        total = 0
        if self._http.they_are_waiting_for_100_continue:
            return
        with contextlib.suppress(h11.RemoteProtocolError, TimeoutError):
            while self._http.their_state is h11.SEND_BODY and total <= _DRAIN:
                event = await asyncio.wait_for(self._next(), 2)
                if not isinstance(event, h11.Data):
                    return
                total += len(event.data)

    async def _send(self, request: Request, response: Response, struck: Mapping[str, float]) -> None:
        framed, blocks = prepare(request, response, struck)
        headers = [*framed.headers, ("Server", "Weft practice org")]
        if not any(name == "Date" for name, _value in headers):
            headers.append(("Date", formatdate(usegmt=True)))
        head = h11.Response(status_code=framed.status, headers=headers)
        await self._write(self._http.send(head) or b"")
        if request.method != "HEAD":
            await self._send_body(blocks, struck)
        await self._write(self._http.send(h11.EndOfMessage()) or b"")

    async def _send_body(self, blocks: Iterator[bytes], struck: Mapping[str, float]) -> None:
        limit, speed, sent = struck.get("drop-answer"), struck.get("slow"), 0
        for block in blocks:
            kept = block if limit is None else block[: max(0, int(limit) - sent)]
            for part in _dripped(kept, speed):
                await self._write(self._http.send(h11.Data(data=part)) or b"")
                if speed:
                    await asyncio.sleep(len(part) / speed)
            sent += len(kept)
            if limit is not None and sent >= limit:
                raise _Dropped

    async def _write(self, data: bytes) -> None:
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def _complain(self, error: h11.RemoteProtocolError) -> None:
        """Answer what is no HTTP request, as far as the connection's state allows."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        response = json_response(
            [{"message": str(error), "errorCode": "BAD_REQUEST"}], error.error_status_hint
        )
        await self._send(Request("GET", "/"), response, {})


def _dripped(block: bytes, speed: float | None) -> list[bytes]:
    if not speed or len(block) <= 1:
        return [block] if block else []
    size = max(1, int(speed / 20))
    return [block[start : start + size] for start in range(0, len(block), size)]
