"""`weft-cloud sign-on`: single sign-on, from the machine the server runs on."""

from __future__ import annotations

from pathlib import Path

import typer

from cloud.command.opening import Folder, leave_entry, opened, say
from cloud.errors import Refused
from cloud.identity import single_sign_on
from studio.base.errors import BadInput
from studio.base.i18n import _

commands = typer.Typer(help="Single sign-on of organizations.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(commands, name="sign-on")


@commands.callback()
def _sign_on() -> None:
    """Single sign-on of organizations."""


@commands.command()
def lift(organization: str, folder: Folder = Path()) -> None:
    """Enforce an organization's single sign-on no longer: when its provider is away and nobody comes in."""
    with opened(folder) as server:
        try:
            org = single_sign_on.organization_of(server, organization)
        except Refused as error:
            raise BadInput(_("There is no organization {name}.").format(name=organization)) from error
        with server.database.tenant(org, write=True) as tenant:
            lifted = single_sign_on.lift(tenant)
            leave_entry(tenant, server, "single_sign_on.lift", f"organization/{org}", {"lifted": lifted})
        say(_("Passwords and passkeys let people in again.") if lifted else _("Nothing was enforced."))
