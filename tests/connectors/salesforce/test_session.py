"""A signed-in org: versions, renewal, retries that do no harm, the token kept at home, describes and queries."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path

import httpx
import pytest

from studio.base.errors import BadInput, NotAllowed, NotReachable, WeftError
from studio.connectors.salesforce import session
from studio.connectors.salesforce.describe import describe, facts, list_objects
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.query import count, query, quoted
from studio.connectors.salesforce.session import Grant, Org, OrgIdentity, connect, negotiate_version
from studio.practice.faults import parse
from studio.practice.server import PracticeOrg
from tests.connectors.salesforce.conftest import QUICK

pytestmark = pytest.mark.network


async def test_the_version_is_agreed(
    server: PracticeOrg, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.ready.url
    offered = [float(item["version"]) for item in (await client.get(f"{url}/services/data")).json()]
    expected = max(version for version in offered if version <= session.TESTED_VERSION)
    assert await negotiate_version(client, url) == f"{expected:.1f}"
    assert await negotiate_version(client, url, f"{min(offered):.1f}") == f"{min(offered):.1f}"
    with pytest.raises(WeftError, match="no API version"):
        await negotiate_version(client, url, "12.0")
    monkeypatch.setattr(session, "TESTED_VERSION", 1.0)
    with pytest.raises(WeftError, match="no API version"):
        await negotiate_version(client, url)


async def test_a_refused_token_is_renewed_once_for_all(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    renewals: list[str] = []

    async def renew(refused: Grant) -> Grant:
        renewals.append(refused.access_token)
        await asyncio.sleep(0.01)
        return Grant(server.ready.access_token, server.ready.url)

    org = await connect(client, Grant("00Dx!stale", server.ready.url), renew=renew, pace=QUICK)
    answers = await asyncio.gather(*(org.get(f"{org.data}/limits") for _n in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert renewals == ["00Dx!stale"]


async def test_without_a_way_to_renew_the_refusal_is_told(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    org = await connect(client, Grant("00Dx!stale", server.ready.url), pace=QUICK)
    with pytest.raises(SalesforceError, match=r"INVALID_SESSION_ID.*Sign in again"):
        await org.get(f"{org.data}/limits")


async def test_a_token_that_stays_refused_ends(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    renewals = 0

    async def renew(_refused: Grant) -> Grant:
        nonlocal renewals
        renewals += 1
        return Grant(f"00Dx!still-{renewals}", server.ready.url)

    org = await connect(client, Grant("00Dx!stale", server.ready.url), renew=renew, pace=QUICK)
    with pytest.raises(SalesforceError, match="INVALID_SESSION_ID"):
        await org.get(f"{org.data}/limits")
    assert renewals == 2


@pytest.mark.parametrize("fault", ["lost-answer", "unavailable=0", "drop-answer=3"])
async def test_reads_are_tried_again(server: PracticeOrg, org: Org, fault: str) -> None:
    server.org.faults.add(parse(f"{fault},on=GET */limits,times=3"))
    assert (await org.get(f"{org.data}/limits")).status == 200


@pytest.mark.parametrize("fault", ["lost-answer", "unavailable=0"])
async def test_writes_are_sent_once(server: PracticeOrg, org: Org, fault: str) -> None:
    """Mode 9: an insert whose answer is lost is never repeated."""
    server.org.faults.add(parse(f"{fault},on=POST */sobjects/Account,times=1"))
    with pytest.raises((NotReachable, SalesforceError)):
        await org.request("POST", f"{org.data}/sobjects/Account", body={"Name": "Once"})
    made = await count(org, "Account", "Name = 'Once'")
    assert made == (1 if fault == "lost-answer" else 0)


async def test_patience_ends(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    org = await connect(client, Grant(server.ready.access_token, server.ready.url))
    org.pace = session.Pace(first=0.01, most=0.01, patience=0.05)
    server.org.faults.add(parse("unavailable=0,on=GET */limits"))
    with pytest.raises(SalesforceError, match="SERVER_UNAVAILABLE"):
        await org.get(f"{org.data}/limits")


async def _tried(client: httpx.AsyncClient, url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, float]:
    """What connecting to an address ends with, and how long (s) it would have waited in all."""
    slept: list[float] = []
    clock = time.monotonic

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(session.asyncio, "sleep", sleep)
    monkeypatch.setattr(session.time, "monotonic", lambda: clock() + sum(slept))
    with pytest.raises(NotReachable) as caught:
        await connect(client, Grant("00Dx!token", url))
    assert caught.value.exit_code == 3
    assert caught.value.next_step
    return str(caught.value), sum(slept)


async def test_an_address_nobody_answers_is_given_up_soon(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, waited = await _tried(client, "http://127.0.0.1:9", monkeypatch)
    assert "127.0.0.1:9 cannot be reached: it refuses connections. Check the address" in said
    assert 0 < waited <= 10


async def test_a_name_that_is_unknown_is_given_up_at_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said, waited = await _tried(client, "https://misspelt.my.salesforce.com", monkeypatch)
    assert "misspelt.my.salesforce.com cannot be reached: no computer of that name is known." in said
    assert waited == 0


async def test_a_server_without_tls_is_given_up_at_once(
    server: PracticeOrg, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, waited = await _tried(client, server.ready.url.replace("http:", "https:"), monkeypatch)
    assert "No secure connection to 127.0.0.1:" in said
    assert waited == 0


@pytest.mark.parametrize("status", ["404 Not Found", "200 OK"])
async def test_another_web_site_is_told_from_an_org(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n<p>Hello.".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as site:
        url = f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}"
        said, waited = await _tried(client, url, monkeypatch)
    assert "<p>Hello." in said
    assert "does not answer as Salesforce does" in said
    assert waited == 0


async def test_a_busy_org_is_waited_for_from_the_first_call(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    server.org.faults.add(parse("unavailable=0,on=GET /services/data,times=3"))
    pace = session.Pace(first=0.01, most=0.01, opening=0.0)
    assert (await connect(client, Grant("00Dx!token", server.ready.url), pace=pace)).version


async def test_silence_in_the_middle_is_borne_longer(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    pace = session.Pace(first=0.01, most=0.01, opening=0.0)
    org = await connect(client, Grant(server.ready.access_token, server.ready.url), pace=pace)
    server.org.faults.add(parse("lost-answer,on=GET */limits,times=3"))
    assert (await org.get(f"{org.data}/limits")).status == 200


async def test_retry_after_is_honoured(server: PracticeOrg, org: Org) -> None:
    """The org asks for more time than our patience has: we do not come back earlier, but say so."""
    server.org.faults.add(parse("unavailable=60,on=GET */limits"))
    before = org.usage.calls
    with pytest.raises(SalesforceError):
        await org.get(f"{org.data}/limits")
    assert org.usage.calls == before + 1


async def test_the_token_goes_to_no_other_host(org: Org) -> None:
    for path in ("https://evil.test/x", "//evil.test/x", "http://127.0.0.1:1/x"):
        with pytest.raises(NotAllowed, match="another host"):
            await org.get(path)
    assert org.address("/a/b") == org.grant.instance_url + "/a/b"
    assert org.address(org.grant.instance_url + "/a") == org.grant.instance_url + "/a"


async def test_usage_is_counted(server: PracticeOrg, org: Org) -> None:
    before = org.usage.calls
    await org.get(f"{org.data}/limits")
    assert org.usage.calls == before + 1
    assert 0 < org.usage.used <= org.usage.allowed


async def test_describe_and_the_list_of_objects(org: Org) -> None:
    account = await describe(org, "Account")
    assert account.key_prefix == "001"
    assert account.by_name["name"].required_on_create
    assert account.field("Parent.ERP_Id__c") is account.by_name["parentid"]
    assert account.keys[0].name == "ERP_Id__c"
    names = {found.name for found in await list_objects(org)}
    assert {"Account", "Contact", "Opportunity", "Lead", "Case"} <= names
    with pytest.raises(BadInput, match="no object Nonsense"):
        await describe(org, "Nonsense/../x")


@pytest.mark.parametrize(
    "name", ["Account", "Contact", "Case", "Lead", "Opportunity", "Account_PersonAccount", "Custom__c"]
)
def test_describes_of_real_orgs_are_understood(shared: Path, name: str) -> None:
    answer = json.loads((shared / "corpora" / "salesforce" / "describe" / f"{name}.json").read_bytes())
    found = facts(answer)
    assert len(found.fields) == len(answer["fields"])
    assert found.by_name["id"].type == "id"
    assert found.keys
    assert all(field.length >= 0 for field in found.fields)


async def test_a_query_goes_over_pages(server: PracticeOrg, org: Org) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": f"N {n:03d}"} for n in range(25)]
    await org.request("POST", f"{org.data}/composite/sobjects", body={"allOrNone": False, "records": records})
    server.org.faults.add(parse("page-rows=10"))
    found = [r["Name"] async for r in query(org, "SELECT Name FROM Account ORDER BY Name")]
    assert found == [f"N {n:03d}" for n in range(25)]
    assert await count(org, "Account") == 25


async def test_a_wrong_query_is_told_in_the_orgs_words(org: Org) -> None:
    with pytest.raises(SalesforceError) as caught:
        [r async for r in query(org, "SELECT Nonsense FROM Account")]
    assert caught.value.code == "INVALID_FIELD"
    assert caught.value.exit_code == 2


async def test_quoted_texts_reach_the_org_as_they_are(org: Org) -> None:
    name = 'O\'Neill \\ "x" % _'
    await org.request("POST", f"{org.data}/sobjects/Account", body={"Name": name})
    assert await count(org, "Account", f"Name = {quoted(name)}") == 1


@pytest.mark.parametrize(
    ("kind", "sandbox", "url", "production"),
    [
        ("Enterprise Edition", False, "https://a.my.salesforce.com", True),
        ("Enterprise Edition", True, "https://a--b.sandbox.my.salesforce.com", False),
        ("Developer Edition", False, "https://a.my.salesforce.com", False),
        ("", False, "https://a.my.salesforce.com", True),
        ("Enterprise Edition", False, "http://127.0.0.1:80", False),
    ],
)
def test_what_counts_as_production(kind: str, sandbox: bool, url: str, production: bool) -> None:
    assert OrgIdentity("00D", "A", kind, sandbox, url).production is production
