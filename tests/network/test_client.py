"""The one HTTP client: what it refuses, how failures read, and that nothing secret is logged."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from studio.base.errors import BadInput, NotAllowed, NotReachable, TooLarge
from studio.network import client as network
from studio.network import transport
from studio.network.proxies import ProxyRules
from studio.network.refusals import ProxyRefused
from studio.network.trust import tls_context

pytestmark = pytest.mark.network
DIRECT = ProxyRules()


class Answering:
    """A loopback server: one canned answer to each connection (none: silence), keeps what it was sent."""

    def __init__(self, answer: bytes, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.tls = tls
        self.heard: list[bytes] = []
        self.serving: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Answering:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()
        await asyncio.gather(*self.serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        try:
            self.heard.append(await reader.readuntil(b"\r\n\r\n") if self.answer else await reader.read())
            writer.write(self.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"


async def fetch(url: str, settings: network.NetworkSettings) -> bytes:
    async with network.open_client(settings) as client:
        with network.reaching(url):
            async with client.stream("GET", url, headers={"Authorization": "Bearer canary"}) as response:
                return await network.read_body(response, limit=1000)


async def test_plain_http_reaches_this_computer_only() -> None:
    async with Answering(OK) as server:
        assert await fetch(f"http://127.0.0.1:{server.port}/x", network.NetworkSettings(DIRECT)) == b"hi"
    assert b"User-Agent: WeftStudio/" in server.heard[0]
    with pytest.raises(NotAllowed, match="without encryption"):
        await fetch("http://example.test/x", network.NetworkSettings(DIRECT))


async def test_a_refused_connection_names_the_host() -> None:
    async with Answering(OK) as server:
        port = server.port
    with pytest.raises(NotReachable, match=f"127.0.0.1:{port} cannot be reached"):
        await fetch(f"http://127.0.0.1:{port}/", network.NetworkSettings(DIRECT))


async def test_a_computer_that_is_not_there_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **_named: object) -> None:
        raise httpx.ConnectTimeout("")

    monkeypatch.setattr(transport.Pools, "handle_async_request", never)
    with pytest.raises(
        NotReachable, match=r"Nobody answers at 10\.9\.9\.9: no connection.*Check the address"
    ):
        await fetch("https://10.9.9.9/", network.NetworkSettings(DIRECT))
    assert network.NetworkSettings(DIRECT).connect <= 10


async def test_a_broken_answer_and_a_silent_server() -> None:
    async with Answering(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nhalf") as server:
        with pytest.raises(NotReachable, match="broke"):
            await fetch(f"http://127.0.0.1:{server.port}/", network.NetworkSettings(DIRECT))

    async with Answering(b"") as server:
        with pytest.raises(NotReachable, match="in time"):
            await fetch(f"http://127.0.0.1:{server.port}/", network.NetworkSettings(DIRECT, read=0.05))


async def test_an_answer_too_large_is_not_read_on() -> None:
    body = b"x" * 5000
    async with Answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body) as server:
        with pytest.raises(TooLarge, match="larger than"):
            await fetch(f"http://127.0.0.1:{server.port}/?secret=1", network.NetworkSettings(DIRECT))


async def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    moved = (
        b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with Answering(moved) as server:
        assert await fetch(f"http://127.0.0.1:{server.port}/", network.NetworkSettings(DIRECT)) == b""
    assert len(server.heard) == 1


async def test_an_https_request_goes_through_the_proxy_of_the_environment() -> None:
    refused = (
        b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\n'
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with Answering(refused) as proxy:
        rules = ProxyRules(https=f"http://joao:geh%40eim@127.0.0.1:{proxy.port}")
        with pytest.raises(ProxyRefused, match="407") as caught:
            await fetch("https://org.example.test/x", network.NetworkSettings(rules))
    asked, signed = proxy.heard
    assert asked.startswith(b"CONNECT org.example.test:443 ")
    assert b"Proxy-Authorization" not in asked
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"joao:geh@eim") in signed
    assert "geh" not in str(caught.value)
    assert network.never_sent(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, pem = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(pem),
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return pem, key


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


async def test_an_unknown_certificate_is_refused_and_the_extra_one_trusted(
    certificate: tuple[Path, Path],
) -> None:
    async with Answering(OK, server_context(certificate)) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with pytest.raises(NotReachable, match="network preferences"):
            await fetch(url, network.NetworkSettings(DIRECT, extra_ca=None))
        assert await fetch(url, network.NetworkSettings(DIRECT, extra_ca=certificate[0])) == b"hi"


async def test_old_tls_is_refused(certificate: tuple[Path, Path]) -> None:
    assert tls_context(certificate[0]).minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_wrong_file_of_certificates_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "not.pem"
    wrong.write_text("hello")
    with pytest.raises(BadInput, match=r"not\.pem"):
        tls_context(wrong)
    with pytest.raises(BadInput, match=r"gone\.pem"):
        tls_context(tmp_path / "gone.pem")


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "weft.network")
    async with Answering(OK) as server:
        await fetch(f"http://127.0.0.1:{server.port}/path?code=canary", network.NetworkSettings(DIRECT))
    ours = [record.getMessage() for record in caplog.records if record.name == "weft.network"]
    assert len(ours) == 1
    assert "/path" in ours[0]
    assert "canary" not in ours[0]


def test_what_is_shown_of_addresses_and_headers() -> None:
    assert network.safe_url("https://u:p@h.test/a?b=c#d") == "https://h.test/a"
    shown = network.safe_headers(httpx.Headers({"Authorization": "Bearer x", "Accept": "a"}))
    assert shown == {"authorization": "…", "accept": "a"}


async def test_limited_counts_over_blocks() -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"12345"

    assert [b async for b in network.limited(blocks(), 25, "http://h")] == [b"12345"] * 5
    with pytest.raises(TooLarge):
        [b async for b in network.limited(blocks(), 24, "http://h")]


def test_what_few_need_is_loaded_when_it_is_needed() -> None:
    """A start needs no client, and a client no proxy's sign-in."""
    program = (
        "import sys, studio.network.client as client\n"
        "heavy = {'httpcore', 'h11', 'anyio', 'spnego', 'keyring', 'cryptography'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
        "client.open_client()\n"
        "assert not {'spnego', 'keyring', 'cryptography'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
