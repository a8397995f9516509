"""`weft-cloud user`: people, from the machine the server runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Row, select

from cloud.command.opening import Folder, leave_entry, opened, say
from cloud.identity.accounts import normal_email
from cloud.identity.links import password_link, reset_factors
from cloud.server import Server
from cloud.store.database import Common
from cloud.store.metadata import new_id
from cloud.store.tables import users
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.protocol.fields import LINE
from studio.protocol.identity import EMAIL, EMAIL_CHARACTERS
from studio.protocol.limits import NAME_CHARACTERS

commands = typer.Typer(help="People who can sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="user")


def email_of(text: str) -> str:
    """An e-mail address as it is kept. Raises BadInput for what is none."""
    email = normal_email(text)
    if not EMAIL.matches(email) or len(email) > EMAIL_CHARACTERS:
        raise BadInput(_("{email} is not an e-mail address.").format(email=text))
    return email


def add_user(common: Common, email: str, first_name: str, surname: str, *, server_admin: bool) -> str:
    """Make an account nobody can sign in to yet; returns its id. Raises BadInput when the address is taken or none."""
    email = email_of(email)
    if common.one(select(users.c.id).where(users.c.email == email)):
        raise BadInput(_("There is an account for {email} already.").format(email=email))
    id = new_id()
    named = {"first_name": first_name, "surname": surname}
    common.insert(
        users, id=id, email=email, server_admin=server_admin, created_at=common.now(), phone="", **named
    )
    return id


def named(text: str, *, empty: bool = False) -> str:
    """A name as it is kept: one line. Raises BadInput for what is none; `empty` allows nothing at all."""
    name = text.strip()
    if (name and not LINE.matches(name)) or len(name) > NAME_CHARACTERS or not (name or empty):
        raise BadInput(_("A name is one line of at most {n} signs, and not empty.").format(n=NAME_CHARACTERS))
    return name


def link_text(server: Server, user: str) -> str:
    """The one-time link that sets a password."""
    return password_link(server, user)


@commands.command("list")
def show(folder: Folder = Path()) -> None:
    """Everybody with an account."""
    with opened(folder) as server, server.database.common() as common:
        for row in common.rows(select(users).order_by(users.c.email)):
            notes = [_("runs the server")] if row.server_admin else []
            notes += [_("disabled")] if row.disabled_at else []
            say("\t".join([row.email, f"{row.first_name} {row.surname}".strip(), ", ".join(notes)]))


@commands.command()
def add(
    email: str,
    first_name: Annotated[str, typer.Option()],
    surname: Annotated[str, typer.Option()] = "",
    server_admin: Annotated[bool, typer.Option(help="May make organizations.")] = False,
    folder: Folder = Path(),
) -> None:
    """Make an account and print the one-time link that sets its password."""
    with opened(folder) as server:
        with server.database.common(write=True) as common:
            names = named(first_name), named(surname, empty=True)
            user = add_user(common, email, *names, server_admin=server_admin)
            leave_entry(common, server, "user.create", f"user/{user}", {"email": email})
        say(link_text(server, user))


@commands.command()
def reset(email: str, folder: Folder = Path()) -> None:
    """Drop somebody's password, second factors and sessions, and print a one-time link for a new password."""
    with opened(folder) as server:
        row = _find(server, email)
        reset_factors(server, row.id)
        with server.database.common(write=True) as common:
            leave_entry(common, server, "user.reset", f"user/{row.id}", None)
        say(link_text(server, row.id))


@commands.command()
def disable(email: str, folder: Folder = Path()) -> None:
    """Shut an account: nobody can use it until it is enabled again."""
    _set_disabled(folder, email, True)


@commands.command()
def enable(email: str, folder: Folder = Path()) -> None:
    """Open an account again."""
    _set_disabled(folder, email, False)


def _set_disabled(folder: Path, email: str, disabled: bool) -> None:
    with opened(folder) as server:
        row = _find(server, email)
        with server.database.common(write=True) as common:
            at = common.now() if disabled else None
            common.update(users, users.c.id == row.id, disabled_at=at)
            action = "user.disable" if disabled else "user.enable"
            leave_entry(common, server, action, f"user/{row.id}", None)


def _find(server: Server, email: str) -> Row[Any]:
    with server.database.common() as common:
        row = common.one(select(users).where(users.c.email == email.strip().lower()))
    if row is None:
        raise BadInput(_("There is no account for {email}.").format(email=email))
    return row
