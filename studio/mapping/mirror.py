"""Making the target of a transformation like its source: the same schema, each field carried over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from studio.mapping import remap
from studio.mapping.connect import apply_pairs, subtree
from studio.mapping.model import Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Schema

_STEP = 20


def mirrored(transformation: Transformation, source: Schema) -> Transformation:
    """The transformation whose target is the schema its source has; what has no rule yet takes the same field.

    Rules that find their node in the new target stay, the others are parked. `source` is the source's schema. Of a very
    large schema only the fields nearest to the root are carried over (see `connect.subtree`).
    """
    *_steps, last = mirror(transformation, source)
    return last


def mirror(transformation: Transformation, source: Schema) -> Iterator[Transformation]:
    """`mirrored` in steps, each a whole transformation with a few more rules, for a window that must stay awake."""
    use = transformation.source
    root = source.root(use.root or None)
    trees = Trees(Tree(root), Tree(root))
    mapping = remap.fit(transformation.mapping, trees)
    yield replace(transformation, target=use, mapping=mapping)
    pairs = subtree(mapping, trees, root.path, root.path) if root is not None else ()
    for at in range(0, len(pairs), _STEP):
        mapping = apply_pairs(mapping, trees, pairs[at : at + _STEP])
        yield replace(transformation, target=use, mapping=mapping)
