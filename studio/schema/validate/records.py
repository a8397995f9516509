"""Where the records of a document are: the first repeating node below its root."""

from __future__ import annotations

from studio.schema.model import Place, Schema
from studio.schema.path import Step, parse_path

# Envelopes around the records are hardly deeper.
_DEEPEST = 4
_WIDEST = 200


def record_steps(schema: Schema, root: str | None, record: str | None) -> tuple[Step, ...]:
    """The steps to the node whose instances are counted as records: `record`, or what the schema suggests.

    Without a name for it, the nearest repeating node below the root with children of its own; none if there is none.
    """
    if record:
        return parse_path(record)
    start = schema.root(root)
    if start is None:
        return ()
    found = start if start.repeats else _nearest(start)
    return parse_path(found.path) if found is not None else ()


def _nearest(start: Place) -> Place | None:
    level = [start]
    for _depth in range(_DEEPEST):
        below = [child for place in level for child in place.flat_children() if not child.node.attribute]
        repeating = [place for place in below if place.repeats and place.node.name]
        if repeating:
            return next((place for place in repeating if not place.node.type.leaf), repeating[0])
        level = [place for place in below if not place.node.type.leaf and not place.recursive][:_WIDEST]
    return None
