"""`weft-cloud init`: a new server in under a minute — folder, keys, certificate, tables, first administrator."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cloud.access.founding import add_member, found_organization
from cloud.command.migrate import Owner
from cloud.command.opening import Folder, leave_entry, say, server_of
from cloud.command.org import need_slug
from cloud.command.places import all_or_nothing, need_place, new_database, self_made_certificate, write
from cloud.command.user import add_user, email_of, link_text, named
from cloud.config import NAME, Config, load
from cloud.server import Server
from cloud.store.database import Database
from cloud.store.keys import make_key_file, master_keys
from cloud.store.metadata import new_id
from studio.base.i18n import _


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(init)


def init(
    email: Annotated[str, typer.Option(help="The first administrator's e-mail address.", prompt=True)],
    folder: Folder = Path(),
    organization: Annotated[str, typer.Option(help="The first organization.")] = "My organization",
    slug: Annotated[str, typer.Option(help="Its short name, for addresses.")] = "main",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = Config.host,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = Config.port,
    first_name: Annotated[str, typer.Option(help="The first administrator's.")] = "Administrator",
    surname: Annotated[str, typer.Option(help="The first administrator's.")] = "",
    public_url: Annotated[str, typer.Option(help="How people reach it, if not by host and port.")] = "",
    owner: Owner = "",
    master_key: Annotated[
        str, typer.Option(help="file:PATH, environment:NAME or program:COMMAND.")
    ] = Config.master_key,
) -> None:
    """Set up a new server in a folder; with --owner on PostgreSQL, else on SQLite."""
    first = _First(email_of(email), named(first_name), named(surname, empty=True), named(organization), slug)
    need_slug(slug)
    folder = folder.absolute()
    config = Config(folder=folder, host=host, port=port, public_url=public_url, master_key=master_key)
    need_place(config)
    with all_or_nothing(folder):
        kind, _colon, rest = master_key.partition(":")
        if kind == "file" and not (folder / rest).exists():
            make_key_file(folder / rest)
        master_keys(master_key, "", folder)
        fingerprint = self_made_certificate(config, urlsplit(public_url).hostname or "")
        with new_database(config, owner) as url:
            config = replace(config, database=url)
            with contextlib.closing(Database(config.database_url, pool=4)) as database:
                link = _first_people(server_of(config, database), first)
            # Last: a folder with settings is a server.
            write(folder / NAME, config)
            load(folder)
    _tell(config, fingerprint, link, kind)


@dataclass(frozen=True)
class _First:
    """Who and what is there from the beginning."""

    email: str
    first_name: str
    surname: str
    organization: str
    slug: str


def _first_people(server: Server, first: _First) -> str:
    """The server's own keys, the first administrator and organization; returns the one-time link, if there can be one."""
    with server.database.common(write=True) as common:
        server.envelope.make_keys(common)
        user = add_user(common, first.email, first.first_name, first.surname, server_admin=True)
        leave_entry(common, server, "server.init", f"user/{user}", {"email": first.email})
    id = new_id()
    with server.database.tenant(id, user=user, write=True) as tenant:
        made = found_organization(tenant, server.envelope, first.organization, first.slug)
        add_member(tenant, user, [made["Administrator"]])
        said = {"name": first.organization, "slug": first.slug}
        leave_entry(tenant, server, "organization.create", f"organization/{id}", said)
    return link_text(server, user)


def _tell(config: Config, fingerprint: str, link: str, key: str) -> None:
    where = config.folder
    say(_("The server is set up in {folder}.").format(folder=where))
    say()
    if key == "file":
        say(
            _("1. Keep a copy of the master key somewhere safe, away from the backups: {file}").format(
                file=where / config.master_key.partition(":")[2]
            )
        )
        say(_("   Without it nothing can be read again, by nobody."))
    else:
        say(
            _("1. The master key is yours to keep ({place}); without it nothing can be read again.").format(
                place=config.master_key
            )
        )
    say(_("2. Start it:  weft-cloud serve --folder {folder}").format(folder=where))
    say(_("3. Set your password (once, within a day):  {link}").format(link=link))
    say()
    say(
        _("Its certificate is self-made. Programs that are to trust it need this file: {file}").format(
            file=where / config.certificate
        )
    )
    say(_("SHA-256 fingerprint: {fingerprint}").format(fingerprint=fingerprint))
