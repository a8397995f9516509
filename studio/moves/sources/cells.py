"""A typed value as the text Salesforce takes: digits without an exponent, ISO dates that pass no zone, true and false."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from uuid import UUID

from studio.base.i18n import _
from studio.base.lazily import Lazily

if TYPE_CHECKING:
    from studio.engine.formats import typed_values
else:
    typed_values = Lazily("studio.engine.formats.typed_values")

_FARTHEST = 60


def cell_text(value: object) -> str:
    """The text of a value; "" for none. A date and time keeps the zone it has, and gets none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return plain_number(repr(value))
    if isinstance(value, Decimal):
        return plain_number(str(value))
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=cell_text)
    if isinstance(value, UUID):
        return str(value)
    text = typed_values.text_of(value)
    return text or ""


def sheet_text(value: object) -> str:
    """The text of a cell of a workbook, which knows no dates but moments: midnight is a date."""
    if isinstance(value, datetime):
        # A day's fraction is not exact in binary: what is nearer than half a millisecond to a second is that second.
        if value.microsecond >= 999_500:
            value += timedelta(microseconds=1_000_000 - value.microsecond)
        elif value.microsecond < 500:
            value = value.replace(microsecond=0)
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, float) and abs(value) < 1e15:
        # A spreadsheet shows 15 digits; what stands behind them is dust of the binary form.
        return plain_number(format(value, ".15g"))
    return cell_text(value)


def plain_number(text: str) -> str:
    """A number in digits, its exponent spelled out: `1E+12` is 1000000000000; what is no number stays."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _FARTHEST:
        return text
    shown = format(number, "f")
    if "." in shown and ("e" in text.lower() or shown.endswith(".0")):
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds of a time that is counted from nothing."""
    seconds, rest = divmod(abs(value) // timedelta(milliseconds=1), 1000)
    sign = "-" if value < timedelta() else ""
    text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text


def unsendable(values: list[str], header: tuple[str, ...]) -> str:
    """Why a row's texts cannot be sent, "" where they can: a zero character, half a character."""
    joined = "".join(values)
    if "\0" not in joined and joined.isascii():
        return ""
    for name, text in zip(header, values, strict=True):
        if "\0" in text:
            return _("column {name} holds a zero character").format(name=name)
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            return _("column {name} holds half a character").format(name=name)
    return ""
