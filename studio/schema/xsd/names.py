"""Namespaces and element names of XML Schema, with its two drafts still found in old service descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from studio.schema.tongues import tagged
from studio.schema.xml_source import Element

XSD = "http://www.w3.org/2001/XMLSchema"
DRAFTS = ("http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema")
XSD_NAMESPACES = frozenset((XSD, *DRAFTS))
XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP_ENCODINGS = frozenset(
    ("http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding")
)
WSDL = "http://schemas.xmlsoap.org/wsdl/"

QName = tuple[str, str]

_WORDS = """
    all annotation any anyAttribute appinfo attribute attributeGroup choice complexContent complexType documentation
    element enumeration extension field fractionDigits group import include key keyref length list maxExclusive
    maxInclusive maxLength minExclusive minInclusive minLength notation override pattern redefine restriction schema
    selector sequence simpleContent simpleType totalDigits union unique whiteSpace
    assert alternative assertion defaultOpenContent encoding explicitTimezone openContent period precision scale
    textannotation
"""
# Full tag to local name, so that one look-up tells what an element of a schema is.
LOCAL = {f"{{{space}}}{word}": word for space in XSD_NAMESPACES for word in _WORDS.split()}

PARTICLES = frozenset(("element", "group", "sequence", "choice", "all", "any"))
TRUE = ("true", "1")


def local_name(element: Element) -> str:
    """`complexType` for a schema element, empty for anything foreign."""
    return LOCAL.get(element.tag, "")


def children(element: Element) -> Iterator[tuple[str, Element]]:
    """The schema elements directly inside, with their local names."""
    for child in element:
        word = LOCAL.get(child.tag)
        if word is not None:
            yield word, child


def first(element: Element, *words: str) -> Element | None:
    """The first child called one of `words`."""
    for word, child in children(element):
        if word in words:
            return child
    return None


def documentation(element: Element) -> str:
    """The text of its annotations, white space tidied; several languages as in `tongues`."""
    texts: list[tuple[str, str]] = []
    for child in element:
        word = LOCAL.get(child.tag)
        if word is None:
            continue
        if word != "annotation":
            # Annotations come first; a later one belongs to a draft we need not search for.
            break
        for inner, part in children(child):
            if inner == "documentation":
                text = " ".join(" ".join(map(str, part.itertext())).split())
                if text:
                    texts.append((part.get(_LANGUAGE) or child.get(_LANGUAGE) or "", text[:_LONGEST_TEXT]))
    return tagged(texts) if texts else ""


_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LONGEST_TEXT = 4000
