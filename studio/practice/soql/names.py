"""What the paths of a query lead to: columns of the object and of its parents, each parent joined once."""

from __future__ import annotations

from dataclasses import dataclass

from studio.practice.catalog import Catalog, Field, SObject
from studio.practice.failures import ApiError
from studio.practice.soql.lex import malformed
from studio.practice.soql.polymorphic import NameObject, name_object
from studio.practice.soql.tree import Path, Query
from studio.practice.store import quoted

_LEVELS = 5
_ADVICE = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True)
class Join:
    """A parent table: its alias, its object, and the reference it is reached through."""

    alias: str
    sobject: SObject
    via: str
    steps: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The join."""
        table = self.sobject.sql if isinstance(self.sobject, NameObject) else quoted(self.sobject.name)
        return f'LEFT JOIN {table} AS {self.alias} ON {self.alias}."Id" = {self.via}'


@dataclass(frozen=True)
class Place:
    """A field found: the alias of its table, the field, and the canonical path to it."""

    alias: str
    sobject: SObject
    field: Field
    steps: tuple[str, ...]

    @property
    def sql(self) -> str:
        """The column."""
        return f"{self.alias}.{quoted(self.field.name)}"

    @property
    def text(self) -> str:
        """The path as the org spells it: `Account.Owner.Name`."""
        return ".".join((*self.steps, self.field.name))


class Names:
    """Resolves the paths of one query."""

    def __init__(self, catalog: Catalog, sobject: SObject, query: Query, text: str) -> None:
        self._catalog = catalog
        self.sobject = sobject
        self._text = text
        self._own = {name.lower() for name in (sobject.name, query.alias or sobject.name)}
        self.joins: dict[tuple[str, ...], Join] = {}

    @property
    def tables(self) -> str:
        """FROM and its joins."""
        return " ".join([f"{quoted(self.sobject.name)} AS t0", *(join.sql for join in self.joins.values())])

    def find(self, path: Path) -> Place:
        """The field a path leads to. Raises ApiError INVALID_FIELD."""
        *parents, name = path.steps
        if (
            parents
            and parents[0].lower() in self._own
            and parents[0].lower() not in self.sobject.by_relationship
        ):
            parents = parents[1:]
        if len(parents) > _LEVELS:
            message = f"A maximum of {_LEVELS} relationship levels can be followed"
            raise malformed(self._text, path.at, message)
        alias, sobject = "t0", self.sobject
        steps: tuple[str, ...] = ()
        for parent in parents:
            alias, sobject, steps = self._follow(alias, sobject, steps, parent, path)
        field = sobject.field(name)
        if field is None:
            raise self._no_column(name, sobject, path)
        return Place(alias, sobject, field, steps)

    def lookup(self, path: Path) -> Field:
        """The reference to several kinds of objects that TYPEOF looks through. Raises ApiError INVALID_FIELD."""
        field = self.sobject.by_relationship.get(path.text.lower())
        if field is None:
            message = f"Didn't understand relationship '{path.text}' in field path. {_ADVICE}"
            raise malformed(self._text, path.at, message, "INVALID_FIELD")
        if len(field.references) < 2:
            message = f"Field '{path.text}' is not a polymorphic relationship, which TYPEOF needs"
            raise malformed(self._text, path.at, message, "INVALID_FIELD")
        return field

    def parent_id(self, steps: tuple[str, ...]) -> str:
        """The column of the joined parent's id."""
        return f'{self.joins[steps].alias}."Id"'

    def _follow(
        self, alias: str, sobject: SObject, steps: tuple[str, ...], name: str, path: Path
    ) -> tuple[str, SObject, tuple[str, ...]]:
        field = sobject.by_relationship.get(name.lower())
        references = [self._catalog.get(target) for target in field.references] if field else []
        targets = [found for found in references if found is not None]
        several = field is not None and len(field.references) > 1
        target = name_object(targets) if several else next(iter(targets), None)
        if field is None or target is None or field.relationship is None:
            message = f"Didn't understand relationship '{name}' in field path. {_ADVICE}"
            raise malformed(self._text, path.at, message, "INVALID_FIELD")
        further = (*steps, field.relationship)
        join = self.joins.get(further)
        if join is None:
            via = f"{alias}.{quoted(field.name)}"
            join = Join(f"t{len(self.joins) + 1}", target, via, further)
            self.joins[further] = join
        return join.alias, target, further

    def _no_column(self, name: str, sobject: SObject, path: Path) -> ApiError:
        message = f"No such column '{name}' on entity '{sobject.name}'. {_ADVICE}"
        return malformed(self._text, path.at, message, "INVALID_FIELD")
