"""Script values as JSON: what JSON lacks is written as {"$date": …}, {"$binary": …}, {"$dict": …}."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.script.tree import Value
from studio.script.values import check_entries, date_text, iso_date, number_text

_DEPTH = 60


def to_json(value: Value) -> Any:
    """A value as JSON data. Raises LimitReached for arrays too large, or holding themselves."""
    return _Encoder().encode(value, 0)


class _Encoder:
    """Arrays may hold one another many times over, so the entries are counted."""

    def __init__(self) -> None:
        self._count = 0

    def encode(self, value: Value, depth: int) -> Any:
        self._count += 1
        check_entries(self._count if depth <= _DEPTH else 1 << 62)
        if isinstance(value, list):
            return [self.encode(entry, depth + 1) for entry in value]
        if isinstance(value, dict):
            return {"$dict": [[key, self.encode(entry, depth + 1)] for key, entry in value.items()]}
        if isinstance(value, datetime):
            return {"$date": date_text(value)}
        if isinstance(value, bytes):
            return {"$binary": value.hex()}
        return _number(value) if isinstance(value, float | Decimal) else value


def _number(value: float | Decimal) -> int | float | str:
    """A JSON number where one says the same, else text."""
    if not math.isfinite(value):
        return number_text(float(value))
    whole = int(value)
    if value == whole and -(10**21) < whole < 10**21:
        return whole
    return float(value)


def from_json(data: Any, depth: int = 0) -> Value:
    """JSON data as a value. Raises BadInput for what is no value."""
    if depth > _DEPTH:
        raise BadInput(_("The variables are nested too deeply."))
    if isinstance(data, list):
        return [from_json(entry, depth + 1) for entry in data]
    if isinstance(data, dict):
        return _tagged(data, depth)
    return data  # type: ignore[no-any-return]  # JSON has nothing else


def _tagged(data: dict[str, Any], depth: int) -> Value:
    match data:
        case {"$date": str(text)} if len(data) == 1:
            date = iso_date(text)
            if date is None:
                raise BadInput(_("{text} is not a date.").format(text=text))
            return date
        case {"$binary": str(digits)} if len(data) == 1:
            try:
                return bytes.fromhex(digits)
            except ValueError as error:
                raise BadInput(_("{text} is not written in hex.").format(text=digits)) from error
        case {"$dict": list(pairs)} if len(data) == 1:
            return {str(key): from_json(value, depth + 1) for key, value in pairs}
    return {key: from_json(value, depth + 1) for key, value in data.items()}


def variables_from(data: Any) -> dict[str, Value]:
    """Globals by name without `$` from a JSON object. Raises BadInput when it is none."""
    if not isinstance(data, Mapping):
        raise BadInput(
            _("Variables are given as a JSON object of names and values."),
            next_step=_('Write them like {"name": "value"}.'),
        )
    return {str(name).removeprefix("$"): from_json(value) for name, value in data.items()}
