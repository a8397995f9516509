"""A line to a server that counts what goes over it, and can be cut after so many bytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Line:
    """What went over it: bytes to the server and back, and requests."""

    url: str = ""
    up: int = 0
    down: int = 0
    requests: int = 0


@contextlib.asynccontextmanager
async def relayed(url: str, *, cut_after: int | None = None, cut_down: bool = False) -> AsyncIterator[Line]:
    """A line to the server at `url`; it is dead once `cut_after` bytes went up, or for all answers with `cut_down`."""
    line, parts = Line(), urlsplit(url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if up:
                    if cut_after is not None and line.up + len(data) > cut_after:
                        break
                    line.up += len(data)
                    line.requests += sum(
                        data.count(verb) for verb in (b"GET /api", b"POST /api", b"PATCH /api")
                    )
                elif cut_down:
                    break
                else:
                    line.down += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        writers = [writer]
        try:
            if cut_after is None or line.up + 65536 <= cut_after:
                there, back = await asyncio.open_connection(parts.hostname, parts.port)
                writers.append(back)
                await asyncio.gather(carry(reader, back, True), carry(there, writer, False))
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            at_work.discard(task)
            for one in writers:
                one.close()
                with contextlib.suppress(ConnectionError):
                    await one.wait_closed()

    at_work: set[asyncio.Task[object]] = set()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield line
        for task in list(at_work):
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
