"""Kerberos with squid: the ticket of who is logged in, user and password, and one wrong password only."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.errors import NotReachable
from studio.base.secrets import open_store
from studio.network.refusals import ProxyRefused
from studio.network.settings import secret_of_proxy
from tests.network.conftest import Certified
from tests.network.kerberos_realm import ALICE, PASSWORD, PROXY, REALM, Realm, realm
from tests.network.origin import Heard, answers, listening
from tests.network.proxies_run import Proxied, folder_for, squid
from tests.network.test_crossed import REFUSED, TRUSTED, believe, origin_context
from tests.network.way import fetched, through

pytestmark = [
    pytest.mark.network,
    pytest.mark.full,
    pytest.mark.usefixtures("key_store"),
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("gssapi", "krb5"))),
        reason="NO KERBEROS IN THIS PYTHON: nothing is proven with it; python3 dev.py test --full builds it on Debian",
    ),
]


@pytest.fixture(scope="module")
def corp() -> Iterator[tuple[Realm, Proxied]]:
    """The realm, and a squid that belongs to it."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(folder_for("proxy"))
        made = stack.enter_context(realm(folder))
        proxy = stack.enter_context(squid("negotiate", folder=folder, **made.environment))
        proxy.address = proxy.address.replace("127.0.0.1", PROXY)
        yield made, proxy


@pytest.fixture(autouse=True)
def in_the_realm(corp: tuple[Realm, Proxied], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in corp[0].environment.items():
        monkeypatch.setenv(name, value)


async def test_the_ticket_of_who_is_logged_in(corp: tuple[Realm, Proxied], certified: Certified) -> None:
    made, proxy = corp
    made.ticket()
    through(proxy.address, "", extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port:
        url = f"https://{proxy.origin}:{port}/"
        assert (await fetched(url, content=os.urandom(5_000_000))).startswith(b"POST 5000000 ")
        assert len(await asyncio.gather(*(fetched(url) for _ in range(30)))) == 30
    assert proxy.seen(f"{ALICE}@{REALM}", 31)


async def test_user_and_password_and_a_wrong_one_once(
    corp: tuple[Realm, Proxied], certified: Certified
) -> None:
    made, proxy = corp
    through(proxy.address, f"{ALICE}@{REALM}", "wrong", extra_ca=(str(certified.file),))
    async with listening(answers, certified.server()) as port:
        url = f"https://{proxy.origin}:{port}/"
        ended = await asyncio.gather(*(fetched(url) for _ in range(30)), return_exceptions=True)
        assert [type(error) for error in ended] == [ProxyRefused] * 30
        assert made.failed() == 1
        open_store().put(secret_of_proxy(proxy.place), PASSWORD)
        assert await fetched(url)
    assert made.failed() == 1


async def test_without_a_ticket_it_is_told(corp: tuple[Realm, Proxied]) -> None:
    made, proxy = corp
    made.ticket()
    made.no_ticket()
    through(proxy.address, "")
    with pytest.raises(ProxyRefused, match="there is no ticket"):
        await fetched(f"https://{proxy.origin}:9/")


@pytest.mark.parametrize("case", [*TRUSTED, *REFUSED])
async def test_trust_is_the_same_behind_kerberos(
    case: str,
    corp: tuple[Realm, Proxied],
    certified: Certified,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, proxy = corp
    made.ticket()
    through(proxy.address, "")
    heard = Heard()
    async with listening(heard.answers, origin_context(case, certified)) as port:
        believe(case, proxy.origin, certified, tmp_path, monkeypatch)
        url = f"https://{proxy.origin}:{port}/"
        if case in TRUSTED:
            assert (await fetched(url)).startswith(b"GET 0 ")
        else:
            with pytest.raises(NotReachable, match=proxy.origin):
                await fetched(url)
    assert heard.requests == int(case in TRUSTED)
