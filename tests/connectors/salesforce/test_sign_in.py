"""Signing in, each way, against the practice org; and what is refused."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from studio.base.errors import BadInput, NotReachable
from studio.connectors.salesforce import sign_in
from studio.connectors.salesforce.address import clean_url
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.refusals import SignInRefused
from studio.connectors.salesforce.session import Grant, connect
from studio.connectors.salesforce.web_flow import WebFlow
from studio.connectors.salesforce.web_flow import sign_in as web_sign_in
from studio.network.loopback import Attempt
from studio.practice.faults import parse
from studio.practice.server import PracticeOrg
from studio.practice.sign_in.sessions import CONFIDENTIAL_APP, PUBLIC_APP, App

pytestmark = pytest.mark.network


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def secret_of(server: PracticeOrg) -> str:
    secret = server.org.sessions.apps[CONFIDENTIAL_APP].secret
    assert secret
    return secret


async def works(client: httpx.AsyncClient, grant: Grant) -> None:
    org = await connect(client, grant)
    assert (await org.identify()).name == "Weft Practice"
    assert grant.org_id.startswith("00D")
    assert grant.user_id.startswith("005")


async def test_client_credentials(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    url = server.ready.url
    grant = await sign_in.client_credentials(client, url, CONFIDENTIAL_APP, secret_of(server))
    await works(client, grant)
    with pytest.raises(SalesforceError, match="invalid_client"):
        await sign_in.client_credentials(client, url, CONFIDENTIAL_APP, "wrong")
    with pytest.raises(BadInput, match="My Domain"):
        await sign_in.client_credentials(client, "https://login.salesforce.com", "x", "y")


async def test_password(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    ready = server.ready
    grant = await sign_in.password(client, ready.url, ready.username, ready.password, PUBLIC_APP)
    await works(client, grant)
    with pytest.raises(SalesforceError, match="invalid_grant"):
        await sign_in.password(client, ready.url, ready.username, "wrong", PUBLIC_APP)


async def test_a_given_session(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    org = await connect(client, sign_in.given_session(server.ready.url, f" {server.ready.access_token}\n"))
    assert (await org.identify()).id.startswith("00D")
    with pytest.raises(BadInput, match="WEFT_ACCESS_TOKEN"):
        sign_in.given_session(server.ready.url, " ")


def browser(
    client: httpx.AsyncClient, answer: str = "allow"
) -> tuple[Callable[[str], None], list[asyncio.Task[None]]]:
    """What a user does with the page that is shown: answers the question and follows the way back."""
    tasks: list[asyncio.Task[None]] = []

    async def use(address: str) -> None:
        page = await client.get(address)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
        fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
        base = str(page.url).split("/services/")[0]
        back = await client.post(f"{base}/services/oauth2/authorize", data=fields | {"answer": answer})
        assert back.status_code in (302, 303)
        shown = await client.get(back.headers["Location"].replace("localhost", "127.0.0.1"))
        assert "Weft Studio" in shown.text

    return lambda address: tasks.append(asyncio.create_task(use(address))), tasks


@pytest.mark.parametrize("confidential", [False, True])
async def test_the_web_flow(server: PracticeOrg, client: httpx.AsyncClient, confidential: bool) -> None:
    app, secret = (CONFIDENTIAL_APP, secret_of(server)) if confidential else (PUBLIC_APP, "")
    flow = WebFlow(server.ready.url, app, secret, free_port())
    show, tasks = browser(client)
    grant = await web_sign_in(client, flow, show)
    await asyncio.gather(*tasks)
    await works(client, grant)
    assert grant.refresh_token


async def test_a_refresh_token_is_replaced_on_use(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    show, tasks = browser(client)
    first = await web_sign_in(client, WebFlow(server.ready.url, PUBLIC_APP, "", free_port()), show)
    await asyncio.gather(*tasks)
    second = await sign_in.refresh(client, server.ready.url, first, PUBLIC_APP)
    assert second.access_token != first.access_token
    assert second.refresh_token not in (None, first.refresh_token)
    await works(client, second)
    with pytest.raises(SalesforceError, match="invalid_grant"):
        await sign_in.refresh(client, server.ready.url, first, PUBLIC_APP)
    server.org.faults.add(parse("keep-refresh-token"))
    third = await sign_in.refresh(client, server.ready.url, second, PUBLIC_APP)
    assert third.refresh_token == second.refresh_token


async def test_a_user_or_an_org_that_says_no(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    show, tasks = browser(client, "deny")
    with pytest.raises(SignInRefused, match="access_denied") as denied:
        await web_sign_in(client, WebFlow(server.ready.url, PUBLIC_APP, "", free_port()), show)
    await asyncio.gather(*tasks)
    assert (denied.value.exit_code, denied.value.again) == (3, True)
    server.org.faults.add(parse("block-apps"))
    with pytest.raises(SalesforceError, match="OAUTH_APP_BLOCKED"):
        await sign_in.password(client, server.ready.url, "x", "y", PUBLIC_APP)


async def test_only_our_own_answer_is_taken(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    flow = WebFlow(server.ready.url, PUBLIC_APP, "", free_port())
    visits: list[int] = []
    tasks: list[asyncio.Task[None]] = []

    async def strangers() -> None:
        for query in ("code=stolen&state=wrong", "code=stolen", "", "error=x&state="):
            found = await client.get(f"http://127.0.0.1:{flow.port}/OauthRedirect?{query}")
            visits.append(found.status_code)
        visits.append(
            (await client.get(f"http://127.0.0.1:{flow.port}/other?state={flow.attempt.state}")).status_code
        )

    with pytest.raises(NotReachable, match="Nobody signed in"):
        await web_sign_in(
            client, flow, lambda _address: tasks.append(asyncio.create_task(strangers())), patience=0.6
        )
    await asyncio.gather(*tasks)
    assert visits == [404] * 5


async def test_a_port_that_is_taken_is_named(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    port = int(server.ready.url.rpartition(":")[2])
    with pytest.raises(BadInput, match=f"Port {port}"):
        await web_sign_in(client, WebFlow(server.ready.url, PUBLIC_APP, "", port), lambda _address: None)


def test_the_address_for_the_browser() -> None:
    flow = WebFlow("https://example.my.salesforce.com", "3MVG9", attempt=Attempt("s", "v" * 43))
    assert flow.address.startswith(
        "https://example.my.salesforce.com/services/oauth2/authorize?response_type=code&"
    )
    assert "code_challenge_method=S256" in flow.address
    assert "v" * 43 not in flow.address
    assert "redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect" in flow.address
    assert "secret" not in repr(
        WebFlow("https://x.test", "id", client_secret="geheim")
    ) or "geheim" not in repr(WebFlow("https://x.test", "id", client_secret="geheim"))


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("example.my.salesforce.com", "https://example.my.salesforce.com"),
        ("https://example.my.salesforce.com/home?x=1", "https://example.my.salesforce.com"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("https://user:pass@example.test", "https://example.test"),
    ],
)
def test_addresses_are_cut_to_the_host(given: str, clean: str) -> None:
    assert clean_url(given) == clean


@pytest.mark.parametrize("given", ["", "http://example.test", "ftp://example.test", "https://"])
def test_addresses_that_are_none(given: str) -> None:
    with pytest.raises(BadInput, match="not the https address"):
        clean_url(given)


async def test_a_page_that_is_no_answer(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html>no</htm")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        with pytest.raises(NotReachable, match="as Salesforce does"):
            await sign_in.password(client, url, "a", "b")


def test_a_grant_shows_no_token() -> None:
    assert "geheim" not in repr(Grant("geheim", "https://x.test", "geheim"))
    assert Grant("t", "https://x.test", identity="https://x.test/id/00D1/0051").org_id == "00D1"
    assert Grant("t", "https://x.test", identity="nonsense").user_id == ""
    assert App("x", "y").secret is None


async def test_a_private_key_in_place_of_a_password(server: PracticeOrg, client: httpx.AsyncClient) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()  # fmt: skip
    server.org.sessions.register(App("3MVG9jwt", "Server", public_key=public))
    ready = server.ready
    await works(client, await sign_in.jwt(client, ready.url, "3MVG9jwt", ready.username, private))
    with pytest.raises(SalesforceError, match="approved"):
        await sign_in.jwt(client, ready.url, "3MVG9jwt", "somebody@else.example", private)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(SalesforceError, match="invalid_grant"):
        await sign_in.jwt(client, ready.url, "3MVG9jwt", ready.username, other.decode())
    with pytest.raises(BadInput, match="unencrypted RSA key"):
        await sign_in.jwt(client, ready.url, "3MVG9jwt", ready.username, "not a key")
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(BadInput, match="no RSA key"):
        await sign_in.jwt(client, ready.url, "3MVG9jwt", ready.username, curve.decode())
