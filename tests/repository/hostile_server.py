"""A server that answers as it is told, byte by byte: wrong, too much, too little, or later."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from studio.network.client import NetworkSettings, open_client
from studio.repository.accounts import Account
from studio.repository.client import Repository
from studio.repository.wire import Patience

# What is sent for one request; an answer that is shorter than it says is a cut line.
Answers = Sequence[bytes]


def answer(
    body: bytes | object,
    status: int = 200,
    *,
    media_type: str = "application/json",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """One answer; `length` says another length than it has."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {media_type}", f"Content-Length: {length or len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + data


def problem(status: int, code: str, title: str = "No.", **more: object) -> bytes:
    """A refusal as the server makes them."""
    headers = {"Retry-After": str(more.pop("retry_after"))} if "retry_after" in more else {}
    said = {"code": code, "title": title, "status": status} | more
    return answer(said, status, media_type="application/problem+json", **headers)


@dataclass
class Hostile:
    """A server and what it was asked: `GET /path` and the bodies."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def repository(self, **patience: float) -> Repository:
        """A client of it that notes how long it would wait."""

        async def note(seconds: float) -> None:
            self.waited.append(seconds)

        account = Account(self.url, "u", "u@x.test", "U", "org", "Org")
        settled = Patience(sleep=note, **patience)  # type: ignore[arg-type]
        return Repository(account, "weft_ses_token", open_client(NetworkSettings()), settled)


@contextlib.asynccontextmanager
async def hostile(answers: Answers | Callable[[int, str], bytes]) -> AsyncIterator[Hostile]:
    """A server that gives these answers one after the other (the last one for ever); an empty one closes the line."""
    made = Hostile()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            if length is not None:
                made.bodies.append(await reader.readexactly(int(length[1])))
            elif "chunked" in head.lower():
                made.bodies.append(await reader.readuntil(b"0\r\n\r\n"))
            made.heads.append(head)
            made.asked.append(" ".join(head.split(" ")[:2]))
            number = len(made.asked) - 1
            if callable(answers):
                writer.write(answers(number, head))
            else:
                writer.write(answers[min(number, len(answers) - 1)])
            await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 24) as server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made
