"""The other side of a tunnel: a server of the tests on this computer, under names that only a proxy looks up."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import h11

# What squid finds in its own file of hosts.
NAME = "origin.corp.test"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@functools.cache
def own_name() -> tuple[str, str]:
    """A name for this computer that is not plainly itself, so that it is reached by a proxy; and its address."""
    for name in (socket.gethostname(), "ip6-localhost"):
        with contextlib.suppress(OSError):
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, 1, type=socket.SOCK_STREAM)}
            if name != "localhost" and len(found) == 1 and ipaddress.ip_address(min(found)).is_loopback:
                return name, min(found)
    return "0.0.0.0", "127.0.0.1"


@contextlib.asynccontextmanager
async def listening(
    talk: Talk, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """A server on a free port; ends with every conversation."""
    under_way: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            pass  # only we cancel it, at the end
        finally:
            writer.close()
            try:
                await asyncio.wait_for(writer.wait_closed(), 5)
            except (asyncio.CancelledError, TimeoutError):
                writer.transport.abort()  # the loop may be gone before the other side has said good-bye
                await asyncio.sleep(0)
            except (OSError, ssl.SSLError):
                pass
            under_way.discard(task)

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 5)


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """See Heard.answers."""
    await Heard().answers(reader, writer)


class Heard:
    """What an origin was asked: how many whole requests."""

    def __init__(self) -> None:
        self.requests = 0

    async def answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What every request says: its method, how long its body was and its digest; `/large` answers with 5 MB."""
        http = h11.Connection(h11.SERVER)
        digest, size, target = hashlib.sha256(), 0, b""
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                http.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                digest, size, target, method = hashlib.sha256(), 0, event.target, event.method
            elif isinstance(event, h11.Data):
                digest.update(event.data)
                size += len(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self.requests += 1
                said = b"%s %d %s" % (method, size, digest.hexdigest().encode())
                body = b"x" * 5_000_000 if target.endswith(b"/large") else said
                head = h11.Response(status_code=200, headers=[("Content-Length", str(len(body)))])
                for part in (head, h11.Data(data=body), h11.EndOfMessage()):
                    writer.write(http.send(part) or b"")
                await writer.drain()
                if http.our_state is not h11.DONE:
                    return
                http.start_next_cycle()
            else:
                return
