"""What an org says about its objects and their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.session import Org
from studio.schema.salesforce import bitmap


@dataclass(frozen=True)
class Field:
    """The facts of one field that a move needs; `type` is the org's word (`string`, `picklist`, `reference` …).

    `length` counts characters (0: none given), `digits` whole digits of an integer, `precision` and `scale` digits of a
    number. `values` are a picklist's active values, `labels` pairs of label and value where the label is another text; of
    the record type they are the ids of those the user may choose, by label and name, and `empty_as` the label of the one
    that new records get. `under` are pairs of a value and the values of the field `controller` it goes with. Rights to a
    `permissionable` field are given by field-level security.
    """

    name: str
    label: str
    type: str
    length: int = 0
    digits: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    restricted: bool = False
    values: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    controller: str = ""
    under: tuple[tuple[str, frozenset[str]], ...] = ()
    empty_as: str = ""
    calculated: bool = False
    auto_number: bool = False
    permissionable: bool = False

    @property
    def required_on_create(self) -> bool:
        """A new record must bring a value."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"

    @property
    def can_be_key(self) -> bool:
        """Records can be found by it in an upsert."""
        return self.type == "id" or self.external_id or self.id_lookup


@dataclass(frozen=True)
class ObjectFacts:
    """One object of the org and its fields, in the org's order."""

    name: str
    label: str
    fields: tuple[Field, ...]
    key_prefix: str = ""
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    # What the ids of other objects begin with, by their names, where it was asked for.
    prefixes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by their name in lower case: the org does not tell capitals apart."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        """Reference fields by their relationship's name in lower case (`parent` for `ParentId`)."""
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    def field(self, name: str) -> Field | None:
        """The field a column header means: by name, or the reference of `Parent.ERP_Id__c` and `Type:Parent.Key__c`."""
        found = self.by_name.get(name.lower())
        if found is None and "." in name:
            found = self.by_relationship.get(name.partition(".")[0].rpartition(":")[2].lower())
        return found

    @property
    def keys(self) -> tuple[Field, ...]:
        """The fields an upsert can find records by, external ids first."""
        able = [field for field in self.fields if field.can_be_key]
        return tuple(sorted(able, key=lambda field: (not field.external_id, field.type != "id")))


@dataclass(frozen=True)
class ObjectName:
    """An entry of the org's list of objects."""

    name: str
    label: str
    custom: bool
    createable: bool
    updateable: bool
    deletable: bool
    key_prefix: str = ""


async def describe_bytes(org: Org, name: str) -> bytes:
    """The describe answer as the org gave it: JSON that the schema reader understands.

    Raises BadInput when the org has no such object.
    """
    try:
        return (await org.get(f"{org.data}/sobjects/{quote(name, safe='')}/describe")).body
    except SalesforceError as error:
        if error.status != 404:
            raise
        raise BadInput(
            _("The org has no object {name}, or the user may not see it.").format(name=name),
            next_step=_("Use its API name: Account, or Invoice__c for one of your own."),
        ) from error


async def describe(org: Org, name: str) -> ObjectFacts:
    """The facts of one object; raises BadInput when the org has no such object."""
    return facts(read_describe(await describe_bytes(org, name)))


async def list_objects(org: Org) -> tuple[ObjectName, ...]:
    """All objects the user may see, by label."""
    data = (await org.get(f"{org.data}/sobjects")).json()
    found = [
        ObjectName(
            str(item.get("name", "")),
            str(item.get("label", "")),
            bool(item.get("custom")),
            bool(item.get("createable")),
            bool(item.get("updateable")),
            bool(item.get("deletable")),
            str(item.get("keyPrefix") or ""),
        )
        for item in data.get("sobjects", [])
    ]
    return tuple(sorted(found, key=lambda item: (item.label.lower(), item.name)))


def read_describe(body: bytes) -> Mapping[str, Any]:
    """The describe answer in `body`; raises NotReachable when it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("fields"), list):
        raise NotReachable(
            _("The org's answer does not describe an object."), next_step=_("Check the org's address.")
        )
    return data


def facts(answer: Mapping[str, Any]) -> ObjectFacts:
    """The facts in a describe answer; members that are missing take the harmless value."""
    items = {str(item["name"]): item for item in answer.get("fields", [])}
    types = [item for item in answer.get("recordTypeInfos") or () if item.get("available", True)]
    return ObjectFacts(
        name=str(answer.get("name", "")),
        label=str(answer.get("label", "")),
        fields=tuple(_with_record_types(_dependent(_field(item), items), types) for item in items.values()),
        key_prefix=str(answer.get("keyPrefix") or ""),
        createable=bool(answer.get("createable", True)),
        updateable=bool(answer.get("updateable", True)),
        deletable=bool(answer.get("deletable", True)),
    )


def _field(item: Mapping[str, Any]) -> Field:
    values = item.get("picklistValues") or []
    return Field(
        name=str(item["name"]),
        label=str(item.get("label") or item["name"]),
        type=str(item.get("type", "string")),
        length=int(item.get("length") or 0),
        digits=int(item.get("digits") or 0),
        precision=int(item.get("precision") or 0),
        scale=int(item.get("scale") or 0),
        nillable=bool(item.get("nillable", True)),
        createable=bool(item.get("createable", True)),
        updateable=bool(item.get("updateable", True)),
        defaulted=bool(item.get("defaultedOnCreate") or item.get("defaultValue") not in (None, "")),
        external_id=bool(item.get("externalId")),
        id_lookup=bool(item.get("idLookup")),
        unique=bool(item.get("unique")),
        case_sensitive=bool(item.get("caseSensitive")),
        restricted=bool(item.get("restrictedPicklist")),
        values=tuple(str(v.get("value", "")) for v in values if v.get("active", True)),
        labels=tuple(_labels(values)),
        reference_to=tuple(str(name) for name in item.get("referenceTo") or ()),
        relationship=str(item.get("relationshipName") or ""),
        calculated=bool(item.get("calculated")),
        auto_number=bool(item.get("autoNumber")),
        permissionable=bool(item.get("permissionable")),
    )


def _labels(values: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in values:
        value, label = str(one.get("value", "")), str(one.get("label") or "")
        if one.get("active", True) and label and label != value:
            yield label, value


def _dependent(field: Field, items: Mapping[str, Mapping[str, Any]]) -> Field:
    """The field with the values of its controlling field that each of its own goes with."""
    item = items[field.name]
    controller = items.get(str(item.get("controllerName") or ""))
    if controller is None:
        return field
    if controller.get("type") == "boolean":
        above = ["false", "true"]
    else:
        above = [str(one.get("value", "")) for one in controller.get("picklistValues") or ()]
    under = [
        (str(one.get("value", "")), frozenset(value for at, value in enumerate(above) if at in valid))
        for one in item.get("picklistValues") or ()
        if one.get("active", True) and (valid := bitmap(one.get("validFor"))) is not None
    ]
    return replace(field, controller=str(controller["name"]), under=tuple(under))


def _with_record_types(field: Field, types: Sequence[Mapping[str, Any]]) -> Field:
    """The reference to the record type with those the user may choose; every other field as it is."""
    if field.name != "RecordTypeId":
        return field
    labels = [
        (str(one.get(name)), str(one.get("recordTypeId", "")))
        for name in ("name", "developerName")
        for one in types
        if one.get(name) and not one.get("master")
    ]
    default = next((str(one.get("name", "")) for one in types if one.get("defaultRecordTypeMapping")), "")
    ids = tuple(str(one.get("recordTypeId", "")) for one in types)
    return replace(field, values=ids, labels=tuple(dict.fromkeys(labels)), empty_as=default)
