"""A company's way out on this computer: a proxy that leads every name to one server, and that server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl


class Corporation:
    """A proxy that leads every name to one server on this computer, and that server; `heard` is what the server was told."""

    def __init__(
        self, tls: ssl.SSLContext | None, *, login: str = "", refuses: bytes = b"", cuts: bool = False
    ) -> None:
        self.tls, self.login, self.refuses, self.cuts = tls, login, refuses, cuts
        self.asked: list[bytes] = []
        self.heard: list[bytes] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Corporation:
        self.server = await asyncio.start_server(self._seen_off(self._serve), "127.0.0.1", 0, ssl=self.tls)
        self.proxy = await asyncio.start_server(self._seen_off(self._lead), "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self.proxy.sockets[0].getsockname()[1]}"
        self.to = int(self.server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self.proxy.close()
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.proxy.wait_closed()
        await self.server.wait_closed()

    def _seen_off(self, talk: object) -> object:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self.tasks.add(task)
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)  # type: ignore[operator]
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

        return serve

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.read(4096)
        self.heard.append(head)
        if head and not self.cuts:
            writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head)
            wanted = base64.b64encode(self.login.encode()) if self.login else b""
            if self.refuses:
                writer.write(b"HTTP/1.1 " + self.refuses + b"\r\nContent-Length: 0\r\n\r\n")
            elif wanted and wanted not in head:
                writer.write(
                    b"HTTP/1.1 407 Who\r\nProxy-Authenticate: NTLM\r\n"
                    b'Proxy-Authenticate: Basic realm="corp"\r\nContent-Length: 0\r\n\r\n'
                )
            else:
                break
        writer.write(b"HTTP/1.1 200 Through\r\n\r\n")
        there, onward = await asyncio.open_connection("127.0.0.1", self.to)
        try:
            await asyncio.gather(_carry(reader, onward), _carry(there, writer))
        finally:
            onward.close()
            with contextlib.suppress(OSError):
                await onward.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
