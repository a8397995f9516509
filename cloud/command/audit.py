"""`weft-cloud audit`: the chains of all organizations, looked through and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from cloud.audit.heads import FOLDER, public_key, read_heads, sign_today
from cloud.audit.verify import Finding, verify
from cloud.command.opening import Folder, opened, say
from cloud.server import Server
from cloud.store.metadata import SERVER
from cloud.store.tables import organizations
from studio.base.i18n import _, ngettext

commands = typer.Typer(help="The audit of all organizations.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="audit")


@commands.command("verify")
def check(
    heads: Annotated[
        list[Path] | None, typer.Option(help="Files of signed heads, from where they are kept safe.")
    ] = None,
    key: Annotated[str, typer.Option(help="The public key of the heads, as noted when they were made.")] = "",
    folder: Folder = Path(),
) -> None:
    """Look through every chain; names the first entry that was altered, and ends with 1 if there is one."""
    wrong = 0
    with opened(folder) as server:
        signed: dict[str, dict[int, bytes]] = {}
        for file in heads or []:
            for org, known in read_heads(file, key or public_key(server)).items():
                signed.setdefault(org, {}).update(known)
        for org, slug in _chains(server):
            found = verify_one(server, org, signed.get(org, {}))
            if found is None:
                say(_("{name}: whole").format(name=slug))
            else:
                wrong += 1
                say(_("{name}: entry {n}: {what}").format(name=slug, n=found.number, what=found.what))
    raise typer.Exit(1 if wrong else 0)


@commands.command()
def sign(folder: Folder = Path()) -> None:
    """Sign the end of every chain now (the server does so daily); the files are in audit-heads."""
    with opened(folder) as server:
        n = sign_today(server)
        if n:
            said = ngettext(
                "Signed the end of {n} chain; copy the files to where the server cannot write: {folder}",
                "Signed the ends of {n} chains; copy the files to where the server cannot write: {folder}",
                n,
            )
            say(said.format(n=n, folder=server.config.folder / FOLDER))
        else:
            say(_("Every chain was signed today already: a chain is signed once a day."))
        say(_("Public key, to be noted outside this machine too: {key}").format(key=public_key(server)))


def verify_one(server: Server, org: str, heads: dict[int, bytes]) -> Finding | None:
    """Look through one chain."""
    database = server.database
    with database.common() if org == SERVER else database.tenant(org) as transaction:
        return verify(transaction, server.envelope, heads)


def _chains(server: Server) -> list[tuple[str, str]]:
    with server.database.common() as common:
        rows = common.rows(select(organizations.c.id, organizations.c.slug).order_by(organizations.c.slug))
    return [(SERVER, SERVER), *((row.id, row.slug) for row in rows)]
