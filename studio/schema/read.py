"""Reading any schema: recognises what a file is from its content and picks the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.schema.kinds import KINDS, TABLE
from studio.schema.model import Node, Schema
from studio.schema.near import nearest
from studio.schema.recognise import recognise

__all__ = ["KINDS", "read_schema", "recognise", "with_root_first"]

# So many roots are all named to someone who asks for one that is not there.
_FEW = 8


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
        raise BadInput(
            _("The schema has no root called {name}.").format(name=name),
            file=path,
            next_step=_known_roots(schema, name),
        )
    others = tuple(node for node in schema.roots if node is not place.node)
    return replace(schema, roots=(place.node, *others))


def _known_roots(schema: Schema, name: str) -> str:
    """The roots of a schema, or those most like `name` where there are many."""
    names = _names(schema.roots)
    if len(names) <= _FEW:
        return _("Its roots are: {roots}.").format(roots=", ".join(filter(None, names)) or _("none"))
    near = nearest(name, [*names, *_names(schema.others() if schema.others else ())], most=_FEW)
    if near:
        return _("It has {count} roots; the nearest names are: {roots}.").format(
            count=len(names), roots=", ".join(near)
        )
    return _("It has {count} roots, among them: {roots}.").format(
        count=len(names), roots=", ".join(names[:_FEW])
    )


def _names(nodes: Iterable[Node]) -> list[str]:
    return [f"{node.prefix}:{node.name}" if node.prefix else node.name for node in nodes]


def _unknown(kind: str, path: Path) -> WeftError:
    return BadInput(
        _("There is no kind of schema called {kind}.").format(kind=kind),
        file=path,
        next_step=_("The kinds are: {kinds}.").format(kinds=", ".join(KINDS)),
    )
