"""`weft document`: what a transformation does, for people, as HTML, SVG or CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from studio.base.atomic import write_text
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.mapping.documentation import FORMS, form_of, text_of
from studio.mapping.documented import documented
from studio.mapping.further import trees_of
from studio.project.folder import find_project, load_transformation
from studio.project.schemas import Schemas


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("document", help=_("Write what a transformation does as HTML, SVG or CSV."))(document)


def document(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=_("The transformation."))],
    output: Annotated[str, typer.Option("-o", "--to", help=_("The file to write; - is stdout."))] = "-",
    form: Annotated[
        str, typer.Option("--as", help=_("One of: {names}.").format(names=", ".join(FORMS)), metavar="FORM")
    ] = "",
    page: Annotated[str, typer.Option(help=_("Only this page of the map."), metavar="NAME")] = "",
) -> int:
    """Write it; the end of the file's name tells the form where none is asked for."""
    chosen = form or (form_of(Path(output)) if output != "-" else FORMS[0])
    if chosen not in FORMS:
        raise BadInput(
            _("A map is not documented as {form}.").format(form=chosen or Path(output).suffix or output),
            next_step=_("Take one of: {names}.").format(names=", ".join(FORMS)),
        )
    transformation = load_transformation(file)
    if page and not transformation.pages:
        raise BadInput(_("The map has no pages."), file=file, next_step=_("Leave --page out."))
    if page and page not in transformation.pages:
        raise BadInput(
            _("The map has no page {name}.").format(name=page), file=file,
            next_step=_("Take one of: {names}.").format(names=", ".join(transformation.pages)),
        )  # fmt: skip
    schemas = Schemas(find_project(file.resolve()) or file.resolve().parent)
    source, target = schemas.get(transformation.source), schemas.get(transformation.target)
    trees = trees_of(transformation, source, target, schemas.more(transformation))
    text = text_of(documented(transformation, trees, page), chosen)
    if output == "-":
        sys.stdout.write(text)
    else:
        write_text(Path(output), text)
    return 0
