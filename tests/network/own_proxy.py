"""A proxy of the tests' own, for what the real ones here do not do: checking NTLM, TLS to the proxy, leading astray."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import spnego
from spnego.exceptions import SpnegoError

from tests.network.origin import listening

DOMAIN, USER, PASSWORD = "CORP", "joao", "pässwörd-1"


def known_users(folder: Path, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD) -> None:
    """Who the NTLM server side knows."""
    file = folder / "ntlm-users.txt"
    file.write_text(f"{DOMAIN}:{USER}:{password}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))


@dataclass
class OwnProxy:
    """`scheme` is basic, ntlm, negotiate or empty.

    It keeps each request's target and sign-in, and counts the proofs it took and those it refused.
    """

    scheme: str = ""
    closes: str = ""  # the connection: after the "first" 407, after "each"
    password: str = PASSWORD
    # Where every tunnel ends, whatever was asked for: a gateway that opens TLS is there.
    elsewhere: int = 0
    # Nothing but http:// to be handed on.
    tunnels: bool = True
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    taken: int = 0
    refused: int = 0
    port: int = 0

    @contextlib.asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[OwnProxy]:
        """On a free port."""
        async with listening(self._talk, tls) as self.port:
            yield self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context = None
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _version = head[0].split(" ")
            headers = dict(
                line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head[1:] if line
            )
            signed = headers.get("proxy-authorization", "")
            self.heard.append((method, target, signed))
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            name, _space, token = signed.partition(" ")
            asked = ""
            if self.scheme == "basic" and not self._basic(signed):
                asked = 'Basic realm="corp"'
            elif self.scheme in ("ntlm", "negotiate"):
                context = context or spnego.server(protocol=self.scheme)
                asked, context = self._token(name, token, context)
            if asked:
                closing = self.closes == "each" or (self.closes == "first" and " " not in asked)
                close = "Connection: close\r\n" if closing else ""
                text = "<html>who are you?</html>"
                writer.write(
                    f"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: {asked}\r\n"
                    f"{close}Content-Length: {len(text)}\r\n\r\n{text}".encode()
                )
                await writer.drain()
                if closing:
                    return
                continue
            await self._go_on(method, target, body, reader, writer)
            return

    def _basic(self, signed: str) -> bool:
        fits = signed == "Basic " + base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        self.taken += fits
        self.refused += bool(signed) and not fits
        return fits

    def _token(self, name: str, token: str, context: object) -> tuple[str, object]:
        """What to ask for next, empty when we know them."""
        called = "NTLM" if self.scheme == "ntlm" else "Negotiate"
        if not token or name != called:
            return called, None
        try:
            answer = context.step(base64.b64decode(token))  # type: ignore[attr-defined]
        except SpnegoError:
            self.refused += 1
            return called, None
        if context.complete:  # type: ignore[attr-defined]
            self.taken += 1
            return "", context
        return f"{called} {base64.b64encode(answer or b'').decode()}", context

    async def _go_on(
        self,
        method: str,
        target: str,
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if method != "CONNECT":
            text = f"handed on {method} {target} {len(body)}".encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
            await writer.drain()
            return
        if not self.tunnels:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        port = target.rpartition(":")[2]
        there, away = await asyncio.open_connection("127.0.0.1", self.elsewhere or int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await piped(reader, writer, there, away)


async def piped(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there: asyncio.StreamReader,
    away: asyncio.StreamWriter,
) -> None:
    """Bytes both ways until one side ends."""

    async def one_way(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()

    ways = [asyncio.ensure_future(one_way(reader, away)), asyncio.ensure_future(one_way(there, writer))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        away.close()
        with contextlib.suppress(OSError):
            await away.wait_closed()


async def own_socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """SOCKS 5 with user and password; every name is this computer."""
    _version, count = await reader.readexactly(2)
    if 2 not in await reader.readexactly(count):
        writer.write(b"\x05\xff")
        return
    writer.write(b"\x05\x02")
    _one, size = await reader.readexactly(2)
    user = await reader.readexactly(size)
    password = await reader.readexactly((await reader.readexactly(1))[0])
    if (user.decode(), password.decode()) != (USER, PASSWORD):
        writer.write(b"\x01\x01")
        return
    writer.write(b"\x01\x00")
    head = await reader.readexactly(5)
    assert head[:4] == b"\x05\x01\x00\x03", "the name is to be looked up here"
    await reader.readexactly(head[4])
    port = int.from_bytes(await reader.readexactly(2), "big")
    there, away = await asyncio.open_connection("127.0.0.1", port)
    # An answer with a name in it, and with the tunnel's first bytes at once.
    writer.write(b"\x05\x00\x00\x03\x04here" + port.to_bytes(2, "big"))
    await piped(reader, writer, there, away)
