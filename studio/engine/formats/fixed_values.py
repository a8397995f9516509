"""What a fixed-width field holds: its characters as the text scripts see, and back, by the facts of the field."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from studio.base.i18n import _
from studio.engine.lexical import DECIMAL, FLOAT, INTEGER, Unwritable, plain_writer
from studio.schema.flat.layout import number
from studio.schema.flat.tell import stripped
from studio.schema.model import Base, Node, ValueType
from studio.script.errors import RunError
from studio.script.functions.masks import by_mask, read_by_mask
from studio.script.tree import Value
from studio.script.values import iso_date

_PLUS, _MINUS = "{ABCDEFGHI", "}JKLMNOPQR"
_NUMBERS = {Base.INTEGER: INTEGER, Base.DECIMAL: DECIMAL, Base.FLOAT: FLOAT}
_DIGITS = re.compile(r"[0-9]+\Z")

Reader = Callable[[str], "str | None"]


def value_reader(node: Node, document: Mapping[str, str]) -> Reader:
    """Characters of a field → its text, None for a blank one. Raises ValueError that says what is wrong."""
    value = node.value or ValueType()
    if value.base in _NUMBERS:
        return functools.partial(_number, node, value, document)
    if value.base in (Base.DATE, Base.DATETIME, Base.TIME):
        return functools.partial(_date, node, value)
    return lambda text: stripped(text, node) or None


def _number(node: Node, value: ValueType, document: Mapping[str, str], raw: str) -> str | None:
    text = raw.strip()
    if not text:
        return None
    pad = node.facts.get("pad", " ")
    text = stripped(raw, node).strip() if pad != " " else text
    if not text:
        # All padding: a number padded with zeros is zero.
        return "0" if pad == "0" else None
    plain = _signed(text, node.facts.get("sign", ""))
    plain = _separated(plain, document)
    places = number(node.facts.get("decimals"))
    if places and "." not in plain:
        plain = _pointed(plain, places)
    if _NUMBERS[value.base].match(plain) is None:
        raise ValueError(_no_value(raw, value))
    return plain


def _no_value(raw: str, value: ValueType) -> str:
    shown = raw if len(raw) <= 60 else raw[:59] + "…"
    return _("'{value}' is no {type}.").format(value=shown, type=value.name)


def _signed(text: str, sign: str) -> str:
    """The sign in front: it may stand behind, or be punched over the last or first digit."""
    if sign == "trailing" and text[-1] in "+-":
        return text[-1] + (text[:-1] or "0")
    if sign.startswith("overpunch"):
        at = 0 if sign.endswith("leading") else len(text) - 1
        for marks, lead in ((_PLUS, ""), (_MINUS, "-")):
            digit = marks.find(text[at])
            if digit >= 0:
                return f"{lead}{text[:at]}{digit}{text[at + 1 :]}"
    return text


def _separated(text: str, document: Mapping[str, str]) -> str:
    thousands, point = document.get("thousands", ""), document.get("decimal", ".")
    text = text.replace(thousands, "") if thousands else text
    return text.replace(point, ".") if point and point != "." else text


def _pointed(text: str, places: int) -> str:
    """Digits with the point that is only implied."""
    lead = text[:1] if text[:1] in "+-" else ""
    digits = text[len(lead) :]
    if not _DIGITS.match(digits):
        return text
    digits = digits.rjust(places + 1, "0")
    return f"{lead}{digits[:-places]}.{digits[-places:]}"


def _date(node: Node, value: ValueType, raw: str) -> str | None:
    text = stripped(raw, node).strip()
    if not text or not value.format or not text.strip("0"):
        return text if text.strip("0") else None
    try:
        if len(text) > len(value.format):
            raise ValueError
        moment = read_by_mask(text, value.format)
    except (RunError, ValueError):
        raise ValueError(_no_value(raw, value)) from None
    if value.base is Base.DATE:
        return moment.date().isoformat()
    return moment.isoformat() if value.base is Base.DATETIME else moment.time().isoformat()


def value_writer(
    name: str, value: ValueType, facts: Mapping[str, str], document: Mapping[str, str], declared: bool
) -> Callable[[Value], str | None]:
    """A value → the characters of its field, all of them; None for nothing. Raises Unwritable where it does not fit.

    `facts` are those of the field, `document` those of the whole; `declared` says that the type binds.
    """
    plain = plain_writer(value, declared)
    width = number(facts.get("width"))
    shaped = _shaper(value, facts, document)

    def write(given: Value) -> str | None:
        text = plain(given)
        if text is None or text == "":
            return None
        text = shaped(text)
        if len(text) > width:
            raise Unwritable(
                _("{value} has {found} characters; the field {name} takes {width}.").format(
                    value=repr(text[:60]), found=len(text), name=name, width=width
                )
            )
        return padded(text, facts, width)

    return write


def padded(text: str, facts: Mapping[str, str], width: int) -> str:
    """A text filled up to its width; zeros go behind a sign."""
    pad = facts.get("pad", " ")
    if facts.get("align") != "right":
        return text.ljust(width, pad)
    if pad == "0" and text[:1] in ("+", "-"):
        return text[0] + text[1:].rjust(width - 1, pad)
    return text.rjust(width, pad)


def _shaper(value: ValueType, facts: Mapping[str, str], document: Mapping[str, str]) -> Callable[[str], str]:
    if value.base in _NUMBERS:
        return functools.partial(_written_number, facts, document)
    if value.base in (Base.DATE, Base.DATETIME, Base.TIME) and value.format:
        return functools.partial(_written_date, value.format)
    return lambda text: text


def _written_number(facts: Mapping[str, str], document: Mapping[str, str], text: str) -> str:
    if not DECIMAL.match(text):
        return text
    places = number(facts.get("decimals"))
    if places:
        text = _unpointed(text, places)
    sign = facts.get("sign", "")
    if sign:
        if sign == "overpunch-leading" and facts.get("pad") == "0":
            # The sign is punched over what will be the first digit of the field.
            room = number(facts.get("width"))
            text = text[:1] + text[1:].rjust(room, "0") if text[:1] in ("+", "-") else text.rjust(room, "0")
        text = _with_sign(text, sign)
    point = document.get("decimal", ".")
    return text.replace(".", point) if point and point != "." else text


def _unpointed(text: str, places: int) -> str:
    scaled = Decimal(text).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise Unwritable(_("{value} has more than {places} decimals.").format(value=text, places=places))
    digits = format(abs(scaled.to_integral_value()), "f")
    return ("-" if scaled < 0 else "") + digits


def _with_sign(text: str, sign: str) -> str:
    negative = text[0] == "-" and any(mark in "123456789" for mark in text)
    digits = text.lstrip("+-")
    if sign == "none":
        if negative:
            raise Unwritable(_("{value} is below zero, and the field has no sign.").format(value=text))
        return digits
    if sign == "trailing":
        return digits + ("-" if negative else "+")
    if sign == "leading":
        return ("-" if negative else "+") + digits
    marks = _MINUS if negative else _PLUS
    at = 0 if sign.endswith("leading") else len(digits) - 1
    if not digits[at].isdigit():
        return text
    return digits[:at] + marks[int(digits[at])] + digits[at + 1 :]


def _written_date(mask: str, text: str) -> str:
    moment = iso_date(text) or iso_date(f"1970-01-01T{text}")
    return text if moment is None else by_mask(moment, mask)
