"""The further documents of a transformation: their schemas, and the trees of both sides that find their nodes too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from studio.base.records import dataclass
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Schema


@dataclass(frozen=True)
class MoreSchemas:
    """The schemas of a transformation's further sources and targets by their names; those that do not read are not there."""

    sources: Mapping[str, Schema] = field(default_factory=dict)
    targets: Mapping[str, Schema] = field(default_factory=dict)


NO_MORE = MoreSchemas()


def tree_of(
    schema: Schema | None, use: SchemaUse, further: Mapping[str, Schema], uses: Mapping[str, SchemaUse]
) -> Tree:
    """The tree of one side: the main document's, which finds the nodes of the further ones too."""
    more = {
        name: Tree(further[name].root(each.root) if name in further else None, name=name)
        for name, each in uses.items()
    }
    return Tree(schema.root(use.root) if schema is not None else None, more)


def trees_of(
    transformation: Transformation, source: Schema | None, target: Schema | None, further: MoreSchemas
) -> Trees:
    """The trees of both sides."""
    return Trees(
        tree_of(source, transformation.source, further.sources, transformation.sources),
        tree_of(target, transformation.target, further.targets, transformation.targets),
    )
