"""A tree as JSON Schema 2020-12: structured types under $defs, attributes as @name and texts as #text."""

from __future__ import annotations

import json
import re
from typing import Any

from studio.schema.export.graph import Graph, alternatives, anything
from studio.schema.json_sample import ITEM
from studio.schema.model import Base, Kind, Node, Schema, Type, ValueType

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Value = dict[str, Any]

_TYPES = {
    Base.INTEGER: "integer",
    Base.DECIMAL: "number",
    Base.FLOAT: "number",
    Base.BOOLEAN: "boolean",
}
_FORMATS = {
    Base.DATE: "date",
    Base.DATETIME: "date-time",
    Base.TIME: "time",
    Base.BINARY: "byte",
    Base.FLOAT: "double",
}
_PLAIN = frozenset(("string", "number", "integer", "boolean", ""))
_LIMITS = (
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("above", "exclusiveMinimum"),
    ("below", "exclusiveMaximum"),
)
_FLAGS = ("readOnly", "writeOnly", "deprecated")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def to_json_schema(schema: Schema, roots: tuple[Node, ...] | None = None) -> str:
    """The text of a JSON Schema of the roots' documents.

    Left out, as JSON Schema has no form for them: the order of members, choices that repeat, types that may stand
    instead; of mixed contents the texts stand under `#text`.
    """
    json_like = schema.kind.startswith(("json", "openapi"))
    value = _Writer(roots or schema.roots, json_like=json_like).document()
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


class _Writer:
    def __init__(self, roots: tuple[Node, ...], *, json_like: bool) -> None:
        self._roots = roots
        self._json = json_like
        self._graph = Graph(roots)
        self._closed: set[Type] = set()

    def document(self) -> Value:
        for kind in self._graph.types:
            self._closed |= {
                node.type for node in (*self._roots, *_flat(kind)) if node.facts.get("closed") == "true"
            }
        made = {
            self._graph.name(kind): self._definition(kind) for kind in self._graph.types if not anything(kind)
        }
        head: Value = {"$schema": DIALECT}
        if all(root.facts.get("root") == "type" for root in self._roots):
            for root in self._roots:
                if root.type.leaf or anything(root.type) or self._graph.name(root.type) != root.name:
                    made[root.name] = self._described(self._value(root), root)
        elif len(self._roots) == 1:
            head |= self._root(self._roots[0])
        else:
            head["anyOf"] = [self._root(root) for root in self._roots if not root.unresolved]
        return head | ({"$defs": made} if made else {})

    def _root(self, root: Node) -> Value:
        if self._json and not root.name:
            return self._described(self._value(root), root)
        if (self._json and root.name == ITEM) or root.kind is Kind.SEGMENT:
            return {"type": "array", "items": self._entry(root), **_counts(root)}
        return {"type": "object", "properties": {root.name: self._property(root)}, "required": [root.name]}

    # Values

    def _value(self, node: Node) -> Value:
        """The schema of one instance's value."""
        kind = node.type
        if node.unresolved:
            return {"$comment": node.unresolved}
        if anything(kind):
            return {}
        if not kind.leaf:
            return {"$ref": f"#/$defs/{self._graph.name(kind)}"}
        if kind.value is None:
            return {"type": "object", "additionalProperties": False} if node.kind is not Kind.ANY else {}
        return self._scalar(kind.value)

    def _entry(self, node: Node) -> Value:
        value = self._value(node)
        if node.facts.get("entry") == "array":
            value = {"type": "array", "items": value}
        return _nullable(value) if node.nillable else self._described(value, node)

    def _property(self, node: Node) -> Value:
        value = self._value(node)
        if node.nillable and not self._json:
            value = _nullable(value)
        if node.occurs.repeats:
            value = {"type": "array", "items": value, **_counts(node)}
        if node.nillable and self._json:
            value = _nullable(value)
        return self._described(value, node)

    def _described(self, value: Value, node: Node) -> Value:
        if node.documentation:
            value = {**value, "description": node.documentation}
        scalar = node.value if node.type.leaf and not node.occurs.repeats else None
        if scalar is not None and node.fixed is not None:
            value = {
                **{word: one for word, one in value.items() if word != "enum"},
                "const": _typed(node.fixed, scalar),
            }
        elif scalar is not None and node.default is not None:
            value = {**value, "default": _typed(node.default, scalar)}
        return {**value, **{word: True for word in _FLAGS if node.facts.get(word) == "true"}}

    def _scalar(self, value: ValueType) -> Value:
        made: Value = {"type": _TYPES.get(value.base, "string")}
        format = value.name if self._json and value.name not in _PLAIN else _FORMATS.get(value.base)
        if format and format != "string":
            made["format"] = format
        if value.enumeration:
            made["enum"] = [_typed(text, value) for text in value.enumeration]
        if value.pattern is not None:
            made["pattern"] = value.pattern if self._json else f"^(?:{value.pattern})$"
        for field, word in (("min_length", "minLength"), ("max_length", "maxLength")):
            if getattr(value, field) is not None and made["type"] == "string":
                made[word] = getattr(value, field)
        for field, word in _LIMITS:
            limit = getattr(value, field)
            if limit is not None and made["type"] in ("integer", "number") and _NUMBER.fullmatch(limit):
                made[word] = json.loads(limit)
        if value.fraction_digits and made["type"] == "number":
            made["multipleOf"] = float(f"1e-{value.fraction_digits}")
        return made

    # Structures

    def _definition(self, kind: Type) -> Value:
        children = kind.children
        entry = next((node for node in children if self._is_entry(node)), None)
        members = [node for node in children if node is not entry]
        types = ["array"] if entry is not None else []
        if members or entry is None:
            types.insert(0, "object")
        made: Value = self._members(members, kind) if "object" in types else {}
        if entry is not None:
            made |= {"items": self._entry(entry), **_counts(entry)}
        if self._json and kind.value is not None:
            scalar = self._scalar(kind.value)
            types.append(scalar.pop("type"))
            made |= scalar if not scalar.get("enum") else {}
        if kind.documentation and not self._json:
            made["description"] = kind.documentation
        return {"type": types if len(types) > 1 else types[0], **made}

    def _is_entry(self, node: Node) -> bool:
        if not self._json or node.name != ITEM:
            return False
        return "entry" in node.facts or (node.kind is Kind.ELEMENT and node.occurs.repeats)

    def _members(self, nodes: list[Node], kind: Type) -> Value:
        properties: Value = {}
        required: list[str] = []
        choices: list[Value] = []
        made: Value = {}
        for node in nodes:
            if node.kind is Kind.CHOICE:
                self._choice(node, properties, choices)
            elif node.kind is Kind.ANY:
                made |= self._wildcard(node)
            else:
                self._member(node, properties, required)
        if not self._json and kind.value is not None:
            properties["#text"] = self._scalar(kind.value)
        found: Value = {"properties": properties} if properties else {}
        if required:
            found["required"] = required
        if len(choices) == 1:
            found |= choices[0]
        elif choices:
            found["allOf"] = choices
        if kind in self._closed and "additionalProperties" not in made:
            made["additionalProperties"] = False
        return found | made

    def _member(self, node: Node, properties: Value, required: list[str]) -> None:
        name = f"@{node.name}" if node.attribute else node.name
        if name in properties:
            name = f"{node.prefix or 'other'}:{name}"
        properties[name] = self._property(node)
        if node.occurs.min:
            required.append(name)

    def _wildcard(self, node: Node) -> Value:
        if node.unresolved or (node.attribute and not self._json):
            return {}
        value = self._value(node) if not (node.type.leaf and node.type.value is None) else {}
        if node.facts.get("repeats") == "true":
            value = {"type": "array", "items": value}
        if "pattern" in node.facts:
            return {"patternProperties": dict.fromkeys(node.facts["pattern"].split("\n"), value)}
        return {"additionalProperties": value or True}

    def _choice(self, choice: Node, properties: Value, choices: list[Value]) -> None:
        if choice.occurs.repeats:
            # In an object nothing can be chosen again and again: all may be there, each several times.
            for node in _flat(choice.type):
                if node.kind is not Kind.ANY:
                    value = self._value(node)
                    items = _nullable(value) if node.nillable else value
                    properties.setdefault(node.name, {"type": "array", "items": items})
            return
        made: list[Value] = []
        for group in alternatives(choice):
            inner: list[Value] = []
            named: Value = {}
            required: list[str] = []
            for node in group:
                if node.kind is Kind.CHOICE:
                    self._choice(node, named, inner)
                elif node.kind is not Kind.ANY:
                    self._member(node, named, required)
            one: Value = {"properties": named} if named else {}
            if required:
                one["required"] = required
            made.append(one | (inner[0] if len(inner) == 1 else {"allOf": inner} if inner else {}))
        if not choice.occurs.min and all(one.get("required") for one in made):
            made.append({})
        choices.append({"anyOf": made})


def _flat(kind: Type) -> list[Node]:
    found: list[Node] = []
    for node in kind.children:
        found += _flat(node.type) if node.kind is Kind.CHOICE else [node]
    return found


def _counts(node: Node) -> Value:
    least = max(node.occurs.min, int(node.facts.get("minItems", "0") or 0) if node.kind is Kind.FIELD else 0)
    most = node.occurs.max
    if most is None and node.facts.get("maxItems", "").isdigit():
        most = int(node.facts["maxItems"])
    return ({"minItems": least} if least else {}) | ({"maxItems": most} if most is not None else {})


def _nullable(value: Value) -> Value:
    if "type" not in value:
        return {"anyOf": [value, {"type": "null"}]} if value else {}
    kind = value["type"]
    made = {**value, "type": [*(kind if isinstance(kind, list) else [kind]), "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def _typed(text: str, value: ValueType) -> Any:
    """A fixed, default or enumerated text as the JSON value it stands for."""
    if value.base is Base.BOOLEAN and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if value.base in _TYPES and value.base is not Base.BOOLEAN and _NUMBER.fullmatch(text):
        return json.loads(text)
    return text
