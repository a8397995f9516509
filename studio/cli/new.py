"""`weft new`: a new project, empty or from a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.base.i18n import _
from studio.project.create import create, samples


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(help=_("Make a new project, empty or from a sample."))
    def new(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder to make."))],
        sample: Annotated[
            str, typer.Option(help=_("Start from a sample: {names}.").format(names=", ".join(samples())))
        ] = "",
        name: Annotated[str, typer.Option(help=_("The project's name; by default the folder's."))] = "",
    ) -> None:
        project = create(folder, name, sample)
        typer.echo(_("Made the project {name} in {folder}.").format(name=project.name, folder=folder))
        typer.echo(_("Open it with: weft studio {folder}").format(folder=folder), err=True)
