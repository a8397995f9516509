"""Proxy scripts from where they really are read: files, loopback servers, addresses; which settings use them, and when."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from studio.base.paths import cache_folder
from studio.network import routes, scripted
from studio.network.hops import DIRECT, Hop
from studio.network.pac import ScriptFailed
from studio.network.pac_source import LARGEST, fetch, shown
from studio.network.routes import route_for
from studio.network.settings import NetworkPreferences, Way
from studio.network.system_settings import SystemSettings
from tests.network.authorities import root
from tests.network.bare_environment import bare_environment

pytestmark = pytest.mark.network
pytest.importorskip("_quickjs", reason="no JavaScript engine for this computer")
SCRIPT = 'function FindProxyForURL(u, h) { return h == "in.test" ? "DIRECT" : "PROXY a.test:1; PROXY b.test:2; DIRECT"; }'
CHAIN = (Hop("http", "a.test", 1), Hop("http", "b.test", 2), DIRECT)
USUAL = NetworkPreferences()


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted.forget()
    bare_environment(monkeypatch)


def system_says(monkeypatch: pytest.MonkeyPatch, settings: SystemSettings) -> None:
    """Stands in for the operating system, which the tests cannot set."""

    async def said(**_: bool) -> SystemSettings:
        return settings

    monkeypatch.setattr(routes, "system_settings", said)


@asynccontextmanager
async def serving(*answers: bytes, tls: object = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A web server that gives the answers one after the other, the last one again and again; and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answers[min(len(asked), len(answers)) - 1])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await gone(writer)

    tasks: list[asyncio.Task[None] | None] = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*filter(None, tasks))


async def gone(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)


def moved(to: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


async def test_a_script_from_everywhere(tmp_path: Path) -> None:
    file = tmp_path / "proxy.pac"
    for content in (SCRIPT.encode(), SCRIPT.encode("utf-8-sig"), SCRIPT.encode("utf-16")):
        file.write_bytes(content)
        assert (await fetch(str(file), USUAL)).text == SCRIPT
    assert (await fetch(file.as_uri(), USUAL)).text == SCRIPT
    encoded = base64.b64encode(SCRIPT.encode()).decode()
    assert (await fetch(f"data:application/x-ns-proxy-autoconfig;base64,{encoded}", USUAL)).text == SCRIPT
    assert (await fetch("data:,function%20f()", USUAL)).text == "function f()"
    async with serving(moved("/b.pac"), ok(SCRIPT.encode())) as (host, asked):
        assert (await fetch(f"http://{host}/a.pac", USUAL)).text == SCRIPT
    assert [line.split()[1] for line in asked] == [b"/a.pac", b"/b.pac"]


async def test_a_script_over_tls_needs_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    corp = root("Corp")
    (tmp_path / "corp.pem").write_bytes(corp.pem)
    tls = corp.below("127.0.0.1", ("127.0.0.1",)).server(tmp_path)
    async with serving(ok(SCRIPT.encode()), tls=tls) as (host, _asked):
        with pytest.raises(ScriptFailed, match="certificate"):
            await fetch(f"https://{host}/p.pac", USUAL)
        trusting = NetworkPreferences(extra_ca=(str(tmp_path / "corp.pem"),))
        assert (await fetch(f"https://{host}/p.pac", trusting)).text == SCRIPT
    async with serving(moved("http://plain.test/p.pac"), tls=tls) as (host, _asked):
        with pytest.raises(ScriptFailed, match="away from a secure"):
            await fetch(f"https://{host}/p.pac", trusting)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ok(b"x" * (LARGEST + 1)), "larger than 1 MB"),
        (ok(b"<!DOCTYPE html><p>Welcome to the hotel"), "a page, not a script"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered 404"),
        (moved("/again"), "without end"),
        (moved("file:///etc/passwd"), "away from"),
        (b"nonsense\r\n\r\n", "cannot be had"),
        (b"", "cannot be had"),
    ],
)  # fmt: skip
async def test_what_is_no_script_is_told(answer: bytes, says: str) -> None:
    async with serving(answer) as (host, _asked):
        with pytest.raises(ScriptFailed, match=says) as caught:
            await fetch(f"http://ana:geheim@{host}/p.pac?key=geheim", USUAL)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "source", ["/gone/proxy.pac", "data:nothing", "data:;base64,%%%", "http://", "http://[", "/"]
)
async def test_addresses_that_hold_no_script(source: str) -> None:
    with pytest.raises(ScriptFailed, match="cannot be had"):
        await fetch(source, USUAL)
    assert shown(source)


async def test_a_server_that_says_nothing_does_not_hold_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system connects, and nobody is there
        port = silent.getsockname()[1]
        with pytest.raises(ScriptFailed, match=r"within 0\.1 seconds"):
            await fetch(f"http://127.0.0.1:{port}/p.pac", USUAL, seconds=0.1)


async def test_the_users_script_is_asked_and_remembered() -> None:
    async with serving(ok(SCRIPT.encode())) as (host, asked):
        preferences = NetworkPreferences(Way.SCRIPT, script=f"http://{host}/p.pac", bypass="*.skip.test")
        route = await route_for("https", "out.test", 443, preferences)
        assert (route.hops, route.rule) == (CHAIN, f"Own setting: automatic, script from {host}")
        assert (await route_for("https", "in.test", 443, preferences)).hops == (DIRECT,)
        assert (await route_for("https", "a.skip.test", 443, preferences)).exception == "*.skip.test"
        assert (await route_for("https", "127.0.0.1", 443, preferences)).exception == "localhost"
        routes_at_once = [route_for("https", "more.test", 443, preferences) for _ in range(20)]
        assert {one.hops for one in await asyncio.gather(*routes_at_once)} == {CHAIN}
        assert len(asked) == 1
        explained = await route_for("https", "out.test", 443, preferences, explain=True)
        assert explained.script is not None
        assert explained.script.answer.line == 1
        assert len(asked) == 2


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("function FindProxyForURL(u, h) { throw 'boo'; }", "boo"),
        ("function FindProxyForURL(u, h) { return 'rubbish'; }", "rubbish"),
        ("", "FindProxyForURL"),
    ],
)
async def test_a_script_that_fails_leaves_the_systems_proxy_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
) -> None:
    file = tmp_path / "proxy.pac"
    file.write_text(script)
    proxies = {"https": Hop("http", "static.test", 8080)}
    system_says(monkeypatch, SystemSettings("Windows", script=str(file), proxies=proxies))
    route = await route_for("https", "out.test", 443, USUAL)
    assert (route.hops, route.rule) == ((proxies["https"],), "System: http://static.test:8080")
    assert says in route.problem
    own = await route_for("https", "out.test", 443, NetworkPreferences(Way.SCRIPT, script=str(file)))
    assert (own.hops, own.rule) == ((DIRECT,), "Own setting: no proxy")
    assert says in own.problem
    # What failed is known for a while, and told each time anew.
    assert (await route_for("https", "out.test", 443, USUAL)).problem == route.problem


async def test_the_order_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other is taken away, and the next one decides: the table of docs/reference/network.md."""
    pac, found = tmp_path / "proxy.pac", tmp_path / "found.pac"
    pac.write_text('function FindProxyForURL() { return "PROXY script.test:1"; }')
    found.write_text('function FindProxyForURL() { return "PROXY found.test:1"; }')

    async def in_this_network() -> str:
        return str(found)

    monkeypatch.setattr(scripted, "find_script", in_this_network)
    static = {"http": Hop("http", "static.test", 1), "https": Hop("http", "static.test", 2)}
    monkeypatch.setenv("https_proxy", "http://env.test:1")

    async def deciding(preferences: NetworkPreferences, scheme: str = "https") -> str:
        route = await route_for(scheme, "out.test", 443 if scheme == "https" else 80, preferences)
        return " ".join(hop.host or "direct" for hop in route.hops)

    system_says(monkeypatch, SystemSettings("Windows", True, str(pac), static))
    assert await deciding(NetworkPreferences(Way.NONE)) == "direct"
    assert await deciding(NetworkPreferences(Way.EXPLICIT, "own.test")) == "own.test"
    assert await deciding(NetworkPreferences(Way.SCRIPT, script=str(pac))) == "script.test"
    assert await deciding(NetworkPreferences(Way.SCRIPT)) == "found.test"
    assert await deciding(USUAL) == "env.test"
    assert await deciding(USUAL, "http") == "found.test"
    monkeypatch.delenv("https_proxy")
    assert await deciding(USUAL) == "found.test"
    system_says(monkeypatch, SystemSettings("Windows", False, str(pac), static))
    assert await deciding(USUAL) == "script.test"
    system_says(monkeypatch, SystemSettings("Windows", proxies=static))
    assert await deciding(USUAL) == "static.test"
    system_says(monkeypatch, SystemSettings("Windows", proxies=static, bypass="*.test"))
    assert await deciding(USUAL) == "direct"
    system_says(monkeypatch, SystemSettings("Windows"))
    assert await deciding(USUAL) == "direct"


async def test_a_script_that_is_nowhere_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nowhere() -> str:
        return ""

    monkeypatch.setattr(scripted, "find_script", nowhere)
    route = await route_for("https", "out.test", 443, NetworkPreferences(Way.SCRIPT))
    assert (route.hops, route.problem) == ((DIRECT,), "No script was found in this network.")


async def test_a_proxy_of_the_environment_that_is_none_names_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "ftp://ana:geheim@proxy.test")
    with pytest.raises(Exception, match="https_proxy of the environment") as caught:
        await route_for("https", "out.test", 443, USUAL)
    assert "geheim" not in str(caught.value)


async def test_what_one_process_found_in_a_network_the_others_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pac = tmp_path / "found.pac"
    pac.write_text('function FindProxyForURL() { return "PROXY found.test:1"; }')
    looked: list[str] = []

    async def look() -> str:
        looked.append("")
        return str(pac) if len(looked) == 1 else ""

    monkeypatch.setattr(scripted, "find_script", look)
    preferences = NetworkPreferences(Way.SCRIPT)
    for _process in range(3):
        scripted.forget()  # as a process begins
        assert (await route_for("https", "out.test", 443, preferences)).hops == (
            Hop("http", "found.test", 1),
        )
    assert len(looked) == 1
    # Asked expressly it is looked for again, and so it is in another network, and where the note is spoiled.
    assert (await route_for("https", "out.test", 443, preferences, explain=True)).hops == (DIRECT,)
    monkeypatch.setattr(scripted, "own_addresses", lambda: ["192.0.2.7"])
    assert (await route_for("https", "out.test", 443, preferences)).hops == (DIRECT,)
    for spoiled in (
        "[]",
        "{",
        '{"here": ["192.0.2.7"], "at": "now"}',
        '{"here": ["192.0.2.7"], "at": 1e300, "script": 1}',
    ):
        (cache_folder() / "wpad.json").write_text(spoiled)
        scripted.forget()
        assert (await route_for("https", "out.test", 443, preferences)).hops == (DIRECT,)
    assert len(looked) == 7


async def test_without_an_engine_the_script_is_told_to_be_unusable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pac = tmp_path / "proxy.pac"
    pac.write_text(SCRIPT)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    route = await route_for("https", "out.test", 443, NetworkPreferences(Way.SCRIPT, script=str(pac)))
    assert route.hops == (DIRECT,)
    assert "no JavaScript engine" in route.problem
    assert "weft proxy set ADDRESS" in route.problem
