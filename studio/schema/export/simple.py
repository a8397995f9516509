"""Value types as simple types of XML Schema, each written once under a name."""

from __future__ import annotations

import re
from functools import lru_cache
from math import prod

from lxml import etree

from studio.schema.export.graph import escape, xml_name
from studio.schema.model import Base, ValueType
from studio.schema.xsd.values import BUILTINS, builtin_value

_BASES = {
    Base.TEXT: "string",
    Base.INTEGER: "integer",
    Base.DECIMAL: "decimal",
    Base.FLOAT: "double",
    Base.BOOLEAN: "boolean",
    Base.DATE: "date",
    Base.DATETIME: "dateTime",
    Base.TIME: "time",
    Base.BINARY: "base64Binary",
}
# Simple types that cannot be used as they are.
_NOT_ALONE = frozenset(("NOTATION", "ENTITY", "ENTITIES"))
_LENGTHS = ("min_length", "max_length")
_LENGTH_NAMES = {"min_length": "minLength", "max_length": "maxLength"}
_RANGES = {
    "minimum": "minInclusive",
    "above": "minExclusive",
    "maximum": "maxInclusive",
    "below": "maxExclusive",
}
_DIGITS = {"total_digits": "totalDigits", "fraction_digits": "fractionDigits"}
# A validator writes repetitions out; beyond these a pattern takes all memory.
_REPETITION = re.compile(r"(?<!\\)\{[0-9]*,?([0-9]{1,9})\}")
_MOST_STATES = 20_000
_LONGEST_PATTERN = 2000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


class SimpleTypes:
    """Gives each value type the name to refer to it by; `texts` are the definitions."""

    def __init__(self, prefix: str, *, searching: bool) -> None:
        self.texts: list[str] = []
        self._prefix = prefix
        # JSON Schema's patterns are found anywhere in a text, those of XML Schema are the whole text.
        self._searching = searching
        self._names: dict[ValueType, str] = {}
        self._taken: set[str] = set()

    def name(self, value: ValueType, wanted: str) -> str:
        """The qualified name of a value type: a built-in one, or one defined here."""
        known = self._names.get(value)
        if known is None:
            known = self._names[value] = self._made(value, wanted)
        return known

    def _made(self, value: ValueType, wanted: str) -> str:
        base = _builtin(value)
        if value.item is not None and base not in ("NMTOKENS", "IDREFS"):
            inside = f'<xs:list itemType="{self.name(value.item, wanted)}"/>'
        elif value.members and not value.enumeration and value.name not in BUILTINS:
            names = " ".join(dict.fromkeys(self.name(one, wanted) for one in value.members))
            inside = f'<xs:union memberTypes="{names}"/>'
        else:
            facets = self._facets(value, base)
            if not facets:
                return f"xs:{base}"
            inside = f'<xs:restriction base="xs:{base}">{facets}</xs:restriction>'
        name = self._unique(value.name if value.name not in BUILTINS else wanted)
        self.texts.append(f'<xs:simpleType name="{name}">{inside}</xs:simpleType>')
        return f"{self._prefix}{name}"

    def _unique(self, wanted: str) -> str:
        # Simple and complex types share their names, so these end otherwise.
        wanted = f"{xml_name(wanted)}.value"
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name

    def _facets(self, value: ValueType, base: str) -> str:
        plain = builtin_value(base)
        found = [_facet("enumeration", text) for text in value.enumeration if fits(text, value.base)]
        pattern = self._pattern(value.pattern)
        if pattern is not None and value.pattern != plain.pattern:
            found.append(_facet("pattern", pattern))
        if value.base in (Base.TEXT, Base.BINARY):
            found += _numbers(value, plain, _LENGTH_NAMES)
        if value.base in (Base.INTEGER, Base.DECIMAL):
            found += _numbers(
                value, plain, _DIGITS if value.base is Base.DECIMAL else {"total_digits": "totalDigits"}
            )
        if value.base is not Base.TEXT:
            for field, word in _RANGES.items():
                limit = getattr(value, field)
                if limit is not None and limit != getattr(plain, field) and fits(limit, value.base):
                    found.append(_facet(word, limit))
        return "".join(found)

    def _pattern(self, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        if self._searching:
            start, end = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
            pattern = pattern[1 if start else 0 : -1 if end else None]
            pattern = f"{'' if start else '.*'}({pattern}){'' if end else '.*'}"
        return pattern if accepted(pattern) else None


def _builtin(value: ValueType) -> str:
    """The built-in type to start from."""
    if (
        value.name in BUILTINS
        and value.name not in _NOT_ALONE
        and builtin_value(value.name).base is value.base
    ):
        return value.name
    return _BASES[value.base]


def _numbers(value: ValueType, plain: ValueType, words: dict[str, str]) -> list[str]:
    return [
        _facet(word, str(getattr(value, field)))
        for field, word in words.items()
        if getattr(value, field) is not None and getattr(value, field) != getattr(plain, field)
    ]


def _facet(word: str, text: str) -> str:
    return f'<xs:{word} value="{escape(text)}"/>'


def fits(text: str, base: Base) -> bool:
    """A limit, default or enumerated value makes sense for the base; texts always do."""
    if base is Base.INTEGER:
        return text.strip().lstrip("+-").isdigit()
    if base in (Base.DECIMAL, Base.FLOAT):
        return _NUMBER.fullmatch(text.strip()) is not None
    if base is Base.BOOLEAN:
        return text.strip() in ("true", "false", "1", "0")
    return base is Base.TEXT or bool(text)


@lru_cache(maxsize=2000)
def accepted(pattern: str) -> bool:
    """The validator understands the pattern (dialects of regular expressions differ), and it stays small in it."""
    times = prod(max(int(number), 1) for number in _REPETITION.findall(pattern))
    if len(pattern) > _LONGEST_PATTERN or times > _MOST_STATES:
        return False
    try:
        etree.XMLSchema(
            etree.fromstring(
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="a">'
                f'<xs:restriction base="xs:string">{_facet("pattern", pattern)}</xs:restriction>'
                "</xs:simpleType></xs:schema>"
            )
        )
    except (etree.LxmlError, ValueError):
        return False
    return True
