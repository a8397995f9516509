"""`weft export` and `weft import`: a project as one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studio.base.i18n import _, ngettext
from studio.project import package
from studio.project.folder import project_at


def register(app: typer.Typer) -> None:
    """Add the two commands."""

    @app.command("export", help=_("Pack a project into one .weft file, without credentials."))
    def export(
        project: Annotated[Path, typer.Argument(metavar="PROJECT", help=_("The project's folder."))],
        file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The package to write."))],
        samples: Annotated[bool, typer.Option(help=_("With the sample documents."))] = True,
    ) -> None:
        packed = package.export(project_at(project), file, samples=samples)
        count = len(packed.files)
        text = ngettext("Packed {n} file into {file}.", "Packed {n} files into {file}.", count)
        typer.echo(text.format(n=count, file=file))
        for name in packed.cleaned:
            typer.echo(_("Left out the credentials in {file}.").format(file=name), err=True)

    @app.command("import", help=_("Unpack a .weft package into a new folder."))
    def import_(
        file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The package to read."))],
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder to make."))],
    ) -> None:
        names = package.unpack(file, folder)
        text = ngettext("Unpacked {n} file into {folder}.", "Unpacked {n} files into {folder}.", len(names))
        typer.echo(text.format(n=len(names), folder=folder))
