"""Transformation, Mapping and Rule: frozen; an edit makes a new one (see edits.py)."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import field
from functools import cached_property
from typing import Any

from studio.base.records import dataclass
from studio.mapping.instances import Numbering
from studio.schema.drawn import Drawn


@dataclass(frozen=True)
class Group:
    """One target instance per distinct value of the `by` scripts; `adjacent` groups only neighbours."""

    by: tuple[str, ...]
    adjacent: bool = False
    extra: MappingOf[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sort:
    """A sort key of a loop: a script over the candidate node."""

    by: str
    descending: bool = False
    extra: MappingOf[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Join:
    """Rows of another source matched to a loop's node: `match` maps their field to a script over the node."""

    loop: str
    match: MappingOf[str, str]
    kind: str = "inner"
    extra: MappingOf[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """What makes one target node: see the project format for each option.

    `path` is the target address with instance numbers (`invoices/invoice/party[2]/name`). `extra` keeps keys this
    version does not know.
    """

    path: str
    script: str | None = None
    loop: str | None = None
    when: str | None = None
    each: str | None = None
    join: MappingOf[str, Join] = field(default_factory=dict)
    group: Group | None = None
    sort: tuple[Sort, ...] = ()
    first: int | None = None
    last: int | None = None
    note: str = ""
    extra: MappingOf[str, Any] = field(default_factory=dict)

    @property
    def loops(self) -> bool:
        """The rule makes several instances."""
        return self.loop is not None or self.each is not None

    @property
    def empty(self) -> bool:
        """The rule says nothing and may be left out."""
        return self == Rule(self.path)


@dataclass(frozen=True)
class Mapping:
    """The rules by target path, in schema order, and the parked ones whose node has gone."""

    rules: tuple[Rule, ...] = ()
    parked: tuple[Rule, ...] = ()

    @cached_property
    def by_path(self) -> MappingOf[str, Rule]:
        """The rules by their target path."""
        return {rule.path: rule for rule in self.rules}

    @cached_property
    def numbering(self) -> Numbering:
        """Which target nodes have numbers, and which have none."""
        return Numbering(rule.path for rule in self.rules)

    def get(self, path: str) -> Rule | None:
        """The rule at a target path."""
        return self.by_path.get(path)

    def take_over(self, before: Mapping) -> None:
        """What was found out of the mapping before an edit, and holds of this one, need not be found out again."""
        known: Numbering | None = before.__dict__.get("numbering")
        if known is None or "numbering" in self.__dict__:
            return
        old, new = before.by_path.keys(), self.by_path.keys()
        if old <= new:
            more = new - old
            self.__dict__["numbering"] = known.with_more(more) if more else known

    def __len__(self) -> int:
        return len(self.rules)


@dataclass(frozen=True)
class SchemaUse:
    """Which schema file (relative to the project) and which of its roots; `kind` forces a reader, else recognised.

    `sample` is a document of a further source, taken where a run or a preview is given none.
    """

    schema: str
    root: str = ""
    kind: str = ""
    sample: str = ""
    extra: MappingOf[str, Any] = field(default_factory=dict)


ON_FAILURE = ("set-aside", "null-field", "stop")
"""What becomes of a record that fails: it is left out and listed, its field is left without a value, the run ends."""


@dataclass(frozen=True)
class Transformation:
    """Source schema, target schema and the mapping between them.

    `sources` and `targets` are the further documents by the name their paths carry (`prices::/row/price`);
    `namespaces` prefixes for colliding names; `samples` files relative to the project. `validate` names the documents
    that a run holds to their schemas: `input`, `output`; `on_failure` what becomes of a record one of whose rules fails
    (see ON_FAILURE), empty for the first of them. `pages` are parts of a large map by their names: the target nodes that
    each shows, with all that is in them. `picks` are the addresses taken of choices, types, substitutes and repeated
    nodes, `drawn` the nodes drawn where a schema admits anything, each by side (`source`, `target`); a further document's
    begin with its name.
    """

    name: str
    source: SchemaUse
    target: SchemaUse
    mapping: Mapping = Mapping()
    samples: tuple[str, ...] = ()
    sources: MappingOf[str, SchemaUse] = field(default_factory=dict)
    targets: MappingOf[str, SchemaUse] = field(default_factory=dict)
    namespaces: MappingOf[str, str] = field(default_factory=dict)
    description: str = ""
    extra: MappingOf[str, Any] = field(default_factory=dict)
    validate: tuple[str, ...] = ()
    on_failure: str = ""
    pages: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    picks: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    drawn: MappingOf[str, MappingOf[str, Drawn]] = field(default_factory=dict)
