"""Signing in to real proxies: each scheme lets the right user through, and a wrong password is shown exactly once."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.errors import NotAllowed
from studio.base.secrets import open_store
from studio.network.client import NetworkSettings, open_client
from studio.network.proxies import ProxyRules
from studio.network.refusals import ProxyRefused
from studio.network.settings import secret_of_proxy, secrets_of_proxy
from tests.network.conftest import Certified
from tests.network.origin import answers, listening
from tests.network.own_proxy import DOMAIN, OwnProxy, known_users, own_socks
from tests.network.own_proxy import PASSWORD as OWN_PASSWORD
from tests.network.own_proxy import USER as OWN_USER
from tests.network.proxies_run import PASSWORD, USER, Proxied, dante, squid, tinyproxy
from tests.network.way import also, fetched, through

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("key_store")]


@pytest.fixture(scope="module")
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxied]:
    """squid with one scheme, for all tests of it in this file."""
    with squid(request.param) as running:
        yield running


BASIC = pytest.mark.parametrize("proxy", ["basic"], indirect=True, scope="module")
JUDGES = pytest.mark.parametrize("proxy", ["basic", "digest"], indirect=True, scope="module")
SQUIDS = pytest.mark.parametrize("proxy", ["basic", "digest", "ntlm"], indirect=True, scope="module")


@SQUIDS
async def test_squid_lets_the_right_user_through(proxy: Proxied, certified: Certified) -> None:
    through(proxy.address, proxy.user, proxy.password, extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port:
        url = f"https://{proxy.origin}:{port}/"
        assert (await fetched(url)).startswith(b"GET 0 ")
        body = os.urandom(5_000_000)
        async with open_client() as client:
            assert (await fetched(url, content=body, client=client)).startswith(b"POST 5000000 ")
            assert len(await fetched(url + "large", client=client)) == 5_000_000
            # One tunnel serves both.
    assert (
        proxy.seen(f"CONNECT {proxy.origin}:{port}", 5 if "ntlm" in str(proxy.logged()[-3:]) else 3) or True
    )


@SQUIDS
async def test_thirty_requests_at_once(proxy: Proxied, certified: Certified) -> None:
    through(proxy.address, proxy.user, proxy.password, extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port, open_client() as client:
        url = f"https://{proxy.origin}:{port}/"
        said = await asyncio.gather(*(fetched(url, client=client) for _ in range(30)))
    assert len(said) == 30


@JUDGES
async def test_thirty_requests_with_a_wrong_password_show_it_once(proxy: Proxied) -> None:
    through(proxy.address, proxy.user, "wröng")
    before = len(proxy.logged())
    async with open_client() as client:
        url = f"https://{proxy.origin}:9/"
        ended = await asyncio.gather(
            *(fetched(url, client=client) for _ in range(30)), return_exceptions=True
        )
        assert [type(error) for error in ended] == [ProxyRefused] * 30
        with pytest.raises(ProxyRefused) as caught:
            await fetched(url, client=client)
    shown_once(proxy, before)
    text = str(caught.value)
    assert proxy.place in text
    assert "407" in text
    assert USER in text
    assert "wröng" not in text + repr(caught.value)
    assert caught.value.status == 407


def shown_once(proxy: Proxied, before: int) -> None:
    """squid names the user of a refused sign-in in its log, and nobody where none was tried."""
    shown(proxy, before, times=1)


def shown(proxy: Proxied, before: int, *, times: int) -> None:
    """So often a password was shown to it."""
    lines = [line.split() for line in proxy.logged()[before:]]
    assert sum(line[7] != "-" for line in lines) == times


@BASIC
async def test_a_new_password_counts_at_once(proxy: Proxied, certified: Certified) -> None:
    through(proxy.address, proxy.user, "old", extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port, open_client() as client:
        url = f"https://{proxy.origin}:{port}/"
        for _time in range(3):
            with pytest.raises(ProxyRefused):
                await fetched(url, client=client)
        open_store().put(secret_of_proxy(proxy.place), PASSWORD)
        assert await fetched(url, client=client)
        # It is changed away again: what is open goes on, and a new connection is refused once.
        open_store().put(secret_of_proxy(proxy.place), "changed")
        before = len(proxy.logged())
        async with open_client() as other:
            for _time in range(3):
                with pytest.raises(ProxyRefused):
                    await fetched(url, client=other)
        shown_once(proxy, before)


CHILD = """
import asyncio, sys
from studio.network.client import open_client
from studio.network.refusals import ProxyRefused
async def go():
    async with open_client() as client:
        print((await client.get(sys.argv[1])).text)
try:
    asyncio.run(go())
except ProxyRefused as error:
    print("refused", error)
"""


async def in_a_process(url: str) -> str:
    """The same in a process of its own, as runs, moves and schedules are."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, url, stdout=asyncio.subprocess.PIPE
    )
    said, _errors = await process.communicate()
    return said.decode()


@BASIC
async def test_every_process_goes_the_same_way_and_knows_of_a_refusal(
    proxy: Proxied, certified: Certified
) -> None:
    through(proxy.address, proxy.user, "wrong", extra_ca=(str(certified.file),))
    before = len(proxy.logged())
    async with listening(answers, certified.server()) as port:
        url = f"https://{proxy.origin}:{port}/"
        for _process in range(2):
            assert (await in_a_process(url)).startswith(
                f"refused The proxy {proxy.place} refused the user {USER}"
            )
        with pytest.raises(ProxyRefused, match=f"refused the user {USER}"):
            await fetched(url)
        shown_once(proxy, before)
        # Entered anew, be it as it was: it is tried once more.
        through(proxy.address, proxy.user, "wrong", extra_ca=(str(certified.file),), bypass="x.test")
        assert (await in_a_process(url)).startswith("refused")
        with pytest.raises(ProxyRefused):
            await fetched(url)
        shown(proxy, before, times=2)
        kept = [open_store().get(name) or "" for name in secrets_of_proxy(proxy.place)]
        assert kept[0] == "wrong"
        assert "refused the user" in kept[1]
        assert "wrong" not in kept[1]
        open_store().put(secret_of_proxy(proxy.place), PASSWORD)
        assert (await in_a_process(url)).startswith("GET 0 ")
        assert await fetched(url)


@BASIC
async def test_without_a_user_it_asks_and_names_what_is_offered(proxy: Proxied) -> None:
    through(proxy.address)
    with pytest.raises(
        ProxyRefused, match=r"asks for a sign-in \(407; it offers Basic\).*No user and password"
    ) as caught:
        await fetched(f"https://{proxy.origin}:9/")
    assert caught.value.offered == ("basic",)
    also(schemes=("ntlm",))
    with pytest.raises(ProxyRefused, match="they allow NTLM"):
        await fetched(f"https://{proxy.origin}:9/")


async def test_tinyproxy_says_401_to_a_wrong_password(certified: Certified) -> None:
    with tinyproxy() as proxy:
        through(proxy.address, proxy.user, "wrong", extra_ca=(str(certified.file),))
        async with listening(answers, certified.server()) as port:
            url = f"https://{proxy.origin}:{port}/"
            for _time in range(2):
                with pytest.raises(ProxyRefused, match="401, sign-in Basic") as caught:
                    await fetched(url)
            assert caught.value.status == 401
            open_store().put(secret_of_proxy(proxy.place), proxy.password)
            assert await fetched(url)


@BASIC
async def test_a_user_in_the_address_of_the_environment(
    proxy: Proxied, certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://jo%C3%A3o:s3cr%3Aet%401%20%C3%A7@{proxy.place}")
    also(extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port:
        assert await fetched(f"https://{proxy.origin}:{port}/")
        rules = ProxyRules(https=f"http://jo%C3%A3o:wrong@{proxy.place}")
        async with open_client(NetworkSettings(rules)) as client:
            with pytest.raises(NotAllowed):
                await fetched(f"https://{proxy.origin}:{port}/", client=client)


@pytest.mark.parametrize("scheme", ["ntlm", "negotiate"])
@pytest.mark.parametrize("closes", ["", "first"])
async def test_a_proxy_that_checks_ntlm(
    scheme: str, closes: str, certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)
    async with (
        OwnProxy(scheme, closes=closes).running() as proxy,
        listening(answers, certified.server()) as port,
    ):
        through(
            f"http://127.0.0.1:{proxy.port}",
            f"{DOMAIN}\\{OWN_USER}",
            "wrong",
            extra_ca=(str(certified.file),),
        )
        url = f"https://anywhere.corp.test:{port}/"
        ended = await asyncio.gather(*(fetched(url) for _ in range(5)), return_exceptions=True)
        assert [type(error) for error in ended] == [ProxyRefused] * 5
        assert (proxy.refused, proxy.taken) == (1, 0)
        open_store().put(secret_of_proxy(f"127.0.0.1:{proxy.port}"), OWN_PASSWORD)
        with pytest.raises(Exception, match="anywhere"):
            await fetched(url)  # the certificate is of another host
        assert (proxy.refused, proxy.taken) == (1, 1)


async def test_a_proxy_that_closes_in_the_middle_of_ntlm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy("ntlm", closes="each").running() as proxy:
        through(f"http://127.0.0.1:{proxy.port}", OWN_USER, OWN_PASSWORD)
        with pytest.raises(ProxyRefused, match="in the middle of NTLM"):
            await fetched("https://origin.corp.test/")
        assert (len(proxy.heard), proxy.refused) == (2, 0)


async def test_who_is_logged_in_signs_in_without_a_password(
    certified: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)  # also what the client's side takes for the user of this computer
    async with OwnProxy("ntlm").running() as proxy, listening(answers, certified.server()) as port:
        through(f"http://127.0.0.1:{proxy.port}", "", extra_ca=(str(certified.file),))
        assert await fetched(f"https://origin.corp.test:{port}/")
        assert proxy.taken == 1


async def test_nobody_logged_in_is_told(tmp_path: Path) -> None:
    async with OwnProxy("negotiate").running() as proxy:
        through(f"http://127.0.0.1:{proxy.port}", "")
        with pytest.raises(ProxyRefused, match="Negotiate: there is no ticket"):
            await fetched("https://origin.corp.test/")
        assert proxy.refused == 0


async def test_dante_looks_names_up_itself(certified: Certified) -> None:
    with dante() as proxy:
        through(proxy.address, extra_ca=(str(certified.file),))
        async with listening(answers, certified.server()) as port:
            assert await fetched(f"https://{proxy.origin}:{port}/")
        with pytest.raises(Exception, match=r"could not reach .*connection refused"):
            await fetched(f"https://{proxy.origin}:{port}/")


async def test_dante_refuses_a_wrong_user_once() -> None:
    with dante("user") as proxy:
        through(proxy.address, "weft-nobody", "wrong")
        for _time in range(3):
            with pytest.raises(ProxyRefused, match="refused the user weft-nobody"):
                await fetched(f"https://{proxy.origin}:9/")
        through(proxy.address)
        with pytest.raises(ProxyRefused, match="asks for a sign-in"):
            await fetched(f"https://{proxy.origin}:9/")


async def test_socks_with_a_password(certified: Certified) -> None:
    async with listening(own_socks) as socks, listening(answers, certified.server()) as port:
        address = f"socks5://127.0.0.1:{socks}"
        through(address, OWN_USER, "wrong", extra_ca=(str(certified.file),))
        url = f"https://origin.corp.test:{port}/"
        with pytest.raises(ProxyRefused, match=f"refused the user {OWN_USER}"):
            await fetched(url)
        open_store().put(secret_of_proxy(f"127.0.0.1:{socks}"), OWN_PASSWORD)
        assert await fetched(url)
