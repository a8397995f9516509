"""Which version of XML Schema a schema is written in: 1.1 only where it uses what 1.0 does not know."""

from __future__ import annotations

from studio.schema.xml_source import Element
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.names import XSD

_VERSIONING = "{http://www.w3.org/2007/XMLSchema-versioning}minVersion"
_ELEMENTS = tuple(
    f"{{{XSD}}}{word}"
    for word in (
        "alternative",
        "assert",
        "assertion",
        "openContent",
        "defaultOpenContent",
        "override",
        "explicitTimezone",
    )
)
_ATTRIBUTES = ("defaultAttributes", "xpathDefaultNamespace", "notQName", "notNamespace", "inheritable")


def version_of(closure: Closure) -> str:
    """`1.1` or `1.0`."""
    return "1.1" if any(_is_newer(document.schema) for document in closure.symbols.documents) else "1.0"


def _is_newer(schema: Element) -> bool:
    if next(schema.iter(*_ELEMENTS), None) is not None:
        return True
    if any(element.get(_VERSIONING) is not None for element in (schema, *schema)):
        return True
    marked = schema.xpath("|".join(f".//@{name}" for name in _ATTRIBUTES) + "|./@defaultAttributes")
    return bool(marked) or _has_local_target(schema) or _has_wide_all(schema)


def _has_local_target(schema: Element) -> bool:
    names = (f"{{{XSD}}}element", f"{{{XSD}}}attribute")
    return any(element.get("targetNamespace") is not None for element in schema.iter(*names))


def _has_wide_all(schema: Element) -> bool:
    """A group of all that holds a wildcard or an element more than once."""
    for group in schema.iter(f"{{{XSD}}}all"):
        for child in group:
            if child.tag == f"{{{XSD}}}any" or child.get("maxOccurs", "1") not in ("0", "1"):
                return True
    return False
