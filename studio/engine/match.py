"""What joins compare: a value as the text that equal ones share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import _
from studio.schema.model import Base
from studio.script.errors import RunError
from studio.script.tree import Value
from studio.script.values import text_of, typed

_NUMBERS = frozenset({Base.INTEGER, Base.DECIMAL, Base.FLOAT})
_DATES = frozenset({Base.DATE, Base.DATETIME})
_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]{0,30})\Z", re.ASCII)
# Numbers of more digits than this are written with an exponent.
_DIGITS = 40


def match_key(values: Sequence[Value], bases: Sequence[Base]) -> str | None:
    """The key of the values of a join's fields, each compared as its field's type is; None where one matches nothing.

    Raises RunError for an array.
    """
    if len(values) == 1:
        return match_part(values[0], bases[0])
    parts = []
    for value, base in zip(values, bases, strict=True):
        part = match_part(value, base)
        if part is None:
            return None
        parts.append(f"{len(part)}:{part}")
    return "".join(parts)


def match_part(value: Value, base: Base) -> str | None:
    """One value's key for a field of the base: numbers by value, dates by their time, all else by the text.

    A text that a field of that type would not take for one stays text. Null matches nothing.
    """
    if value is None:
        return None
    if isinstance(value, (list, dict)):
        raise RunError(
            _("A join compares single values, and this is an array."),
            next_step=_("Take one of them, such as [name[1]], or loop over them first."),
        )
    if base is Base.TEXT:
        return text_of(value)
    if base in _NUMBERS:
        return _number(value, base)
    if base in _DATES:
        found = value if isinstance(value, datetime) else typed(text_of(value), base)
        return found.isoformat() if isinstance(found, datetime) else _text(found)
    if base is Base.BOOLEAN:
        found = value if isinstance(value, bool) else typed(text_of(value), base)
        return ("true" if found else "false") if isinstance(found, bool) else _text(found)
    return text_of(value)


def _text(found: Value) -> str | None:
    return None if found is None else "=" + text_of(found)


def _number(value: Value, base: Base) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        value = typed(text_of(value), base)
    if not isinstance(value, (int, float, Decimal)):
        return _text(value)
    text = text_of(value)
    if _WHOLE.match(text):
        return text
    if value != value:
        return None  # not a number equals nothing
    number = (
        value
        if isinstance(value, Decimal)
        else Decimal(repr(float(value)) if isinstance(value, float) else value)
    )
    return _plain(number)


def _plain(number: Decimal) -> str:
    """The shortest writing of a number, the same for 1, 1.0 and 01."""
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return str(number)
    text = "".join(map(str, digits)).lstrip("0")
    bare = text.rstrip("0")
    if not bare:
        return "0"
    exponent += len(text) - len(bare)
    minus = "-" if sign else ""
    if exponent >= 0 and len(bare) + exponent <= _DIGITS:
        return f"{minus}{bare}{'0' * exponent}"
    return f"{minus}{bare}e{exponent}"
