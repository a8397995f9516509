"""`weft-cloud key`: data keys and the master key, changed while the server works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from cloud.command.opening import Folder, leave_entry, opened, say
from cloud.server import Server
from cloud.store.keys import make_key_file
from cloud.store.metadata import SERVER
from cloud.store.rotation import GRACE_SECONDS, every_chain, rewrap, rotate
from cloud.store.rotation import opened as transaction_of
from cloud.store.tables import organizations
from studio.base.errors import BadInput
from studio.base.i18n import _

commands = typer.Typer(help="The keys everything is sealed with.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="key")


@commands.command("rotate")
def new_data_keys(
    org: Annotated[
        str, typer.Option(help="Only this organization (short name); else all, and the server.")
    ] = "",
    grace: Annotated[
        float, typer.Option(help="Seconds until no server seals with the old key any more.")
    ] = GRACE_SECONDS,
    folder: Folder = Path(),
) -> None:
    """New data keys: everything is sealed anew while the server works, then the old keys are destroyed."""
    with opened(folder) as server:
        names = _names(server)
        for chain in [_id(server, org)] if org else every_chain(server.database):
            version = rotate(server.database, server.envelope, chain, grace=grace)
            with transaction_of(server.database, chain, write=True) as transaction:
                leave_entry(transaction, server, "key.rotate", f"key/{version}", None)
            say(_("{name}: now version {n}").format(name=names.get(chain, chain), n=version))


@commands.command("rewrap")
def new_master_key(folder: Folder = Path()) -> None:
    """Wrap all data keys with the master key of the settings; the one before is named by old_master_key."""
    with opened(folder) as server:
        n = rewrap(server.database, server.envelope)
        with server.database.common(write=True) as common:
            leave_entry(common, server, "key.rewrap", f"master/{server.envelope.master.id}", {"keys": n})
        say(_("Wrapped anew: {n}.").format(n=n))
        say(_("When the server runs without old_master_key, destroy the old master key."))


@commands.command("make")
def make(file: Path) -> None:
    """A new master key in a file only its owner can read."""
    try:
        make_key_file(file.absolute())
    except FileExistsError as error:
        raise BadInput(_("This file is there already."), file=file) from error
    say(str(file))


def _names(server: Server) -> dict[str, str]:
    """The short names of organizations by id."""
    with server.database.common() as common:
        return {row.id: row.slug for row in common.rows(select(organizations.c.id, organizations.c.slug))}


def _id(server: Server, slug: str) -> str:
    if slug == SERVER:
        return SERVER
    with server.database.common() as common:
        found: str | None = common.value(select(organizations.c.id).where(organizations.c.slug == slug))
    if found is None:
        raise BadInput(_("There is no organization {name}.").format(name=slug))
    return found
