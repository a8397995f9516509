"""Routes of several proxies, what an observer is told, plain http handed on, and that nothing secret is written."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.errors import NotAllowed, NotReachable, TooLarge
from studio.network import tunnel
from studio.network.client import NetworkSettings, open_client
from studio.network.hops import DIRECT, Hop
from studio.network.refusals import ProxyNotReachable, ProxyRefused
from studio.network.routes import Route
from studio.network.settings import NetworkPreferences, Way, save
from studio.network.tunnel import WayOut
from tests.network.conftest import Certified
from tests.network.origin import answers, listening, own_name
from tests.network.own_proxy import DOMAIN, PASSWORD, USER, OwnProxy, known_users
from tests.network.proxies_run import free_port, squid
from tests.network.way import also, fetched, through

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("key_store")]


def leads(*hops: Hop, **further: object) -> WayOut:
    """A way out over these hops."""

    async def route(_scheme: str, _host: str, _port: int) -> Route:
        return Route(hops, "as the test says")

    return WayOut("https", routes=route, **further)  # type: ignore[arg-type]


class Seen:
    """What an observer is told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, bool, str, dict[str, object]]] = []

    def step(self, name: str, ok: bool, text: str, seconds: float, **facts: object) -> None:
        assert seconds >= 0
        self.steps.append((name, ok, text, facts))


async def test_every_hop_is_tried_in_order_and_the_dead_one_last_the_next_time() -> None:
    dead = Hop("http", "127.0.0.1", free_port())
    seen = Seen()
    async with OwnProxy().running() as proxy, listening(answers) as port:
        way = leads(dead, Hop("http", "127.0.0.1", proxy.port), DIRECT, observer=seen)
        for _time in range(2):
            stream = await way.connect_tcp("anywhere.corp.test", port, 5.0)
            await stream.aclose()
        assert len(proxy.heard) == 2
    assert [(name, ok) for name, ok, _text, _facts in seen.steps] == [
        ("setting", True), ("connection", False), ("connection", True), ("setting", True), ("connection", True),
    ]  # fmt: skip
    assert "it refuses connections" in seen.steps[1][2]


async def test_direct_is_a_hop_like_others() -> None:
    async with listening(answers) as port:
        stream = await leads(Hop("socks5", "127.0.0.1", free_port()), DIRECT).connect_tcp(
            own_name()[0], port, 5.0
        )
        await stream.aclose()


async def test_where_no_hop_leads_there_each_is_named() -> None:
    hops = Hop("http", "127.0.0.1", free_port()), Hop("socks5", "127.0.0.1", free_port()), DIRECT
    with pytest.raises(ProxyNotReachable) as caught:
        await leads(*hops).connect_tcp(own_name()[0], free_port(), 5.0)
    text = str(caught.value)
    assert "as the test says" in text
    assert all(part in text for part in ("1. ", "2. ", "3. direct", *(hop.address for hop in hops)))


async def test_a_refusal_is_not_carried_to_the_next_proxy() -> None:
    async with OwnProxy("basic").running() as first, OwnProxy().running() as second:
        with pytest.raises(ProxyRefused):
            await leads(
                Hop("http", "127.0.0.1", first.port), Hop("http", "127.0.0.1", second.port)
            ).connect_tcp("anywhere.corp.test", 443, 5.0)
        assert second.heard == []


async def test_a_script_whose_first_proxy_is_dead(certified: Certified, tmp_path: Path) -> None:
    async with OwnProxy().running() as proxy, listening(answers, certified.server()) as port:
        script = tmp_path / "proxy.pac"
        script.write_text(
            "function FindProxyForURL(url, host) {"
            f" return 'PROXY 127.0.0.1:{free_port()}; PROXY 127.0.0.1:{proxy.port}; DIRECT'; }}"
        )
        save(NetworkPreferences(way=Way.SCRIPT, script=str(script), extra_ca=(str(certified.file),)))
        assert await fetched(f"https://origin.corp.test:{port}/")
        assert len(proxy.heard) == 1


async def test_the_observer_sees_the_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy("ntlm").running() as proxy, listening(answers) as port:
        through(f"http://127.0.0.1:{proxy.port}", f"{DOMAIN}\\{USER}", PASSWORD)
        seen = Seen()
        stream = await tunnel.open_tunnel("anywhere.corp.test", port, observer=seen)
        await stream.aclose()
        assert [(name, ok) for name, ok, _text, _facts in seen.steps] == [
            ("setting", True), ("scheme", True), ("sign-in", True), ("connection", True),
        ]  # fmt: skip
        assert seen.steps[1][3]["offered"] == ("ntlm",)
        assert PASSWORD not in repr(seen.steps)
        through(f"http://127.0.0.1:{proxy.port}", f"{DOMAIN}\\{USER}", "wrong")
        again = Seen()
        with pytest.raises(ProxyRefused):
            await tunnel.open_tunnel("anywhere.corp.test", port, observer=again)
        assert [(name, ok) for name, ok, _text, _facts in again.steps][-2:] == [
            ("sign-in", False),
            ("connection", False),
        ]


async def test_plain_http_is_handed_on_where_no_tunnel_is_given_and_the_caller_allows_it() -> None:
    with squid("basic", ports=443) as proxy:
        through(proxy.address, proxy.user, proxy.password)
        async with listening(answers) as port:
            url = f"http://{proxy.origin}:{port}/a?b=c"
            async with open_client() as client:
                with pytest.raises(NotAllowed, match="without encryption"):
                    await client.get(url)
            async with open_client(plain_http=True) as client:
                assert (await client.get(url)).text.startswith("GET 0 ")
                assert (await client.post(url, content=b"x" * 100_000)).text.startswith("POST 100000 ")
                assert len((await client.get(f"http://{proxy.origin}:{port}/large")).content) == 5_000_000
                with pytest.raises(TooLarge):
                    await client.post(url, content=b"x" * 9_000_000)
            also(users={proxy.place: "nobody"})
            async with open_client(plain_http=True) as client:
                with pytest.raises(ProxyRefused):
                    await client.get(url)


async def test_ntlm_with_what_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy("ntlm", tunnels=False).running() as proxy, open_client(plain_http=True) as client:
        through(f"http://127.0.0.1:{proxy.port}", f"{DOMAIN}\\{USER}", PASSWORD)
        said = await client.post("http://intranet.corp.test/x", content=b"12345")
        assert said.text == "handed on POST http://intranet.corp.test/x 5"
        assert proxy.refused == 0
        with pytest.raises(ProxyRefused, match="403"):
            await client.get("https://intranet.corp.test/x")


async def test_a_change_of_the_preferences_counts_for_a_client_that_is_open(certified: Certified) -> None:
    async with (
        OwnProxy().running() as one,
        OwnProxy().running() as two,
        listening(answers, certified.server()) as port,
    ):
        async with open_client() as client:
            url = f"https://origin.corp.test:{port}/"
            for proxy in (one, two, one):
                through(f"http://127.0.0.1:{proxy.port}", extra_ca=(str(certified.file),))
                await fetched(url, client=client)
                await fetched(url, client=client)
        assert (len(one.heard), len(two.heard)) == (2, 1)


@pytest.mark.parametrize("scheme", ["basic", "ntlm", "negotiate"])
async def test_nothing_secret_is_logged_shown_or_kept(
    scheme: str,
    certified: Certified,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    known_users(tmp_path, monkeypatch)
    user = USER if scheme == "basic" else f"{DOMAIN}\\{USER}"
    async with OwnProxy(scheme).running() as proxy, listening(answers, certified.server()) as port:
        for password in (PASSWORD, "wröng-canary"):
            through(f"http://127.0.0.1:{proxy.port}", user, password, extra_ca=(str(certified.file),))
            try:
                await fetched(f"https://origin.corp.test:{port}/")
            except ProxyRefused as error:
                said = str(error) + repr(error) + json.dumps(error.said())
        tokens = [signed.partition(" ")[2] for _method, _target, signed in proxy.heard if signed]
    written = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("tests")
    )
    home = b"".join(file.read_bytes() for file in (tmp_path / "weft-home").rglob("*") if file.is_file())
    for secret in (PASSWORD, "wröng-canary", *tokens):
        assert secret not in written + said
        assert secret.encode() not in home
    assert base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode() not in written


@pytest.fixture
def proxied_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://u:hidden-1@127.0.0.1:{port}")
    return port


async def test_this_computer_is_never_reached_through_a_proxy(
    proxied_environment: int, certified: Certified
) -> None:
    also(extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port:
        assert await fetched(f"https://127.0.0.1:{port}/")
    with pytest.raises(NotReachable, match=f"127.0.0.1:{proxied_environment} cannot be reached") as caught:
        await fetched("https://elsewhere.corp.test/")
    assert "hidden-1" not in str(caught.value)
    async with open_client(NetworkSettings(connect=0.5)) as client:
        assert "hidden-1" not in repr(client) + repr(vars(client))
    await asyncio.sleep(0)
