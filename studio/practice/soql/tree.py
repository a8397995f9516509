"""A query as a tree; `at` is the place in the text (from 0) a complaint points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Path:
    """A field, or a field of a parent: the steps as written."""

    steps: tuple[str, ...]
    at: int

    @property
    def text(self) -> str:
        """As written."""
        return ".".join(self.steps)


@dataclass(frozen=True)
class Aggregate:
    """`COUNT()`, `COUNT(Id) alias`, `SUM(Amount)` …; `path` None for a bare COUNT()."""

    function: str
    path: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True)
class AllFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    which: str
    at: int


@dataclass(frozen=True)
class Literal:
    """A value: `kind` is string, number, boolean, null, date, datetime or period (then `count` for its N)."""

    kind: str
    text: str
    at: int
    count: int = 0


@dataclass(frozen=True)
class Comparison:
    """`field operator values`; the operators in, not in, includes and excludes have several values."""

    path: Path | Aggregate
    operator: str
    values: tuple[Literal, ...]
    query: Query | None = None


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    condition: Condition


@dataclass(frozen=True)
class Both:
    """Conditions joined by `and` or by `or`."""

    word: str
    conditions: tuple[Condition, ...]


Condition = Comparison | Not | Both


@dataclass(frozen=True)
class Order:
    """A field to sort by."""

    path: Path | Aggregate
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class SubQuery:
    """A query over a child relationship, inside the select list."""

    query: Query


@dataclass(frozen=True)
class TypeOf:
    """`TYPEOF What WHEN Account THEN Phone, Website ELSE Name END`: fields by the kind of record a lookup leads to."""

    relationship: Path
    whens: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]
    at: int


Item = Path | Aggregate | AllFields | SubQuery | TypeOf


@dataclass(frozen=True)
class Query:
    """One SELECT."""

    select: tuple[Item, ...]
    source: str
    source_at: int
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Path, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None
