"""What the columns of a load mean: a field of the object, or a parent's key reached through a reference."""

from __future__ import annotations

from dataclasses import dataclass

from studio.practice.catalog import Catalog, Field, SObject


@dataclass(frozen=True)
class Column:
    """A header with the field it fills; `parent` and `parent_key` say where a relationship column looks."""

    header: str
    field: Field
    parent: SObject | None = None
    parent_key: Field | None = None

    @property
    def value_field(self) -> Field:
        """The field whose type the values have."""
        return self.parent_key or self.field


def column_for(catalog: Catalog, sobject: SObject, header: str) -> Column | None:
    """The column of a header: `Name`, `Owner.Username` or, where several objects may be meant, `User:Owner.Username`.

    None when the object has no such field, or the parent no such key.
    """
    named, _colon, path = header.rpartition(":")
    relationship, _dot, name = path.rpartition(".")
    if not relationship:
        field = None if named else sobject.field(name)
        return Column(header, field) if field else None
    field = sobject.by_relationship.get(relationship.lower())
    if field is None:
        return None
    wanted = [named] if named else list(field.references)
    if named and named.lower() not in (target.lower() for target in field.references):
        return None
    for target in wanted:
        parent = catalog.get(target)
        key = parent.field(name) if parent else None
        if parent and key and key.is_key and key.type != "id":
            return Column(header, field, parent, key)
    return None
