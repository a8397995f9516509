"""Schemas written as files: in another form, or inferred from samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.base import atomic
from studio.project.layout import ref_for
from studio.schema.export.write import FORMS, export
from studio.schema.model import Schema
from studio.schema.own import own_text
from studio.schema.several import infer_from

# In which form what was inferred is kept; rows of columns have one of our own.
_KEPT = {"xml": "xsd", "json": "json-schema"}


def write_export(schema: Schema, form: str, root: str, target: Path) -> list[str]:
    """Write a schema in a form to `target`, with further files beside it; their names, the main one first.

    Raises BadInput for an unknown form, a root that is not there or a file that cannot be written.
    """
    place = schema.root(root) if root else None
    files = export(schema, form, root=place.node if place is not None else None, name=target.stem)
    names = list(files)
    for name, text in files.items():
        atomic.write_text(target if name == names[0] else target.parent / name, text)
    return [target.name, *names[1:]]


def write_inferred(folder: Path, samples: Sequence[Path]) -> str:
    """Write the schema all samples fit into the project's schemas, named after the first; its path in the project."""
    schema = infer_from(samples)
    form = _KEPT.get(schema.kind)
    ending = FORMS[form] if form is not None else ".yaml"
    place = folder / "schemas"
    taken = {file.stem for file in place.iterdir()} if place.is_dir() else set()
    target = place / (ref_for(samples[0].stem, taken) + ending)
    if form is not None:
        write_export(schema, form, "", target)
    else:
        atomic.write_text(target, own_text(schema))
    return f"schemas/{target.name}"
