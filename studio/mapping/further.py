"""The further documents of a transformation: their schemas, and the trees of both sides that find their nodes too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from studio.base.records import dataclass
from studio.mapping.model import SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.drawn import Drawn, with_drawn
from studio.schema.model import Place, Schema
from studio.schema.path import document_of


@dataclass(frozen=True)
class MoreSchemas:
    """The schemas of a transformation's further sources and targets by their names; those that do not read are not there."""

    sources: Mapping[str, Schema] = field(default_factory=dict)
    targets: Mapping[str, Schema] = field(default_factory=dict)


NO_MORE = MoreSchemas()


# The sides of a transformation, as `picks` and `drawn` name them.
SOURCE, TARGET = "source", "target"


def tree_of(
    schema: Schema | None,
    use: SchemaUse,
    further: Mapping[str, Schema],
    uses: Mapping[str, SchemaUse],
    drawn: Mapping[str, Drawn] | None = None,
) -> Tree:
    """The tree of one side: the main document's, which finds the nodes of the further ones too; with the drawn nodes."""
    drawn = drawn or {}
    more = {
        name: Tree(_root(further.get(name), each.root, _of(name, drawn)), name=name)
        for name, each in uses.items()
    }
    return Tree(_root(schema, use.root, _of("", drawn)), more)


def source_tree(given: Transformation, schema: Schema | None, further: MoreSchemas) -> Tree:
    """The tree of the source side of a transformation."""
    return tree_of(schema, given.source, further.sources, given.sources, given.drawn.get(SOURCE))


def target_tree(given: Transformation, schema: Schema | None, further: MoreSchemas) -> Tree:
    """The tree of the target side of a transformation."""
    return tree_of(schema, given.target, further.targets, given.targets, given.drawn.get(TARGET))


def holds_fields(schema: Schema) -> bool:
    """Its documents are JSON: a drawn node that holds a value alone is a field."""
    return schema.kind.startswith(("json", "openapi"))


def _root(schema: Schema | None, name: str, drawn: Mapping[str, Drawn]) -> Place | None:
    root = schema.root(name) if schema is not None else None
    if root is None or schema is None or not drawn:
        return root
    return replace(root, node=with_drawn(root.node, drawn, fields=holds_fields(schema)))


def _of(document: str, drawn: Mapping[str, Drawn]) -> dict[str, Drawn]:
    """The drawn nodes of one document, their addresses without its name."""
    lead = f"{document}::" if document else ""
    return {path.removeprefix(lead): each for path, each in drawn.items() if document_of(path) == document}


def trees_of(
    transformation: Transformation, source: Schema | None, target: Schema | None, further: MoreSchemas
) -> Trees:
    """The trees of both sides."""
    return Trees(
        source_tree(transformation, source, further),
        target_tree(transformation, target, further),
    )
