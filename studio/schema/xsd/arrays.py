"""SOAP arrays: the type of their items stands in an attribute of the restriction (`wsdl:arrayType="t:Order[]"`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from studio.schema.model import Kind, Node, Occurs, Type
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.names import SOAP_ENCODINGS, WSDL, XSD, QName, children, first
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
    # The drafts of XML Schema name the base on the type itself.
    derivation = element if content is None else first(content, "restriction", "extension")
    if derivation is None or not derivation.get("base"):
        return None
    for word, attribute in children(derivation):
        found = _said_by(attribute, document) if word == "attribute" else None
        if found is not None:
            return found
    base = document.name(derivation, derivation.get("base") or "")
    if content is None or base is None or base[0] not in SOAP_ENCODINGS or base[1] != "Array":
        return None
    # An array that does not say of what: of anything.
    return Item((XSD, "anyType"), "anyType", 0, derivation)


def _said_by(attribute: Element, document: Document) -> Item | None:
    """The item type an attribute of an array tells: by wsdl:arrayType, or in SOAP 1.2 as the value of itemType."""
    text = attribute.get(f"{{{WSDL}}}arrayType")
    match = _ARRAY_TYPE.match(text.strip()) if text else None
    if match:
        label = match[1].strip()
        return Item(document.name(attribute, label), label, match[2].count("[") - 1, attribute)
    kind = (attribute.get("fixed") or attribute.get("default") or "").strip()
    asked = document.name(attribute, attribute.get("ref") or "") if kind else None
    if asked is not None and asked[0] in SOAP_ENCODINGS and asked[1] == "itemType":
        return Item(document.name(attribute, kind), kind, 0, attribute)
    return None


def item_node(kind: Type, reason: str | None, element: Element) -> Node:
    """The repeating node of an array; the name of items is free, `item` is what everybody writes."""
    return Node(
        "item", Kind.ELEMENT, kind, Occurs(0, None), nillable=True, unresolved=reason, line=line_of(element)
    )
