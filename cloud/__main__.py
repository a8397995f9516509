"""The `weft-cloud` command: finds the verb, turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from cloud.command import audit, backup, init, key, migrate, org, serve, sign_on, storage, user
from studio import __version__
from studio.base import i18n
from studio.base.atomic import NotWritten
from studio.base.child import leave_no_core
from studio.base.errors import Cancelled, NotReachable, WeftError
from studio.base.i18n import _

commands = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weft-cloud {__version__}")
        raise typer.Exit


@commands.callback()
def begin(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and stop."),
    ] = False,
) -> None:
    """The Weft repository server."""


for verb in (init, serve, org, user, sign_on, key, audit, migrate, backup, storage):
    verb.register(commands)


def main() -> None:
    """Run one command: exit 0 done, 1 something is wrong with the data, 2 bad input, 3 not allowed, 130 stopped."""
    leave_no_core()
    i18n.use_language()
    # Whatever is made here (database, blobs, logs) is nobody else's to read.
    os.umask(0o077)
    try:
        commands()
    except NotWritten as error:
        error.next_step = _("Look at the disk and at who may write there, then run the command again.")
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OperationalError as error:
        # Its text names host and port, and no password.
        said = str(error.orig).strip().splitlines() or [""]
        typer.echo(_("The database does not answer: {why}").format(why=said[0]), err=True)
        sys.exit(NotReachable.exit_code)
    except WeftError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Cancelled.exit_code)


if __name__ == "__main__":
    main()
