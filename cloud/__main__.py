"""The `weft-cloud` command: finds the verb, turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from cloud.command import audit, backup, init, key, migrate, org, serve, sign_on, storage, user
from studio import __version__
from studio.base import i18n
from studio.base.errors import Cancelled, WeftError

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
    i18n.use_language()
    # Whatever is made here (database, blobs, logs) is nobody else's to read.
    os.umask(0o077)
    try:
        commands()
    except WeftError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Cancelled.exit_code)


if __name__ == "__main__":
    main()
