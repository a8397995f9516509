"""What sample texts say about a value: a type every one of them fits, their greatest length, a few examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from studio.base.patterns import pattern
from studio.schema.model import TEXT, Base, ValueType

_EXAMPLES = 5
_LONGEST_EXAMPLE = 60
# After so many values a text is a text; the rest are only counted.
_ENOUGH = 2000

_INTEGER = pattern(r"[+-]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = pattern(r"[+-]?(?:0|[1-9][0-9]*)?\.[0-9]+|[+-]?[1-9][0-9]*\.")
_FLOAT = pattern(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+")
_DATE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_DATETIME = pattern(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[T ]{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?")
_TIME = pattern(_CLOCK)
# Dates people write; they stay text, the picture is a hint for the script that reads them.
_PICTURES = (
    (re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/[0-9]{4}"), "dd/mm/yyyy"),
    (re.compile(r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/[0-9]{4}"), "mm/dd/yyyy"),
    (re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.[0-9]{4}"), "dd.mm.yyyy"),
    (re.compile(r"[0-9]{4}/(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])"), "yyyy/mm/dd"),
)

# A type that fits the left one's and the right one's values.
_WIDER = {
    frozenset((Base.INTEGER, Base.DECIMAL)): Base.DECIMAL,
    frozenset((Base.INTEGER, Base.FLOAT)): Base.FLOAT,
    frozenset((Base.DECIMAL, Base.FLOAT)): Base.FLOAT,
    frozenset((Base.DATE, Base.DATETIME)): Base.DATETIME,
}


def base_of(text: str) -> Base:
    """The narrowest base a text fits: `007` and `12/05/2026` are text, `true` is a boolean, ISO dates are dates."""
    if not text or len(text) > 40:
        return Base.TEXT
    if text[0] in "tTfF":
        return Base.BOOLEAN if text.lower() in ("true", "false") else Base.TEXT
    if text[0] not in "+-.0123456789":
        return Base.TEXT
    if _INTEGER.fullmatch(text):
        return Base.INTEGER
    if _DECIMAL.fullmatch(text):
        return Base.DECIMAL
    if _FLOAT.fullmatch(text):
        return Base.FLOAT
    return _moment(text)


def _moment(text: str) -> Base:
    if _DATE.fullmatch(text):
        return Base.DATE if _is_date(text) else Base.TEXT
    match = _DATETIME.fullmatch(text)
    if match:
        return Base.DATETIME if _is_date(match[1]) else Base.TEXT
    return Base.TIME if _TIME.fullmatch(text) else Base.TEXT


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def wider(one: ValueType, other: ValueType) -> ValueType:
    """A guessed type that the values of both fit."""
    if one.base is other.base:
        return one if one.format == other.format else ValueType(one.name, one.base)
    base = _WIDER.get(frozenset((one.base, other.base)), Base.TEXT)
    return ValueType(_NAMES[base], base) if base in _NAMES else TEXT


def facts_of_both(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """The facts of two guesses together: the greater length, examples of both."""
    facts = {**other, **one}
    if "longest" in one and "longest" in other:
        facts["longest"] = str(max(int(one["longest"]), int(other["longest"])))
        examples = dict.fromkeys((*one["examples"].split("\n"), *other["examples"].split("\n")))
        facts["examples"] = "\n".join(list(examples)[:_EXAMPLES])
    return facts


class Guess:
    """Collects the values of one field."""

    def __init__(self) -> None:
        self.count = 0
        self.empty = 0
        self.longest = 0
        self._base: Base | None = None
        self._pictures: list[int] = list(range(len(_PICTURES)))
        self._examples: dict[str, None] = {}

    def see(self, text: str, base: Base | None = None) -> None:
        """One more value; `base` where the format itself tells it (a JSON number)."""
        self.count += 1
        if self.count > _ENOUGH and self._base is Base.TEXT:
            return
        stripped = text.strip()
        if not stripped and base is None:
            self.empty += 1
            return
        self.longest = max(self.longest, len(text))
        if len(self._examples) < _EXAMPLES:
            self._examples.setdefault(" ".join(stripped.split())[:_LONGEST_EXAMPLE])
        if self._base is not Base.TEXT:
            self._widen(base or base_of(stripped))
        if self._pictures and self._base is Base.TEXT:
            self._pictures = [at for at in self._pictures if _PICTURES[at][0].fullmatch(stripped)]

    def _widen(self, base: Base) -> None:
        if self._base is None or self._base is base:
            self._base = base
        else:
            self._base = _WIDER.get(frozenset((self._base, base)), Base.TEXT)

    def value_type(self) -> ValueType:
        """The type that fits every value seen; plain text when none was."""
        if self._base is None:
            return TEXT
        if self._base is Base.TEXT:
            picture = _PICTURES[self._pictures[0]][1] if self._pictures else None
            return ValueType(format=picture) if picture else TEXT
        return ValueType(_NAMES[self._base], self._base)

    def facts(self) -> dict[str, str]:
        """`longest` (characters) and `examples` (one per line) for the window and for suggestions."""
        if not self._examples:
            return {}
        return {"longest": str(self.longest), "examples": "\n".join(self._examples)}


_NAMES = {
    Base.INTEGER: "integer",
    Base.DECIMAL: "decimal",
    Base.FLOAT: "double",
    Base.BOOLEAN: "boolean",
    Base.DATE: "date",
    Base.DATETIME: "dateTime",
    Base.TIME: "time",
}
