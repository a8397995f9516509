"""A tree as the header line of a CSV file: every single value below the first repeating node."""

from __future__ import annotations

import csv
import io

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.model import Kind, Node, Place, Schema

_DEEPEST = 12
MOST_COLUMNS = 5000


def to_csv_header(schema: Schema, roots: tuple[Node, ...] | None = None) -> str:
    """The header line: names of the values, with those of the structures above them before a dot.

    Values that repeat, or lie in structures that repeat below the record, have no column. Raises BadInput where
    nothing is left.
    """
    columns: dict[str, None] = {}
    for root in (roots or schema.roots)[:1]:
        _columns(_record(Place.root(root)), "", columns, 0)
    if not columns:
        raise BadInput(
            _("The tree holds no single values, so there are no columns."),
            next_step=_("Choose another root, one that holds fields."),
        )
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(columns)
    return line.getvalue()


def _record(place: Place) -> Place:
    """The place whose instances are the rows: the first that repeats on the way down single structures."""
    here = place
    for _level in range(_DEEPEST):
        if here.repeats:
            return here
        inside = [
            child
            for child in here.flat_children()
            if not child.node.type.leaf and child.node.kind is not Kind.ANY
        ]
        values = [child for child in here.flat_children() if child.node.type.leaf and not child.repeats]
        if len(inside) != 1 or values or inside[0].recursive:
            return here
        here = inside[0]
    return here


def _columns(place: Place, lead: str, columns: dict[str, None], depth: int) -> None:
    if place.node.type.leaf and place.node.value is not None:
        columns[lead or place.node.name or "value"] = None
    for child in place.flat_children():
        node = child.node
        if node.kind is Kind.ANY or (child.repeats and depth >= 0) or len(columns) >= MOST_COLUMNS:
            continue
        name = f"{lead}.{node.name}" if lead else node.name
        if node.value is not None:
            columns.setdefault(name)
        if not node.type.leaf and depth < _DEEPEST and not child.recursive:
            _columns(child, name, columns, depth + 1)
