"""Simple types as value types: built-in ones, restrictions with their facets, lists and unions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.schema.model import TEXT, Base, ValueType
from studio.schema.xml_source import Element
from studio.schema.xsd.names import XSD_NAMESPACES, QName, children, first, local_name
from studio.schema.xsd.symbols import Component, Document, Symbols

_INTEGERS = """
    integer nonPositiveInteger negativeInteger nonNegativeInteger positiveInteger long int short byte unsignedLong
    unsignedInt unsignedShort unsignedByte
"""
_BASES: dict[str, Base] = {
    **dict.fromkeys(_INTEGERS.split(), Base.INTEGER),
    "decimal": Base.DECIMAL,
    "float": Base.FLOAT,
    "double": Base.FLOAT,
    "boolean": Base.BOOLEAN,
    "date": Base.DATE,
    "dateTime": Base.DATETIME,
    "time": Base.TIME,
    "base64Binary": Base.BINARY,
    "hexBinary": Base.BINARY,
    # Names of the drafts.
    "timeInstant": Base.DATETIME,
    "binary": Base.BINARY,
    "real": Base.FLOAT,
}
_TEXTS = """
    string normalizedString token language Name NCName NMTOKEN NMTOKENS ID IDREF IDREFS ENTITY ENTITIES anyURI QName
    NOTATION duration gYear gYearMonth gMonth gMonthDay gDay
"""
# The simple types of XML Schema 1.0, by local name.
BUILTINS = tuple(name for name in (*_TEXTS.split(), *_BASES) if name not in ("timeInstant", "binary", "real"))
_RANGES = {
    "long": ("-9223372036854775808", "9223372036854775807"),
    "int": ("-2147483648", "2147483647"),
    "short": ("-32768", "32767"),
    "byte": ("-128", "127"),
    "unsignedLong": ("0", "18446744073709551615"),
    "unsignedInt": ("0", "4294967295"),
    "unsignedShort": ("0", "65535"),
    "unsignedByte": ("0", "255"),
    "nonNegativeInteger": ("0", None),
    "positiveInteger": ("1", None),
    "nonPositiveInteger": (None, "0"),
    "negativeInteger": (None, "-1"),
}
_LISTS = {"NMTOKENS": "NMTOKEN", "IDREFS": "IDREF", "ENTITIES": "ENTITY"}
_FACETS = {
    "length": "length",
    "minLength": "min_length",
    "maxLength": "max_length",
    "totalDigits": "total_digits",
    "fractionDigits": "fraction_digits",
    "minInclusive": "minimum",
    "maxInclusive": "maximum",
    "minExclusive": "above",
    "maxExclusive": "below",
    # Names of the drafts.
    "precision": "total_digits",
    "scale": "fraction_digits",
}
_NUMBERS = ("length", "min_length", "max_length", "total_digits", "fraction_digits")
# Types restricting each other further than this are not written by people.
_DEEPEST = 100


def builtin_value(name: str) -> ValueType:
    """The value type of a built-in type, by its local name."""
    low, high = _RANGES.get(name, (None, None))
    item = ValueType(_LISTS[name]) if name in _LISTS else None
    return ValueType(name, _BASES.get(name, Base.TEXT), minimum=low, maximum=high, item=item)


class Values:
    """Value types of one schema's simple types, each worked out once."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._known: dict[tuple[Element, Document], ValueType] = {}
        self._builtins: dict[str, ValueType] = {}

    def builtin(self, name: str) -> ValueType:
        """The one value type of a built-in type."""
        if name not in self._builtins:
            self._builtins[name] = builtin_value(name)
        return self._builtins[name]

    def named(self, name: QName | None, user: Element, depth: int = 0) -> ValueType:
        """The value of a type by name: a simple type's, or a complex type's text; plain text when not found."""
        if name is None:
            return TEXT
        if name[0] in XSD_NAMESPACES:
            return self.builtin(name[1])
        component = self._symbols.find("type", name, user)
        return self.of(component, depth) if component else TEXT

    def of(self, component: Component, depth: int = 0) -> ValueType:
        """The value of a simple type, or of a complex type with simple content."""
        known = self._known.get(component)
        if known is None:
            known = TEXT if depth > _DEEPEST else self._make(component, depth)
        return known

    def _make(self, component: Component, depth: int) -> ValueType:
        """Walk down to the base, then apply the facets of each step on the way back; every step is then known."""
        steps: dict[Component, None] = {}
        at: Component | None = component
        value = TEXT
        while at is not None and at not in steps:
            if at in self._known:
                value = self._known[at]
                break
            steps[at] = None
            element, document = at
            source = _source(element)
            if source is None:
                break
            word = local_name(source)
            if word == "list":
                value = ValueType("list", Base.TEXT, item=_plain(self._list_item(source, document, depth)))
                break
            if word == "union":
                value = self._union(source, document, depth)
                break
            at, value = self._base(source, document)
        for step in reversed(steps):
            value = self._known[step] = _restricted(value, step.element)
        return value

    def _base(self, source: Element, document: Document) -> tuple[Component | None, ValueType]:
        """The next type down as a component, or the built-in value where the walk ends."""
        inline = first(source, "simpleType")
        if inline is not None:
            return Component(inline, document), TEXT
        text = source.get("base") or source.get("source")
        name = document.name(source, text) if text else None
        if name is None:
            return None, TEXT
        if name[0] in XSD_NAMESPACES:
            return None, self.builtin(name[1])
        return self._symbols.find("type", name, source), TEXT

    def _list_item(self, source: Element, document: Document, depth: int) -> ValueType:
        inline = first(source, "simpleType")
        if inline is not None:
            return self.of(Component(inline, document), depth + 1)
        return self.named(document.name(source, source.get("itemType") or ""), source, depth + 1)

    def _union(self, source: Element, document: Document, depth: int) -> ValueType:
        names = (source.get("memberTypes") or "").split()
        members = [self.named(document.name(source, text), source, depth + 1) for text in names]
        members += [
            self.of(Component(child, document), depth + 1)
            for word, child in children(source)
            if word == "simpleType"
        ]
        bases = {member.base for member in members}
        base = bases.pop() if len(bases) == 1 else Base.TEXT
        listed = all(member.enumeration for member in members)
        choices = dict.fromkeys(text for member in members for text in member.enumeration) if listed else {}
        # A union of unions is one union; each member once, so that unions over unions cannot multiply.
        flat = {id(one): one for member in members for one in member.members or (member,)}
        return ValueType("union", base, enumeration=tuple(choices), members=tuple(map(_plain, flat.values())))


def _plain(value: ValueType) -> ValueType:
    """A member or item without what it is made of in turn."""
    return replace(value, item=None, members=()) if value.item or value.members else value


def _restricted(value: ValueType, element: Element) -> ValueType:
    """The value with the facets and the name of one type of the walk."""
    source = _source(element)
    changes: dict[str, Any] = _facets(source) if source is not None and local_name(source) != "union" else {}
    name = (element.get("name") or "").strip()
    if name and local_name(element) in ("simpleType", "complexType"):
        changes["name"] = name
    return replace(value, **changes) if changes else value


def _source(element: Element) -> Element | None:
    """What a type is made from: its restriction, extension, list or union; in the drafts the type itself."""
    if local_name(element) in ("restriction", "extension", "list", "union"):
        return element
    content = first(element, "simpleContent", "complexContent")
    found = first(element if content is None else content, "restriction", "extension", "list", "union")
    if found is None and content is None and (element.get("base") or element.get("source")):
        return element
    return found


def _facets(source: Element) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    choices: list[str] = []
    patterns: list[str] = []
    for word, facet in children(source):
        text = facet.get("value") or ""
        if word == "enumeration":
            choices.append(text)
        elif word == "pattern":
            patterns.append(text)
        elif word in _FACETS:
            _set_facet(changes, _FACETS[word], text.strip())
    if choices:
        changes["enumeration"] = tuple(choices)
    if patterns:
        changes["pattern"] = patterns[0] if len(patterns) == 1 else "|".join(f"({text})" for text in patterns)
    return changes


def _set_facet(changes: dict[str, Any], key: str, text: str) -> None:
    if key not in _NUMBERS:
        changes[key] = text
        return
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return
    if key == "length":
        changes["min_length"] = changes["max_length"] = int(text)
    else:
        changes[key] = int(text)
