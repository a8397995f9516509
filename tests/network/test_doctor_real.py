"""The doctor with real proxies: squid with each sign-in, tinyproxy, dante, and one that checks NTLM."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.network.doctor import examine
from studio.network.examination import Examination, State
from tests.network.conftest import Certified
from tests.network.origin import listening
from tests.network.own_proxy import DOMAIN, OwnProxy, known_users, own_socks
from tests.network.own_proxy import PASSWORD as OWN_PASSWORD
from tests.network.own_proxy import USER as OWN_USER
from tests.network.proxies_run import Proxied, dante, squid, tinyproxy
from tests.network.way import through

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("key_store")]


async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that leads to its page for signing in."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    await reader.read()


def told(found: Examination) -> dict[str, str]:
    return {step.name: step.text for step in found.steps if step.state is State.FINE}


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxied]:
    """One of the real ones."""
    starts = {"tinyproxy": tinyproxy, "dante": dante}
    with starts[request.param]() if request.param in starts else squid(request.param) as running:
        yield running


@pytest.mark.parametrize(
    ("proxy", "scheme", "offers"),
    [
        ("", "", "200: asks for no sign-in"),
        ("basic", "Basic", "407: offers Basic. Basic chosen"),
        ("digest", "Digest", "407: offers Digest. Digest chosen"),
        ("ntlm", "NTLM", "407: offers NTLM. NTLM chosen"),
        ("tinyproxy", "Basic", "401: offers Basic. Basic chosen"),
        ("dante", "", "SOCKS 5, it lets us through"),
    ],
    indirect=["proxy"],
)
async def test_each_step_through_a_real_proxy(
    proxy: Proxied, scheme: str, offers: str, certified: Certified
) -> None:
    through(proxy.address, proxy.user, proxy.password or None, extra_ca=(str(certified.file),))
    async with listening(moved, certified.server()) as port:
        for _time in range(2):  # what is known from the first time is asked for again
            found = await examine(f"https://{proxy.origin}:{port}")
            assert found.failed is None, found
            steps = told(found)
            assert steps["scheme"].replace("407", "401") == offers.replace("407", "401")
            assert found.scheme == scheme
            assert ("sign-in" in steps) == bool(scheme)
            assert steps["answer"] == "answered 302 Found"
            assert found.way_out == proxy.place
            assert found.chain is not None
            assert found.chain.issuer == "Corp Root"
    assert proxy.password == "" or proxy.password not in str(found)
    with contextlib.suppress(StopIteration):
        sign_in = next(step for step in found.steps if step.name == "sign-in")
        assert sign_in.text == f"{proxy.user} with the password kept here → 200"


@pytest.mark.parametrize("scheme", ["ntlm", "negotiate"])
async def test_a_wrong_password_is_checked_once(
    scheme: str, certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy(scheme).running() as proxy, listening(moved, certified.server()) as port:
        address, user = f"http://127.0.0.1:{proxy.port}", f"{DOMAIN}\\{OWN_USER}"
        through(address, user, "wrong", extra_ca=(str(certified.file),))
        for _time in range(3):
            found = await examine(f"https://origin.corp.test:{port}")
            assert found.failed is not None
            assert found.failed.name == "sign-in"
            assert found.verdict == "The proxy does not let you in"
        assert proxy.refused == 1
        through(address, user, OWN_PASSWORD, extra_ca=(str(certified.file),))
        found = await examine(f"https://origin.corp.test:{port}")
        assert found.failed is None
        assert told(found)["sign-in"] == f"{user} with the password kept here → 200"


async def test_whoever_is_logged_in(
    certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy("ntlm").running() as proxy, listening(moved, certified.server()) as port:
        through(f"http://127.0.0.1:{proxy.port}", "", extra_ca=(str(certified.file),))
        found = await examine(f"https://origin.corp.test:{port}")
    assert found.failed is None
    assert told(found)["sign-in"].endswith("by the computer's own sign-in, no password asked → 200")


async def test_ports_that_a_proxy_does_not_open() -> None:
    with squid(ports=443) as proxy:
        through(proxy.address)
        found = await examine(f"https://{proxy.origin}:8443")
    assert found.verdict == "The proxy does not let us through to origin.corp.test"
    assert found.request == (
        f"Please allow connections to origin.corp.test:8443 (CONNECT) on {proxy.place}: it answered 403."
    )


async def test_socks_with_a_password(certified: Certified) -> None:
    async with listening(own_socks) as socks, listening(moved, certified.server()) as port:
        address = f"socks5://127.0.0.1:{socks}"
        url = f"https://origin.corp.test:{port}"
        through(address, extra_ca=(str(certified.file),))
        found = await examine(url)
        assert found.verdict == "The proxy asks for a sign-in, and none of ours fits"
        through(address, OWN_USER, "wrong", extra_ca=(str(certified.file),))
        found = await examine(url)
        assert found.verdict == "The proxy does not let you in"
        assert told(found)["scheme"].startswith("SOCKS 5: offers user and password.")
        through(address, OWN_USER, OWN_PASSWORD, extra_ca=(str(certified.file),))
        found = await examine(url)
        assert found.failed is None
