"""Values of typed formats as the texts scripts see, and what a leaf of such a format can hold."""

from __future__ import annotations

import base64
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from studio.base.i18n import _
from studio.engine.lexical import DECIMAL, INTEGER, Unwritable, Writer, plain_writer
from studio.schema.model import Base, ValueType
from studio.script.tree import Value
from studio.script.values import iso_date

_LONE = re.compile("[\ud800-\udfff]")
# The bits of whole numbers, by the names Avro, Parquet and databases have for them; the sign is one of them.
_BITS = {
    "tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "long": 64, "bigint": 64, "hugeint": 128,
}  # fmt: skip
_UNSIGNED = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "uhugeint": 128}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?\Z")


def text_of(value: Any) -> str | None:
    """A plain value as text: numbers in digits, ISO dates and times, bytes in base 64; None for none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


def _float(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "INF" if value > 0 else "-INF"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def leaf_writer(kind: ValueType, declared: bool) -> Writer:
    """Value → the text of a leaf, which its type can hold; None for nothing. Raises Unwritable."""
    write = plain_writer(kind, declared)

    def checked(value: Value) -> str | None:
        text = write(value)
        if text is not None:
            check(text, kind)
        return text

    return checked


def half_character(text: str) -> None:
    """Raise Unwritable for a text that is not wholly made of characters."""
    lone = _LONE.search(text)
    if lone is not None:
        raise Unwritable(_("The text holds half a character (U+{code:04X}).").format(code=ord(lone[0])))


def check(text: str, kind: ValueType) -> None:
    """Raise Unwritable for a text that a value of the type cannot hold."""
    half_character(text)
    if kind.enumeration and text not in kind.enumeration:
        raise Unwritable(
            _("{value} is none of the values allowed: {list}.").format(
                value=repr(text[:60]), list=", ".join(kind.enumeration[:12])
            )
        )
    if kind.base is Base.INTEGER and INTEGER.match(text):
        _check_bits(text, kind.name.lower())
    elif kind.base is Base.DECIMAL and DECIMAL.match(text) and kind.total_digits:
        _check_digits(text, kind.total_digits, kind.fraction_digits or 0)
    elif kind.base in (Base.DATE, Base.DATETIME):
        _check_date(text)
    elif kind.base is Base.TIME and _CLOCK.match(text) is None:
        raise Unwritable(_("{value} is not a time of day such as 17:30:00.").format(value=repr(text[:60])))
    elif kind.base is Base.BINARY:
        bytes_of(text)


def _check_bits(text: str, name: str) -> None:
    number = int(text) if len(text) < 60 else 10**60
    bits, unsigned = _BITS.get(name), _UNSIGNED.get(name)
    if (bits and not -(1 << bits - 1) <= number < 1 << bits - 1) or (
        unsigned and not 0 <= number < 1 << unsigned
    ):
        raise Unwritable(
            _("{value} does not fit a whole number of {bits} bits.").format(
                value=text[:60], bits=bits or unsigned
            )
        )


def _check_digits(text: str, digits: int, places: int) -> None:
    number = Decimal(text)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise Unwritable(_("{value} has more than {places} decimals.").format(value=text[:60], places=places))
    if number and number.adjusted() + 1 > digits - places:
        raise Unwritable(
            _("{value} has more digits than the {digits} there is room for.").format(
                value=text[:60], digits=digits
            )
        )


def _check_date(text: str) -> None:
    if iso_date(text) is None:
        raise Unwritable(_("{value} is not a date this format can hold.").format(value=repr(text[:60])))


def bytes_of(text: str) -> bytes:
    """Bytes out of base 64. Raises Unwritable."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Unwritable(_("{value} is not base 64.").format(value=repr(text[:60]))) from None


def date_of(text: str) -> datetime:
    """A date or a date and time. Raises Unwritable."""
    found = iso_date(text)
    if found is None:
        raise Unwritable(_("{value} is not a date this format can hold.").format(value=repr(text[:60])))
    return found


def float_of(text: str) -> float:
    """A floating number."""
    return float(text.replace("INF", "inf"))
