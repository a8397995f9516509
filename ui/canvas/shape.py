"""One row of a schema tree, and what the map adds to the schema's own tree: instances, picks, parked rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from studio.mapping import address
from studio.mapping.model import Rule
from studio.schema.model import Place


class RowKind(Enum):
    """A schema node (or one instance of it), a choice around alternatives, what may stand instead of a node, a rule
    without a node, the head of a further document."""

    NODE = "node"
    CHOICE = "choice"
    INSTEAD = "instead"
    PARKED = "parked"
    DOCUMENT = "document"


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One row. `key` is unique in its tree and stable; `path` the address (a choice has its parent's, a document's head its root's), `inside` the addresses of
    a choice's alternatives."""

    key: str
    path: str
    depth: int
    kind: RowKind
    place: Place | None
    expandable: bool
    rule: Rule | None = None
    inside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """What the map adds to the schema's own tree.

    `variants` are the addresses to show instead of a node: instances (`party[1]`, `party[2]`) and picked types, by the
    node's own address; `parked` the rules shown below an address. With `choose` a choice shows only the alternatives
    that have rules (`touched` holds the addresses of rules and all above them, without numbers) or that the person
    picked (`picks`: choice row's key to alternative), the first one where neither is so.
    """

    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parked: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    choose: bool = False
    touched: frozenset[str] = field(default=frozenset(), compare=False)
    picks: Mapping[str, str] = field(default_factory=dict, compare=False)

    def chosen(self, row: Row) -> frozenset[str] | None:
        """The alternatives of a choice to show, None for all of them."""
        if not self.choose or row.place is None:
            return None
        paths = [address.plain(path) for path in row.inside]
        found = {path for path in paths if path in self.touched}
        pick = self.picks.get(row.key)
        return frozenset(found | {pick} if pick else found or paths[:1])


NO_SHAPE = Shape()


def shape_of(
    rules: Sequence[Rule],
    parked: Mapping[str, tuple[Rule, ...]],
    extra: Iterable[str],
    picks: Mapping[str, str],
) -> Shape:
    """The shape a map gives its target tree; `extra` are instances asked for that have no rule yet."""
    ruled = {up for rule in rules for up in (rule.path, *address.ancestors(rule.path))}
    variants: dict[str, dict[str, None]] = {}
    for path in (*ruled, *(up for each in extra for up in (each, *address.ancestors(each)))):
        if path.endswith("]") or "~" in path:
            base = _base(path)
            if base != path:
                variants.setdefault(base, {})[path] = None
    ordered = {
        base: tuple(([base] if base in ruled else []) + sorted(paths, key=_variant_order))
        for base, paths in variants.items()
    }
    touched = frozenset(address.plain(path) for path in ruled)
    return Shape(ordered, parked, True, touched, picks)


def _base(path: str) -> str:
    """The address with the last step's instance number and type pick taken away."""
    up = address.parent(path)
    last = address.plain(address.split(path)[-1])
    if up is None:
        return last
    return f"{up}/{last}"


def _variant_order(path: str) -> tuple[str, int]:
    base, number = address.instance(path)
    return base, number
