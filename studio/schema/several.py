"""One schema inferred from several samples of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.infer import facts_of_both, wider
from studio.schema.json_sample import read_json_samples
from studio.schema.model import Kind, Node, Schema, Type
from studio.schema.read import read_schema
from studio.schema.recognise import recognise
from studio.schema.xml_sample import read_xml_samples

# Kinds whose schema is rows of columns; they are merged column by column.
_ROWS = ("delimited", "excel")
SAMPLES = ("xml", "json", *_ROWS)


def infer_from(paths: Sequence[Path], *, encoding: str | None = None) -> Schema:
    """The schema that all the samples (XML, JSON, JSON lines, delimited) fit.

    What every sample has is required, what one lacks is optional; types are widened until every value fits. Raises
    BadInput where a file is no sample or of another kind than the first, and for what its reader refuses.
    """
    kinds = [recognise(path, encoding=encoding) for path in paths]
    for kind, path in zip(kinds, paths, strict=True):
        if kind not in SAMPLES:
            raise BadInput(
                _("This is no sample but a schema of kind {kind}.").format(kind=kind),
                file=path,
                next_step=_("Give sample documents only, or this schema alone."),
            )
        if kind != kinds[0]:
            raise BadInput(
                _("This sample is of kind {kind}, the first one of kind {first}.").format(
                    kind=kind, first=kinds[0]
                ),
                file=path,
                next_step=_("Give samples of one kind."),
            )
    if not kinds:
        raise BadInput(
            _("There is no sample to infer a schema from."), next_step=_("Give one or more files.")
        )
    if kinds[0] == "xml":
        return read_xml_samples(paths, encoding=encoding)
    if kinds[0] == "json":
        return read_json_samples(paths, encoding=encoding)
    return reduce(_rows_of_both, (read_schema(path, kind=kinds[0], encoding=encoding) for path in paths))


def _rows_of_both(one: Schema, other: Schema) -> Schema:
    """Columns by name: those of the first in their order, then new ones."""
    others = {root.name: root for root in other.roots}
    roots = [_row(root, others.pop(root.name)) if root.name in others else root for root in one.roots]
    return replace(
        one,
        roots=(*roots, *others.values()),
        files=(*one.files, *other.files),
        problems=(*one.problems, *other.problems),
    )


def _row(one: Node, other: Node) -> Node:
    if one.kind is not Kind.SEGMENT or other.kind is not Kind.SEGMENT:
        return one
    columns = {node.name: node for node in one.type.children}
    for node in other.type.children:
        known = columns.get(node.name)
        columns[node.name] = node if known is None else _column(known, node)
    nodes = tuple(
        replace(node, facts={**node.facts, "position": str(at)}) if "position" in node.facts else node
        for at, node in enumerate(columns.values(), 1)
    )
    return replace(one, type=Type(one.type.name, children=lambda: nodes))


def _column(one: Node, other: Node) -> Node:
    value = one.value
    if value is None or "examples" not in one.facts:
        # A column that was empty tells nothing about its type.
        value = other.value
    elif other.value is not None and "examples" in other.facts:
        value = wider(value, other.value)
    return replace(
        one,
        type=Type(value.name if value else "", value=value),
        nillable=one.nillable or other.nillable,
        facts=facts_of_both(one.facts, other.facts),
    )
