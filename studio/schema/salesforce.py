"""Salesforce describe answers as schemas: the object's records are rows, its fields carry what the org says of them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.json_text import Number, read_json
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Schema, Type, ValueType

_BASES = {
    "int": Base.INTEGER,
    "long": Base.INTEGER,
    "double": Base.DECIMAL,
    "currency": Base.DECIMAL,
    "percent": Base.DECIMAL,
    "boolean": Base.BOOLEAN,
    "date": Base.DATE,
    "datetime": Base.DATETIME,
    "time": Base.TIME,
    "base64": Base.BINARY,
}
# What a field's description says that a mapping, a preflight or a person may want to know.
FLAGS = (
    "createable",
    "updateable",
    "nillable",
    "externalId",
    "idLookup",
    "unique",
    "caseSensitive",
    "custom",
    "calculated",
    "autoNumber",
    "defaultedOnCreate",
    "restrictedPicklist",
    "nameField",
    "namePointing",
    "polymorphicForeignKey",
    "dependentPicklist",
    "cascadeDelete",
    "restrictedDelete",
    "writeRequiresMasterRead",
    "htmlFormatted",
    "encrypted",
)
TEXTS = (
    "label",
    "relationshipName",
    "relationshipOrder",
    "referenceTargetField",
    "compoundFieldName",
    "controllerName",
    "calculatedFormula",
    "defaultValueFormula",
    "extraTypeInfo",
    "inlineHelpText",
    "soapType",
)
# Flags that say something only where they are set.
_RARE = frozenset(FLAGS[FLAGS.index("namePointing") :])
_OBJECT_FACTS = (
    "name",
    "label",
    "labelPlural",
    "keyPrefix",
    "custom",
    "createable",
    "updateable",
    "deletable",
)


def is_describe(value: Any) -> bool:
    """The JSON value is the description of an object, or the list of an org's objects."""
    if not isinstance(value, dict):
        return False
    fields, objects = value.get("fields"), value.get("sobjects")
    if isinstance(fields, list) and "name" in value:
        return bool(fields) and all(
            isinstance(field, dict) and {"name", "type"} <= field.keys() for field in fields
        )
    return isinstance(objects, list) and all(isinstance(one, dict) and "name" in one for one in objects)


def read_salesforce(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema in a saved describe answer; raises BadInput when the file is none."""
    value, _lines, _name = read_json(path, encoding=encoding)
    if not is_describe(value):
        raise BadInput(
            _("This is not what Salesforce answers when asked to describe an object."),
            file=path,
            next_step=_("Save the answer of /sobjects/NAME/describe, or let the studio fetch it."),
        )
    return salesforce_schema(value, file=str(path))


def salesforce_schema(describe: Mapping[str, Any], *, file: str = "") -> Schema:
    """The schema of a describe answer: one root `row`, its fields with their facts as text.

    A list of objects gives one root per object without fields, and says so.
    """
    files = (file,) if file else ()
    if "fields" not in describe:
        return _object_list(describe, files)
    controllers = {str(field["name"]): field for field in describe["fields"]}
    parts = _components(describe["fields"])
    fields = tuple(
        _with(field_node(field), _dependent(field, controllers) | parts.get(str(field["name"]), {}))
        for field in describe["fields"]
    )
    facts = _facts(describe, _OBJECT_FACTS) | _relations(describe)
    facts["object"] = facts.pop("name", "")
    row = Node(
        "row",
        Kind.SEGMENT,
        Type(facts["object"], children=lambda: fields),
        MANY,
        documentation=facts.get("label", ""),
        facts=facts,
    )
    return Schema("salesforce", (row,), files=files, facts=facts)


def _with(node: Node, facts: dict[str, str]) -> Node:
    return replace(node, facts={**node.facts, **facts}) if facts else node


def _relations(describe: Mapping[str, Any]) -> dict[str, str]:
    """Record types and the relationships to children, one to a line."""
    types = [
        f"{one.get('developerName') or one.get('name')} = {one.get('name')} ({one.get('recordTypeId')})"
        + (" *" if one.get("defaultRecordTypeMapping") is True else "")
        for one in _records(describe, "recordTypeInfos")
        if one.get("master") is not True and one.get("available") is not False
    ]
    children = [
        f"{one['relationshipName']}: {one.get('childSObject')}.{one.get('field')}"
        for one in _records(describe, "childRelationships")
        if one.get("relationshipName")
    ]
    facts = {"recordTypes": "\n".join(types), "childRelationships": "\n".join(children)}
    return {key: text for key, text in facts.items() if text}


def _components(fields: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """For each compound field (an address, a person's name) the fields it consists of."""
    found: dict[str, list[str]] = {}
    for field in fields:
        whole = field.get("compoundFieldName")
        if whole and whole != field["name"]:
            found.setdefault(str(whole), []).append(str(field["name"]))
    return {name: {"components": " ".join(parts)} for name, parts in found.items()}


def _dependent(field: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What its values are called where that differs, and with which values of the controlling field each is valid."""
    picks = _records(field, "picklistValues")
    named = [
        f"{one.get('value')} = {one['label']}"
        for one in picks
        if one.get("label") not in (None, one.get("value"))
    ]
    facts = {"labels": "\n".join(named)} if named else {}
    controller = fields.get(str(field.get("controllerName") or ""))
    if controller is None:
        return facts
    if controller.get("type") == "boolean":
        names = ["false", "true"]
    else:
        names = [str(one.get("value")) for one in _records(controller, "picklistValues")]
    lines = [
        f"{one.get('value')}: {', '.join(name for at, name in enumerate(names) if at in valid)}"
        for one in picks
        if (valid := bitmap(one.get("validFor"))) is not None
    ]
    return facts | ({"validFor": "\n".join(lines)} if lines else {})


def bitmap(text: Any) -> set[int] | None:
    """The positions of the bits set in a bitmap written in base 64, None for no bitmap."""
    if not isinstance(text, str) or not text:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return {at * 8 + bit for at, byte in enumerate(data) for bit in range(8) if byte & (0x80 >> bit)}


def _records(source: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = source.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def field_node(field: Mapping[str, Any]) -> Node:
    """The node of one field description. A field is required where the org needs it to create a record."""
    facts = _facts(field, (*TEXTS, *FLAGS))
    facts = {key: text for key, text in facts.items() if key not in _RARE or text == "true"}
    if isinstance(field.get("referenceTo"), list) and field["referenceTo"]:
        facts["referenceTo"] = " ".join(map(str, field["referenceTo"]))
    value = _value(field)
    required = (
        field.get("createable") is True
        and field.get("nillable") is False
        and field.get("defaultedOnCreate") is not True
    )
    default = field.get("defaultValue")
    if default is None:
        chosen = (
            one.get("value") for one in _records(field, "picklistValues") if one.get("defaultValue") is True
        )
        default = next(chosen, None)
    return Node(
        str(field["name"]),
        Kind.FIELD,
        Type(value.name, value=value),
        ONCE if required else OPTIONAL,
        default=None if default is None else _text(default),
        nillable=field.get("nillable") is not False,
        documentation=facts.get("label", ""),
        facts=facts,
    )


def _value(field: Mapping[str, Any]) -> ValueType:
    name = str(field["type"])
    base = _BASES.get(name, Base.TEXT)
    length, precision, digits = (_number(field.get(key)) for key in ("length", "precision", "digits"))
    picks = tuple(
        str(pick.get("value"))
        for pick in _records(field, "picklistValues")
        if pick.get("active") is not False
    )
    numeric = base in (Base.INTEGER, Base.DECIMAL)
    return ValueType(
        name,
        base,
        enumeration=picks,
        max_length=length if length and base is Base.TEXT else None,
        total_digits=(precision or digits or None) if numeric else None,
        fraction_digits=_number(field.get("scale")) if base is Base.DECIMAL else None,
    )


def _object_list(describe: Mapping[str, Any], files: tuple[str, ...]) -> Schema:
    roots = tuple(
        Node(
            str(one["name"]),
            Kind.SEGMENT,
            Type(str(one["name"]), children=tuple),
            MANY,
            documentation=_text(one.get("label") or ""),
            facts=_facts(one, _OBJECT_FACTS),
        )
        for one in describe.get("sobjects", ())
    )
    problem = Problem(
        Severity.WARNING,
        _("This is the list of an org's objects; it does not say which fields they have."),
        files[0] if files else None,
        mend=_("Describe the object you want and read that answer."),
    )
    return Schema("salesforce", roots, files=files, problems=(problem,))


def _facts(source: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, str]:
    return {key: _text(source[key]) for key in keys if source.get(key) not in (None, "")}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, Number) and value.isdigit() and len(value) < 10 else None
