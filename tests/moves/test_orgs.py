"""The orgs a user knows: signed in to by their file, tokens kept and replaced, two processes not in each other's way."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import httpx
import pytest

from studio.base.errors import BadInput, NotReachable
from studio.base.secrets import SecretStore
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.session import Grant
from studio.moves.access import orgs
from studio.moves.access.opened import opened
from studio.moves.access.orgs import OrgLogin
from studio.practice.shared import practice_org
from tests.moves.conftest import QUICK, Practice

pytestmark = pytest.mark.network


class Kept(SecretStore):
    """Secrets in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def put(self, name: str, value: str) -> None:
        self.values[name] = value

    def remove(self, name: str) -> None:
        self.values.pop(name, None)


@pytest.fixture
def store() -> Kept:
    return Kept()


@pytest.fixture
def login(practice: Practice) -> OrgLogin:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return OrgLogin("crm", practice.server.ready.url, "web", orgs.PRACTICE_CLIENT, port=port)


class Browser:
    """Somebody who answers yes in the browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.asked = 0
        self.tasks: list[asyncio.Task[None]] = []

    def show(self, address: str, _code: str = "") -> None:
        self.asked += 1
        self.tasks.append(asyncio.create_task(self._answer(address)))

    async def _answer(self, address: str) -> None:
        page = await self.client.get(address)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text.replace("&amp;", "&")))
        base = address.split("/services/")[0]
        back = await self.client.post(f"{base}/services/oauth2/authorize", data=fields | {"answer": "allow"})
        await self.client.get(back.headers["Location"].replace("localhost", "127.0.0.1"))


async def test_the_browser_is_needed_once_and_the_token_replaced_each_time(
    practice: Practice, login: OrgLogin, store: Kept
) -> None:
    browser = Browser(practice.client)
    seen: list[str] = []
    for _time in range(3):
        async with opened(login, lambda: store, show=browser.show, pace=QUICK) as org:
            assert (await org.identify()).name == "Weft Practice"
        seen.append(store.values["orgs/crm/refresh_token"])
    await asyncio.gather(*browser.tasks)
    assert browser.asked == 1
    assert len(set(seen)) == 3


async def test_nobody_is_sent_to_an_address_where_no_one_answers(store: Kept) -> None:
    nowhere = OrgLogin("mine", "http://127.0.0.1:9", "web", "client")
    with pytest.raises(NotReachable, match=r"127\.0\.0\.1:9 cannot be reached"):
        async with opened(nowhere, lambda: store, show=pytest.fail, pace=QUICK):
            pass


async def test_two_sessions_of_one_org_do_not_kill_each_others_token(
    practice: Practice, login: OrgLogin, store: Kept
) -> None:
    """Mode 23: each use of a refresh token kills it; whoever comes second uses the one kept by the first."""
    browser = Browser(practice.client)
    async with (
        opened(login, lambda: store, show=browser.show, pace=QUICK) as one,
        opened(login, lambda: store, show=browser.show, pace=QUICK) as two,
    ):
        for org in (one, two):
            org.grant = Grant("00Dx!stale", org.grant.instance_url, org.grant.refresh_token)
        answers = await asyncio.gather(*(org.get(f"{org.data}/limits") for org in (one, two, one, two)))
        assert {answer.status for answer in answers} == {200}
    await asyncio.gather(*browser.tasks)
    assert browser.asked == 1


async def test_a_token_that_was_taken_back_asks_again_in_words(
    practice: Practice, login: OrgLogin, store: Kept
) -> None:
    store.put("orgs/crm/refresh_token", "taken back")
    with pytest.raises(SalesforceError, match="invalid_grant"):
        async with opened(login, lambda: store, pace=QUICK):
            pytest.fail("it was let in")
    browser = Browser(practice.client)
    async with opened(login, lambda: store, show=browser.show, pace=QUICK) as org:
        assert (await org.identify()).id
    await asyncio.gather(*browser.tasks)
    assert browser.asked == 1


async def test_a_missing_secret_is_named(practice: Practice, store: Kept) -> None:
    for flow, secret in (("client", "client_secret"), ("password", "password"), ("jwt", "private_key")):
        login = OrgLogin("crm", practice.server.ready.url, flow, "id", "user")
        with pytest.raises(BadInput, match=f"The {secret} of the org crm"):
            async with opened(login, lambda: store):
                pytest.fail("it was let in")


async def test_the_practice_org_by_name_and_by_a_connection(
    own_home: Path, tmp_path: Path, store: Kept
) -> None:
    (tmp_path / "project.yaml").write_text("weft: project/1\nname: P\nid: p1\n")
    (tmp_path / "connections").mkdir()
    (tmp_path / "connections" / "crm.yaml").write_text(
        "weft: connection/1\nname: CRM\nkind: salesforce\nlogin: {flow: practice}\n"
    )
    with practice_org():
        for name in ("practice", "crm"):
            async with opened(orgs.find(name, tmp_path / "samples"), lambda: store, pace=QUICK) as org:
                assert (await org.identify()).name == "Weft Practice"
    assert store.values == {}
