"""What a reference to objects of several kinds leads to in a query: the few fields that all of them share a name for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.practice.catalog import Field, SObject
from studio.practice.store import quoted

_SHARED = ("Alias", "Email", "FirstName", "LastName", "Phone", "Title", "Username")


@dataclass(frozen=True)
class NameObject(SObject):
    """The object called Name, which stands for records of any of these `kinds`."""

    kinds: tuple[SObject, ...] = ()

    @property
    def sql(self) -> str:
        """The records of all kinds, as a table."""
        return "(" + " UNION ALL ".join(self._part(kind) for kind in self.kinds) + ")"

    def _part(self, kind: SObject) -> str:
        name = kind.name_field.name if kind.name_field else "Id"
        columns = [f'"Id", {quoted(name)} AS "Name", \'{kind.name}\' AS "Type"']
        for shared in _SHARED:
            columns.append(quoted(shared) if kind.field(shared) else f"NULL AS {quoted(shared)}")
        return f"SELECT {', '.join(columns)} FROM {quoted(kind.name)}"

    def kind_of(self, record: str) -> SObject:
        """The object a record with this id is one of."""
        return next((kind for kind in self.kinds if kind.prefix == record[:3]), self)


def name_object(kinds: Sequence[SObject]) -> NameObject:
    """The object that stands for records of these kinds."""
    fields = [Field("Id", "ID", "id", length=18), Field("Name", "Name", "string", length=255, name_field=True),
              Field("Type", "Type", "picklist", length=40)]  # fmt: skip
    fields += [Field(name, name, "string", length=255) for name in _SHARED]
    return NameObject("Name", "", "Name", "Names", tuple(fields), kinds=tuple(kinds))
