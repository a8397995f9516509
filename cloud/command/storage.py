"""`weft-cloud storage`: what organizations keep, damage found before anybody asks, room given, leftovers collected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from cloud.command.opening import Folder, leave_entry, opened, say
from cloud.projects.collecting import collect, damaged, living
from cloud.projects.parts import set_up
from cloud.projects.storage import USUAL_BYTES, room
from cloud.server import Server
from cloud.store.tables import policies
from studio.base.errors import BadInput
from studio.base.i18n import _

commands = typer.Typer(help="What organizations keep: contents of projects and files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="storage")


@commands.command("list")
def show(folder: Folder = Path()) -> None:
    """Bytes kept and allowed, by organization."""
    with opened(folder) as server:
        for org, slug in living(server).items():
            with server.database.tenant(org) as tenant:
                used, limit = room(tenant)
            say(f"{slug}\t{used}\t{limit}")


@commands.command()
def check(folder: Folder = Path()) -> None:
    """Read every content and compare it with its hash; names what is damaged, and ends with 1 if anything is."""
    wrong = 0
    with opened(folder) as server:
        set_up(server)
        for org, slug in living(server).items():
            for place in damaged(server, org):
                wrong += 1
                say(_("{organization}: {place}").format(organization=slug, place=place))
    if not wrong:
        say(_("Everything kept is as it was written."))
    raise typer.Exit(1 if wrong else 0)


@commands.command("collect")
def clean(folder: Folder = Path()) -> None:
    """Remove what was uploaded and never pushed, and rested for a day; the server does so by itself every hour."""
    with opened(folder) as server:
        set_up(server)
        for org, slug in living(server).items():
            done = collect(server, org)
            say(
                _(
                    "{organization}: {blobs} blobs with {bytes} bytes, {uploads} uploads, {leftovers} leftovers"
                ).format(
                    organization=slug,
                    blobs=done.blobs,
                    bytes=done.bytes,
                    uploads=done.uploads,
                    leftovers=done.leftovers,
                )
            )


@commands.command()
def allow(
    slug: str,
    size: Annotated[int, typer.Argument(help="Bytes.", min=0)] = USUAL_BYTES,
    folder: Folder = Path(),
) -> None:
    """How many bytes an organization may keep."""
    with opened(folder) as server:
        org = _named(server, slug)
        with server.database.tenant(org, write=True) as tenant:
            now = tenant.value(select(policies.c.content).where(policies.c.subject == "storage"))
            values = {"content": {**(now or {}), "bytes": size}, "changed_at": tenant.now()}
            if now is None:
                tenant.insert(policies, subject="storage", **values)
            else:
                tenant.update(policies, policies.c.subject == "storage", **values)
            leave_entry(tenant, server, "storage.allow", f"organization/{org}", {"bytes": size})


def _named(server: Server, slug: str) -> str:
    for org, name in living(server).items():
        if slug in (org, name):
            return org
    raise BadInput(
        _("There is no organization {name}.").format(name=slug),
        next_step=_("See them all: weft-cloud org list"),
    )
