"""weft connection: the password of a project's connection, kept in the store of secrets."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import PREFIX
from studio.cli.signed_in import say, secret_store
from studio.moves.desks.desk_orgs import read_secret
from studio.moves.places import connection_named
from studio.project import folder as folders
from studio.project.objects import write_connection

_FIELD = "password"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(no_args_is_help=True, help=_("Passwords of a project's connections."))
    group.command("password", help=_("Keep the password of a connection in the store of secrets."))(password)
    app.add_typer(group, name="connection")


def password(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CONNECTION", help=_("connection:NAME inside a project, or PROJECT/connections/NAME.")
        ),
    ],
    secret_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the secret, instead of a prompt."))
    ] = None,
) -> int:
    """The file of the connection gets the name of the secret, never the value."""
    project, ref, file, connection = connection_named(name)
    given = read_secret(secret_file) if secret_file is not None else _asked(ref)
    loaded = folders.load(project).project
    reference = connection.secrets.get(_FIELD) or f"{PREFIX}{loaded.id}/{ref}/{_FIELD}"
    secret_store().put(reference.removeprefix(PREFIX), given)
    if connection.secrets.get(_FIELD) != reference:
        secrets = {**connection.secrets, _FIELD: reference}
        atomic.write_text(file, write_connection(replace(connection, secrets=secrets)))
    say(_("The password of {name} is kept.").format(name=ref))
    return 0


def _asked(ref: str) -> str:
    if not sys.stdin.isatty():
        raise BadInput(
            _("The connection {name} needs a password.").format(name=ref),
            next_step=_("Name a file that holds it with --secret-file."),
        )
    return getpass.getpass(f"{_FIELD}: ")
