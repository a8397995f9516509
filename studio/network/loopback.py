"""The way back from the browser: one answer, carrying a state nobody else knows, on a port of this computer (RFC 8252)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import html
import secrets
from collections.abc import AsyncIterator
from dataclasses import field
from urllib.parse import parse_qs, urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass

_LONGEST_REQUEST = 16 * 1024


@dataclass(frozen=True)
class Attempt:
    """What one sign-in proves itself by: `state` comes back with the answer, `verifier` is shown for it (PKCE, S256)."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)

    @property
    def challenge(self) -> str:
        """What the browser's page is told of the verifier."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class Listener:
    """Waits at `http://127.0.0.1:PORT` + `path` for a request with our state; anything else gets a 404."""

    def __init__(self, path: str, state: str) -> None:
        self.port = 0
        self._path, self._state = path, state
        self._answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def answer(self, patience: float) -> dict[str, str]:
        """The values the browser came back with; raises TimeoutError after so many seconds."""
        values = await asyncio.wait_for(self._answer, patience)
        # Let the browser have its page before the listener goes.
        await asyncio.sleep(0)
        return values

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        with contextlib.suppress(
            asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError
        ):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            writer.write(self._respond(head))
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def _respond(self, head: bytes) -> bytes:
        """The page for the browser; a request that carries our state settles the sign-in."""
        target = head.split(b" ", 2)[1].decode("ascii", "replace") if head.count(b" ") >= 2 else ""
        parts = urlsplit(target)
        values = {name: found[0] for name, found in parse_qs(parts.query).items()}
        known = secrets.compare_digest(values.get("state", "").encode(), self._state.encode())
        if parts.path != self._path or not known:
            return _page("404 Not Found", _("Nothing is expected here."))
        if not self._answer.done():
            self._answer.set_result(values)
        if "error" in values:
            return _page("200 OK", _("The sign-in was refused. Go back to Weft Studio."))
        return _page("200 OK", _("You are signed in. Close this page and go back to Weft Studio."))


@contextlib.asynccontextmanager
async def listening(port: int, path: str, state: str) -> AsyncIterator[Listener]:
    """A listener on a port (0: any free one) of this computer only. Raises BadInput when the port is taken."""
    listener = Listener(path, state)
    try:
        server = await asyncio.start_server(listener.serve, "127.0.0.1", port, limit=_LONGEST_REQUEST)
    except OSError as error:
        raise BadInput(
            _("Port {port} of this computer is taken, so the browser's answer cannot be received.").format(
                port=port
            ),
            next_step=_(
                "Close the other program, or choose another port here and where the callback address is set up."
            ),
        ) from error
    async with server:
        listener.port = server.sockets[0].getsockname()[1]
        yield listener


def _page(status: str, text: str) -> bytes:
    body = f"<!doctype html><meta charset=utf-8><title>Weft Studio</title><p>{html.escape(text)}".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
