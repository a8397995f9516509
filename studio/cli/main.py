"""The `weft` command: finds the verb, imports only its module, turns errors into messages and exit codes."""

from __future__ import annotations

import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio import __version__
from studio.base import i18n
from studio.base.atomic import cannot_write
from studio.base.child import leave_no_core
from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _
from studio.cli.later import refuse
from studio.cli.printable import printable

# What a disk answers that takes nothing more, wherever it was met.
_DISK = frozenset({errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)})
# Verb to module; a module offers register(app), which adds its commands.
VERBS = {
    "studio": "window",
    "new": "new",
    "check": "check",
    "schema": "schema",
    "validate": "validate",
    "script": "script",
    "transform": "transform",
    "document": "document",
    "test": "test",
    "run": "run",
    "move": "move",
    "schedule": "schedule",
    "org": "org",
    "connection": "connection",
    "proxy": "proxy",
    "practice": "practice",
    "agent": "agent",
    "clear": "clear",
    "status": "sync",
    "push": "sync",
    "pull": "sync",
    "conflicts": "conflicts",
    "sign-in": "account",
    "sign-out": "account",
    "projects": "account",
    "deploy": "deploy",
    "promote": "deploy",
    "history": "history",
    "restore": "history",
    "credentials": "credentials",
    "import": "package",
    "export": "package",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code: 0 done, 1 records failed, 2 bad input, 3 not reachable, 130 stopped."""
    leave_no_core()
    i18n.use_language()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Documents hold what the terminal's encoding lacks, and JSON half characters.
        sys.stdout.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = run(given)
    if "_duckdb" in sys.modules:
        # What was kept from being looked through stays at the end, and DuckDB would complain of what it still holds.
        gc.unfreeze()
    sys.exit(code)


def run(given: list[str]) -> int:
    """The exit code of one command line."""
    if given == ["--version"]:
        print(f"weft {__version__}")  # noqa: T201
        return 0
    try:
        refuse(given, VERBS)
        code = _at_once(given)
        if code is None:
            code = _by_options(given)
    except WeftError as error:
        print(printable(str(error)), file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        return Cancelled.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (weft … | head): point stdout away so that exiting stays silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _cut_short() if given[:1] == ["transform"] else 0
    except OSError as error:
        if error.errno not in _DISK:
            raise
        print(printable(str(cannot_write(Path(error.filename or "-"), error))), file=sys.stderr)  # noqa: T201
        return 2
    except Exception as error:
        show = getattr(error, "show", None)  # click's usage errors know how to show themselves
        if show is None:
            raise
        show()
        return 2
    return code if isinstance(code, int) else 0


def _cut_short() -> int:
    """The exit code of a run that could not write all of its records."""
    print(_("The reader of the output has gone; the records after it were not made."), file=sys.stderr)  # noqa: T201
    return 1


def _at_once(given: list[str]) -> int | None:
    """The exit code of a usual `weft transform` or `weft move`, which do without the parser of options: loading it takes
    longer than everything else at the start. None for any other command line."""
    if given[:1] == ["move"]:
        return _move_at_once(given[1:])
    if given[:1] != ["transform"]:
        return None
    # What is loaded and planned stays until the end: looking through it for garbage is a tenth of the start.
    gc.disable()
    try:
        transforming = importlib.import_module("studio.cli.transforming")
        asked = transforming.usual(given[1:])
        code: int | None = transforming.perform(asked) if asked is not None else None
        return code
    finally:
        gc.enable()


def _move_at_once(words: list[str]) -> int | None:
    gc.disable()
    try:
        asked = importlib.import_module("studio.cli.move_usual").usual(words)
    finally:
        gc.freeze()
        gc.enable()
    code: int | None = asked() if asked is not None else None
    return code


def _by_options(given: list[str]) -> Any:
    import typer

    try:
        return _app(given)(args=given or ["studio"], prog_name="weft", standalone_mode=False)
    except typer.Abort:
        return Cancelled.exit_code


def _app(given: list[str]) -> Any:
    import typer

    app = typer.Typer(add_completion=False, no_args_is_help=False, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    verb = next((word for word in given if not word.startswith("-")), "studio" if not given else None)
    modules = [VERBS[verb]] if verb in VERBS else list(dict.fromkeys(VERBS.values()))
    for module in modules:
        importlib.import_module(f"studio.cli.{module}").register(app)
    return app
