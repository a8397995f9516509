"""Schemas in our own format (`weft: schema/1`): delimited files and Salesforce objects, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.base import yaml_read, yaml_write
from studio.base.errors import NotHere
from studio.base.i18n import _
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Schema, Type, ValueType
from studio.schema.source import read_bytes

VERSION = 1
_KINDS = ("delimited", "salesforce")
_COMING = ("fixed", "edi", "database")

# Names of types in our files, those of XML Schema and of Salesforce included.
_BASES: dict[str, Base] = {
    **dict.fromkeys(("int", "integer", "long"), Base.INTEGER),
    **dict.fromkeys(("decimal", "number", "currency", "percent"), Base.DECIMAL),
    **dict.fromkeys(("float", "double"), Base.FLOAT),
    **dict.fromkeys(("datetime", "dateTime"), Base.DATETIME),
    **dict.fromkeys(("binary", "base64"), Base.BINARY),
    "boolean": Base.BOOLEAN,
    "date": Base.DATE,
    "time": Base.TIME,
}
_SETTINGS = ("encoding", "delimiter", "quote", "header", "newline")
_NUMBERS = {"length": "max_length", "digits": "total_digits", "scale": "fraction_digits"}


def read_own(path: Path) -> Schema:
    """The schema in a `weft: schema/1` file; raises BadInput with the line, NotHere for kinds still to come."""
    document = yaml_read.read(read_bytes(path, yaml_read.MAX_BYTES), file=path)
    members = document.members()
    _check_version(members, document)
    kind = members["kind"].text() if "kind" in members else ""
    if kind in _COMING:
        raise NotHere(
            _("Schemas of kind {kind} are not read by this version.").format(kind=kind),
            file=path,
            line=members["kind"].line,
            next_step=_("Describe the data as delimited, or give a sample."),
        )
    if kind not in _KINDS:
        raise members.get("kind", document).wrong(
            _("A schema says its kind: {kinds}.").format(kinds=", ".join((*_KINDS, *_COMING)))
        )
    if not members.get("records") or not members["records"].members():
        raise members.get("records", document).wrong(
            _("A schema lists its records and their fields."),
            _("Write records: with row: and its fields: below it."),
        )
    records = members["records"].members()
    roots = tuple(_record(name, node, kind) for name, node in records.items())
    facts = {key: members[key].text() for key in _SETTINGS if key in members}
    if kind == "salesforce":
        facts = {key: node.text() for key, node in members.items() if isinstance(node.value, str)}
        facts = {key: text for key, text in facts.items() if key not in ("weft", "kind")}
    else:
        facts = {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": "true", **facts}
        _check_settings(members)
    return Schema(kind, roots, files=(str(path),), facts=facts)


def own_text(schema: Schema) -> str:
    """The `weft: schema/1` text of a delimited or Salesforce schema: one field per line."""
    head = {"weft": f"schema/{VERSION}", "kind": schema.kind}
    if schema.kind == "salesforce":
        head |= schema.facts
    else:
        head |= {key: schema.facts[key] for key in _SETTINGS if key in schema.facts}
    lines = [yaml_write.write(head), "records:\n"]
    for root in schema.roots:
        lines.append(f"  {yaml_write.scalar(root.name)}:\n    fields:\n")
        for node in root.type.children:
            lines += (line + "\n" for line in yaml_write.entry(node.name, _field_data(node), indent=6))
    return "".join(lines)


def _check_version(members: Mapping[str, yaml_read.Node], document: yaml_read.Node) -> None:
    mark = members["weft"].text() if "weft" in members else ""
    kind, _slash, version = mark.partition("/")
    if kind != "schema" or not version.isdigit():
        raise (members.get("weft") or document).wrong(
            _("This is not a schema file: it does not start with weft: schema/1."),
            _("Give the file of a schema."),
        )
    if int(version) > VERSION:
        raise members["weft"].wrong(
            _("The file was written by a newer version of Weft Studio."), _("Update Weft Studio to read it.")
        )


def _check_settings(members: Mapping[str, yaml_read.Node]) -> None:
    delimiter, quote = members.get("delimiter"), members.get("quote")
    if delimiter is not None and len(delimiter.text()) != 1:
        raise delimiter.wrong(_("The delimiter is one character."), _('Write "\\t" for a tab.'))
    if quote is not None and len(quote.text()) > 1:
        raise quote.wrong(_("The quote is one character, or empty for none."))
    if "header" in members:
        members["header"].flag()


def _record(name: str, node: yaml_read.Node, kind: str) -> Node:
    members = node.members()
    fields = [_field(one, entry, kind) for one, entry in _inside(members, "fields").items()]
    inner = [_record(one, entry, kind) for one, entry in _inside(members, "records").items()]
    facts = {key: entry.text() for key, entry in members.items() if isinstance(entry.value, str)}
    children = (*fields, *inner)
    return Node(
        name,
        Kind.SEGMENT,
        Type(facts.get("object", name), children=lambda: children),
        MANY,
        documentation=facts.get("label", ""),
        line=node.line,
        facts=facts,
    )


def _inside(members: Mapping[str, yaml_read.Node], key: str) -> dict[str, yaml_read.Node]:
    return members[key].members() if key in members else {}


def _field(name: str, node: yaml_read.Node, kind: str) -> Node:
    given = {"type": node} if isinstance(node.value, str) else node.members()
    required = given["required"].flag() if "required" in given else False
    facts = {
        key: entry.text()
        for key, entry in given.items()
        if isinstance(entry.value, str)
        and key not in ("type", "required", "default", "values", "format", *_NUMBERS)
    }
    value = _value(given, kind)
    return Node(
        name,
        Kind.FIELD,
        Type(value.name, value=value),
        ONCE if required else OPTIONAL,
        default=given["default"].text() if "default" in given else None,
        nillable=facts.get("nillable", "true") == "true",
        documentation=facts.get("description", facts.get("label", "")),
        line=node.line,
        facts=facts,
    )


def _value(given: Mapping[str, yaml_read.Node], kind: str) -> ValueType:
    name = given["type"].text() if "type" in given else ""
    base = _BASES.get(name, Base.TEXT)
    if kind == "salesforce" and name == "double":
        base = Base.DECIMAL
    numbers: dict[str, Any] = {field: given[key].whole() for key, field in _NUMBERS.items() if key in given}
    return ValueType(
        "string" if name in ("", "text") else name,
        base,
        enumeration=given["values"].texts() if "values" in given else (),
        format=given["format"].text() if "format" in given else None,
        **numbers,
    )


def _field_data(node: Node) -> dict[str, Any]:
    value = node.value or ValueType()
    data: dict[str, Any] = {
        "type": "text" if value.name == "string" and not node.facts.get("label") else value.name
    }
    if node.occurs.min:
        data["required"] = True
    for key, field in _NUMBERS.items():
        if getattr(value, field) is not None:
            data[key] = getattr(value, field)
    if value.format:
        data["format"] = value.format
    if node.default is not None:
        data["default"] = node.default
    if value.enumeration:
        data["values"] = list(value.enumeration)
    return data | {
        key: text for key, text in node.facts.items() if key not in ("examples", "longest", "position")
    }
