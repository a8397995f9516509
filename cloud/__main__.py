"""The `weft-cloud` command: finds the verb, turns errors into messages and exit codes."""

from __future__ import annotations

import sys

import typer

from cloud.command import audit, backup, init, key, migrate, org, serve, sign_on, storage, user
from studio.base import i18n
from studio.base.errors import Cancelled, WeftError

commands = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The Weft repository server.",
)
for verb in (init, serve, org, user, sign_on, key, audit, migrate, backup, storage):
    verb.register(commands)


def main() -> None:
    """Run one command: exit 0 done, 1 something is wrong with the data, 2 bad input, 3 not allowed, 130 stopped."""
    i18n.use_language()
    try:
        commands()
    except WeftError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Cancelled.exit_code)


if __name__ == "__main__":
    main()
