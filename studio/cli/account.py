"""`weft sign-in`, `weft sign-out`, `weft projects`: who works with which repository server."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import NotAllowed
from studio.base.i18n import _
from studio.cli.printable import printable_line
from studio.cli.signed_in import say, secret_store
from studio.moves.desks.desk_orgs import open_browser, read_secret
from studio.network import settings as preferences
from studio.network.client import NetworkSettings
from studio.network.trust import tls_context
from studio.protocol.access import Organization
from studio.protocol.projects import Project
from studio.repository import accounts, sign_in
from studio.repository.accounts import Account
from studio.repository.addresses import clean_server
from studio.repository.opened import account_for, opened

_JSON = typer.Option("--json", help=_("Print one JSON document."))
_SERVER = typer.Argument(metavar="[SERVER]", help=_("Its address; the one used last when left out."))


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(
        "sign-in", help=_("Sign in to a repository server, in the browser or with a personal token.")
    )(_sign_in)
    app.command("sign-out", help=_("End the session on the server and forget its token."))(_sign_out)
    app.command("projects", help=_("The projects of the organization you may read."))(_projects)


def _sign_in(
    server: Annotated[str, _SERVER] = "",
    organization: Annotated[
        str, typer.Option(help=_("The organization to work in, by its short name."), metavar="NAME")
    ] = "",
    environment: Annotated[
        str, typer.Option(help=_("The environment to work in, by its short name."), metavar="NAME")
    ] = "",
    token_file: Annotated[
        Path | None, typer.Option(help=_("A file with a personal token, for services: no browser is opened."))
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            help=_("A file with the server's certificate, to be trusted from now on."), metavar="FILE"
        ),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    place = clean_server(server) if server else accounts.needed().server
    account = asyncio.run(_entered(place, organization, environment, token_file, ca))
    if ca is not None:
        _trust(ca)
    _tell(account, as_json)
    return 0


async def _entered(
    server: str, organization: str, environment: str, token_file: Path | None, ca: Path | None
) -> Account:
    settings = None
    if ca is not None:
        tls_context(ca)  # a file that holds no certificate is told before anybody is asked
        settings = NetworkSettings(extra_ca=ca)
    more = {"organization": organization, "store": secret_store, "choose": _choice(), "settings": settings}
    if token_file is not None:
        account = await sign_in.with_token(server, read_secret(token_file), **more)  # type: ignore[arg-type]
    else:
        account = await sign_in.sign_in(server, show=_show, **more)  # type: ignore[arg-type]
    if environment:
        async with opened(account, secret_store, settings) as repository:
            account = sign_in.choose_environment(account, environment, await repository.environments())
    return account


def _show(address: str) -> None:
    if not (sys.stdin.isatty() or sys.stderr.isatty() or os.environ.get("BROWSER")):
        raise NotAllowed(
            _("No terminal is here, so nobody would see the browser."),
            next_step=_("Name a file with a personal token: --token-file FILE"),
        )
    say(_("Sign in in the browser: {address}").format(address=address))
    if not os.environ.get("WEFT_NO_BROWSER"):
        open_browser(address)


def _choice() -> sign_in.Choose | None:
    """Asks which of several organizations, on a terminal."""
    return _chosen if sys.stdin.isatty() and sys.stderr.isatty() else None


def _chosen(there: tuple[Organization, ...]) -> Organization:
    for number, each in enumerate(there, 1):
        say(printable_line(f"{number}  {each.slug}  {each.name}"))
    print(_("Which organization (its number): "), end="", file=sys.stderr, flush=True)  # noqa: T201
    typed = sys.stdin.readline().strip()
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(there):
        return there[int(typed) - 1]
    return sign_in.organization_named(typed, there)


def _trust(file: Path) -> None:
    """The certificate stays trusted, for every part of the product."""
    now = preferences.current()
    name = str(file.absolute())
    if name not in now.extra_ca:
        preferences.save(replace(now, extra_ca=(*now.extra_ca, name)))


def _tell(account: Account, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(account), ensure_ascii=False))  # noqa: T201
        return
    place = account.organization_name
    if account.environment_name:
        place += f", {account.environment_name}"
    say(
        printable_line(
            _("Signed in to {server} as {email}: {place}.").format(
                server=account.server, email=account.email, place=place
            )
        )
    )


def _sign_out(server: Annotated[str, _SERVER] = "") -> int:
    account = accounts.needed(clean_server(server) if server else "")
    if not asyncio.run(sign_in.sign_out(account, store=secret_store)):
        say(
            _(
                "{server} could not be told; the token is forgotten here. End the session there too: My account, Sessions."
            ).format(server=account.server)
        )
    return 0


def _projects(
    server: Annotated[str, typer.Option(help=_("The repository, where you are signed in to several."))] = "",
    environment: Annotated[str, typer.Option(help=_("Only those at home there."), metavar="NAME")] = "",
    archived: Annotated[bool, typer.Option("--archived", help=_("Those at rest, too."))] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    account = account_for(server)
    found, homes = asyncio.run(_listed(account, environment, archived))
    if as_json:
        rows = [asdict(each) | {"environment_name": homes.get(each.environment, "")} for each in found]
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201
        return 0
    if not found:
        say(_("There is no project you may read yet. Put one there with: weft push PROJECT --new NAME"))
    for each in found:
        head = _("nothing pushed yet") if each.head is None else f"{each.head.number}\t{each.head.time}"
        name = homes.get(each.environment, each.environment)
        print(printable_line(each.name), name, head, each.id, sep="\t")  # noqa: T201
    return 0


async def _listed(
    account: Account, environment: str, archived: bool
) -> tuple[tuple[Project, ...], dict[str, str]]:
    async with opened(account, secret_store) as repository:
        known = await repository.environments()
        where = sign_in.environment_named(environment, known).id if environment else ""
        found = await repository.projects(where, archived=archived)
    return found, {each.id: each.slug for each in known}
