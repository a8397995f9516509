"""The whole of a day with the repository through proxies that ask who one is: signing in, pushing, pulling, deploying."""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path

import pytest

from studio.base.errors import NotReachable
from studio.base.secrets import open_store
from studio.network.refusals import ProxyRefused
from studio.protocol import limits
from studio.protocol.manifests import hash_of
from studio.repository.deployments import carry_out, plan_deployment
from studio.repository.opened import opened
from studio.repository.refusals import NotARepository
from studio.repository.sign_in import sign_out, with_token
from tests.cheap_vault import cheap_vault
from tests.network.authorities import root
from tests.network.conftest import Certified, nothing_known_of_proxies  # noqa: F401
from tests.network.origin import NAME, listening
from tests.network.own_proxy import DOMAIN, PASSWORD, USER, OwnProxy, known_users, own_socks
from tests.network.proxies_run import squid
from tests.network.way import through
from tests.repository.hostile_server import answer, hostile
from tests.repository.running_server import Site
from tests.repository.test_client import SOME, push

pytestmark = pytest.mark.network
LARGE = os.urandom(1024) * (limits.PACK_OBJECT_BYTES // 1024 + 1)
FILES = SOME | {"schemas/large.bin": LARGE}


@pytest.fixture(autouse=True)
def key_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_vault(tmp_path, monkeypatch)


def elsewhere(site: Site) -> str:
    """The server's address by a name only proxies know: nothing gets there past them."""
    return f"https://{NAME}:{site.url.rpartition(':')[2]}"


async def a_day(site: Site) -> None:
    """What is done with a repository from the morning to the evening."""
    account = await with_token(elsewhere(site), site.token())
    project = (await site.new_project()).id
    async with opened(account, open_store) as repository:
        head = await push(repository, project, None, {}, FILES)
        pulled = await repository.pull(project)
        assert {entry.path for entry in pulled.put} == FILES.keys()
        small = [entry.hash for entry in pulled.put if entry.size <= limits.PACK_OBJECT_BYTES]
        got = {digest: data async for digest, data in repository.pack(project, small)}
        assert set(got.values()) == set(SOME.values())
        whole = io.BytesIO()
        assert await repository.object(project, hash_of(LARGE), whole) == len(LARGE)
        [first, *_others] = await repository.environments()
        made = await carry_out(repository, await plan_deployment(repository, project, first))
        assert made.revision == head
    assert await sign_out(account)


@pytest.mark.parametrize("scheme", ["", "basic", "digest", "ntlm"])
async def test_a_day_through_squid(scheme: str, secure_site: Site) -> None:
    with squid(scheme) as proxy:
        through(proxy.address, proxy.user, proxy.password, extra_ca=(str(secure_site.certificate),))
        await a_day(secure_site)


async def test_a_day_through_socks(secure_site: Site) -> None:
    async with listening(own_socks) as port:
        through(f"socks5://127.0.0.1:{port}", USER, PASSWORD, extra_ca=(str(secure_site.certificate),))
        await a_day(secure_site)


async def test_a_day_through_a_proxy_that_checks_ntlm(
    secure_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_users(tmp_path, monkeypatch)
    async with OwnProxy("ntlm").running() as proxy:
        user = f"{DOMAIN}\\{USER}"
        trusted = (str(secure_site.certificate),)
        through(f"http://127.0.0.1:{proxy.port}", user, PASSWORD, extra_ca=trusted)
        await a_day(secure_site)
        assert (proxy.taken > 0, proxy.refused) == (True, 0)


async def test_a_proxy_that_does_not_know_us(secure_site: Site) -> None:
    with squid("basic") as proxy:
        through(proxy.address, proxy.user, "wrong", extra_ca=(str(secure_site.certificate),))
        with pytest.raises(ProxyRefused):
            await with_token(elsewhere(secure_site), secure_site.token())


async def test_a_certificate_of_a_proxy_that_reads_along_is_not_the_servers(
    secure_site: Site, tmp_path: Path
) -> None:
    """It answers with a certificate of its own for the server's name: the token stays here."""
    heard: list[bytes] = []
    company = Certified(root("Another Root"), tmp_path)

    async def reads_along(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))

    async with (
        listening(reads_along, company.server(NAME)) as own,
        OwnProxy(elsewhere=own).running() as proxy,
    ):
        through(f"http://127.0.0.1:{proxy.port}", extra_ca=(str(secure_site.certificate),))
        with pytest.raises(NotReachable, match="not trusted"):
            await with_token(elsewhere(secure_site), secure_site.token())
    assert heard == []


async def test_what_a_proxy_says_in_the_servers_place_is_not_the_server() -> None:
    """A page of a proxy without encryption between: only this computer is ever asked so."""
    async with hostile([answer(b"<html>Blocked by policy", 403, media_type="text/html")]) as server:
        with pytest.raises(NotARepository, match="403"):
            await with_token(server.url, "weft_pat_something")
