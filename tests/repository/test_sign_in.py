"""Signing in through the server's own pages, and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cloud.store.tables_identity import sessions
from studio.base.errors import BadInput, NotAllowed, NotReachable
from studio.base.secrets import open_store
from studio.network.client import NetworkSettings
from studio.protocol.identity import NewToken, Token
from studio.repository import accounts
from studio.repository.opened import opened
from studio.repository.refusals import NotARepository, SignedOut
from studio.repository.sign_in import (
    choose_environment,
    choose_organization,
    sign_in,
    sign_out,
    with_token,
)
from studio.repository.wire import API, Asked
from tests.cheap_vault import cheap_vault
from tests.repository.console_browser import follow
from tests.repository.running_server import Site, give_password


@pytest.fixture(autouse=True)
def kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cheap_passwords: None) -> None:
    cheap_vault(tmp_path, monkeypatch)
    monkeypatch.delenv(accounts.TOKEN_VARIABLE, raising=False)


class Browsing:
    """Opens addresses as a person's browser would, beside the loop."""

    def __init__(self, email: str, answer: str = "allow", certificate: Path | None = None) -> None:
        self._about = (email, answer, certificate)
        self.tasks: list[asyncio.Task[list[str]]] = []
        self.address = ""

    def __call__(self, address: str) -> None:
        self.address = address
        self.tasks.append(asyncio.create_task(asyncio.to_thread(follow, address, *self._about)))

    async def done(self) -> list[str]:
        [visited] = await asyncio.gather(*self.tasks)
        return visited


async def test_through_the_browser_and_out_again(site: Site) -> None:
    browsing = Browsing(give_password(site))
    account = await sign_in(site.url, show=browsing, patience=30)
    visited = await browsing.done()
    assert account == accounts.current()
    assert (account.email, account.organization) == (site.account().email, site.organization.id)
    assert account.environment_name == "Development"
    # The page is told no secret, and the way back is this computer by its number.
    asked = parse_qs(urlsplit(browsing.address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"][0].startswith("http://127.0.0.1:")
    token = accounts.token_of(account, open_store)
    assert not any(token in address for address in visited)
    async with opened(account, open_store) as repository:
        assert (await repository.me()).email == account.email
    assert await sign_out(account)
    assert accounts.current() is None
    with pytest.raises(NotAllowed):
        accounts.token_of(account, open_store)
    async with site.repository("ana", token=token) as over:
        with pytest.raises(SignedOut):
            await over.me()


async def test_over_tls_with_the_certificate_named(secure_site: Site) -> None:
    browsing = Browsing(give_password(secure_site), certificate=secure_site.certificate)
    with pytest.raises(NotReachable, match="not trusted"):
        await sign_in(secure_site.url, show=browsing, settings=NetworkSettings())
    assert not browsing.tasks
    account = await sign_in(
        secure_site.url, show=browsing, settings=NetworkSettings(extra_ca=secure_site.certificate)
    )
    await browsing.done()
    assert account.server == secure_site.url


async def test_whoever_does_not_let_it_in(site: Site) -> None:
    browsing = Browsing(give_password(site), "deny")
    with pytest.raises(NotAllowed, match="refused in the browser"):
        await sign_in(site.url, show=browsing, patience=30)
    await browsing.done()
    assert accounts.accounts() == ()


async def test_whoever_closes_the_browser(site: Site) -> None:
    browsing = Browsing(give_password(site), "close")
    with pytest.raises(NotReachable, match="Nobody signed in"):
        await sign_in(site.url, show=browsing, patience=0.3)
    await browsing.done()


async def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    email = give_password(site)
    first = Browsing(email)
    account = await sign_in(site.url, show=first, patience=30)
    await first.done()
    old = accounts.token_of(account, open_store)
    chosen = await _in_production(account)
    second = Browsing(email)
    again = await sign_in(site.url, show=second, patience=30)
    await second.done()
    assert again == chosen  # the environment chosen stays
    async with site.repository("ana", token=old) as over:
        with pytest.raises(SignedOut):
            await over.me()


async def _in_production(account: accounts.Account) -> accounts.Account:
    async with opened(account, open_store) as repository:
        environments = await repository.environments()
    with pytest.raises(BadInput, match="development, test, production"):
        choose_environment(account, "nowhere", environments)
    return choose_environment(account, "Production", environments)


@pytest.fixture
def two(site: Site) -> Any:
    """A second organization for Ana."""
    other = site.running.organization("others", {})
    site.running.join(other, site.organization.ana, "ana", "admin")
    return other


async def test_of_several_organizations_one_is_chosen(site: Site, two: Any) -> None:
    token = site.token()
    offered: list[list[str]] = []

    def choose(there: Any) -> Any:
        offered.append([each.slug for each in there])
        return there[1]

    account = await with_token(site.url, token, choose=choose)
    assert offered == [[site.organization.slug, two.slug]]
    # Nobody gave her a right in an environment there.
    assert (account.organization, account.environment) == (two.id, "")
    # Where nobody is asked, the one used before.
    assert (await with_token(site.url, token)).organization == two.id
    named = await with_token(site.url, token, organization=site.organization.slug)
    assert (named.organization, named.environment_name) == (site.organization.id, "Development")
    with pytest.raises(BadInput, match="no organization called nobody"):
        await with_token(site.url, token, organization="nobody")
    async with opened(named, open_store) as repository:
        [_mine, other] = await repository.organizations()
    assert choose_organization(named, other, ()).organization == two.id
    assert accounts.current() == choose_organization(named, other, ())


async def test_a_personal_token_of_a_service(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site.repository() as ana:
        made = await ana.wire.json(Asked("POST", f"{API}/me/tokens", json=NewToken("night job")), Token)
    account = await with_token(site.url, f"{made.token}\n")
    async with opened(account, open_store) as service:
        assert len(await service.environments()) == 3
    # Signing out here does not end the token: it is the console's to remove.
    assert await sign_out(account)
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, made.token)
    monkeypatch.setenv(accounts.SERVER_VARIABLE, site.url)
    async with opened(account, open_store) as service:
        assert (await service.me()).way == "token"


@pytest.mark.parametrize("token", ["", "short", "with blank in it", "ünïcode-token-here"])
async def test_what_is_no_token(site: Site, token: str) -> None:
    with pytest.raises(BadInput, match="no token"):
        await with_token(site.url, token)


async def test_a_token_that_is_worth_nothing_is_not_kept(site: Site) -> None:
    with pytest.raises(SignedOut):
        await with_token(site.url, "weft_pat_worthless")
    assert accounts.accounts() == ()


async def test_whoever_belongs_to_nothing_is_not_kept(site: Site) -> None:
    token = site.new_session(site.running.person("nobody"))
    with pytest.raises(NotAllowed, match="no organization"):
        await with_token(site.url, token)
    assert accounts.accounts() == ()


async def test_signing_out_where_the_server_is_gone(site: Site) -> None:
    account = await with_token(site.url, site.token())
    gone = accounts.Account("http://127.0.0.1:9", *tuple(vars(account).values())[1:])
    accounts.keep(gone, "weft_ses_of-before", open_store())
    assert not await sign_out(gone)
    assert gone not in accounts.accounts()
    assert open_store().get(gone.secret) is None


async def test_something_else_answers(site: Site) -> None:
    opened_page: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<html>Log in to the hotel's network"
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    show: Callable[[str], object] = opened_page.append
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotARepository):
            await sign_in(f"http://127.0.0.1:{port}", show=show)
    assert opened_page == []


async def test_a_session_that_is_not_kept_ends(site: Site) -> None:
    browsing = Browsing(give_password(site))
    with pytest.raises(BadInput, match="no organization called nobody"):
        await sign_in(site.url, show=browsing, organization="nobody", patience=30)
    await browsing.done()
    assert accounts.accounts() == ()
    with site.running.database.common() as common:
        kinds = [row.kind for row in common.rows(sessions.select())]
    assert kinds == ["web"]
