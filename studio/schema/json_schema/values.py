"""The value types of scalars: base, enumeration and facets as a JSON Schema declares them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.schema.json_schema.keywords import list_of, text_of, whole_of
from studio.schema.json_schema.shapes import Shape, Sub
from studio.schema.json_schema.views import EVERY, SCALARS, Views
from studio.schema.model import TEXT, Base, ValueType

_FORMATS: dict[str, Base] = {
    "date": Base.DATE,
    "date-time": Base.DATETIME,
    "time": Base.TIME,
    "byte": Base.BINARY,
    "binary": Base.BINARY,
}
_NUMBER_FORMATS: dict[str, Base] = {
    **dict.fromkeys(("float", "double"), Base.FLOAT),
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint32", "uint64"), Base.INTEGER),
    "decimal": Base.DECIMAL,
}
_BASES = {
    "string": Base.TEXT,
    "number": Base.DECIMAL,
    "integer": Base.INTEGER,
    "boolean": Base.BOOLEAN,
}
_MOST_VALUES = 5000


class Values:
    """Value types of shapes, each made once."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._known: dict[Shape, ValueType | None] = {}

    def of(self, shape: Shape) -> ValueType | None:
        """The type of the scalars a shape admits, None where it admits none."""
        if shape not in self._known:
            self._known[shape] = TEXT
            self._known[shape] = self._find(shape)
        return self._known[shape]

    def _find(self, shape: Shape) -> ValueType | None:
        kinds = self._views.kinds(shape) & SCALARS
        if not kinds:
            # Nothing but null is still a place for a value.
            return TEXT if self._views.kinds(shape) == {"null"} else None
        value = _plain(kinds)
        for part in shape.parts:
            value = _with(value, part, kinds)
        for group in self._views.shapes.groups(shape):
            value = self._either(value, group)
        return value

    def _either(self, value: ValueType, group: tuple[Shape, ...]) -> ValueType:
        given = [
            one
            for shape in group
            if (self._views.declared(shape) or EVERY) & SCALARS and (one := self.of(shape)) is not None
        ]
        telling = [one for one in given if one != TEXT]
        if not telling or _facets(value):
            return value
        if len(given) == 1:
            return replace(given[0], members=())
        enumeration: tuple[str, ...] = ()
        if all(one.enumeration for one in given):
            enumeration = tuple(dict.fromkeys(text for one in given for text in one.enumeration))[
                :_MOST_VALUES
            ]
        members = tuple(dict.fromkeys(replace(one, members=()) for one in given))
        bases = {one.base for one in given}
        base = bases.pop() if len(bases) == 1 else value.base
        return replace(value, base=base, enumeration=enumeration, members=members if len(members) > 1 else ())


def _plain(kinds: frozenset[str]) -> ValueType:
    if len(kinds) == 1:
        kind = next(iter(kinds))
        return ValueType(kind, _BASES[kind]) if kind != "string" else TEXT
    if kinds <= {"number", "integer"}:
        return ValueType("number", Base.DECIMAL)
    return TEXT


def _facets(value: ValueType) -> bool:
    """More than a plain type is said."""
    return bool(value.enumeration) or value != replace(TEXT, name=value.name, base=value.base)


def _with(value: ValueType, part: Sub, kinds: frozenset[str]) -> ValueType:
    said = part.said
    listed = [said["const"]] if "const" in said else list_of(said.get("enum"))
    values = [text for one in listed if (text := text_of(one)) is not None]
    if values:
        value = replace(value, enumeration=tuple(dict.fromkeys(values))[:_MOST_VALUES])
    format = said.get("format")
    if isinstance(format, str) and format:
        value = _formatted(value, format, kinds)
    if said.get("contentEncoding") == "base64":
        value = replace(value, base=Base.BINARY)
    pattern = said.get("pattern")
    if isinstance(pattern, str):
        value = replace(value, pattern=pattern)
    least, most = whole_of(said.get("minLength")), whole_of(said.get("maxLength"))
    if least is not None:
        value = replace(value, min_length=least)
    if most is not None:
        value = replace(value, max_length=most)
    return _bounded(value, said)


def _formatted(value: ValueType, format: str, kinds: frozenset[str]) -> ValueType:
    bases = _FORMATS if "string" in kinds else _NUMBER_FORMATS
    if kinds <= {"string"} or kinds <= {"number", "integer"}:
        return replace(value, name=format, base=bases.get(format, value.base))
    return value


def _bounded(value: ValueType, said: dict[str, Any]) -> ValueType:
    low, above = _limits(said, "minimum", "exclusiveMinimum")
    high, below = _limits(said, "maximum", "exclusiveMaximum")
    if (low, above, high, below) != (None, None, None, None):
        value = replace(
            value,
            minimum=low or value.minimum,
            above=above or value.above,
            maximum=high or value.maximum,
            below=below or value.below,
        )
    step = _number(said.get("multipleOf", said.get("divisibleBy")))
    if step is not None and _tenth(step):
        value = replace(value, fraction_digits=len(step.partition(".")[2]))
    return value


def _limits(said: dict[str, Any], word: str, exclusive: str) -> tuple[str | None, str | None]:
    """The limit that is allowed and the one that is not, in the style of any draft."""
    limit, beyond = _number(said.get(word)), said.get(exclusive)
    if beyond is True:
        return None, limit
    return limit, _number(beyond)


def _tenth(step: str) -> bool:
    whole, _dot, fraction = step.partition(".")
    return whole == "0" and bool(fraction) and fraction.strip("0") == "1" and fraction.endswith("1")


def _number(value: Any) -> str | None:
    """A number as its text; our JSON reader keeps numbers as texts of their own type."""
    if isinstance(value, bool) or type(value) is str:
        return None
    return text_of(value)
