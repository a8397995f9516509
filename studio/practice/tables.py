"""Object tables: the compact text an object is described in, one field a line, read into the catalogue.

    object Invoice__c | a00 | Invoice | Invoices
    Name        | Invoice Number | string(80)    | auto=INV-{00000}
    Customer__c | Customer       | reference(Account) Customer__r/Invoices__r | required
    Status__c   | Status         | picklist(255) *Draft; Sent; Paid           | restricted

Between the bars: name, label, type, words. `+audit` stands for owner-independent system fields, `+address Billing`
for the parts of an address, `@name` for a shared picklist, `*` before a picklist's default, `[Portugal]` after a value that
needs that value of the field `controller=` names. Lines starting with `#` are notes. Fields Id and IsDeleted come by themselves.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.practice.catalog import Catalog, Field, Pick, RecordType, SObject
from studio.practice.formulas import FORMULAS

_TYPE = re.compile(r"(?P<type>[a-z]+)(?:\((?P<size>[^)]*)\))?\s*(?P<rest>.*)")
_TYPES = {
    "string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "reference", "currency",
    "double", "percent", "int", "boolean", "date", "datetime", "time", "address",
}  # fmt: skip
_FLAGS: dict[str, dict[str, Any]] = {
    "required": {"required": True},
    "notnull": {"not_null": True},
    "readonly": {"createable": False, "updateable": False},
    "createonly": {"updateable": False},
    "updateonly": {"createable": False},
    "unique": {"unique": True},
    "external": {"external": True, "id_lookup": True},
    "case": {"case_sensitive": True},
    "idlookup": {"id_lookup": True},
    "name": {"name_field": True},
    "restricted": {"restricted": True},
    "defaulted": {"defaulted": True},
    "nofilter": {"filterable": False},
    "nopermission": {"permissionable": False},
}
_VALUES = {
    "relation": "relationship",
    "part": "compound",
    "extra": "extra",
    "formula": "formula",
    "auto": "auto",
    "default": "default",
    "controller": "controller",
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_{1,2}[A-Za-z0-9]+)*")
MAXIMUM_LINES = 1000

AUDIT = (
    "CreatedDate      | Created Date          | datetime                       | readonly defaulted notnull nopermission",
    "CreatedById      | Created By ID         | reference(User) CreatedBy      | readonly defaulted notnull nopermission",
    "LastModifiedDate | Last Modified Date    | datetime                       | readonly defaulted notnull nopermission",
    "LastModifiedById | Last Modified By ID   | reference(User) LastModifiedBy | readonly defaulted notnull nopermission",
    "SystemModstamp   | System Modstamp       | datetime                       | readonly defaulted notnull nopermission",
)
OWNER = "OwnerId | Owner ID | reference(User) Owner | defaulted notnull nopermission"


class _Bad(BadInput):
    """A line that does not read."""


def read_picklists(text: str) -> dict[str, str]:
    """Shared picklists by name: `industry: Agriculture; Apparel; …`, one a line."""
    lists = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, _colon, values = line.partition(":")
            lists[name.strip()] = values.strip()
    return lists


def read_objects(
    text: str,
    *,
    file: str | Path | None = None,
    picklists: Mapping[str, str] | None = None,
    catalog: Catalog | None = None,
) -> list[SObject]:
    """The objects a table describes. Raises BadInput naming the line that does not read.

    With a `catalog` (objects added to an org) a prefix `auto` is the next free one and standard objects, and
    prefixes that are taken, are refused.
    """
    lines = text.splitlines()
    if len(lines) > MAXIMUM_LINES:
        raise BadInput(
            _("The object table has more than {limit} lines.").format(limit=MAXIMUM_LINES),
            file=file,
            next_step=_("Describe each object in a file of its own."),
        )
    reader = _Reader(partial(_fault, file), dict(picklists or {}))
    for number, line in enumerate(lines, 1):
        reader.read(number, line.strip())
    objects = reader.objects()
    return objects if catalog is None else _fit(objects, catalog, partial(_fault, file))


def _fit(objects: list[SObject], catalog: Catalog, fault: Any) -> list[SObject]:
    fitting: list[SObject] = []
    for sobject in objects:
        known = catalog.get(sobject.name)
        if not sobject.custom:
            raise fault(1, _("{name}: an added object's name ends with __c.").format(name=sobject.name))
        prefix = known.prefix if known else sobject.prefix
        taken = {other.prefix for other in fitting}
        if prefix == "auto":
            prefix = catalog.custom_prefix(taken)
        holder = catalog.with_prefix(prefix)
        if prefix in taken or (holder is not None and holder is not known):
            raise fault(
                1, _("{name}: the prefix {prefix} is taken.").format(name=sobject.name, prefix=prefix)
            )
        fitting.append(replace(sobject, prefix=prefix))
    return fitting


def _fault(file: str | Path | None, line: int, message: str) -> BadInput:
    return _Bad(
        message,
        file=file,
        line=line,
        next_step=_("Write each field as: name | label | type | words."),
    )


class _Reader:
    """Collects objects line by line."""

    def __init__(self, fault: Any, picklists: dict[str, str]) -> None:
        self._fault = fault
        self._picklists = picklists
        self._done: list[SObject] = []
        self._fields: list[Field] = []
        self._now: SObject | None = None

    def read(self, number: int, line: str) -> None:
        """Take one line."""
        if not line or line.startswith("#"):
            return
        try:
            self._line(line)
        except (ValueError, KeyError) as error:
            message = str(error.args[0]) if isinstance(error, _Complaint) else _("This line does not read.")
            raise self._fault(number, message) from error

    def objects(self) -> list[SObject]:
        """Everything read."""
        self._close()
        return self._done

    def _line(self, line: str) -> None:
        if line.startswith("object "):
            self._close()
            self._open(line.removeprefix("object "))
        elif self._now is None:
            raise _Complaint(_("A field stands before the first object line."))
        elif line.startswith("recordtype "):
            name, label = (part.strip() for part in line.removeprefix("recordtype ").split("|"))
            types = (*self._now.record_types, RecordType(name, label))
            self._now = replace(self._now, record_types=types)
        elif line.startswith("+"):
            for extra in _expansion(line[1:].strip()):
                self._fields.append(self._field(extra))
        else:
            self._fields.append(self._field(line))

    def _open(self, rest: str) -> None:
        parts = [part.strip() for part in rest.split("|")]
        name, prefix, label, plural, *words = parts
        if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9A-Za-z]{3}|auto", prefix):
            raise _Complaint(_("An object line is: object Name | prefix | label | plural."))
        rights = words[0].split() if words else []
        self._now = SObject(
            name, prefix, label, plural, (),
            createable="nocreate" not in rights,
            updateable="noupdate" not in rights,
            deletable="nodelete" not in rights,
        )  # fmt: skip

    def _close(self) -> None:
        if self._now is None:
            return
        custom = self._now.custom
        fields = self._fields
        if custom:
            fields = [self._field(line) for line in _custom_frame(fields, "before")] + fields
            fields += [self._field(line) for line in _custom_frame(fields, "after")]
        identity = [
            Field("Id", _id_label(self._now), "id", length=18, createable=False, updateable=False,
                  defaulted=True, id_lookup=True, permissionable=False),
            Field("IsDeleted", "Deleted", "boolean", createable=False, updateable=False, defaulted=True,
                  default=False, permissionable=False),
        ]  # fmt: skip
        names = [field.name.lower() for field in identity + fields]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise self._fault(0, _("The field {name} is described twice.").format(name=sorted(twice)[0]))
        self._done.append(replace(self._now, fields=(*identity, *fields)))
        self._now, self._fields = None, []

    def _field(self, line: str) -> Field:
        parts = [part.strip() for part in line.split("|")]
        name, label, kind = parts[:3]
        if not _NAME.fullmatch(name):
            raise _Complaint(_("{name} is no field name.").format(name=name))
        match = _TYPE.fullmatch(kind)
        if match is None or match["type"] not in _TYPES:
            raise _Complaint(_("{type} is no field type.").format(type=kind))
        values: dict[str, Any] = {"name": name, "label": label, "type": match["type"]}
        values |= self._shape(match["type"], match["size"] or "", match["rest"])
        values |= _words(parts[3] if len(parts) > 3 else "")
        return Field(**_implied(values))

    def _shape(self, kind: str, size: str, rest: str) -> dict[str, Any]:
        if kind == "reference":
            return _reference(size, rest)
        if kind in ("picklist", "multipicklist", "combobox"):
            text = self._picklists[rest[1:]] if rest.startswith("@") else rest
            values = [value.strip() for value in text.split(";") if value.strip()]
            picks = tuple(_pick(value) for value in values)
            default = next((pick.value for pick in picks if pick.default), None)
            return {"length": int(size or 255), "picklist": picks, "default": default}
        if kind in ("currency", "double", "percent"):
            precision, _comma, scale = (size or "18,2").partition(",")
            return {"precision": int(precision), "scale": int(scale or 0)}
        if kind == "int":
            return {"digits": int(size or 9)}
        return {"length": int(size)} if size else {}


def _pick(text: str) -> Pick:
    """`*Draft` is the default; `Porto [Portugal]` goes with a value of the controlling field."""
    value, bracket, under = text.partition(" [")
    names = tuple(name.strip() for name in under.removesuffix("]").split(",")) if bracket else ()
    return Pick(value.removeprefix("*"), value.startswith("*"), names)


class _Complaint(ValueError):
    """What is wrong with a line, in words."""


def _reference(size: str, rest: str) -> dict[str, Any]:
    words = rest.split()
    relationship, _slash, children = words[0].partition("/") if words else ("", "", "")
    return {
        "length": 18,
        "references": tuple(name.strip() for name in size.split(",")),
        "relationship": relationship or None,
        "children": children or None,
        "cascade": "cascade" in words or "master" in words,
        "master": "master" in words,
    }


def _words(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for word in shlex.split(text) if '"' in text else text.split():
        key, equals, value = word.partition("=")
        if equals and key in _VALUES:
            values[_VALUES[key]] = value
        elif word in _FLAGS:
            values |= _FLAGS[word]
        else:
            raise _Complaint(_("{word} is not a word of object tables.").format(word=word))
    if values.get("formula") is not None and values["formula"] not in FORMULAS:
        raise _Complaint(_("{name} is no formula of the practice org.").format(name=values["formula"]))
    return values


def _implied(values: dict[str, Any]) -> dict[str, Any]:
    """What follows from the words: computed fields are read-only, booleans default to false."""
    if values.get("formula") or values.get("auto") or values["type"] == "address":
        values |= {"createable": False, "updateable": False}
    if values["type"] == "boolean":
        values["default"] = str(values.get("default", "false")).lower() == "true"
        values["defaulted"] = True
    if values.get("auto"):
        values |= {"name_field": True, "id_lookup": True, "defaulted": True}
    if values.get("default") is not None:
        values["defaulted"] = True
    if values.get("master"):
        values |= {"required": True, "updateable": False}
    defaults = {"email": 80, "phone": 40, "url": 255, "textarea": 255, "string": 80}
    if values["type"] in defaults:
        values.setdefault("length", defaults[values["type"]])
    return values


def _expansion(macro: str) -> tuple[str, ...]:
    word, _space, prefix = macro.partition(" ")
    if word == "audit":
        return AUDIT
    if word == "owner":
        return (OWNER,)
    if word == "address":
        return _address(prefix.strip())
    raise _Complaint(_("{word} is not a word of object tables.").format(word="+" + word))


def _address(prefix: str) -> tuple[str, ...]:
    space = f"{prefix} " if prefix else ""
    part = f"part={prefix}Address"
    return (
        f"{prefix}Street | {space}Street | textarea(255) | {part} extra=plaintextarea",
        f"{prefix}City | {space}City | string(40) | {part}",
        f"{prefix}State | {space}State/Province | string(80) | {part}",
        f"{prefix}PostalCode | {space}Zip/Postal Code | string(20) | {part}",
        f"{prefix}Country | {space}Country | string(80) | {part}",
        f"{prefix}Latitude | {space}Latitude | double(18,15) | {part}",
        f"{prefix}Longitude | {space}Longitude | double(18,15) | {part}",
        f"{prefix}GeocodeAccuracy | {space}Geocode Accuracy | picklist(40) Address; NearAddress; Block; Street; "
        f"ExtendedZip; Zip; Neighborhood; City; County; State; Unknown | restricted {part}",
        f"{prefix}Address | {space}Address | address |",
    )


def _custom_frame(fields: list[Field], where: str) -> tuple[str, ...]:
    """The fields every custom object has; a detail of a master has no owner of its own."""
    names = {field.name for field in fields}
    if where == "before":
        owner = () if any(field.master for field in fields) or "OwnerId" in names else (OWNER,)
        name = () if "Name" in names else ("Name | Name | string(80) | name idlookup defaulted nopermission",)
        return owner + name
    return AUDIT


def _id_label(sobject: SObject) -> str:
    return "Record ID" if sobject.custom else f"{sobject.label} ID"
