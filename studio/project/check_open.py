"""What is picked and drawn where schemas leave it open, held against the schemas as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.mapping.further import SOURCE, holds_fields
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.tree import Trees
from studio.schema.drawn import lost
from studio.schema.model import Schema
from studio.schema.path import document_of


def open_problems(
    value: Transformation, trees: Trees, schemas: Mapping[str, Schema | None], id: str, file: str
) -> Iterator[tuple[Problem, tuple[str, ...]]]:
    """What has no place any more, with the keys that lead to it from the top of the file."""
    for side, drawn in value.drawn.items():
        more = value.sources if side == SOURCE else value.targets
        for name, use in {"": value.source if side == SOURCE else value.target, **more}.items():
            key = f"{'sources' if side == SOURCE else 'targets'}.{name}" if name else side
            own = {path: each for path, each in drawn.items() if document_of(path) == name}
            if own:
                yield from _lost(side, name, own, use, schemas.get(key), id, file)
    for side, paths in value.picks.items():
        tree = trees.source if side == SOURCE else trees.target
        for number, path in enumerate(paths):
            here = tree.of(path)
            if here is not None and here.root is not None and tree.find(path) is None:
                message = _("The schema no longer has {path}, which was picked.").format(path=path)
                mend = _("Pick another one, or take it off the list.")
                problem = Problem(Severity.NOTE, message, file, object=id, path=path, mend=mend)
                yield problem, ("picks", side, str(number))


def _lost(
    side: str,
    name: str,
    drawn: Mapping[str, object],
    use: SchemaUse,
    schema: Schema | None,
    id: str,
    file: str,
) -> Iterator[tuple[Problem, tuple[str, ...]]]:
    root = schema.root(use.root) if schema is not None else None
    if root is None or schema is None:
        return
    lead = f"{name}::" if name else ""
    own = {path.removeprefix(lead): each for path, each in drawn.items()}
    for path, refused in lost(root.node, own, fields=holds_fields(schema)):  # type: ignore[arg-type]
        message = (
            _("The schema keeps the namespace of the drawn node {path} out there.")
            if refused
            else _("The schema has no place for the drawn node {path}.")
        )
        mend = (
            _("Give it a namespace that is let in.")
            if refused
            else _("Draw nodes where the schema admits anything, or below drawn ones.")
        )
        problem = Problem(
            Severity.WARNING, message.format(path=lead + path), file, object=id, path=lead + path, mend=mend
        )
        yield problem, ("drawn", side, lead + path)
