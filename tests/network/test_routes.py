"""Which way: the precedence of the settings, and what the rule says of it."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from studio.network.hops import Hop, read_hop
from studio.network.routes import route_for
from studio.network.settings import NetworkPreferences, Way, save

PROXY = Hop("http", "proxy.corp.test", 8080)
EXPLICIT = NetworkPreferences(Way.EXPLICIT, "proxy.corp.test:8080", "*.in.test 10.0.0.0/8")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_no_proxy_is_no_proxy_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://env.test:1")
    route = await route_for("https", "out.test", 443, NetworkPreferences(Way.NONE))
    assert route.hops == (Hop("direct"),)
    assert route.rule == "Own setting: no proxy"


async def test_the_studios_own_proxy_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://env.test:1")
    save(EXPLICIT)
    route = await route_for("https", "out.test", 443)
    assert route.hops == (PROXY,)
    assert route.rule == "Own setting: http://proxy.corp.test:8080"
    route = await route_for("https", "a.in.test", 443)
    assert route.hops == (Hop("direct"),)
    assert route.rule == "Own setting: bypass list, *.in.test"
    assert (await route_for("http", "127.0.0.1", 80)).rule == "Own setting: this computer itself, direct"


async def test_the_environment_is_the_systems_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://joao:geheim@env.test:3128")
    monkeypatch.setenv("no_proxy", "in.test")
    route = await route_for("https", "out.test", 443)
    assert route.hops == (Hop("http", "env.test", 3128),)
    assert route.rule == "System: environment: http://env.test:3128"
    assert (await route_for("https", "a.in.test", 443)).rule == "System: environment: bypass list, in.test"


async def test_a_proxy_that_is_asked_for_and_not_named_is_told() -> None:
    with pytest.raises(BadInput, match="weft proxy set"):
        await route_for("https", "out.test", 443, NetworkPreferences(Way.EXPLICIT))


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        ("proxy.test", Hop("http", "proxy.test", 80)),
        ("proxy.test:8080", Hop("http", "proxy.test", 8080)),
        ("HTTP://Proxy.Test.:8080/", Hop("http", "proxy.test", 8080)),
        ("https://proxy.test", Hop("https", "proxy.test", 443)),
        ("socks5h://proxy.test", Hop("socks5", "proxy.test", 1080)),
        ("http://[2001:db8::1]:3128", Hop("http", "2001:db8::1", 3128)),
    ],
)
def test_addresses_of_proxies(text: str, hop: Hop) -> None:
    assert read_hop(text) == hop
    assert read_hop(str(hop)) == hop


@pytest.mark.parametrize(
    "text",
    ["", " ", "http://", "a b", "http://a:0", "http://a:70000", "http://[::1", "http://a/x.pac", "x\n:1"],
)
def test_what_is_no_address_of_a_proxy(text: str) -> None:
    with pytest.raises(BadInput):
        read_hop(text)
