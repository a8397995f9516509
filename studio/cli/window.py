"""`weft studio`: the window, found among the installed programs so that the core never imports it."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import NotHere
from studio.base.i18n import _

GROUP = "weft.programs"


def register(app: typer.Typer) -> None:
    """Add the command; what follows the project is for the window itself."""
    app.command(
        "studio",
        help=_("Open the window, with a project if one is given."),
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(studio)


def studio(
    context: typer.Context,
    project: Annotated[
        Path | None, typer.Argument(metavar="PROJECT", help=_("The project's folder."))
    ] = None,
) -> int:
    """Open the window and wait until it is closed."""
    _need_display()
    arguments = [*([str(project)] if project is not None else []), *context.args]
    for found in entry_points(group=GROUP, name="studio"):
        try:
            program = found.load()
        except ModuleNotFoundError as error:
            raise _without_window(error.name or "") from error
        code: int = program(arguments)
        return code
    raise _without_window("")


def _need_display() -> None:
    """Qt would end the process with words for programmers where there is no screen."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if platform.system() == "Linux" and not shown:
        raise NotHere(
            _("There is no display to open the window on."),
            next_step=_("Use the commands listed by weft --help, or set DISPLAY."),
        )


def _without_window(missing: str) -> NotHere:
    if sys.modules.get("PySide6") is None and missing.partition(".")[0] in ("PySide6", "qasync", "qtawesome"):
        step = _("Install the extra: pip install 'weft-studio[ui]'.")
    else:
        step = _("Install the project (pip install -e .), or start it from its folder with python -m ui.")
    return NotHere(_("The window is not installed with this program."), next_step=step)
