"""Sign-ins that are refused: each reason in words, before the browser is opened where that can be known."""

from __future__ import annotations

import asyncio
import re
import time
from types import SimpleNamespace

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from studio.base.errors import BadInput, NotReachable
from studio.connectors.salesforce import device_flow, sign_in, soap_login, web_flow
from studio.connectors.salesforce.address import audience, is_shared_login, org_address
from studio.connectors.salesforce.refusals import SignInRefused, refusal
from studio.connectors.salesforce.session import OrgIdentity, connect
from studio.connectors.salesforce.web_flow import WebFlow
from studio.practice.faults import parse
from studio.practice.server import PracticeOrg
from studio.practice.sign_in.sessions import CONFIDENTIAL_APP, PUBLIC_APP, App
from tests.connectors.salesforce.test_sign_in import browser, free_port, works

pytestmark = pytest.mark.network


async def refused(client: httpx.AsyncClient, flow: WebFlow) -> SignInRefused:
    with pytest.raises(SignInRefused) as caught:
        await web_flow.sign_in(client, flow, lambda address: pytest.fail(f"sent to {address}"))
    return caught.value


async def test_what_the_org_would_refuse_is_said_before_the_browser_opens(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    url = server.ready.url
    unknown = await refused(client, WebFlow(url, "3MVG9unknown", "", free_port()))
    assert unknown.code == "invalid_client_id"
    assert "does not know this consumer key" in unknown.message
    server.org.sessions.register(App("3MVG9own", "Own", redirects=("http://localhost:7171/OauthRedirect",)))
    port = free_port()
    elsewhere = await refused(client, WebFlow(url, "3MVG9own", "", port))
    assert elsewhere.code == "redirect_uri_mismatch"
    assert f"http://localhost:{port}/OauthRedirect" in elsewhere.next_step
    server.org.faults.add(parse("block-apps"))
    blocked = await refused(client, WebFlow(url, PUBLIC_APP, "", free_port()))
    assert "blocked this app" in blocked.message
    assert "OAUTH_APP_BLOCKED" in blocked.message


async def test_any_free_port(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    shown: list[str] = []
    show, tasks = browser(client)

    def look(address: str) -> None:
        shown.append(address)
        show(address)

    grant = await web_flow.sign_in(client, WebFlow(server.ready.url, PUBLIC_APP, "", 0), look)
    await asyncio.gather(*tasks)
    await works(client, grant)
    port = re.search(r"localhost%3A(\d+)%2FOauthRedirect", shown[0])
    assert port is not None
    assert int(port[1]) > 0


async def test_a_browser_that_was_closed_and_one_that_is_stopped(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    flow = WebFlow(server.ready.url, PUBLIC_APP, "", free_port())
    with pytest.raises(NotReachable, match="Nobody signed in") as caught:
        await web_flow.sign_in(client, flow, lambda _address: None, patience=0.05)
    assert flow.redirect in caught.value.next_step
    opened = asyncio.Event()
    waiting = asyncio.create_task(web_flow.sign_in(client, flow, lambda _address: opened.set()))
    await opened.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    # The port is free again at once.
    async with await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", flow.port):
        pass


@pytest.mark.parametrize(
    ("code", "message", "said", "step"),
    [
        ("OAUTH_APPROVAL_ERROR_GENERIC", "app must be installed into org", "not installed", "set-up guide"),
        ("OAUTH_EC_APP_NOT_FOUND", "", "not installed", "set-up guide"),
        ("invalid_client", "invalid client credentials", "consumer secret does not fit", "secret"),
        ("invalid_grant", "expired access/refresh token", "The sign-in is over", "Sign in again."),
        ("invalid_grant", "user hasn't approved this consumer", "not approved for the app", "permission set"),
        ("invalid_grant", "ip restricted", "from this network", "IP restrictions"),
        ("invalid_grant", "audience is invalid", "another login address", "My Domain"),
        ("invalid_grant", "invalid signature", "certificate of the app", "Upload"),
        ("invalid_grant", "no client credentials user enabled", "no user it may work as", "Run As"),
        ("inactive_user", "user is inactive", "not active", "activate"),
        ("inactive_org", "", "locked, closed or expired", "address"),
        ("invalid_scope", "the requested scope is not allowed", "may not give", "api and refresh_token"),
        ("unsupported_response_type", "", "switched off", "Enable the flow"),
        ("rate_limit_exceeded", "", "too many sign-ins", "Wait"),
        ("INVALID_OPERATION", "SOAP API login() is disabled by default in this org", "no longer lets", "certificate"),
        ("server_says_no", "new words", "refused the sign-in", "Login History"),
    ],
)  # fmt: skip
def test_each_reason_in_words(code: str, message: str, said: str, step: str) -> None:
    error = refusal(code, message)
    assert said in error.message
    assert step in error.next_step
    assert code in error.message
    assert message in error.message


async def test_a_code_typed_at_another_screen(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    url = server.ready.url
    answers = iter(("allow", "deny"))
    tasks: list[asyncio.Task[httpx.Response]] = []

    def show(page: str, code: str) -> None:
        data = {"user_code": code.lower(), "answer": next(answers)}
        tasks.append(asyncio.create_task(client.post(page, data=data)))

    grant = await device_flow.sign_in(client, url, PUBLIC_APP, show, interval=0.02)
    await works(client, grant)
    assert grant.refresh_token
    with pytest.raises(SignInRefused, match="denied"):
        await device_flow.sign_in(client, url, PUBLIC_APP, show, interval=0.02)
    await asyncio.gather(*tasks)
    with pytest.raises(NotReachable, match="Nobody entered the code"):
        await device_flow.sign_in(
            client, url, PUBLIC_APP, lambda _page, _code: None, interval=0.02, patience=0.1
        )
    server.org.faults.add(parse("block-apps"))
    with pytest.raises(SignInRefused, match="blocked this app"):
        await device_flow.sign_in(client, url, PUBLIC_APP, show)


async def test_soap_login_where_the_org_still_has_it(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    ready = server.ready
    assert float(await soap_login.version(client, ready.url)) <= 64
    grant = await soap_login.sign_in(client, ready.url, ready.username, ready.password)
    await works(client, grant)
    token = server.org.user.security_token
    await works(client, await soap_login.sign_in(client, ready.url, ready.username, ready.password + token))
    with pytest.raises(SignInRefused, match="security token"):
        await soap_login.sign_in(client, ready.url, ready.username, "<&wrong>")
    server.org.faults.add(parse("no-soap-login"))
    with pytest.raises(SignInRefused, match="no longer lets anybody in") as caught:
        await soap_login.sign_in(client, ready.url, ready.username, ready.password)
    assert "certificate" in caught.value.next_step


async def test_an_org_without_old_versions_has_no_soap_login(client: httpx.AsyncClient) -> None:
    async def versions(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'[{"version":"65.0","url":"/services/data/v65.0"},{"version":"66.0"}]'
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(versions, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        assert await soap_login.version(client, url) == ""
        with pytest.raises(SignInRefused, match="UNSUPPORTED_API_VERSION"):
            await soap_login.sign_in(client, url, "ada", "secret")


def pem(bits: int = 2048, password: bytes = b"") -> str:
    seal = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, seal).decode()


def test_a_key_file_is_checked_before_it_is_kept() -> None:
    assert sign_in.check_key(pem()).key_size == 2048
    with pytest.raises(BadInput, match="passphrase"):
        sign_in.check_key(pem(password=b"x"))
    with pytest.raises(BadInput, match="1024 bits"):
        sign_in.check_key(pem(1024))
    with pytest.raises(BadInput, match="This is a certificate"):
        sign_in.check_key("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(("hours", "said"), [(-1, "60 minutes behind"), (1, "60 minutes ahead")])
async def test_a_wrong_clock_is_told(
    server: PracticeOrg, client: httpx.AsyncClient, hours: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = pem()
    public = sign_in.check_key(key).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    server.org.sessions.register(App("3MVG9jwt", "Server", public_key=public.decode()))
    wrong = SimpleNamespace(time=lambda: time.time() + hours * 3600)
    monkeypatch.setattr(sign_in, "time", wrong)
    with pytest.raises(SignInRefused, match=said) as caught:
        await sign_in.jwt(client, server.ready.url, "3MVG9jwt", server.ready.username, key)
    assert "clock" in caught.value.next_step


async def test_a_token_that_is_taken_back_is_worthless(
    server: PracticeOrg, client: httpx.AsyncClient
) -> None:
    url = server.ready.url
    show, tasks = browser(client)
    grant = await web_flow.sign_in(client, WebFlow(url, PUBLIC_APP, "", free_port()), show)
    await asyncio.gather(*tasks)
    assert grant.refresh_token
    assert await sign_in.revoke(client, url, grant.refresh_token)
    assert not await sign_in.revoke(client, url, grant.refresh_token)
    with pytest.raises(SignInRefused, match="The sign-in is over") as caught:
        await sign_in.refresh(client, url, grant, PUBLIC_APP)
    assert caught.value.again


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("production", "https://login.salesforce.com"),
        (" Sandbox ", "https://test.salesforce.com"),
        ("acme", "https://acme.my.salesforce.com"),
        ("acme--uat", "https://acme--uat.sandbox.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/o/Account/list?x=1", "https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.lightning.force.com/", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com"),
        ("https://acme--c.vf.force.com/apex/Page", "https://acme.my.salesforce.com"),
        ("https://acme--uat--c.sandbox.vf.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://dev-ed.develop.lightning.force.com", "https://dev-ed.develop.my.salesforce.com"),
        ("https://login.salesforce.com/?locale=pt", "https://login.salesforce.com"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
    ],
)
def test_addresses_as_people_copy_them(given: str, address: str) -> None:
    assert org_address(given) == address
    assert org_address(address) == address


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ada@acme.com", "the name of a user"),
        ("http://acme.my.salesforce.com", "not the https address"),
        ("https://[::1", "not the https address"),
        ("https://acme.my.salesforce.com:port", "not the https address"),
        ("", "not the https address"),
    ],
)
def test_addresses_that_lead_nowhere(given: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        org_address(given)


def test_shared_logins_and_audiences() -> None:
    assert is_shared_login("https://test.salesforce.com")
    assert not is_shared_login("https://acme.my.salesforce.com")
    assert audience("https://acme.my.salesforce.com") == "https://login.salesforce.com"
    assert audience("https://acme--uat.sandbox.my.salesforce.com") == "https://test.salesforce.com"
    assert audience("https://x.scratch.my.salesforce.com") == "https://test.salesforce.com"
    assert audience("http://127.0.0.1:8080") == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("kind", "sandbox", "ends", "sort"),
    [
        ("Enterprise Edition", False, "", "production"),
        ("Enterprise Edition", False, "2026-12-01T00:00:00.000+0000", "production"),
        ("Enterprise Edition", True, "", "sandbox"),
        ("Developer Edition", True, "2026-12-01T00:00:00.000+0000", "scratch"),
        ("Developer Edition", False, "", "developer"),
    ],
)
def test_what_sort_of_org_it_is(kind: str, sandbox: bool, ends: str, sort: str) -> None:
    assert OrgIdentity("00D", "A", kind, sandbox, "https://a.my.salesforce.com", ends).sort == sort


async def test_the_practice_org_says_what_it_is(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    secret = server.org.sessions.apps[CONFIDENTIAL_APP].secret or ""
    grant = await sign_in.client_credentials(client, server.ready.url, CONFIDENTIAL_APP, secret)
    assert (await (await connect(client, grant)).identify()).sort == "practice"
