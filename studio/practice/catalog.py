"""The objects of the org: fields with type, length, picklist, references and rights, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

# Types whose values are text of limited length.
TEXT_TYPES = frozenset(
    {
        "string",
        "textarea",
        "picklist",
        "multipicklist",
        "combobox",
        "email",
        "phone",
        "url",
        "encryptedstring",
    }
)
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})
# A text area up to this length can be filtered and sorted; a longer one cannot.
SHORT_TEXT = 255


@dataclass(frozen=True)
class Pick:
    """One value of a picklist; its label is the value itself. `under` names the controlling values it goes with."""

    value: str
    default: bool = False
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One field. `length` in characters; `precision` and `scale` in decimal digits, `digits` for whole numbers.

    `relationship` is the name a query follows to the parent, `children` the name of the way back; `formula` names
    how a read-only value is computed, `auto` is an auto-number's display format; `compound` is the compound field
    this one is part of; a `not_null` field is filled by the org itself when left out.
    """

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    picklist: tuple[Pick, ...] = ()
    restricted: bool = False
    references: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    cascade: bool = False
    master: bool = False
    required: bool = False
    not_null: bool = False
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    default: str | bool | None = None
    unique: bool = False
    external: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    name_field: bool = False
    filterable: bool = True
    permissionable: bool = True
    auto: str | None = None
    formula: str | None = None
    compound: str | None = None
    controller: str | None = None
    extra: str | None = None

    @property
    def custom(self) -> bool:
        """Made in the org rather than delivered with it."""
        return self.name.endswith("__c")

    @property
    def nillable(self) -> bool:
        """May be empty."""
        computed_name = self.name_field and bool(self.formula or self.auto)
        return not (self.required or self.not_null or computed_name or self.type in ("boolean", "id"))

    @property
    def is_text(self) -> bool:
        """Holds text of limited length."""
        return self.type in TEXT_TYPES

    @property
    def long(self) -> bool:
        """Too long to be filtered or sorted by."""
        return self.type == "textarea" and self.length > SHORT_TEXT

    @property
    def stored(self) -> bool:
        """Has a column of its own; compound fields are put together from their parts."""
        return self.type != "address"

    @property
    def is_key(self) -> bool:
        """An upsert or a relationship column may name it."""
        return self.external or self.id_lookup or self.unique

    @cached_property
    def key_column(self) -> str:
        """The column that keys are compared in: a folded copy where upper and lower case are the same."""
        folded = self.is_key and self.is_text and not self.case_sensitive
        return self.name + "~" if folded else self.name


@dataclass(frozen=True)
class RecordType:
    """A record type of an object."""

    name: str
    label: str


@dataclass(frozen=True)
class SObject:
    """One object: names, key prefix, rights and fields in describe order."""

    name: str
    prefix: str
    label: str
    plural: str
    fields: tuple[Field, ...]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    record_types: tuple[RecordType, ...] = ()

    @property
    def custom(self) -> bool:
        """Made in the org rather than delivered with it."""
        return self.name.endswith("__c")

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by lower-case name: the vendor's names do not tell upper from lower case."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> dict[str, Field]:
        """Reference fields by lower-case relationship name."""
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields a new record must be given."""
        return tuple(
            field
            for field in self.fields
            if field.required and field.createable and not field.defaulted and field.default is None
        )

    @cached_property
    def keys(self) -> tuple[Field, ...]:
        """Fields with a key index, apart from Id."""
        return tuple(field for field in self.fields if field.is_key and field.type != "id")

    def field(self, name: str) -> Field | None:
        """The field of this name in any case."""
        return self.by_name.get(name.lower())

    @property
    def name_field(self) -> Field | None:
        """The field that says which record this is."""
        return next((field for field in self.fields if field.name_field), None)


@dataclass(frozen=True)
class ChildLink:
    """A field of `child` that refers to the object asked about."""

    child: SObject
    field: Field


class Catalog:
    """The objects the org has now; custom ones may be added while it runs."""

    def __init__(self) -> None:
        self._objects: dict[str, SObject] = {}
        self.changes = 0

    def __iter__(self) -> Iterator[SObject]:
        return iter(tuple(self._objects.values()))

    def add(self, sobject: SObject) -> None:
        """Add or replace an object."""
        self._objects[sobject.name.lower()] = sobject
        self.changes += 1

    def get(self, name: str) -> SObject | None:
        """The object of this name in any case."""
        return self._objects.get(name.lower())

    def with_prefix(self, prefix: str) -> SObject | None:
        """The object whose ids begin with these three characters."""
        return next((sobject for sobject in self if sobject.prefix == prefix), None)

    def children(self, parent: SObject) -> list[ChildLink]:
        """Every field of every object that refers to `parent`, by object name."""
        links = [
            ChildLink(sobject, field)
            for sobject in self
            for field in sobject.fields
            if parent.name in field.references
        ]
        return sorted(links, key=lambda link: (link.child.name, link.field.name))

    def custom_prefix(self, taken: Iterable[str] = ()) -> str:
        """The next free key prefix of a custom object: a00, a01, …"""
        used = {sobject.prefix for sobject in self} | set(taken)
        return next(prefix for prefix in (f"a{n:02d}" for n in range(100)) if prefix not in used)
