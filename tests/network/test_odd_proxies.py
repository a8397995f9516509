"""Proxies as they should not be: each ends in bounded time and memory, in an error that names it and what to do."""

from __future__ import annotations

import asyncio
import itertools
import tracemalloc

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.base.errors import WeftError
from studio.network.client import NetworkSettings, open_client, reaching
from studio.network.proxies import ProxyRules
from studio.network.refusals import ProxyNotReachable, ProxyRefused
from studio.network.tunnel import open_tunnel
from tests.network.origin import Talk, listening
from tests.network.way import through

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("key_store")]
ASKS = b'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="x"\r\n'
REFUSAL = ASKS + b"Content-Length: 0\r\n\r\n"


def says(*answers: bytes, closes: bool = False) -> Talk:
    """One answer to each request of a connection, the last one again and again."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in itertools.chain(answers, itertools.repeat(answers[-1])):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if closes:
                return

    return talk


def pours(beginning: bytes, block: bytes) -> Talk:
    """Goes on for ever."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(beginning)
        while not writer.is_closing():
            writer.write(block)
            await writer.drain()
            await asyncio.sleep(0)

    return talk


async def ask(port: int, *, scheme: str = "http", user: str = "joao:s3cret@", patience: float = 5.0) -> None:
    """One request through the proxy; the time for a connection is a third of that for its answers."""
    rules = ProxyRules(https=f"{scheme}://{user}127.0.0.1:{port}")
    async with open_client(NetworkSettings(rules, connect=patience / 3)) as client:
        with reaching("https://origin.corp.test/"):
            await client.get("https://origin.corp.test/")


ODD: dict[str, tuple[Talk, str]] = {
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not speak HTTP"),
    "TLS": (says(b"\x15\x03\x01\x00\x02\x02\x46"), "does not speak HTTP"),
    "an endless head": (pours(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * 5000 + b"\r\n"), "does not answer as a proxy"),
    "one endless header": (pours(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: ", b"z" * 5000), "does not answer as a proxy"),
    "endless announcements": (pours(b"", b"HTTP/1.1 102 Processing\r\n\r\n"), "announces an answer without end"),
    "an endless page": (pours(ASKS + b"Content-Length: 99999999999\r\n\r\n", b"p" * 5000), "refused the user joao"),
    "a page of chunks": (
        pours(ASKS + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"q" * 1024 + b"\r\n"),
        "refused the user joao",
    ),
    "wrong chunks": (says(ASKS + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "does not answer as a proxy"),
    "nothing": (says(b"", closes=True), "closed the connection without an answer"),
    "half a head": (says(b"HTTP/1.1 200 Conn", closes=True), "in the middle of its answer"),
    "half a page": (says(ASKS + b"Content-Length: 50\r\n\r\nhalf", closes=True), "does not answer as a proxy"),
    "no scheme": (says(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"), r"asks for a sign-in \(407; it offers no way"),
    "an odd scheme": (
        says(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Secret-Handshake\r\nContent-Length: 0\r\n\r\n"),
        "it offers secret-handshake",
    ),
    "a redirect": (says(b"HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\nContent-Length: 0\r\n\r\n"), "302 Found"),
    "forbidden": (says(b"HTTP/1.1 403 N\x7f\tope\r\nContent-Length: 0\r\n\r\n"), "does not let us through|as a proxy does"),
    "a gateway's error": (says(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "could not reach origin.corp.test:443"),
    "a page instead of a tunnel": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<html>hi!"), "before TLS has begun"),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
async def test_an_odd_proxy_ends_in_a_clear_error(case: str) -> None:
    talk, told = ODD[case]
    async with listening(talk) as port:
        tracemalloc.start()
        try:
            with pytest.raises(WeftError, match=told) as caught:
                await ask(port)
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()
    if case != "a page instead of a tunnel":
        assert f"127.0.0.1:{port}" in str(caught.value)
    assert caught.value.next_step
    assert "s3cret" not in str(caught.value)


async def test_a_digest_that_is_stale_for_ever_is_answered_twice() -> None:
    stale = (
        b'HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest realm="x", nonce="n", qop="auth", stale=true\r\n'
        b"Content-Length: 0\r\n\r\n"
    )
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(stale)
            await writer.drain()

    async with listening(talk) as port:
        for _time in range(2):
            with pytest.raises(ProxyRefused, match="sign-in Digest"):
                await ask(port)
    assert sum(b"Proxy-Authorization" in request for request in heard) == 2


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 Connection established, if you have the time to wait for it" * 50:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("talk", [silent, drips])
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_slow_proxy_is_not_waited_for(talk: Talk, scheme: str) -> None:
    async with listening(talk) as port:
        with pytest.raises(ProxyNotReachable, match=r"in time|does not speak SOCKS"):
            await ask(port, scheme=scheme, patience=0.3)


async def test_a_slow_handshake_of_tls_with_the_proxy() -> None:
    async with listening(silent) as port:
        with pytest.raises(ProxyNotReachable, match=r"no secure connection to it|in time"):
            await ask(port, scheme="https", patience=0.3)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "does not speak SOCKS 5"),
        ([b"\x04\x00"], "does not speak SOCKS 5"),
        ([b"\x05\xff"], "asks for a sign-in"),
        ([b"\x05\x01"], "asks for a sign-in"),
        ([b"\x05\x00", b"\x05\x02\x00\x01"], "does not let us through"),
        ([b"\x05\x00", b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"], "could not reach .*connection refused"),
        ([b"\x05\x00", b"\x05\x99\x00\x01\x00\x00"], "does not speak SOCKS 5"),
        ([b"\x05\x00", b"\x05\x00\x00\x07\x00\x00"], "does not speak SOCKS 5"),
        ([b"\x05\x00", b"\x05\x00\x00\x03\xff\x00"], "does not speak SOCKS 5"),
    ],
)
async def test_odd_socks(answers: list[bytes], told: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(300)
            writer.write(answer)
            await writer.drain()

    async with listening(talk) as port:
        with pytest.raises(WeftError, match=told):
            await ask(port, scheme="socks5")


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_ends_in_an_error_of_ours(answers: list[bytes], http: bool) -> None:
    async def go() -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in answers:
                await reader.read(2000)
                writer.write((b"HTTP/1.1 407 Who\r\nProxy-Authenticate: " if http else b"") + answer)
                await writer.drain()

        async with listening(talk) as port:
            try:
                await ask(port, patience=0.3)
            except (WeftError, httpx.TransportError):
                return
        raise AssertionError("nobody was there")

    asyncio.run(go())


async def test_what_comes_with_the_answer_belongs_to_the_tunnel() -> None:
    async with listening(says(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-here\r\n")) as port:
        through(f"http://127.0.0.1:{port}")
        stream = await open_tunnel("files.corp.test", 22)
        assert await stream.read(4) == b"SSH-"
        assert await stream.read(100) == b"2.0-here\r\n"
        await stream.aclose()
