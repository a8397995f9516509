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
from studio.moves import orgs
from studio.moves.orgs import OrgLogin

# The secret each kind of sign-in keeps.
_SECRETS = {
    "client": "client_secret",
    "token": "access_token",
    "password": "password",
    "jwt": "private_key",
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(help=_("Salesforce orgs: add, list, remove, test."), no_args_is_help=True)
    group.command("add", help=_("Keep an org and sign in to it once."))(add)
    group.command("list", help=_("The orgs this computer knows."))(list_orgs)
    group.command("remove", help=_("Forget an org and its secrets."))(remove)
    group.command("test", help=_("Sign in and tell who and where we are."))(probe)
    app.add_typer(group, name="org")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("What to call it here."))],
    url: Annotated[str, typer.Option(help=_("The address of its My Domain."))],
    flow: Annotated[str, typer.Option(help=_("How to sign in: web, jwt, client, token."))] = "web",
    client_id: Annotated[str, typer.Option(help=_("The consumer key of the External Client App."))] = "",
    username: Annotated[str, typer.Option(help=_("The user, where one is needed."))] = "",
    port: Annotated[
        int, typer.Option(help=_("The port of the app's callback address."), min=1, max=65535)
    ] = 1717,
    version: Annotated[
        str, typer.Option(help=_("The API version to speak; the newest both sides know when left out."))
    ] = "",
    secret_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the secret, instead of a prompt."))
    ] = None,
    sign_in: Annotated[bool, typer.Option(help=_("Sign in at once to see that it works."))] = True,
) -> int:
    """Keep an org; its secret goes to the key store, never into a file of the project."""
    if flow in ("web", "client", "jwt") and not client_id:
        raise BadInput(
            _("The sign-in {flow} needs the client id of an External Client App.").format(flow=flow),
            next_step=_("Create one in the org's setup and give its consumer key with --client-id."),
        )
    names = {field: f"{PREFIX}orgs/{name}/{field}" for field in (_SECRETS.get(flow, ""),) if field}
    login = OrgLogin(name, url, flow, client_id, username, port, version, names)
    orgs.add(login)
    try:
        for field in names:
            secret_store().put(login.secret_name(field), _secret(flow, field, secret_file))
        if sign_in:
            identity = asyncio.run(_identify(name))
            say(
                _("Signed in to {name}: {org}, {url}.").format(
                    name=name, org=identity.name, url=identity.instance_url
                )
            )
    except BaseException:
        # An org that never worked is not kept: adding it again with the right values must be possible.
        orgs.remove(name, secret_store())
        raise
    return 0


def _secret(flow: str, field: str, file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(_("The file with the secret cannot be read."), file=file) from error
    if flow == "token" and os.environ.get(orgs.TOKEN_VARIABLE):
        return os.environ[orgs.TOKEN_VARIABLE]
    if not sys.stdin.isatty():
        raise BadInput(
            _("The sign-in {flow} needs a secret.").format(flow=flow),
            next_step=_("Name a file that holds it with --secret-file."),
        )
    return getpass.getpass(f"{field}: ")


def list_orgs(
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """Print name, sign-in and address of each org; the practice org is always there."""
    known = orgs.known()
    if as_json:
        rows = [{"name": orgs.PRACTICE, "flow": "password", "url": None, "version": ""}]
        rows += [
            {"name": org.name, "flow": org.flow, "url": org.url, "version": org.version} for org in known
        ]
        print(json.dumps(rows))  # noqa: T201
        return 0
    print(f"{orgs.PRACTICE}\t{_('on this computer, started on demand')}")  # noqa: T201
    for org in known:
        print(f"{org.name}\t{org.flow}\t{org.url}")  # noqa: T201
    return 0


def remove(name: Annotated[str, typer.Argument(metavar="NAME", help=_("The org to forget."))]) -> int:
    """Forget an org and its secrets."""
    orgs.remove(name, secret_store())
    return 0


def probe(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("An org's name or address."))],
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """Sign in and print what the org says of itself."""
    identity, version = asyncio.run(_identify_with_version(name))
    if as_json:
        data = {
            "id": identity.id,
            "name": identity.name,
            "kind": identity.kind,
            "production": identity.production,
            "url": identity.instance_url,
            "version": version,
        }
        print(json.dumps(data))  # noqa: T201
    else:
        print(f"{identity.name}\t{identity.id}\t{identity.instance_url}\tAPI v{version}")  # noqa: T201
    return 0


async def _identify(name: str) -> OrgIdentity:
    return (await _identify_with_version(name))[0]


async def _identify_with_version(name: str) -> tuple[OrgIdentity, str]:
    async with signed_in(name, Path.cwd()) as org:
        return await org.identify(), org.version
