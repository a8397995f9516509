"""Many clients at once, each one connection and one request after the other: as little as HTTP/1.1 needs.

An HTTP library of comfort would take more of the machine than the server that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ask:
    """One request and the status it should be answered with."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    good: int = 200

    def data(self) -> bytes:
        """The request as it travels."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "host: localhost"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body or self.method == "POST":
            lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass
class Load:
    """How long each request took, in seconds, and for how long all were sent."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    wrong: int = 0
    # With those sent to warm up.
    answered: int = 0

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share was answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Plan = Generator[Ask, Any, None]


async def measured(port: int, plans: Sequence[Any], seconds: float) -> Load:
    """Send what each client plans for so many seconds; a plan is sent the answer to its last request."""
    load, clients = Load(), [_Client(plan) for plan in plans]
    warm_until = time.perf_counter() + 1.0
    warm = Load()
    await asyncio.gather(*(client.work(port, warm, warm_until) for client in clients))
    started = time.perf_counter()
    await asyncio.gather(*(client.work(port, load, started + seconds) for client in clients))
    load.seconds = time.perf_counter() - started
    load.answered = len(load.times) + len(warm.times)
    return load


class _Client:
    """One connection's worth of requests, each planned when the one before was answered."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._answer: Answer | None = None

    async def work(self, port: int, load: Load, end: float) -> None:
        """Ask until it is time to stop."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        while time.perf_counter() < end:
            ask = self._plan.send(self._answer)
            begun = time.perf_counter()
            writer.write(ask.data())
            self._answer = await _answer(reader)
            load.times.append(time.perf_counter() - begun)
            load.wrong += self._answer.status != ask.good
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if not size:
                return Answer(status, body)
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 and status != 304 else 0
    return Answer(status, await reader.readexactly(length) if length else b"")
