"""Signing in to a repository server: the browser, PKCE and a way back on loopback; a personal token for services."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, replace
from urllib.parse import urlencode

import httpx

from studio.base.errors import BadInput, NotAllowed, NotReachable, WeftError
from studio.base.i18n import _
from studio.base.secrets import SecretStore, open_store
from studio.network.client import NetworkSettings, open_client
from studio.network.loopback import Attempt, listening
from studio.protocol.access import Environment, Organization
from studio.protocol.identity import Account as User
from studio.protocol.identity import DesktopCode, DesktopRequest, SignInStep
from studio.repository import accounts
from studio.repository.accounts import Account
from studio.repository.addresses import clean_server
from studio.repository.client import Repository
from studio.repository.refusals import NotARepository, SignedOut
from studio.repository.wire import API, Asked, Wire

PATH = "/signed-in"
Organizations = tuple[Organization, ...]
Choose = Callable[[Organizations], Organization]


async def sign_in(
    server: str,
    *,
    show: Callable[[str], object],
    organization: str = "",
    store: Callable[[], SecretStore] = open_store,
    choose: Choose | None = None,
    settings: NetworkSettings | None = None,
    patience: float = 300.0,
) -> Account:
    """Send the browser to the server's own page and keep the session that comes back.

    `show` opens an address. The organization is the one named (id, short name or name), or the only one, or what
    `choose` says; without `choose` the one used here before, or the first. Raises BadInput for an address that is none,
    NotARepository, NotReachable, NotAllowed when the user says no or belongs to no organization.
    """
    place = clean_server(server)
    async with open_client(settings) as client:
        wire = Wire(place, "", client)
        await greet(wire)
        token = await _by_browser(wire, show, patience)
        try:
            return await _welcome(client, place, token, organization, store, choose)
        except BaseException:
            await _end(Wire(place, token, client))
            raise


async def with_token(
    server: str,
    token: str,
    *,
    organization: str = "",
    store: Callable[[], SecretStore] = open_store,
    choose: Choose | None = None,
    settings: NetworkSettings | None = None,
) -> Account:
    """Keep a personal token made in the server's console, once it has been seen to work; raises as `sign_in`."""
    place = clean_server(server)
    async with open_client(settings) as client:
        await greet(Wire(place, "", client))
        return await _welcome(client, place, accounts.fit_token(token), organization, store, choose)


async def sign_out(
    account: Account,
    *,
    store: Callable[[], SecretStore] = open_store,
    settings: NetworkSettings | None = None,
) -> bool:
    """End the session on the server and forget the token; False where the server could not be told."""
    kept = store()
    token = kept.get(account.secret)
    told = True
    if token:
        try:
            async with Repository(account, token, open_client(settings)) as repository:
                await repository.sign_out()
        except SignedOut:
            pass
        except (NotReachable, NotAllowed):
            told = False
    accounts.forget(account, kept)
    return told


async def greet(wire: Wire) -> str:
    """The version of the server; raises NotARepository where something else answers."""
    said = await wire.json(Asked("GET", "/health", again=True), dict[str, str])
    if said.get("status") != "ok":
        raise NotARepository(
            _("{server} is not a repository server, or is not well.").format(server=wire.server),
            next_step=_("Check the address."),
        )
    return said.get("version", "")


def choose_organization(
    account: Account, organization: Organization, environments: tuple[Environment, ...]
) -> Account:
    """Keep another organization of the account, with the first of its environments the user may use."""
    made = replace(account, organization=organization.id, organization_name=organization.name)
    made = _in_first(made, environments)
    accounts.choose(made)
    return made


def choose_environment(account: Account, name: str, environments: tuple[Environment, ...]) -> Account:
    """Keep another environment of the account's organization, named by id, short name or name. Raises BadInput."""
    found = environment_named(name, environments)
    made = accounts.in_environment(account, found.id, found.name)
    accounts.choose(made)
    return made


def environment_named(name: str, environments: tuple[Environment, ...]) -> Environment:
    """The environment of this id, short name or name; raises BadInput naming those there are."""
    for found in environments:
        if name in (found.id, found.slug) or name.casefold() == found.name.casefold():
            return found
    raise BadInput(
        _("There is no environment called {name}, or none you may see.").format(name=name),
        next_step=_("There are: {names}.").format(names=", ".join(each.slug for each in environments) or "–"),
    )


async def _by_browser(wire: Wire, show: Callable[[str], object], patience: float) -> str:
    """The token of a new session."""
    attempt, device = Attempt(), _device()
    async with listening(0, PATH, attempt.state) as listener:
        redirect = f"http://127.0.0.1:{listener.port}{PATH}"
        asked = DesktopRequest(redirect, attempt.challenge, "S256", attempt.state, device)
        query = urlencode(asdict(asked))
        show(f"{wire.server}/desktop/authorize?{query}")
        try:
            values = await listener.answer(patience)
        except TimeoutError:
            raise NotReachable(
                _("Nobody signed in within {minutes} minutes.").format(minutes=round(patience / 60)),
                next_step=_("Start the sign-in again."),
            ) from None
    if "error" in values or not values.get("code"):
        raise NotAllowed(
            _("The sign-in to {server} was refused in the browser.").format(server=wire.server),
            next_step=_("Start the sign-in again and let the program in."),
        )
    # Once only: a code that comes a second time ends the session it gave.
    code = DesktopCode(values["code"], attempt.verifier, redirect, device)
    step = await wire.json(Asked("POST", f"{API}/sign-in/desktop", json=code), SignInStep)
    if not step.token:
        raise NotARepository(
            _("{server} gave no session.").format(server=wire.server), next_step=_("Start the sign-in again.")
        )
    return step.token


async def _welcome(
    client: httpx.AsyncClient,
    server: str,
    token: str,
    organization: str,
    store: Callable[[], SecretStore],
    choose: Choose | None,
) -> Account:
    """Keep the account a token belongs to, in one of its organizations; the session it replaces ends."""
    wire = Wire(server, token, client)
    user = await wire.json(Asked("GET", f"{API}/me", again=True), User)
    before = next(
        (each for each in accounts.accounts() if (each.server, each.user) == (server, user.id)), None
    )
    account = Account(server, user.id, user.email, f"{user.first_name} {user.surname}".strip(), "", "")
    repository = Repository(account, token, client)
    found = _chosen(await repository.organizations(), organization, before, choose)
    account = replace(account, organization=found.id, organization_name=found.name)
    account = await _placed(Repository(account, token, client), before)
    kept = store()
    old = kept.get(account.secret)
    accounts.keep(account, token, kept)
    if old and old != token:
        await _end(Wire(server, old, client))
    return account


async def _end(wire: Wire) -> None:
    """End a session nobody will use; whether the server hears of it changes nothing here."""
    try:
        await wire.ask(Asked("DELETE", f"{API}/sign-in"))
    except WeftError:
        return


async def _placed(repository: Repository, before: Account | None) -> Account:
    """The account in the environment used before, or in the first one of its organization."""
    account, environments = repository.account, await repository.environments()
    if before is not None and before.organization == account.organization:
        same = next((each for each in environments if each.id == before.environment), None)
        if same is not None:
            return accounts.in_environment(account, same.id, same.name)
    return _in_first(account, environments)


def _in_first(account: Account, environments: tuple[Environment, ...]) -> Account:
    """The account in the first environment its user may read; administrators see others too."""
    first = next((each for each in environments if "read" in each.rights), None)
    return accounts.in_environment(account, first.id if first else "", first.name if first else "")


def _chosen(there: Organizations, named: str, before: Account | None, choose: Choose | None) -> Organization:
    if not there:
        raise NotAllowed(
            _("You belong to no organization on this server."),
            next_step=_("Ask an administrator of your organization to invite you."),
        )
    if named:
        return organization_named(named, there)
    if len(there) == 1:
        return there[0]
    if choose is not None:
        return choose(there)
    return next((each for each in there if before and each.id == before.organization), there[0])


def organization_named(name: str, there: Organizations) -> Organization:
    """The organization of this id, short name or name; raises BadInput naming those there are."""
    for found in there:
        if name in (found.id, found.slug) or name.casefold() == found.name.casefold():
            return found
    raise BadInput(
        _("You belong to no organization called {name}.").format(name=name),
        next_step=_("There are: {names}.").format(names=", ".join(each.slug for each in there)),
    )


def _device() -> str:
    """What the server's list of sessions shows."""
    host = "".join(letter for letter in platform.node() if letter.isprintable())[:80]
    return _("Weft Studio on {computer}").format(computer=host) if host else "Weft Studio"
