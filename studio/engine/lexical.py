"""A value as the text a target leaf holds: the one place both back ends take it from."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.schema.model import Base, ValueType
from studio.script.tree import Value
from studio.script.values import KEPT, KeptDate, iso_date, kind_of, number_text, text_of

INTEGER = pattern(r"[+-]?[0-9]+\Z")
DECIMAL = pattern(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
FLOAT = pattern(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_JSON_NUMBER = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
JSON_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z").match
JSON_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z").match
"""What holds for a number's text that JSON writes in the same way."""
_TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\Z")
_DAY = pattern(r"-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?\Z")
_MOMENT = pattern(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\Z")
_BOOLEANS = {"true": "true", "1": "true", "false": "false", "0": "false"}
_NOT_FINITE = ("NaN", "INF", "-INF")


class Unwritable(ValueError):
    """The value has no form in the target's type; the text says why, for people."""


Writer = Callable[[Value], "str | None"]


def plain_writer(kind: ValueType, declared: bool) -> Writer:
    """Value → the text of an element, attribute or cell; None where nothing is to be written.

    Where the schema was only guessed from a sample (`declared` false) text is written as it is. Raises Unwritable.
    """
    write = _WRITERS.get(kind.base)
    if write is None:
        return _binary_writer(kind) if kind.base is Base.BINARY else _text
    return write if declared else _as_it_is(_lenient(write))


def json_writer(kind: ValueType, declared: bool) -> Writer:
    """Value → a JSON literal: numbers and booleans bare, everything else quoted; None where nothing is to be written."""
    base = kind.base
    write = _WRITERS.get(base) or plain_writer(kind, declared)
    write = write if declared else _lenient(write)

    def literal(value: Value) -> str | None:
        text = write(value)
        if text is None:
            return None
        if base in (Base.INTEGER, Base.DECIMAL, Base.FLOAT) and FLOAT.match(text):
            return text if _JSON_NUMBER.match(text) else _json_number(text)
        if base is Base.BOOLEAN and text in ("true", "false"):
            return text
        return json.dumps(text, ensure_ascii=False)

    return literal


def _json_number(text: str) -> str:
    number = number_text(Decimal(text))
    return number if _JSON_NUMBER.match(number) else json.dumps(text)


def _lenient(write: Writer) -> Writer:
    def lenient(value: Value) -> str | None:
        try:
            return write(value)
        except Unwritable:
            return _text(value)

    return lenient


def _as_it_is(write: Writer) -> Writer:
    def as_it_is(value: Value) -> str | None:
        if value is None or isinstance(value, str):
            return value
        return value.text if isinstance(value, KEPT) else write(value)

    return as_it_is


def _text(value: Value) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    _refuse_collection(value)
    return text_of(value)


def _refuse_collection(value: Value) -> None:
    if isinstance(value, list):
        raise Unwritable(
            _("The rule gives an array of {count} values where one is expected.").format(count=len(value))
        )
    if isinstance(value, dict):
        raise Unwritable(_("The rule gives a dictionary where a value is expected."))


def _number_source(value: Value) -> str | None:
    """The text of a value that shall be a number, blanks around it removed; None for nothing. Raises TypeError."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, KEPT) and not isinstance(value, datetime):
        return value.text.strip()
    if isinstance(value, (int, float, Decimal)):
        return number_text(int(value) if isinstance(value, bool) else value)
    _refuse_collection(value)
    raise TypeError


def _not(value: Value, wanted: str) -> Unwritable:
    """The error for a value of the wrong kind; `wanted` is translated."""
    shown = text_of(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return Unwritable(
        _("{value} ({kind}) is not {wanted}.").format(
            value=repr(shown) if isinstance(value, str) else shown, kind=kind_of(value), wanted=wanted
        )
    )


def _integer(value: Value) -> str | None:
    if type(value) is str and INTEGER.match(value):
        return value
    with contextlib.suppress(TypeError):
        text = _number_source(value)
        if text is None or INTEGER.match(text):
            return text
        if FLOAT.match(text):
            number = Decimal(text)
            if number == number.to_integral_value() and number.adjusted() < 1000:
                return format(number.to_integral_value(), "f")
    raise _not(value, _("a whole number"))


def _decimal(value: Value) -> str | None:
    if type(value) is str and DECIMAL.match(value):
        return value
    with contextlib.suppress(TypeError):
        text = _number_source(value)
        if text is None or DECIMAL.match(text):
            return text
        if FLOAT.match(text):
            return format(Decimal(text), "f")
    raise _not(value, _("a decimal number"))


def _float(value: Value) -> str | None:
    with contextlib.suppress(TypeError):
        text = _number_source(value)
        if text is None or FLOAT.match(text) or text in _NOT_FINITE:
            return text
    raise _not(value, _("a number"))


def _boolean(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    with contextlib.suppress(TypeError):
        text = _number_source(value)
        if text is None:
            return None
        if text in _BOOLEANS:
            return text if isinstance(value, str) else _BOOLEANS[text]
    raise _not(value, _("true or false"))


def _date(value: Value) -> str | None:
    kept = _kept_text(value, "date")
    if kept is None or (_DAY.match(kept) and _exists(kept)):
        return kept
    return _moment_of(value, kept, "date").strftime("%Y-%m-%d").rjust(10, "0")


def _exists(text: str) -> bool:
    """The day is in the calendar; years beyond four digits are taken on trust."""
    return iso_date(text) is not None or not text[:5].endswith("-")


def _datetime(value: Value) -> str | None:
    kept = _kept_text(value, "datetime")
    if kept is None or (_MOMENT.match(kept) and _exists(kept)):
        return kept
    moment = _moment_of(value, kept, "datetime")
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def _kept_text(value: Value, wanted: str) -> str | None:
    """What was written: text, or a date's remembered text; empty for a computed date."""
    _refuse_collection(value)
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, KeptDate):
        return value.text.strip()
    if isinstance(value, datetime):
        return ""
    raise _no_moment(value, wanted)


def _no_moment(value: Value, wanted: str) -> Unwritable:
    words = {"date": _("a date"), "datetime": _("a date and time"), "time": _("a time")}
    return _not(value, words[wanted])


def _moment_of(value: Value, kept: str, wanted: str) -> datetime:
    moment = value if isinstance(value, datetime) else iso_date(kept)
    if moment is None:
        raise _no_moment(value, wanted)
    return moment


def _time(value: Value) -> str | None:
    if isinstance(value, datetime) and not isinstance(value, KeptDate):
        return value.strftime("%H:%M:%S")
    text = _kept_text(value, "time")
    if text is None or _TIME.match(text):
        return text
    raise _not(value, _("a time"))


def _binary_writer(kind: ValueType) -> Writer:
    to_hex = "hex" in kind.name.lower()

    def binary(value: Value) -> str | None:
        if isinstance(value, bytes):
            return value.hex().upper() if to_hex else base64.b64encode(value).decode()
        return _text(value)

    return binary


_WRITERS: dict[Base, Writer] = {
    Base.TEXT: _text,
    Base.INTEGER: _integer,
    Base.DECIMAL: _decimal,
    Base.FLOAT: _float,
    Base.BOOLEAN: _boolean,
    Base.DATE: _date,
    Base.DATETIME: _datetime,
    Base.TIME: _time,
}
