"""The chip of a row at which something is to be picked: a choice, types, members of a group, a wildcard, instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.schema.instead import variants
from studio.schema.model import Kind
from ui.canvas.row_look import Look
from ui.canvas.shape import Row, RowKind

# Names told in a chip; more are counted.
_NAMED = 2
# Beyond so many kinds nobody wants to know how many.
_COUNTED = 999


def picked_look(look: Look, row: Row) -> Look:
    """The look with its chip, where the row has one: what is picked now, or how many there are to pick from."""
    place = row.place
    if place is None:
        return look
    if row.kind is RowKind.CHOICE:
        return replace(look, picker=look.picker or _("choose"))
    if row.kind is RowKind.WRAPPER:
        names = list(dict.fromkeys(_pick(path) for path in row.inside))
        state = ngettext("{n} stands here", "{n} stand here", len(row.inside)).format(n=len(row.inside))
        if any(names):
            said = said_names([name or _("any kind") for name in names])
        else:
            said = ngettext("{n} instance", "{n} instances", len(row.inside)).format(n=len(row.inside))
        return replace(look, picker=said, state=state)
    if place.node.kind is Kind.ANY:
        count = len(row.inside)
        said = ngettext("{n} node", "{n} nodes", count).format(n=count) if count else _("draw")
        return replace(look, picker=said)
    if row.kind is RowKind.NODE and "~" not in row.path.rpartition("/")[2] and not row.path.endswith("]"):
        count = sum(1 for _each in islice(variants(place.node), _COUNTED))
        if count:
            return replace(look, picker=ngettext("{n} kind", "{n} kinds", count).format(n=count))
    return look


def said_names(names: Sequence[str]) -> str:
    """The first names, and how many more."""
    said = ", ".join(names[:_NAMED])
    return said if len(names) <= _NAMED else _("{names} +{n}").format(names=said, n=len(names) - _NAMED)


def _pick(path: str) -> str:
    last = address.instance(path)[0].rpartition("/")[2]
    return last.partition("~")[2].strip("`")
