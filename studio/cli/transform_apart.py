"""What `weft transform` may write: nothing over what it reads, nothing over what the project is made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.plan import Plan
from studio.mapping.model import Transformation
from studio.project.layout import PROJECT_FILE, find_project
from studio.project.model import KINDS

# Samples and tests may be made anew by a run; these are work of somebody.
_OWN = frozenset({*KINDS, "schemas", "tables"} - {"tests"})


def check_apart(read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Refuse to write over what is read, or two results into one file. Raises BadInput."""
    taken = {file.resolve() for file in read if str(file) != "-"}
    for file in written:
        if file is None or str(file) == "-" or (file.exists() and not file.is_file()):
            continue
        if file.resolve() in taken or any(file.exists() and file.samefile(other) for other in _there(taken)):
            raise BadInput(
                _("This file is already used by this run; it would be overwritten."),
                file=file,
                next_step=_("Name another file to write to; nothing was changed."),
            )
        taken.add(file.resolve())


def check_own(
    transformation: Transformation, folder: Path, plan: Plan, written: Iterable[Path | None]
) -> None:
    """Refuse to write over a schema, a table or another file that a project is made of. Raises BadInput.

    Rows go into a database without anything being replaced, so that a database may be its own schema.
    """
    documents = (plan.target, *(each.document for each in plan.outputs))
    if any(document.format == "database" for document in documents):
        return
    further = (*transformation.sources.values(), *transformation.targets.values())
    uses = (transformation.source, transformation.target, *further)
    schemas = {(folder / use.schema).resolve() for use in uses if use.schema}
    for file in written:
        if file is None or not file.is_file():
            continue
        place = file.resolve()
        if place in schemas or _is_own(place):
            raise BadInput(
                _("This file is a part of the project; it would be overwritten."),
                file=file,
                next_step=_("Name another file to write to; nothing was changed."),
            )


def _is_own(place: Path) -> bool:
    project = find_project(place)
    if project is None:
        return False
    inside = place.relative_to(project.resolve())
    return (len(inside.parts) == 1 and inside.name == PROJECT_FILE) or inside.parts[0] in _OWN


def _there(files: set[Path]) -> list[Path]:
    return [file for file in files if file.exists()]
