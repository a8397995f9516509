"""What XML Schema 1.1 adds to a tree: open content, assertions, types by alternative, parts for some versions only."""

from __future__ import annotations

from collections.abc import Iterator

from studio.schema.xml_source import Element
from studio.schema.xsd.names import TRUE, XSD, children, first

_VERSIONING = "{http://www.w3.org/2007/XMLSchema-versioning}"
# The version of XML Schema that decides which of the parts made for some versions only are read.
_VERSION = 1.1
_CONSTRUCTS = tuple(
    f"{{{XSD}}}{word}" for word in ("alternative", "assert", "assertion", "openContent", "defaultOpenContent")
)
_DEFAULT_OPEN = f"{{{XSD}}}defaultOpenContent"
_TYPES = frozenset(
    [
        "anyType",
        "anySimpleType",
        "anyAtomicType",
        "string",
        "normalizedString",
        "token",
        "language",
        "Name",
        "NCName",
        "NMTOKEN",
        "NMTOKENS",
        "ID",
        "IDREF",
        "IDREFS",
        "ENTITY",
        "ENTITIES",
        "anyURI",
        "QName",
        "NOTATION",
        "duration",
        "gYear",
        "gYearMonth",
        "gMonth",
        "gMonthDay",
        "gDay",
        "integer",
        "nonPositiveInteger",
        "negativeInteger",
        "nonNegativeInteger",
        "positiveInteger",
        "long",
        "int",
        "short",
        "byte",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
        "decimal",
        "float",
        "double",
        "boolean",
        "date",
        "dateTime",
        "time",
        "base64Binary",
        "hexBinary",
        "dateTimeStamp",
        "yearMonthDuration",
        "dayTimeDuration",
        "error",
    ]
)
_FACETS = frozenset(
    [
        "length",
        "minLength",
        "maxLength",
        "pattern",
        "enumeration",
        "whiteSpace",
        "maxInclusive",
        "maxExclusive",
        "minInclusive",
        "minExclusive",
        "totalDigits",
        "fractionDigits",
        "assertion",
        "explicitTimezone",
    ]
)


def is_newer(schema: Element) -> bool:
    """The schema uses constructs of 1.1 that need a look at each declaration; costs next to nothing where not."""
    return next(schema.iter(*_CONSTRUCTS), None) is not None


def gives_defaults(schema: Element) -> bool:
    """Types of this schema have attributes or open content that they do not declare."""
    return schema.get("defaultAttributes") is not None or schema.find(_DEFAULT_OPEN) is not None


def prune(schema: Element) -> None:
    """Take out what is meant for other versions of XML Schema, or for processors that know other types and facets."""
    if _VERSIONING[1:-1] not in schema.nsmap.values():
        return
    if not _meant(schema):
        del schema[:]
        return
    for element in [one for one in schema.iter(f"{{{XSD}}}*") if not _meant(one)]:
        above = element.getparent()
        if above is not None:
            above.remove(element)


def _meant(element: Element) -> bool:
    least, below = element.get(f"{_VERSIONING}minVersion"), element.get(f"{_VERSIONING}maxVersion")
    if (least is not None and _number(least, 0.0) > _VERSION) or (
        below is not None and _number(below, 99.0) <= _VERSION
    ):
        return False
    for what, known in (("type", _TYPES), ("facet", _FACETS)):
        needed = element.get(f"{_VERSIONING}{what}Available")
        if needed is not None and not all(_is_known(element, text, known) for text in needed.split()):
            return False
        lacking = element.get(f"{_VERSIONING}{what}Unavailable")
        if lacking is not None and all(_is_known(element, text, known) for text in lacking.split()):
            return False
    return True


def _is_known(element: Element, text: str, known: frozenset[str]) -> bool:
    prefix, _colon, local = text.rpartition(":")
    return element.nsmap.get(prefix or None) == XSD and local in known


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise


def open_content(
    element: Element, derivation: Element | None, schema: Element, has_content: bool
) -> Element | None:
    """The `any` of what else may stand in a type, None where nothing may. `derivation` is its extension or restriction."""
    own = first(element if derivation is None else derivation, "openContent")
    if own is not None:
        return None if own.get("mode") == "none" else first(own, "any")
    default = first(schema, "defaultOpenContent")
    if default is None or first(element, "simpleContent") is not None:
        return None
    if not has_content and default.get("appliesToEmpty") not in TRUE:
        return None
    return first(default, "any")


def assertions(element: Element) -> Iterator[str]:
    """The tests a type makes of its own: those of a complex type, or of the values of a simple one."""
    for word, child in children(element):
        if word in ("assert", "assertion"):
            yield " ".join((child.get("test") or "").split())
        elif word in ("complexContent", "simpleContent", "extension", "restriction"):
            yield from assertions(child)


def alternatives(element: Element) -> Iterator[tuple[str, Element]]:
    """The tests of an element's alternatives, empty for the one that is left, each with its declaration."""
    for word, child in children(element):
        if word == "alternative":
            yield " ".join((child.get("test") or "").split()), child
