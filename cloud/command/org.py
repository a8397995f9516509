"""`weft-cloud org`: organizations, from the machine the server runs on."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Row, select

from cloud.access.founding import add_member, found_organization
from cloud.command.migrate import Owner
from cloud.command.opening import Folder, leave_entry, opened, say
from cloud.errors import Refused
from cloud.server import Server
from cloud.store.database import Database
from cloud.store.metadata import new_id
from cloud.store.rotation import rewrite_keys, shred
from cloud.store.tables import organizations, users
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.protocol.access import SLUG

commands = typer.Typer(help="Organizations: the server's tenants.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="org")


@commands.command("list")
def show(folder: Folder = Path()) -> None:
    """All organizations."""
    with opened(folder) as server, server.database.common() as common:
        for row in common.rows(select(organizations).order_by(organizations.c.slug)):
            gone = _("shredded {day}").format(day=row.shredded_at.date()) if row.shredded_at else ""
            say("\t".join([row.slug, row.name, row.id, gone]))


@commands.command()
def add(
    slug: str,
    administrator: Annotated[str, typer.Option(help="The e-mail address of somebody with an account.")],
    name: Annotated[str, typer.Option()] = "",
    folder: Folder = Path(),
) -> None:
    """Make an organization with its own keys, the usual environments and roles."""
    need_slug(slug)
    with opened(folder) as server:
        with server.database.common() as common:
            query = select(users.c.id).where(users.c.email == administrator.strip().lower())
            user = common.value(query)
        if user is None:
            raise BadInput(
                _("There is no account for {email}.").format(email=administrator),
                next_step=_("Make one first: weft-cloud user add {email}").format(email=administrator),
            )
        id = new_id()
        try:
            with server.database.tenant(id, user=user, write=True) as tenant:
                made = found_organization(tenant, server.envelope, name or slug, slug)
                add_member(tenant, user, [made["Administrator"]])
                leave_entry(tenant, server, "organization.create", f"organization/{id}", {"slug": slug})
        except Refused as error:
            raise BadInput(error.title) from error
        say(id)


@commands.command("shred")
def destroy(
    slug: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    owner: Owner = "",
    folder: Folder = Path(),
) -> None:
    """Destroy an organization's keys: everything it sealed is gone for good, in every copy of the database."""
    with opened(folder) as server:
        row = _find(server, slug)
        if not yes:
            typed = typer.prompt(_("Nothing can bring it back. Type the short name to go on"))
            if typed != row.slug:
                raise BadInput(_("Nothing was destroyed."))
        with server.database.tenant(row.id, write=True) as tenant:
            leave_entry(tenant, server, "organization.shred", f"organization/{row.id}", None)
        shred(server.database, server.envelope, row.id)
        say(_("The keys of {name} are destroyed.").format(name=row.slug))
        if server.database.kind == "postgresql":
            _out_of_the_files(owner)
        say(
            _(
                "Backups made before still hold them, wrapped: destroy those, or rotate the master key and destroy the old one."
            )
        )


def _out_of_the_files(owner: str) -> None:
    """PostgreSQL keeps what was overwritten until the table is rewritten, which only its owner may do."""
    if not owner:
        say(
            _(
                "PostgreSQL keeps the overwritten keys, wrapped, in its files until the table is written anew. As the owner of the tables run: VACUUM FULL data_keys"
            )
        )
        return
    with contextlib.closing(Database(owner, pool=1)) as database:
        rewrite_keys(database)
    say(_("The table of keys was written anew: they are in its files no more."))


def need_slug(text: str) -> None:
    """Raise BadInput for what is no short name."""
    if not SLUG.matches(text):
        raise BadInput(
            _("“{text}” is no short name: small letters, digits and hyphens only, at most 63.").format(
                text=text
            )
        )


def _find(server: Server, slug: str) -> Row[Any]:
    with server.database.common() as common:
        row = common.one(select(organizations).where(organizations.c.slug == slug))
    if row is None:
        raise BadInput(_("There is no organization {name}.").format(name=slug))
    return row
