"""Where generated code keeps a record's values: a slot per single value, a list of tuples per repeating node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from studio.base.records import dataclass
from studio.engine.plan import Shape

Chain = tuple[str, ...]


@dataclass
class Row:
    """The values of one instance of a repeating node (or of the record): `index` says which place each has.

    Places are known by what they hold: `("text", chain)`, `("present", chain)`, `("type", chain)`, `("list", chain)`;
    `rows` are the rows of the lists.
    """

    chain: Chain
    shape: Shape
    index: dict[tuple[str, Chain], int] = field(default_factory=dict)
    rows: dict[Chain, Row] = field(default_factory=dict)

    def place(self, kind: str, chain: Chain) -> int:
        """The place of a value, made on first use."""
        return self.index.setdefault((kind, chain), len(self.index))


@dataclass(frozen=True)
class Ref:
    """A row at hand: `name` gives the expression of the value at a place; `taken` is how it is taken apart, if not so."""

    row: Row
    name: Callable[[int], str]
    taken: str = ""


def layout(shape: Shape, chain: Chain) -> Row:
    """The row of a record or repeating node of this shape."""
    row = Row(chain, shape)
    _visit(row, shape, chain)
    return row


def _visit(row: Row, shape: Shape, chain: Chain) -> None:
    if shape.text:
        row.place("text", chain)
    if shape.present:
        row.place("present", chain)
    if shape.typed:
        row.place("type", chain)
    for key, child in shape.children.items():
        below = (*chain, key)
        if child.repeats:
            row.place("list", below)
            row.rows[below] = layout(child, below)
        else:
            _visit(row, child, below)


def numbered(row: Row, prefix: str) -> Ref:
    """The row in variables of its own: `a0`, `a1` …"""
    return Ref(row, lambda place: f"{prefix}{place}")


def indexed(row: Row, variable: str) -> Ref:
    """The row in one variable that holds the tuple."""
    return Ref(row, lambda place: f"{variable}[{place}]")


def unpacked(ref: Ref) -> str:
    """A row's tuple, to make it or to take it apart."""
    if ref.taken:
        return ref.taken
    names = [ref.name(place) for place in range(len(ref.row.index))]
    return "(" + "".join(f"{name}, " for name in names) + ")"
