"""Values on their way in: a whole column at once, from CSV text or JSON to what the store keeps, or a Failure.

Stored forms: text as it is, numbers as int or float, booleans as 0 and 1, dates and moments as sortable text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any, Final

from studio.practice.catalog import Field
from studio.practice.clock import stored
from studio.practice.failures import ApiError, Failure, malformed_id, not_of_type, too_long
from studio.practice.ids import full_id


class Skip:
    """The one value that means: leave the field as it is."""


SKIP: Final = Skip()
NULL_TEXT: Final = "#N/A"

# What a converter fills: the first failure of each row, by row number.
Failures = dict[int, Failure]
Parse = Callable[[str], Any]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?Z?", re.ASCII)
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\"]+\.[^@\s,;<>()\[\]\\\".]+")
_TRUE = frozenset({"yes", "y", "true", "on", "1"})
_FALSE = frozenset({"no", "n", "false", "off", "0"})
_WHOLE_LIMIT = 2**31


class _Refused(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def from_text(field: Field, column: Sequence[str], failures: Failures) -> list[Any]:
    """A CSV column: empty means leave alone, `#N/A` means null."""
    simple = field.is_text and field.type not in ("email", "multipicklist") and not field.restricted
    if simple and NULL_TEXT not in column and max(map(len, column), default=0) <= field.length:
        return [value or SKIP for value in column]
    parse = parser(field)
    known: dict[str, Any] = {"": SKIP, NULL_TEXT: _null(field)}
    values = []
    for row, text in enumerate(column):
        try:
            value = known[text] if text in known else parse(text)
        except _Refused as refused:
            failures.setdefault(row, refused.failure)
            value = None
        else:
            if len(known) < 1000:
                known[text] = value
        values.append(value)
    return values


def from_json(field: Field, column: Sequence[Any], failures: Failures) -> list[Any]:
    """A column of JSON values, SKIP where a record lacks the member.

    Raises ApiError (JSON_PARSER_ERROR) for a value of the wrong JSON type: the vendor refuses the request then.
    """
    parse = parser(field)
    values = []
    for row, value in enumerate(column):
        if value is SKIP or value is None:
            values.append(SKIP if value is SKIP else _null(field))
            continue
        try:
            values.append(parse(_json_text(field, value)))
        except _Refused as refused:
            if refused.failure.code == "INVALID_TYPE_ON_FIELD_IN_RECORD":
                raise _wrong_json(field, value) from refused
            failures.setdefault(row, refused.failure)
            values.append(None)
    return values


def _null(field: Field) -> Any:
    return 0 if field.type == "boolean" else None


def _json_text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        if field.type == "boolean":
            return "true" if value else "false"
        raise _wrong_json(field, value)
    if isinstance(value, int | float):
        if field.type in ("int", "double", "currency", "percent"):
            return repr(value)
        raise _wrong_json(field, value)
    if not isinstance(value, str):
        raise _wrong_json(field, value)
    if value == "" and not field.is_text:
        raise _wrong_json(field, value)
    return value


def _wrong_json(field: Field, value: Any) -> ApiError:
    kinds = {str: "VALUE_STRING", bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}
    kind = kinds.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")
    if value is False:
        kind = "VALUE_FALSE"
    wanted = {"currency": "double", "percent": "double", "reference": "string"}.get(field.type, field.type)
    wanted = "string" if field.is_text else wanted
    shown = str(value).lower() if isinstance(value, bool) else str(value)[:100]
    return ApiError(
        400,
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {kind} value {shown} or request may be missing a required "
        "field at [line:1, column:2]",
    )


def parser(field: Field) -> Parse:
    """The function that reads one text of this field, or raises."""
    if field.type in ("id", "reference"):
        return lambda text: _reference(field, text)
    if field.restricted and field.picklist:
        return _restricted(field)
    return lambda text: _PARSERS[field.type](field, text)


def _text(field: Field, text: str) -> Any:
    if len(text) > field.length:
        raise _Refused(too_long(field.label, text, field.length, field.name))
    return text or None


def _email(field: Field, text: str) -> Any:
    if text and not _EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text[:100]}"
        raise _Refused(Failure("INVALID_EMAIL_ADDRESS", message, (field.name,)))
    return _text(field, text)


def _restricted(field: Field) -> Parse:
    values = {pick.value.lower(): pick.value for pick in field.picklist}

    def parse(text: str) -> Any:
        parts = text.split(";") if field.type == "multipicklist" else [text]
        for part in parts:
            if part.lower() not in values and part:
                message = f"{field.label}: bad value for restricted picklist field: {part[:100]}"
                raise _Refused(Failure("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,)))
        return ";".join(values[part.lower()] for part in parts if part) or None

    return parse


def _reference(field: Field, text: str) -> Any:
    full = full_id(text)
    if full is None:
        raise _Refused(malformed_id(field.label, text[:100], field.name))
    return full


def _boolean(field: Field, text: str) -> int:
    word = text.lower()
    if word not in _TRUE and word not in _FALSE:
        raise _Refused(not_of_type(text[:100], field.name))
    return int(word in _TRUE)


def _whole(field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text) or len(text) > 30:
        raise _Refused(not_of_type(text[:100], field.name))
    number = int(text.partition(".")[0])
    most = 10**field.digits if field.digits else _WHOLE_LIMIT
    if not -_WHOLE_LIMIT <= number < _WHOLE_LIMIT or abs(number) >= most:
        raise _Refused(_out_of_range(field, text))
    return number


def _number(field: Field, text: str) -> float:
    if not _NUMBER.fullmatch(text) or len(text) > 60:
        raise _Refused(not_of_type(text[:100], field.name))
    number = float(text)
    most = 10 ** (field.precision - field.scale)
    # A float may round up to the limit what is just below it.
    if abs(number) >= most and (len(text) < 16 or abs(Decimal(text)) >= most):
        raise _Refused(_out_of_range(field, text))
    decimals = len(text) - text.find(".") - 1 if "." in text else 0
    if decimals > field.scale or "e" in text or "E" in text:
        try:
            # The vendor's API cuts off what goes beyond the scale and says nothing.
            number = float(Decimal(text).quantize(Decimal(1).scaleb(-field.scale), ROUND_DOWN))
        except InvalidOperation as error:
            raise _Refused(_out_of_range(field, text)) from error
    return number


def _out_of_range(field: Field, text: str) -> Failure:
    message = f"{field.label}: value outside of valid range on numeric field: {text}"
    return Failure("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _date(field: Field, text: str) -> str:
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError as error:
        raise _Refused(not_of_type(text[:100], field.name)) from error


def _moment(field: Field, text: str) -> str:
    try:
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            moment = datetime.combine(date.fromisoformat(text), time(), UTC)
        else:
            raise ValueError
        # Without an offset the user's zone counts; the practice org's users live in GMT.
        return stored(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise _Refused(not_of_type(text[:100], field.name)) from error


def _time(field: Field, text: str) -> str:
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        thousandths = int((match[4] or "0").ljust(3, "0"))
        moment = time(int(match[1]), int(match[2]), int(match[3] or 0), thousandths * 1000)
    except ValueError as error:
        raise _Refused(not_of_type(text[:100], field.name)) from error
    return moment.isoformat("milliseconds") + "Z"


_PARSERS: dict[str, Callable[[Field, str], Any]] = {
    "string": _text, "textarea": _text, "picklist": _text, "multipicklist": _text, "combobox": _text,
    "phone": _text, "url": _text, "encryptedstring": _text, "email": _email, "boolean": _boolean, "int": _whole,
    "double": _number, "currency": _number, "percent": _number, "date": _date, "datetime": _moment, "time": _time,
}  # fmt: skip
