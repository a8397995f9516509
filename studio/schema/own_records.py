"""Records and fields of a schema of our own: read from YAML nodes, written as lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from studio.base import yaml_read, yaml_write
from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.flat.tell import WAYS
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.typed.sql_names import sql_base

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
_NUMBERS = {
    "length": "max_length",
    "digits": "total_digits",
    "scale": "fraction_digits",
    "least": "min_length",
}
_PARTS = ("fields", "records")
_MODELLED = ("type", "required", "default", "values", "format", "value", "occurs", *_PARTS, *_NUMBERS)
_OCCURS = re.compile(r"([0-9]{1,6})(?:\.\.([0-9]{1,6}|n))?|n")
_WHOLE_FACTS = ("width", "start", "decimals")
_SIGNS = ("none", "leading", "trailing", "overpunch", "overpunch-leading")
_ALIGNS = ("left", "right")
# What a reader or sample adds by itself; a description does not repeat it.
_NOT_WRITTEN = ("examples", "longest", "position", "tell_text", "tell_field", "tell_at")


def read_records(node: yaml_read.Node, kind: str, problems: list[Problem]) -> tuple[Node, ...]:
    """The record kinds under `records:`, nested ones inside; raises BadInput with the line."""
    return tuple(_record(name, entry, kind, problems) for name, entry in node.members().items())


def record_lines(schema: Schema) -> Iterator[str]:
    """The lines below `records:`, one field each, nested records below their fields."""
    roots = schema.roots
    if schema.kind == "edi":
        roots = _inner_records(roots)
    for root in roots:
        yield from _record_lines(root, 2, schema.kind)


def _inner_records(roots: tuple[Node, ...]) -> tuple[Node, ...]:
    """What an EDI description declares: the segments and loops inside the envelope."""
    nodes = roots
    while len(nodes) == 1 or any(node.facts.get("envelope") for node in nodes):
        inner = [node for node in nodes if node.facts.get("envelope") == "true"]
        if not inner:
            break
        nodes = inner[0].type.children
    return tuple(node for node in nodes if not node.facts.get("envelope"))


def _record(name: str, node: yaml_read.Node, kind: str, problems: list[Problem]) -> Node:
    members = node.members()
    fields = [_field(one, entry, kind, problems) for one, entry in _inside(members, "fields").items()]
    inner = [_record(one, entry, kind, problems) for one, entry in _inside(members, "records").items()]
    facts = {
        key: entry.text()
        for key, entry in members.items()
        if isinstance(entry.value, str) and key not in ("tell", "occurs", *_PARTS)
    }
    if "tell" in members:
        facts |= _tell(members["tell"])
    if kind == "edi" and fields and "code" not in facts:
        facts["code"] = name
    _no_clash(name, [*fields, *inner], node, problems)
    children = (*fields, *inner)
    return Node(
        name,
        Kind.SEGMENT,
        Type(facts.get("object", name), children=lambda: children),
        _occurs(members["occurs"]) if "occurs" in members else (OPTIONAL if kind == "edi" else MANY),
        documentation=facts.get("description", facts.get("label", "")),
        line=node.line,
        facts=facts,
    )


def _no_clash(name: str, children: list[Node], node: yaml_read.Node, problems: list[Problem]) -> None:
    seen: set[str] = set()
    for child in children:
        if child.name in seen:
            problems.append(
                Problem(
                    Severity.WARNING,
                    _("The record {record} has a field and a record called {name}.").format(
                        record=name, name=child.name
                    ),
                    node.file,
                    child.line,
                    mend=_("Give one of them another name."),
                )
            )
        seen.add(child.name)


def _tell(node: yaml_read.Node) -> dict[str, str]:
    """`tell: H` (the first characters), `tell: first`, `tell: {field: type, text: [A, B]}`, `tell: {at: 4, text: X}`."""
    if isinstance(node.value, str):
        if node.value in ("first", "last"):
            return {"tell": node.value}
        if not node.value:
            raise node.wrong(_("tell: says the first characters of a record, first or last."))
        return {"tell": "prefix", "tell_text": node.value}
    members = node.members()
    if "text" not in members or not members["text"].texts():
        raise node.wrong(
            _("tell: names the text that tells this kind of record."),
            _("Write tell: {at: 1, text: H}, for example."),
        )
    facts = {"tell": "prefix", "tell_text": "\n".join(members["text"].texts())}
    if "field" in members:
        return facts | {"tell": "field", "tell_field": members["field"].text()}
    if "at" in members:
        return facts | {"tell": "at", "tell_at": str(members["at"].whole())}
    return facts


def _occurs(node: yaml_read.Node) -> Occurs:
    match = _OCCURS.fullmatch(node.text().strip())
    if match is None:
        raise node.wrong(
            _("occurs: is a number or a range: {examples}.").format(examples="1, 0..1, 2..5, 0..n")
        )
    if match[1] is None:
        return MANY
    least = int(match[1])
    most = least if match[2] is None else None if match[2] == "n" else int(match[2])
    if most is not None and (most < least or most == 0):
        raise node.wrong(_("occurs: ends with a number above zero, not below its start."))
    return Occurs(least, most)


def _inside(members: Mapping[str, yaml_read.Node], key: str) -> dict[str, yaml_read.Node]:
    return members[key].members() if key in members else {}


def _field(name: str, node: yaml_read.Node, kind: str, problems: list[Problem]) -> Node:
    given = {"type": node} if isinstance(node.value, str) else node.members()
    required = given["required"].flag() if "required" in given else False
    facts = {
        key: entry.text()
        for key, entry in given.items()
        if isinstance(entry.value, str) and key not in _MODELLED
    }
    _check_facts(given)
    parts = tuple(_field(one, entry, kind, problems) for one, entry in _inside(given, "fields").items())
    value = None if parts else _value(given, kind)
    least = ONCE if required else OPTIONAL
    return Node(
        name,
        Kind.ELEMENT if parts else Kind.FIELD,
        Type(value.name if value else name, value=value, children=(lambda: parts) if parts else None),
        _occurs(given["occurs"]) if "occurs" in given else least,
        default=given["default"].text() if "default" in given else None,
        fixed=given["value"].text() if "value" in given else None,
        nillable=facts.get("nillable", "true") == "true",
        documentation=facts.get("description", facts.get("label", "")),
        line=node.line,
        facts=facts,
    )


def _check_facts(given: Mapping[str, yaml_read.Node]) -> None:
    for key in _WHOLE_FACTS:
        if key in given:
            given[key].whole()
    for key, allowed in (("sign", _SIGNS), ("align", _ALIGNS)):
        if key in given and given[key].text() not in allowed:
            raise given[key].wrong(_("{key} is one of: {values}.").format(key=key, values=", ".join(allowed)))
    if "pad" in given and len(given["pad"].text()) != 1:
        raise given["pad"].wrong(_("pad: is one character."))
    if "start" in given and given["start"].text() == "0":
        raise given["start"].wrong(_("The first character of a record is at 1."))


def _value(given: Mapping[str, yaml_read.Node], kind: str) -> ValueType:
    name = given["type"].text() if "type" in given else ""
    base = _BASES.get(name) or (sql_base(name) if kind == "database" else Base.TEXT)
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


def _record_lines(node: Node, indent: int, kind: str) -> Iterator[str]:
    lead = " " * indent
    fields = [child for child in node.type.children if child.kind is not Kind.SEGMENT]
    records = [child for child in node.type.children if child.kind is Kind.SEGMENT]
    yield f"{lead}{yaml_write.scalar(node.name)}:\n"
    for key, value in _record_data(node, kind).items():
        yield from _lines(key, value, indent + 2)
    if fields or not records:
        yield f"{lead}  fields:{'' if fields else ' {}'}\n"
    for child in fields:
        yield from _lines(child.name, _field_data(child), indent + 4)
    if records:
        yield f"{lead}  records:\n"
    for child in records:
        yield from _record_lines(child, indent + 4, kind)


def _lines(key: str, value: Any, indent: int) -> Iterator[str]:
    yield from (line + "\n" for line in yaml_write.entry(key, value, indent=indent))


def _record_data(node: Node, kind: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    usual = OPTIONAL if kind == "edi" else MANY
    if (node.occurs.min, node.occurs.max) != (usual.min, usual.max):
        data["occurs"] = _occurs_text(node.occurs)
    tell = node.facts.get("tell")
    texts = node.facts.get("tell_text", "").split("\n")
    if tell in ("first", "last"):
        data["tell"] = tell
    elif tell == "prefix" and len(texts) == 1 and texts[0] not in ("first", "last"):
        data["tell"] = texts[0]
    elif tell in WAYS:
        data["tell"] = {
            **({"field": node.facts.get("tell_field", "")} if tell == "field" else {}),
            **({"at": node.facts.get("tell_at", "1")} if tell == "at" else {}),
            "text": texts,
        }
    rest = {key: text for key, text in node.facts.items() if key not in (*_NOT_WRITTEN, "tell")}
    if rest.get("code") == node.name:
        del rest["code"]
    return data | rest


def _occurs_text(occurs: Occurs) -> str:
    top = "n" if occurs.max is None else str(occurs.max)
    return top if top == str(occurs.min) else f"{occurs.min}..{top}"


def _field_data(node: Node) -> dict[str, Any]:
    value = node.value or ValueType()
    data: dict[str, Any] = {}
    if not node.type.children:
        data["type"] = "text" if value.name == "string" and not node.facts.get("label") else value.name
    data |= {key: node.facts[key] for key in ("start", "width") if key in node.facts}
    if node.occurs.repeats:
        data["occurs"] = _occurs_text(node.occurs)
    elif node.occurs.min:
        data["required"] = True
    for key, field in _NUMBERS.items():
        if getattr(value, field) is not None:
            data[key] = getattr(value, field)
    present: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("format", lambda: value.format),
        ("default", lambda: node.default),
        ("value", lambda: node.fixed),
        ("values", lambda: list(value.enumeration) or None),
    )
    data |= {key: made() for key, made in present if made() is not None}
    data |= {key: text for key, text in node.facts.items() if key not in _NOT_WRITTEN}
    if node.type.children:
        data["fields"] = {child.name: _field_data(child) for child in node.type.children}
    return data
