"""One row of a schema tree, and what the map adds to the schema's own tree: instances, picks, parked rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from studio.mapping import address
from studio.mapping.model import Rule
from studio.schema.model import Place


class RowKind(Enum):
    """A schema node (or one instance of it), a choice around alternatives, a node of which several stand below (instances,
    picked types), what may stand instead of a node, a rule without a node, the head of a further document."""

    NODE = "node"
    CHOICE = "choice"
    WRAPPER = "wrapper"
    INSTEAD = "instead"
    PARKED = "parked"
    DOCUMENT = "document"


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One row. `key` is unique in its tree and stable; `path` the address (a choice has its parent's, a document's head its root's), `inside` the addresses of
    a choice's alternatives, or of what stands in a wrapper."""

    key: str
    path: str
    depth: int
    kind: RowKind
    place: Place | None
    expandable: bool
    rule: Rule | None = None
    inside: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """It holds instances, picks or drawn nodes: seldom folded."""
        return self.kind is RowKind.WRAPPER or (self.kind is RowKind.NODE and bool(self.inside))


@dataclass(frozen=True)
class Shape:
    """What the map adds to the schema's own tree.

    `variants` are the addresses to show instead of a node: instances (`party[1]`, `party[2]`) and picked types, by the
    node's own address; `parked` the rules shown below an address; `admitted` the nodes that a wildcard lets in, by the
    address around them. With `choose` a choice shows only the alternatives that have rules (`touched` holds the
    addresses of rules and all above them, without numbers) or that the person `picked`, the first one where neither is
    so; else all of them until some are picked.
    """

    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parked: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    choose: bool = False
    touched: frozenset[str] = field(default=frozenset(), compare=False)
    picked: frozenset[str] = field(default=frozenset(), compare=False)
    admitted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def chosen(self, row: Row) -> frozenset[str] | None:
        """The alternatives of a choice to show, None for all of them."""
        if row.place is None:
            return None
        paths = [address.plain(path) for path in row.inside]
        picked = {path for path in paths if path in self.picked}
        if not self.choose and not picked:
            return None
        found = picked | {path for path in paths if path in self.touched}
        return frozenset(found or paths[:1])


NO_SHAPE = Shape()


def shape_of(
    rules: Sequence[Rule],
    parked: Mapping[str, tuple[Rule, ...]],
    picks: Iterable[str],
    admitted: Callable[[str], bool] = lambda _path: False,
) -> Shape:
    """The shape a map gives its target tree; `picks` are addresses asked for, `admitted` tells those a wildcard lets in."""
    ruled = address.with_ancestors(rule.path for rule in rules)
    return target_shape(ruled, parked, picks, admitted)


def target_shape(
    ruled: Iterable[str],
    parked: Mapping[str, tuple[Rule, ...]],
    picks: Iterable[str],
    admitted: Callable[[str], bool],
) -> Shape:
    """The same; `ruled` are the addresses of the rules and all those above them."""
    return _shape(set(ruled), tuple(picks), parked, admitted, choose=True)


def source_shape_of(
    linked: Iterable[str], picks: Iterable[str], admitted: Callable[[str], bool] = lambda _path: False
) -> Shape:
    """The shape a map gives its source tree; `linked` are the addresses its rules read and all those above them."""
    return _shape(set(linked), tuple(picks), {}, admitted, choose=False)


def _shape(
    touched: set[str],
    picks: tuple[str, ...],
    parked: Mapping[str, tuple[Rule, ...]],
    admitted: Callable[[str], bool],
    *,
    choose: bool,
) -> Shape:
    asked = address.with_ancestors(picks)
    variants: dict[str, dict[str, None]] = {}
    open_: dict[str, dict[str, None]] = {}
    for path in (*touched, *asked):
        if path.endswith("]") or "~" in path:
            base = _base(path)
            if base != path:
                variants.setdefault(base, {})[path] = None
        if admitted(path):
            open_.setdefault(address.parent(path) or "", {})[_base(path)] = None
    own = touched | set(picks)
    ordered = {
        base: tuple(([base] if base in own else []) + sorted(paths, key=_variant_order))
        for base, paths in variants.items()
    }
    return Shape(
        # Nobody asks for what is touched where all alternatives are shown.
        ordered, parked, choose, frozenset(map(address.plain, touched if choose or picks else ())), frozenset(map(address.plain, picks)),
        {up: tuple(sorted(paths)) for up, paths in open_.items()},
    )  # fmt: skip


def _base(path: str) -> str:
    """The address with the last step's instance number and type pick taken away."""
    up = address.parent(path)
    last = address.plain(address.split(path)[-1])
    if up is None:
        return last
    return f"{up}/{last}"


def _variant_order(path: str) -> tuple[str, int]:
    # By their numbers, as they are written, whatever their types.
    base, number = address.instance(path)
    return ("", number) if number else (base, 0)
