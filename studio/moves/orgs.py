"""The orgs a user knows: connection files in the configuration folder, their secrets in the key store."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import cache_folder, config_folder
from studio.base.secrets import PREFIX, SecretStore
from studio.connectors.salesforce import sign_in, web_flow
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.project.folder import find_project, read_yaml
from studio.project.lock import InUse, Lock
from studio.project.model import Connection
from studio.project.objects import read_connection, write_connection

PRACTICE = "practice"
_LOCK_ATTEMPTS, _LOCK_WAIT = 200, 0.1
# The app every practice org knows.
PRACTICE_CLIENT = "weft.practice.public"
TOKEN_VARIABLE = "WEFT_ACCESS_TOKEN"
FLOWS = ("web", "jwt", "client", "token", "password")
_VERSION = re.compile(r"v?([0-9]{2,3})(?:\.0)?")
_NAME = re.compile(r"[\w][\w .()-]{0,63}", re.UNICODE)


@dataclass(frozen=True)
class OrgLogin:
    """How to sign in to an org. `secrets` maps a field to the name of its secret in the key store.

    `version` is the API version to speak, such as `62.0`; empty is the newest one that both sides know.
    """

    name: str
    url: str
    flow: str = "web"
    client_id: str = ""
    username: str = ""
    port: int = web_flow.DEFAULT_PORT
    version: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)

    def secret_name(self, secret: str) -> str:
        """The key store's name for one of our secrets."""
        return self.secrets.get(secret, "").removeprefix(PREFIX) or f"orgs/{self.name}/{secret}"


def folder() -> Path:
    """Where the user's orgs are."""
    return config_folder() / "orgs"


def known() -> tuple[OrgLogin, ...]:
    """The user's orgs, by name; a file that cannot be read raises BadInput naming it."""
    files = sorted(folder().glob("*.yaml")) if folder().is_dir() else []
    return tuple(_read(file) for file in files)


def find(name: str, near: Path | None = None) -> OrgLogin:
    """The org called `name`: a connection of the project around `near` first, else one of the user's.

    An https address is an org by itself, its session token in WEFT_ACCESS_TOKEN. Raises BadInput.
    """
    if name == PRACTICE:
        return OrgLogin(PRACTICE, "", PRACTICE)
    if "://" in name:
        return OrgLogin(name, sign_in.clean_url(name), flow="token")
    project = find_project(near) if near is not None else None
    places = [project / "connections" / f"{name}.yaml"] if project else []
    places.append(folder() / f"{name}.yaml")
    for file in places:
        if _NAME.fullmatch(name) and file.is_file():
            return _read(file)
    names = [PRACTICE, *(org.name for org in known())]
    raise BadInput(
        _("There is no org called {name}; there are {names}.").format(name=name, names=", ".join(names)),
        next_step=_("Add it with: weft org add {name} --url ADDRESS").format(name=name),
    )


def add(login: OrgLogin) -> Path:
    """Keep an org; raises BadInput for a name that cannot be a file's or is taken."""
    if not _NAME.fullmatch(login.name) or login.name.lower() == PRACTICE:
        raise BadInput(
            _("{name} cannot be the name of an org.").format(name=login.name),
            next_step=_(
                "Use letters, digits, blanks and - _ . ( ), and not practice, which is always there."
            ),
        )
    if login.flow not in FLOWS:
        raise BadInput(
            _("There is no sign-in called {flow}.").format(flow=login.flow),
            next_step=_("Choose one of {flows}.").format(flows=", ".join(FLOWS)),
        )
    path = folder() / f"{login.name}.yaml"
    if path.exists():
        raise BadInput(
            _("There is already an org called {name}.").format(name=login.name),
            file=path,
            next_step=_("Choose another name, or remove it first."),
        )
    settings: dict[str, object] = {"flow": login.flow, "url": sign_in.clean_url(login.url)}
    settings |= {"client_id": login.client_id} if login.client_id else {}
    settings |= {"username": login.username} if login.username else {}
    settings |= {"version": api_version(login.version)} if login.version else {}
    settings |= {"port": login.port} if login.port != web_flow.DEFAULT_PORT else {}
    connection = Connection(login.name, "salesforce", {"login": settings}, dict(login.secrets))
    atomic.write_text(path, write_connection(connection))
    return path


def remove(name: str, store: SecretStore) -> None:
    """Forget an org of the user and its secrets; raises BadInput when there is none."""
    path = folder() / f"{name}.yaml"
    if not _NAME.fullmatch(name) or not path.is_file():
        find(name)
        raise BadInput(
            _("{name} is not one of your own orgs.").format(name=name),
            next_step=_("Orgs of a project are removed there."),
        )
    login = _read(path)
    path.unlink()
    for secret in ("client_secret", "refresh_token", "password", "access_token", "private_key"):
        store.remove(login.secret_name(secret))


def _read(file: Path) -> OrgLogin:
    return login_of(read_connection(read_yaml(file), file.stem), file.stem, file)


def login_of(connection: Connection, name: str, file: Path | None = None) -> OrgLogin:
    """How a connection signs in; raises BadInput where it is not the connection of an org."""
    login = connection.settings.get("login")
    if isinstance(login, Mapping) and connection.kind == "salesforce" and login.get("flow") == PRACTICE:
        return OrgLogin(name, "", PRACTICE)
    if connection.kind != "salesforce" or not isinstance(login, Mapping) or not login.get("url"):
        raise BadInput(
            _(
                "This is not the connection of a Salesforce org: it needs kind: salesforce and login with flow and url."
            ),
            file=file or name,
            next_step=_("Correct the file, or remove it and add the org again."),
        )
    port = str(login.get("port", web_flow.DEFAULT_PORT))
    return OrgLogin(
        name=name,
        url=sign_in.clean_url(str(login["url"])),
        flow=str(login.get("flow", "web")),
        client_id=str(login.get("client_id", "")),
        username=str(login.get("username", "")),
        port=int(port) if port.isdigit() and 0 < int(port) < 65536 else web_flow.DEFAULT_PORT,
        version=api_version(str(login["version"])) if login.get("version") else "",
        secrets=dict(connection.secrets),
    )


def api_version(text: str) -> str:
    """An API version as the org writes it: `62` and `v62.0` are `62.0`; raises BadInput for anything else."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise BadInput(
            _("{version} is no API version.").format(version=text), next_step=_("Write it as 62.0.")
        )
    return f"{match[1]}.0"


async def open_org(
    client: httpx.AsyncClient,
    login: OrgLogin,
    store: Callable[[], SecretStore],
    *,
    show: Callable[[str], object] = lambda _address: None,
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
        show: Callable[[str], object],
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
        if login.flow == "password":
            secret = self._secret("password")
            return await sign_in.password(self._client, login.url, login.username, secret, login.client_id)
        token = self._secret("refresh_token", needed=False)
        if not token:
            return await self._browser()
        try:
            return await self.renew(Grant("", login.url, token))
        except SalesforceError as error:
            if error.code == "invalid_grant":
                # Taken back or used up: forgotten, so that the next attempt goes through the browser.
                self._store().remove(login.secret_name("refresh_token"))
            raise

    async def renew(self, grant: Grant) -> Grant:
        """A grant in place of one that is refused. A new refresh token is kept before it is used."""
        if self._login.flow != "web":
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
        secret = self._secret("client_secret", needed=False)
        await sign_in.knock(self._client, login.url)
        flow = web_flow.WebFlow(login.url, login.client_id, secret, login.port)
        grant = await web_flow.sign_in(self._client, flow, self._show)
        if grant.refresh_token:
            self._store().put(login.secret_name("refresh_token"), grant.refresh_token)
        return grant

    def _secret(self, name: str, *, needed: bool = True) -> str:
        if not needed and name not in self._login.secrets and self._login.flow != "web":
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
