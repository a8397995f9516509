"""Values between the two languages, as plain JSON data that both ends read.

Null, truth, numbers and texts are themselves and an array is an array; `{"d": milliseconds}` is a date,
`{"b": hex}` binary, `{"i": digits}` a whole number too large for JavaScript's numbers, `{"n": "NaN"}` a number JSON
lacks, `{"o": [[key, value], …]}` a dictionary.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from studio.base.i18n import _
from studio.script.errors import RunError
from studio.script.tree import Value
from studio.script.values import EPOCH, MAX_DEPTH, check_entries, check_text_size

SAFE = (1 << 53) - 1
"""The largest whole number up to which JavaScript's numbers are exact."""
_MILLISECOND = timedelta(milliseconds=1)


def to_data(value: Value) -> Any:
    """A value as JSON data. A decimal becomes JavaScript's nearest number.

    Raises RunError for an array that holds itself, LimitReached for one too large.
    """
    return _Giving().data(value, 0)


class _Giving:
    """Arrays may hold one another many times over, so the entries are counted."""

    def __init__(self) -> None:
        self._count = 0

    def data(self, value: Value, depth: int) -> Any:
        self._count += 1
        check_entries(self._count)
        if depth > MAX_DEPTH:
            raise RunError(_("The array is nested too deeply, or holds itself."))
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float, Decimal)):
            return _number(value)
        if isinstance(value, datetime):
            return {"d": (value - EPOCH) // _MILLISECOND}
        if isinstance(value, bytes):
            return {"b": value.hex()}
        if isinstance(value, list):
            return [self.data(entry, depth + 1) for entry in value]
        return {"o": [[key, self.data(entry, depth + 1)] for key, entry in value.items()]}


def _number(value: float | Decimal) -> Any:
    if not math.isfinite(value):
        return {"n": "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"}
    if value == int(value):
        whole = int(value)
        if -SAFE <= whole <= SAFE:
            return whole
        return float(value) if isinstance(value, float) else {"i": str(whole)}
    return float(value)


def from_data(data: Any) -> Value:
    """The value of JSON data. Raises RunError for what is no value, LimitReached for one too large."""
    return _Taking().value(data, 0)


class _Taking:
    def __init__(self) -> None:
        self._count = 0

    def value(self, data: Any, depth: int) -> Value:
        self._count += 1
        check_entries(self._count)
        if depth > MAX_DEPTH:
            raise RunError(_("The array is nested too deeply, or holds itself."))
        if isinstance(data, str):
            check_text_size(len(data))
            return data
        if isinstance(data, list):
            return [self.value(entry, depth + 1) for entry in data]
        if isinstance(data, dict):
            return self._tagged(data, depth)
        if data is None or isinstance(data, (bool, int, float)):
            return data
        raise _no_value()

    def _tagged(self, data: dict[str, Any], depth: int) -> Value:
        match data:
            case {"d": int() | float() as milliseconds}:
                try:
                    return EPOCH + timedelta(milliseconds=milliseconds)
                except (OverflowError, ValueError) as error:
                    raise RunError(_("The date leaves the years 1 to 9999.")) from error
            case {"b": str(digits)}:
                check_text_size(len(digits))
                return bytes.fromhex(digits)
            case {"i": str(digits)} if len(digits) <= 4000:
                return int(digits)
            case {"n": str(name)} if name in ("NaN", "Infinity", "-Infinity"):
                return float(name)
            case {"o": list(pairs)}:
                return {str(key): self.value(entry, depth + 1) for key, entry in pairs}
        raise _no_value()


def _no_value() -> RunError:
    return RunError(
        _("JavaScript handed over something that is no value of a script."),
        next_step=_(
            "Values are null, texts, numbers, true and false, dates, arrays, objects and Uint8Array."
        ),
    )
