"""Reading any schema: recognises what a file is from its content and picks the reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.schema.kinds import KINDS, TABLE
from studio.schema.model import Schema
from studio.schema.recognise import recognise

__all__ = ["KINDS", "read_schema", "recognise", "with_root_first"]


def read_schema(
    path: Path | str,
    *,
    kind: str | None = None,
    root: str | None = None,
    encoding: str | None = None,
    within: Path | None = None,
) -> Schema:
    """The schema in a file of any kind.

    `kind` (one of KINDS) forces a reader, else the content decides. `root` must be one of the schema's roots and is
    put first. `encoding` overrides what the file says of itself. `within` is the folder no include may leave. Raises
    BadInput naming file, line and next step; nothing is ever fetched from a network.
    """
    path = Path(path)
    chosen = kind or recognise(path, encoding=encoding)
    entry = TABLE.get(chosen)
    if entry is None:
        raise _unknown(chosen, path)
    told = {"encoding": encoding, "within": within}
    schema = entry.reader()(path, **{name: told[name] for name in entry.takes})
    return with_root_first(schema, root, path) if root else schema


def with_root_first(schema: Schema, name: str, path: Path) -> Schema:
    """The schema with the root called `name` as its first; raises BadInput naming the roots where there is none."""
    place = schema.root(name)
    if place is None:
        known = ", ".join(node.name for node in schema.roots[:8])
        raise BadInput(
            _("The schema has no root called {name}.").format(name=name),
            file=path,
            next_step=_("Its roots are: {roots}.").format(roots=known or _("none")),
        )
    others = tuple(node for node in schema.roots if node is not place.node)
    return replace(schema, roots=(place.node, *others))


def _unknown(kind: str, path: Path) -> WeftError:
    return BadInput(
        _("There is no kind of schema called {kind}.").format(kind=kind),
        file=path,
        next_step=_("The kinds are: {kinds}.").format(kinds=", ".join(KINDS)),
    )
