"""Fixes of a field's values: data kept with the move, applied to every row when it is made ready for the org."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.moves.formats import dates, numbers


class FixKind(StrEnum):
    """What is done to a value."""

    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    YES_NO = "yes-no"
    TRIM = "trim"
    CUT = "cut"
    MAP = "map"
    DEFAULT = "default"
    EMPTY = "empty"

    @property
    def reads(self) -> bool:
        """It reads a format of the column; a value that is none in it cannot be sent."""
        return self in (FixKind.DATE, FixKind.MOMENT, FixKind.NUMBER, FixKind.YES_NO)


@dataclass(frozen=True)
class Fix:
    """One fix. `value` is the order of dates, the decimal mark (with `int` or `percent` behind it where the field is one),
    the length to cut to, the default, or what a value must be to stay (`email`, `int 8`, `currency 18 2`); `zone` that of
    moments without an offset; `pairs` what is put for what (or, for EMPTY, the values that stay).
    """

    kind: FixKind
    value: str = ""
    zone: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Fix:
        """The fix of JSON data written by dataclasses.asdict."""
        pairs = tuple((str(old), str(new)) for old, new in data.get("pairs", ()))
        return Fix(FixKind(data["kind"]), str(data.get("value", "")), str(data.get("zone", "")), pairs)

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "kind": self.kind.value,
            "value": self.value,
            "zone": self.zone,
            "pairs": [list(pair) for pair in self.pairs],
        }

    @property
    def shown(self) -> str:
        """What it does, in words."""
        return _SHOWN[self.kind](self)


def _date(fix: Fix) -> str:
    return _("read as {format}").format(format=_order(fix.value))


def _moment(fix: Fix) -> str:
    zone = fix.zone or "UTC"
    return _("read as {format}, times of {zone}").format(format=_order(fix.value), zone=zone)


def _order(value: str) -> str:
    named = {
        "YMD": "YYYY-MM-DD",
        "DMY": "DD/MM/YYYY",
        "MDY": "MM/DD/YYYY",
        "EXCEL": "Excel",
        "EXCEL1904": "Excel 1904",
    }
    return named.get(value, dates.Order(value).value)


def _number(fix: Fix) -> str:
    mark = numbers.Mark(fix.value[0])
    text = _("read as numbers with a decimal point, like {format}")
    if mark is numbers.Mark.COMMA:
        text = _("read as numbers with a decimal comma, like {format}")
    return text.format(format=numbers.pattern(mark))


def _map(fix: Fix) -> str:
    if len(fix.pairs) == 1:
        return _("{old} becomes {new}").format(old=fix.pairs[0][0], new=fix.pairs[0][1])
    return _("{n} values replaced").format(n=len(fix.pairs))


_SHOWN: dict[FixKind, Callable[[Fix], str]] = {
    FixKind.DATE: _date,
    FixKind.MOMENT: _moment,
    FixKind.NUMBER: _number,
    FixKind.YES_NO: lambda _fix: _("yes and no read as true and false"),
    FixKind.TRIM: lambda _fix: _("blanks around values removed"),
    FixKind.CUT: lambda fix: _("cut to {n} characters").format(n=fix.value),
    FixKind.MAP: _map,
    FixKind.DEFAULT: lambda fix: _("empty becomes {value}").format(value=fix.value),
    FixKind.EMPTY: lambda _fix: _("values the field does not take left empty"),
}
