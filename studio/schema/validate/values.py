"""A text as the value of a type: its form, its length, its limits, said in plain words where it does not fit."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import regex

from studio.base.i18n import _
from studio.schema.infer import base_of
from studio.schema.model import Base, ValueType

# What a text may be read as where the type wants the key.
_FORMS = {
    Base.INTEGER: (Base.INTEGER,),
    Base.DECIMAL: (Base.INTEGER, Base.DECIMAL),
    Base.FLOAT: (Base.INTEGER, Base.DECIMAL, Base.FLOAT),
    Base.DATE: (Base.DATE,),
    Base.DATETIME: (Base.DATETIME, Base.DATE),
    Base.TIME: (Base.TIME,),
    Base.BOOLEAN: (Base.BOOLEAN,),
}
_NUMBERS = (Base.INTEGER, Base.DECIMAL, Base.FLOAT)
_YES_NO = frozenset(("0", "1", "yes", "no", "y", "n", "true", "false"))
_PATTERN_SECONDS = 1.0
_SHOWN = 60


def misfit(value: ValueType, text: str, facts: Mapping[str, str]) -> str:
    """Why a text, not empty, is no value of the type; empty where it is one.

    `facts` are those of the document: `decimal` and `thousands` tell how numbers are written.
    """
    plain = text.strip()
    number = _number(plain, facts) if value.base in _NUMBERS else None
    wrong = _form(value, plain, number) or _choice(value, plain) or _length(value, text)
    return wrong or (_range(value, number) if number is not None else "")


def unlisted(value: ValueType, text: str) -> str:
    """Why a text is none of those that the type lists, or has not its form or length; empty where nothing is wrong."""
    return _choice(value, text.strip()) or (_length(value, text) if value.base is Base.TEXT else "")


def _number(text: str, facts: Mapping[str, str]) -> Decimal | None:
    thousands, decimal = facts.get("thousands", ""), facts.get("decimal", ".")
    text = text.replace(thousands, "") if thousands else text
    if decimal and decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".")
    try:
        found = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _form(value: ValueType, text: str, number: Decimal | None) -> str:
    if value.base in _NUMBERS:
        fits = number is not None and (value.base is not Base.INTEGER or number == number.to_integral_value())
    elif value.base is Base.BOOLEAN:
        fits = text.lower() in _YES_NO
    elif value.format or value.base not in _FORMS:
        # A picture of its own; whoever reads the value applies it.
        fits = True
    else:
        fits = base_of(text) in _FORMS[value.base]
    return "" if fits else _("'{value}' is no {type}.").format(value=_shown(text), type=value.name)


def _choice(value: ValueType, text: str) -> str:
    if value.enumeration and text not in value.enumeration:
        known = ", ".join(value.enumeration[:12]) + (", …" if len(value.enumeration) > 12 else "")
        return _("'{value}' is none of the values allowed: {list}.").format(value=_shown(text), list=known)
    if value.pattern and not _matches(value.pattern, text):
        return _("'{value}' does not have the form {limit}.").format(value=_shown(text), limit=value.pattern)
    return ""


def _matches(pattern: str, text: str) -> bool:
    """The text has the form, or the pattern is none that can be tried."""
    try:
        return regex.fullmatch(pattern, text, timeout=_PATTERN_SECONDS) is not None
    except (regex.error, TimeoutError):
        return True


def _length(value: ValueType, text: str) -> str:
    least, most = value.min_length, value.max_length
    for limit, wrong in (
        (most, most is not None and len(text) > most),
        (least, least is not None and len(text) < least),
    ):
        if wrong:
            return _("The value has a length of {number}, but {limit} is the limit.").format(
                number=len(text), limit=limit
            )
    return ""


def _range(value: ValueType, number: Decimal) -> str:
    limits = (
        (value.minimum, operator.lt),
        (value.maximum, operator.gt),
        (value.above, operator.le),
        (value.below, operator.ge),
    )
    for text, beyond in limits:
        limit = _number(text, {}) if text is not None else None
        if limit is not None and beyond(number, limit):
            return _("{value} is beyond the limit {limit}.").format(value=number, limit=text)
    _sign, digits, exponent = number.normalize().as_tuple()
    fraction = max(0, -exponent) if isinstance(exponent, int) else 0
    most = value.fraction_digits
    if most is not None and fraction > most:
        return _("{value} has more digits than the {limit} allowed.").format(value=number, limit=most)
    whole = len(digits) + (exponent if isinstance(exponent, int) and exponent > 0 else 0)
    if value.total_digits is not None and whole > value.total_digits:
        return _("{value} has more digits than the {limit} allowed.").format(
            value=number, limit=value.total_digits
        )
    return ""


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
