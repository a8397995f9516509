"""What the window of orgs asks for: the list, what an address offers, adding, testing, signing in and out, changing."""

from __future__ import annotations

import asyncio
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from studio.base import stopping
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import PREFIX, SecretStore, must_keep
from studio.connectors.salesforce import sign_in as connector
from studio.connectors.salesforce import soap_login
from studio.connectors.salesforce.address import DEFAULT_PORT, is_shared_login, org_address
from studio.connectors.salesforce.refusals import SignInRefused
from studio.connectors.salesforce.session import OrgIdentity
from studio.moves.access import org_defaults, orgs
from studio.moves.access.opened import opened
from studio.moves.access.orgs import BROWSER_FLOWS, OrgLogin
from studio.moves.access.sign_in import sign_out
from studio.network.client import open_client

Message = Mapping[str, Any]
Result = TypeVar("Result")
# The secret each way of signing in needs from the person; the web flow may do without.
SECRET_OF = {
    "web": "client_secret",
    "client": "client_secret",
    "jwt": "private_key",
    "token": "access_token",
    "soap": "password",
    "password": "password",
}
_LONGEST_KEY = 64 * 1024


class Tell(Protocol):
    """Sends an event about the request being answered."""

    def __call__(self, event: str, **values: Any) -> None:
        """Send it."""


async def unless_stopped(work: Awaitable[Result], stop: asyncio.Event) -> Result:
    """Await `work`; raises Cancelled as soon as `stop` is set, the work broken off."""
    return await stopping.unless_stopped(
        work, stop, _("The sign-in was stopped."), _("Start it again when you are ready.")
    )


def open_browser(address: str) -> None:
    """Show a page; beside the loop, which has to answer the browser while some browsers' starters wait for their end."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True, name="browser").start()


def login_data(login: OrgLogin) -> dict[str, Any]:
    """An org as the window lists it."""
    return {
        "name": login.name,
        "url": login.url,
        "flow": login.flow,
        "color": login.color,
        "sort": login.sort,
        "title": login.title,
        "id": login.org_id,
        "username": login.username,
        "port": login.port,
    }


def identity_data(identity: OrgIdentity) -> dict[str, Any]:
    """What an org says of itself."""
    return {
        "name": identity.name,
        "id": identity.id,
        "url": identity.instance_url,
        "sort": identity.sort,
        "production": identity.production,
    }


class OrgDesk:
    """Answers about the user's orgs; `store` opens the secrets when one is needed."""

    def __init__(self, store: Callable[[], SecretStore]) -> None:
        self._store = store
        self.answers: dict[str, Callable[..., Awaitable[Any]]] = {
            "orgs": self._orgs,
            "org_offers": self._offers,
            "org_keeps": self._keeps,
            "org_add": self._add,
            "org_test": self._test,
            "org_sign_in": self._sign_in,
            "org_sign_out": self._sign_out,
            "org_rename": self._rename,
            "org_color": self._color,
            "org_remove": self._remove,
        }

    async def _orgs(self, _message: Message, *_more: object) -> Any:
        return [login_data(org) for org in orgs.known()]

    async def _keeps(self, *_more: object) -> Any:
        """Nothing; raises NotAllowed where the secrets of an org could not be kept here, before any is typed."""
        await asyncio.to_thread(must_keep)

    async def _offers(self, message: Message, *_more: object) -> Any:
        """The address as it will be used, and for each way of signing in why it cannot be had there ("" where it can)."""
        url = org_address(str(message["url"]))
        async with open_client() as client:
            await connector.knock(client, url)
            soap = await soap_login.version(client, url)
        shared = is_shared_login(url)
        return {
            "url": url,
            "flows": {
                "web": "",
                "device": "",
                "jwt": "",
                "client": _("needs the address of the org's My Domain") if shared else "",
                "token": _("needs the address of the org's My Domain") if shared else "",
                "soap": "" if soap else _("the org no longer has it"),
            },
        }

    async def _add(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: object) -> Any:
        name, flow = str(message["name"]).strip(), str(message["flow"])
        secret = _secret(message, flow)
        kept = {SECRET_OF[flow]: f"{PREFIX}orgs/{name}/{SECRET_OF[flow]}"} if secret else {}
        login = OrgLogin(
            name,
            str(message["url"]),
            flow,
            str(message.get("client_id", "")).strip(),
            str(message.get("username", "")).strip(),
            int(message.get("port", DEFAULT_PORT)),
            secrets=kept,
            color=str(message.get("color", "")),
        )
        orgs.add(login)
        try:
            for field in kept:
                self._store().put(login.secret_name(field), secret)
            return await self._enter(orgs.own(name), tell, stop)
        except BaseException:
            # An org that never worked is not kept: adding it again with the right values must be possible.
            orgs.remove(name, self._store())
            raise

    async def _enter(self, login: OrgLogin, tell: Tell, stop: asyncio.Event) -> Any:
        def show(address: str, code: str) -> None:
            tell("browser", address=address, code=code)
            open_browser(address)

        async def look() -> dict[str, Any]:
            async with opened(login, self._store, show=show) as org:
                identity = await org.identify()
                orgs.remember(login, identity)
                usage = {"version": org.version, "used": org.usage.used, "allowed": org.usage.allowed}
                return {**identity_data(identity), **usage}

        return await unless_stopped(look(), stop)

    async def _test(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: object) -> Any:
        """Signed in without a person, the org's own words; else what is in the way and whether signing in again helps."""
        login = orgs.find(str(message["org"]))
        if login.flow in BROWSER_FLOWS and not self._store().get(login.secret_name("refresh_token")):
            return {"trouble": _("Nobody is signed in."), "step": _("Sign in again."), "again": True}
        try:
            return {"trouble": "", **await self._enter(login, tell, stop)}
        except SignInRefused as refused:
            again = refused.again and login.flow in BROWSER_FLOWS
            return {"trouble": refused.message, "step": refused.next_step, "again": again}

    async def _sign_in(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: object) -> Any:
        login = orgs.own(str(message["org"]))
        self._store().remove(login.secret_name("refresh_token"))
        return await self._enter(login, tell, stop)

    async def _sign_out(self, message: Message, *_more: object) -> Any:
        async with open_client() as client:
            return await sign_out(client, orgs.own(str(message["org"])), self._store())

    async def _rename(self, message: Message, *_more: object) -> Any:
        name, new = str(message["org"]), str(message["to"]).strip()
        orgs.rename(name, new, self._store())
        org_defaults.renamed(name, new)
        return None

    async def _color(self, message: Message, *_more: object) -> Any:
        orgs.paint(str(message["org"]), str(message["color"]))

    async def _remove(self, message: Message, *_more: object) -> Any:
        """Sign out and forget; False where the org could not be told."""
        name = str(message["org"])
        told = bool(await self._sign_out(message))
        orgs.remove(name, self._store())
        org_defaults.renamed(name, "")
        return told


def _secret(message: Message, flow: str) -> str:
    """The secret given, or what the file named holds; a key is checked before it is kept."""
    text = str(message.get("secret", "")).strip()
    if message.get("secret_file"):
        text = read_secret(Path(str(message["secret_file"])))
    if flow == "jwt":
        connector.check_key(text)
    elif not text and flow in ("client", "token", "soap"):
        raise BadInput(_("The secret is missing."), next_step=_("Enter it; it goes to the key store only."))
    return text


def read_secret(file: Path) -> str:
    """The text of a small file that holds a secret; raises BadInput."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_LONGEST_KEY + 1)
        if len(data) > _LONGEST_KEY:
            raise ValueError("too large")
        return data.decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        raise BadInput(
            _("The file with the secret cannot be read."),
            file=file,
            next_step=_("Name a text file that holds the secret and nothing else."),
        ) from error
