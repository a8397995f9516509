"""Signing in to an org by its file: the first time, when the token has run out, and out again for good."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from studio.base import atomic
from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.paths import cache_folder
from studio.base.secrets import SecretStore
from studio.connectors.salesforce import sign_in
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.refusals import SignInRefused
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.moves.access.orgs import BROWSER_FLOWS, TOKEN_VARIABLE, OrgLogin
from studio.project.lock import InUse, Lock

if TYPE_CHECKING:
    from studio.connectors.salesforce import device_flow, soap_login, web_flow
else:
    # Each for orgs that sign in that way.
    device_flow = Lazily("studio.connectors.salesforce.device_flow")
    soap_login = Lazily("studio.connectors.salesforce.soap_login")
    web_flow = Lazily("studio.connectors.salesforce.web_flow")

# Is given the page to open in the browser, and the code to type there ("" where none is needed).
Show = Callable[[str, str], object]
_LOCK_ATTEMPTS, _LOCK_WAIT = 200, 0.1


async def open_org(
    client: httpx.AsyncClient,
    login: OrgLogin,
    store: Callable[[], SecretStore],
    *,
    show: Show = lambda _address, _code: None,
    version: str = "",
    pace: Pace | None = None,
) -> Org:
    """Sign in and agree on the API version; `show` is given the page to open where the browser is needed."""
    session = _Session(client, login, store, show)
    grant = await session.begin()
    renew = session.renew if login.flow != "token" else None
    return await connect(client, grant, renew=renew, version=version or login.version, pace=pace)


@asynccontextmanager
async def _one_at_a_time(name: str) -> AsyncIterator[None]:
    """One process of this computer refreshes a token at a time: each use kills the token it used."""
    place = cache_folder() / "sign-in" / hashlib.sha256(name.encode("utf-8")).hexdigest()[:16]
    atomic.make_folder(place)
    for _attempt in range(_LOCK_ATTEMPTS):
        try:
            lock = Lock.take(place)
            break
        except InUse:
            await asyncio.sleep(_LOCK_WAIT)
    else:
        # Whoever holds it has been at it for too long; a wrong guess ends in a new sign-in, nothing worse.
        yield
        return
    try:
        yield
    finally:
        lock.release()


class _Session:
    """Signing in to one org, the first time and when the token has run out."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        login: OrgLogin,
        store: Callable[[], SecretStore],
        show: Show,
    ) -> None:
        self._client = client
        self._login = login
        self._store = store
        self._show = show

    async def begin(self) -> Grant:
        login = self._login
        if login.flow == "token":
            token = os.environ.get(TOKEN_VARIABLE) or self._secret("access_token", needed=False)
            return sign_in.given_session(login.url, token)
        if login.flow == "client":
            secret = self._secret("client_secret")
            return await sign_in.client_credentials(self._client, login.url, login.client_id, secret)
        if login.flow == "jwt":
            key = self._secret("private_key")
            return await sign_in.jwt(self._client, login.url, login.client_id, login.username, key)
        if login.flow == "soap":
            return await soap_login.sign_in(self._client, login.url, login.username, self._secret("password"))
        if login.flow == "password":
            secret = self._secret("password")
            return await sign_in.password(self._client, login.url, login.username, secret, login.client_id)
        token = self._secret("refresh_token", needed=False)
        if not token:
            return await self._browser()
        try:
            return await self.renew(Grant("", login.url, token))
        except SignInRefused as refused:
            if refused.code == "invalid_grant":
                # Taken back or used up: forgotten, so that the next attempt goes through the browser.
                self._store().remove(login.secret_name("refresh_token"))
            raise

    async def renew(self, grant: Grant) -> Grant:
        """A grant in place of one that is refused. A new refresh token is kept before it is used."""
        if self._login.flow not in BROWSER_FLOWS:
            return await self.begin()
        secret = self._secret("client_secret", needed=False)
        name = self._login.secret_name("refresh_token")
        async with _one_at_a_time(name):
            # Another process may have used ours up meanwhile: the newest one is in the store.
            newest = replace(grant, refresh_token=self._store().get(name) or grant.refresh_token)
            renewed = await sign_in.refresh(
                self._client, self._login.url, newest, self._login.client_id, secret
            )
            if renewed.refresh_token and renewed.refresh_token != newest.refresh_token:
                self._store().put(name, renewed.refresh_token)
        return renewed

    async def _browser(self) -> Grant:
        login = self._login
        await sign_in.knock(self._client, login.url)
        if login.flow == "device":
            grant = await device_flow.sign_in(self._client, login.url, login.client_id, self._show)
        else:
            secret = self._secret("client_secret", needed=False)
            flow = web_flow.WebFlow(login.url, login.client_id, secret, login.port)
            grant = await web_flow.sign_in(self._client, flow, lambda address: self._show(address, ""))
        if grant.refresh_token:
            self._store().put(login.secret_name("refresh_token"), grant.refresh_token)
        return grant

    def _secret(self, name: str, *, needed: bool = True) -> str:
        if not needed and name not in self._login.secrets and self._login.flow not in BROWSER_FLOWS:
            return ""
        found = self._store().get(self._login.secret_name(name))
        if found is None and needed:
            raise BadInput(
                _("The {secret} of the org {name} is not in the key store.").format(
                    secret=name, name=self._login.name
                ),
                next_step=_("Remove the org and add it again."),
            )
        return found or ""


async def sign_out(client: httpx.AsyncClient, login: OrgLogin, store: SecretStore) -> bool:
    """Take back what keeps us signed in and forget it; False where the org could not be told.

    What a person would have to find again (keys, passwords) stays; a session that somebody else opened is forgotten only.
    """
    token = store.get(login.secret_name("refresh_token")) if login.flow in BROWSER_FLOWS else None
    told = True
    if token:
        try:
            await sign_in.revoke(client, login.url, token)
        except (NotReachable, SalesforceError):
            told = False
    for secret in ("refresh_token", "access_token"):
        store.remove(login.secret_name(secret))
    return told
