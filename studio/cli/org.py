"""weft org: the Salesforce orgs this computer knows."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import PREFIX
from studio.cli.signed_in import say, secret_store, signed_in
from studio.connectors.salesforce.session import OrgIdentity
from studio.connectors.salesforce.sign_in import check_key
from studio.moves.access import org_defaults, orgs
from studio.moves.access.app_guide import guide
from studio.moves.access.guard import sort_name
from studio.moves.access.orgs import OrgLogin
from studio.moves.access.sign_in import sign_out as sign_out_of
from studio.moves.desks.desk_orgs import SECRET_OF, read_secret
from studio.network.client import open_client

Name = Annotated[str, typer.Argument(metavar="NAME", help=_("What the org is called here."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(
        help=_("Salesforce orgs: add, list, use, mark, sign in and out, remove, test."), no_args_is_help=True
    )
    group.command("add", help=_("Keep an org and sign in to it once."))(add)
    group.command("list", help=_("The orgs this computer knows."))(list_orgs)
    group.command("use", help=_("Take an org where none is named: in this project, or everywhere."))(use)
    group.command("color", help=_("Give an org another mark."))(color)
    group.command("rename", help=_("Call an org by another name."))(rename)
    group.command("sign-in", help=_("Sign in again, in the browser where the org's sign-in needs one."))(
        sign_in_again
    )
    group.command("sign-out", help=_("Take back what keeps this computer signed in."))(sign_out)
    group.command("remove", help=_("Sign out, and forget an org and its secrets."))(remove)
    group.command("test", help=_("Sign in and tell who and where we are."))(probe)
    group.command("setup", help=_("How to make the External Client App a sign-in needs."))(setup)
    app.add_typer(group, name="org")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("What to call it here."))],
    url: Annotated[
        str,
        typer.Option(
            help=_(
                "The address of its My Domain or any of its pages, its My Domain's name, production or sandbox."
            )
        ),
    ],
    flow: Annotated[
        str, typer.Option(help=_("How to sign in: web, device, jwt, client, token, soap."))
    ] = "web",
    client_id: Annotated[str, typer.Option(help=_("The consumer key of the External Client App."))] = "",
    username: Annotated[str, typer.Option(help=_("The user, where one is needed."))] = "",
    port: Annotated[
        int,
        typer.Option(
            help=_("The port of the app's callback address; 0 takes any free one."), min=0, max=65535
        ),
    ] = 1717,
    version: Annotated[
        str, typer.Option(help=_("The API version to speak; the newest both sides know when left out."))
    ] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the secret, instead of a prompt."))
    ] = None,
    color: Annotated[str, typer.Option(help=_("The org's mark: teal, sky, olive, indigo, slate."))] = "",
    sign_in: Annotated[bool, typer.Option(help=_("Sign in at once to see that it works."))] = True,
) -> int:
    """Keep an org; its secret goes to the key store, never into a file of the project."""
    if flow in ("web", "device", "client", "jwt") and not client_id:
        raise BadInput(
            _("The sign-in {flow} needs the client id of an External Client App.").format(flow=flow),
            next_step=_("Create one as weft org setup tells, and give its consumer key with --client-id."),
        )
    if flow in ("jwt", "soap", "password") and not username:
        raise BadInput(
            _("The sign-in {flow} needs the name of a user.").format(flow=flow),
            next_step=_("Give it with --username."),
        )
    # A public app has no secret: the browser is asked without one, unless a file names it.
    needed = flow in SECRET_OF and (flow != "web" or secret_file is not None)
    field = SECRET_OF.get(flow, "") if needed else ""
    names = {field: f"{PREFIX}orgs/{name}/{field}"} if field else {}
    login = OrgLogin(name, url, flow, client_id, username, port, version, names, color)
    orgs.add(login)
    try:
        if field:
            secret = _secret(flow, field, secret_file)
            if flow == "jwt":
                check_key(secret)
            secret_store().put(login.secret_name(field), secret)
        if sign_in:
            _signed_in(name)
    except BaseException:
        # An org that never worked is not kept: adding it again with the right values must be possible.
        orgs.remove(name, secret_store())
        raise
    return 0


def _signed_in(name: str) -> None:
    identity = asyncio.run(_identify(name))
    say(
        _("Signed in to {name}: {org}, {url}.").format(
            name=name, org=identity.name, url=identity.instance_url
        )
    )


def _secret(flow: str, field: str, file: Path | None) -> str:
    if file is not None:
        return read_secret(file)
    if flow == "token" and os.environ.get(orgs.TOKEN_VARIABLE):
        return os.environ[orgs.TOKEN_VARIABLE]
    if not sys.stdin.isatty():
        raise BadInput(
            _("The sign-in {flow} needs a secret.").format(flow=flow),
            next_step=_("Name a file that holds it with --secret-file."),
        )
    return getpass.getpass(f"{field}: ")


def list_orgs(as_json: Json = False) -> int:
    """Print name, sign-in, address, mark and sort of each org; the practice org is always there."""
    known, chosen = orgs.known(), org_defaults.default(Path.cwd())
    if as_json:
        rows = [_row(OrgLogin(orgs.PRACTICE, "", "password", sort="practice"), chosen) | {"url": None}]
        print(json.dumps(rows + [_row(org, chosen) for org in known]))  # noqa: T201
        return 0
    used = _("used where none is named")
    first = [
        orgs.PRACTICE,
        _("on this computer, started on demand"),
        *([used] if chosen == orgs.PRACTICE else []),
    ]
    print("\t".join(first))  # noqa: T201
    for org in known:
        marks = [org.color, sort_name(org.sort), used if org.name == chosen else ""]
        print("\t".join([org.name, org.flow, org.url, *(mark for mark in marks if mark)]))  # noqa: T201
    return 0


def _row(org: OrgLogin, chosen: str) -> dict[str, object]:
    return {
        "name": org.name,
        "flow": org.flow,
        "url": org.url,
        "version": org.version,
        "color": org.color,
        "sort": org.sort,
        "title": org.title,
        "id": org.org_id,
        "default": org.name == chosen,
    }


def use(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help=_("The org; none when left out."))] = "",
) -> int:
    """Take an org where a move names none: in the project around this folder, or everywhere outside of one."""
    project = org_defaults.use(name, Path.cwd())
    place = _("everywhere") if project is None else str(project)
    if name:
        say(_("Where no org is named, {name} is taken: {place}.").format(name=name, place=place))
    else:
        say(_("No org is taken any more where none is named: {place}.").format(place=place))
    return 0


def color(
    name: Name,
    mark: Annotated[str, typer.Argument(metavar="COLOR", help=_("teal, sky, olive, indigo or slate."))],
) -> int:
    """Give an org another mark."""
    orgs.paint(name, mark)
    return 0


def rename(
    name: Name, new: Annotated[str, typer.Argument(metavar="NEW", help=_("What to call it from now on."))]
) -> int:
    """Call an org by another name; its secrets and the choices of weft org use go with it."""
    orgs.rename(name, new, secret_store())
    org_defaults.renamed(name, new)
    return 0


def sign_in_again(name: Name) -> int:
    """Sign in anew, whatever was kept of an earlier sign-in."""
    login = orgs.own(name)
    if login.flow in orgs.BROWSER_FLOWS:
        secret_store().remove(login.secret_name("refresh_token"))
    _signed_in(name)
    return 0


def sign_out(name: Name) -> int:
    """Take back the refresh token and forget it; the org and the keys of its app stay known."""
    if not asyncio.run(_out(orgs.own(name))):
        _say_untold(name)
    return 0


def remove(name: Annotated[str, typer.Argument(metavar="NAME", help=_("The org to forget."))]) -> int:
    """Sign out, then forget an org and its secrets."""
    told = asyncio.run(_out(orgs.own(name)))
    orgs.remove(name, secret_store())
    org_defaults.renamed(name, "")
    if not told:
        _say_untold(name)
    return 0


async def _out(login: OrgLogin) -> bool:
    async with open_client() as client:
        return await sign_out_of(client, login, secret_store())


def _say_untold(name: str) -> None:
    say(
        _(
            "The org of {name} could not be told; its token is forgotten here. End it there too: Setup, Connected Apps "
            "OAuth Usage."
        ).format(name=name)
    )


def setup(
    url: Annotated[str, typer.Option(help=_("The org's address, for links that lead right there."))] = "",
    port: Annotated[
        int, typer.Option(help=_("The port of the app's callback address."), min=1, max=65535)
    ] = 1717,
    flow: Annotated[str, typer.Option(help=_("The sign-in to set up: web, device, jwt, client."))] = "web",
) -> int:
    """Print the steps that make an External Client App, with the values to enter."""
    for number, step in enumerate(guide(url, port, flow), 1):
        print(f"{number}. {step.text}")  # noqa: T201
        if step.value:
            print(f"   {step.value}")  # noqa: T201
    return 0


def probe(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("An org's name or address."))],
    as_json: Json = False,
) -> int:
    """Sign in and print what the org says of itself."""
    identity, version = asyncio.run(_identify_with_version(name))
    if as_json:
        data = {
            "id": identity.id,
            "name": identity.name,
            "kind": identity.kind,
            "sort": identity.sort,
            "production": identity.production,
            "url": identity.instance_url,
            "version": version,
        }
        print(json.dumps(data))  # noqa: T201
    else:
        said = (
            identity.name,
            identity.id,
            identity.instance_url,
            f"API v{version}",
            sort_name(identity.sort),
        )
        print("\t".join(said))  # noqa: T201
    return 0


async def _identify(name: str) -> OrgIdentity:
    return (await _identify_with_version(name))[0]


async def _identify_with_version(name: str) -> tuple[OrgIdentity, str]:
    async with signed_in(name, Path.cwd(), person=True) as org:
        identity = await org.identify()
        if name != orgs.PRACTICE and "://" not in name:
            orgs.remember(orgs.find(name, Path.cwd()), identity)
        return identity, org.version
