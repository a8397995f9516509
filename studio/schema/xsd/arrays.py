"""SOAP arrays: the type of their items stands in an attribute of the restriction (`wsdl:arrayType="t:Order[]"`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from studio.schema.model import Kind, Node, Occurs, Type
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.names import SOAP_ENCODINGS, WSDL, QName, children, first
from studio.schema.xsd.symbols import Document

_ARRAY_TYPE = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)\s*$")


class Item(NamedTuple):
    """The type of an array's items: its name, as written, and how many arrays deep it is inside the outer one."""

    name: QName | None
    label: str
    nested: int
    element: Element


def item_type(element: Element, document: Document) -> Item | None:
    """What the items of a complex type are, None where it is no SOAP array or does not say."""
    content = first(element, "complexContent")
    restriction = first(content, "restriction") if content is not None else None
    if restriction is None:
        return None
    base = document.name(restriction, restriction.get("base") or "")
    if base is None or base[0] not in SOAP_ENCODINGS or base[1] != "Array":
        return None
    for word, attribute in children(restriction):
        text = attribute.get(f"{{{WSDL}}}arrayType") if word == "attribute" else None
        match = _ARRAY_TYPE.match(text.strip()) if text else None
        if match:
            label = match[1].strip()
            return Item(document.name(attribute, label), label, match[2].count("[") - 1, attribute)
    return None


def item_node(kind: Type, reason: str | None, element: Element) -> Node:
    """The repeating node of an array; the name of items is free, `item` is what everybody writes."""
    return Node(
        "item", Kind.ELEMENT, kind, Occurs(0, None), nillable=True, unresolved=reason, line=line_of(element)
    )
