"""What values are: their types, their text, their number and their truth, as the language converts them."""

from __future__ import annotations

import contextlib
import decimal
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.schema.model import Base
from studio.script import memory
from studio.script.errors import LimitReached, RunError
from studio.script.tree import Value

Number: TypeAlias = int | float | Decimal

EPOCH = datetime(1970, 1, 1)
EXACT = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)
"""Sums, differences and products of decimals are exact up to 60 digits."""
_DIVISION = decimal.Context(prec=28, rounding=decimal.ROUND_HALF_EVEN)
MAX_CHARACTERS = 16_000_000
"""Longest text a script may make."""
MAX_ENTRIES = 1_000_000
"""Most entries of one array, and most entries one operation on nested arrays may visit."""
_LARGE = 200_000  # from here on the memory is looked at
MAX_DEPTH = 50
"""Deepest nesting of arrays."""

_PREFIX = pattern(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DECIMAL = pattern(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*\Z")
_DATE = pattern(
    r"\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*\Z"
)
_FLOATS = {"NaN": math.nan, "INF": math.inf, "+INF": math.inf, "-INF": -math.inf}


class KeptDecimal(Decimal):
    """A decimal read from a document, with the text it had there."""

    text: str


class KeptFloat(float):
    """A float read from a document, with the text it had there."""

    text: str


class KeptDate(datetime):
    """A date read from a document, with the text it had there."""

    text: str


KEPT = (KeptDecimal, KeptFloat, KeptDate)


@contextlib.contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Within the block the thread's decimal arithmetic is that of scripts; generated code needs it."""
    with decimal.localcontext(EXACT):
        yield


def kind_of(value: Value) -> str:
    """The language's name for a value's type, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "dictionary"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((int, float, Decimal), "number"),
    (str, "string"),
    (datetime, "date"),
    (bytes, "binary"),
    (list, "array"),
)


def cannot_convert(value: Value, target: str) -> RunError:
    """The error for a value that has no such form."""
    return RunError(_("{kind} cannot be converted to {target}.").format(kind=kind_of(value), target=target))


def typed(text: str | None, base: Base) -> Value:
    """A field's text as the value scripts see: a number or date that remembers its text, true or false, or text.

    Text that does not fit the base stays text; empty text of any base but TEXT is null.
    """
    if text is None or base is Base.TEXT:
        return text
    stripped = text.strip()
    if not stripped:
        return None
    match base:
        case Base.INTEGER | Base.DECIMAL:
            return _kept_decimal(text)
        case Base.FLOAT:
            return _kept_float(text, stripped)
        case Base.BOOLEAN:
            return {"true": True, "1": True, "false": False, "0": False}.get(stripped, text)
        case Base.DATE | Base.DATETIME:
            return _kept_date(text)
    return text


def _kept_decimal(text: str) -> Value:
    if _DECIMAL.match(text) is None:
        return text
    number = KeptDecimal(text)
    number.text = text
    return number


def _kept_float(text: str, stripped: str) -> Value:
    if stripped in _FLOATS:
        number = KeptFloat(_FLOATS[stripped])
    elif _DECIMAL.match(text) is not None:
        number = KeptFloat(text)
    else:
        return text
    number.text = text
    return number


def _kept_date(text: str) -> Value:
    date = iso_date(text)
    if date is None:
        return text
    kept = KeptDate(date.year, date.month, date.day, date.hour, date.minute, date.second, date.microsecond)
    kept.text = text
    return kept


def iso_date(text: str) -> datetime | None:
    """The date of `2026-03-01`, `2026-03-01T10:00:00.5+02:00` and the like, None for other text.

    A time with a zone is moved to UTC; the zone of a date without time is dropped.
    """
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        date = datetime(
            int(year), int(month), int(day), int(hour or 0) % 24, int(minute or 0), int(second or 0), micro
        )
        if hour == "24":
            date += timedelta(days=1)
        if hour is not None and zone not in (None, "Z"):
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            date = date - offset if zone[0] == "+" else date + offset
    except (ValueError, OverflowError):
        return None
    return date


def plain_date(date: datetime) -> datetime:
    """The date without a remembered text."""
    if type(date) is datetime:
        return date
    return datetime(date.year, date.month, date.day, date.hour, date.minute, date.second, date.microsecond)


def epoch_seconds(date: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    passed = date - EPOCH
    return passed.days * 86_400 + passed.seconds


def shifted(date: datetime, seconds: Number) -> datetime:
    """The date some seconds later; a fraction of a second in `seconds` is dropped.

    Raises RunError beyond the years 1 to 9999.
    """
    try:
        return plain_date(date) + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError) as error:
        raise RunError(_("The date leaves the years 1 to 9999.")) from error


def number_text(value: Number) -> str:
    """The shortest decimal text: no exponent between 1e-21 and 1e21, no trailing zeros, no negative zero."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if value != value or value in (math.inf, -math.inf):
        return "NaN" if value != value else ("INF" if value > 0 else "-INF")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    return text if "e" not in text or not 1e-21 < abs(value) < 1e21 else format(Decimal(text), "f")


def _decimal_text(value: Decimal) -> str:
    text = str(value)
    if "E" in text:
        if not value:
            return "0"
        if not -1000 < value.adjusted() < 1000:
            return text
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def date_text(date: datetime) -> str:
    """`2024-01-13 00:00:00`, with milliseconds where there are any."""
    text = f"{date.year:04}-{date.month:02}-{date.day:02} {date.hour:02}:{date.minute:02}:{date.second:02}"
    return f"{text}.{date.microsecond // 1000:03}" if date.microsecond >= 1000 else text


def text_of(value: Value) -> str:
    """The text of any value as `String` gives it; null is the word null.

    Raises RunError for an array whose text would be too long.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return _CollectionText().of(value)
    return _scalar_text(value)


def plain_text(value: Value) -> str:
    """The text of a value as `+` and the text functions use it: null is empty."""
    return "" if value is None else text_of(value)


def _scalar_text(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, KEPT):
        return value.text
    if isinstance(value, (int, float, Decimal)):
        return number_text(value)
    if isinstance(value, datetime):
        return date_text(value)
    return value.hex() if isinstance(value, bytes) else str(value)


class _CollectionText:
    """Arrays may hold one another many times over, so the pieces are counted."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0
        self._checked = 0
        self._entries = 0

    def of(self, value: list[Value] | dict[str, Value]) -> str:
        self._collection(value, 0)
        return "".join(self._pieces)

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._size += len(text)
        if self._size > self._checked:  # asking for every piece would take longer than the text
            check_text_size(self._size)
            self._checked = self._size + 10_000

    def _collection(self, value: list[Value] | dict[str, Value], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RunError(_("The array is nested too deeply, or holds itself."))
        if isinstance(value, list):
            self._add("{")
            for number, entry in enumerate(value):
                self._add("," if number else "")
                self._entry(entry, depth)
            self._add("}")
            return
        self._add("[")
        for number, (key, entry) in enumerate(value.items()):
            self._add(f'{"," if number else ""}{key}=>"')
            self._entry(entry, depth)
            self._add('"')
        self._add("]")

    def _entry(self, value: Value, depth: int) -> None:
        self._entries += 1
        check_entries(self._entries)
        if isinstance(value, (list, dict)):
            self._collection(value, depth + 1)
        else:
            self._add(value if isinstance(value, str) else _scalar_text(value))


def check_text_size(size: int) -> None:
    """Raise LimitReached when a text of so many characters is not allowed."""
    if size > MAX_CHARACTERS:
        raise LimitReached(_("A text grows beyond {limit} characters.").format(limit=MAX_CHARACTERS))
    if size > _LARGE:
        memory.check()


def check_entries(count: int) -> None:
    """Raise LimitReached when an array of so many entries is not allowed."""
    if count > MAX_ENTRIES:
        raise LimitReached(_("An array grows beyond {limit} entries.").format(limit=MAX_ENTRIES))
    if count > _LARGE and not count & 1023:
        memory.check()


def number_prefix(text: str) -> int | float:
    """The number a text begins with, else 0: `5abc` is 5."""
    match = _PREFIX.match(text)
    if match is None:
        return 0
    digits = match[0]
    return float(digits) if "." in digits or len(digits) > 300 else int(digits)


def number_of(value: Value) -> Number:
    """The number of a value: text by its prefix, true is 1, null is 0, a date its seconds since 1970.

    Raises RunError for arrays, dictionaries and binary.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float, Decimal)):
        return value
    if isinstance(value, str):
        return number_prefix(value)
    if value is None:
        return 0
    if isinstance(value, datetime):
        return epoch_seconds(value)
    raise cannot_convert(value, _("a number"))


def whole_of(value: Value) -> int:
    """The number of a value without its fraction. Raises RunError where there is none."""
    number = number_of(value)
    try:
        return int(number)
    except (ValueError, OverflowError) as error:
        raise RunError(_("{text} is not a whole number.").format(text=number_text(number))) from error


def text_is_true(text: str) -> bool:
    """Text with a number other than 0 in front, or the word true, t or T."""
    return text in ("true", "t", "T") or number_prefix(text) != 0


def truth_of(value: Value) -> bool:
    """Whether a condition holds; a date never does. Raises RunError for arrays, dictionaries and binary."""
    if value is True or value is False:
        return value
    if value is None or isinstance(value, datetime):
        return False
    if isinstance(value, str):
        return text_is_true(value)
    if isinstance(value, (int, float, Decimal)):
        return value != 0
    raise cannot_convert(value, _("true or false"))


def counts_as_true(value: Value) -> bool:
    """The truth of an operand of && and ||: arrays, dictionaries and binary are false there."""
    return not isinstance(value, (list, dict, bytes)) and truth_of(value)


def quotient(left: Decimal, right: Decimal) -> Decimal:
    """A decimal division to 28 digits; the divisor is not 0."""
    return _DIVISION.divide(left, right)
