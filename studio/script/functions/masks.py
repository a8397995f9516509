"""Masks of dates and numbers: `yyyy-mm-dd HH:MM:SS`, `#,##0.00`."""

from __future__ import annotations

import decimal
import functools
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import N_, _
from studio.base.patterns import pattern
from studio.script.errors import RunError
from studio.script.functions.arguments import exact, text
from studio.script.functions.reading_dates import full_year, parse_date
from studio.script.functions.registry import function
from studio.script.tree import Value

_CODE = pattern(r"yyyy|yy|mm|dd|HH|MM|SS")
_WRITTEN = {
    "yyyy": "{0.year:04}", "yy": "{1:02}", "mm": "{0.month:02}", "dd": "{0.day:02}",
    "HH": "{0.hour:02}", "MM": "{0.minute:02}", "SS": "{0.second:02}",
}  # fmt: skip
_READ = {"yyyy": r"(\d{4})", "yy": r"(\d\d)"}
_FIELD = {
    "yyyy": "year",
    "yy": "year",
    "mm": "month",
    "dd": "day",
    "HH": "hour",
    "MM": "minute",
    "SS": "second",
}


@functools.lru_cache(maxsize=256)
def _template(mask: str) -> str:
    plain = mask.replace("{", "{{").replace("}", "}}")
    return _CODE.sub(lambda code: _WRITTEN[code[0]], plain)


def by_mask(date: datetime, mask: str) -> str:
    """The date as the mask shows it; characters that are no code stand for themselves."""
    return _template(mask).format(date, date.year % 100)


_PLACES = {
    "yyyy": slice(0, 4), "yy": slice(2, 4), "mm": slice(5, 7), "dd": slice(8, 10),
    "HH": slice(11, 13), "MM": slice(14, 16), "SS": slice(17, 19),
}  # fmt: skip


def date_pieces(mask: str) -> list[slice | str]:
    """What a mask shows of a text like 2026-03-01T10:00:00: the places of its parts, and what stands between them."""
    codes = _CODE.findall(mask)
    pieces: list[slice | str] = [_CODE.split(mask)[0]]
    for code, after in zip(codes, _CODE.split(mask)[1:], strict=True):
        pieces += [_PLACES[code], after]
    return [piece for piece in pieces if piece != ""]


def shows_days(mask: str) -> bool:
    """The mask shows nothing of the time of a day."""
    return not {"HH", "MM", "SS"} & set(_CODE.findall(mask))


def iso_by_mask(mask: str) -> Callable[[str], str | None]:
    """`by_mask` for texts like 2026-03-01T10:00:00, without making a date; None for texts of any other form."""
    wanted = date_pieces(mask)

    def shown(text: str) -> str | None:
        if (
            len(text) != 19
            or text[10] != "T"
            or not text[4] == text[7] == "-"
            or not text[13] == text[16] == ":"
        ):
            return None
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        return "".join([piece if isinstance(piece, str) else text[piece] for piece in wanted])

    return shown


@functools.lru_cache(maxsize=256)
def _reader(mask: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    codes = tuple(_CODE.findall(mask))
    between = [re.escape(part) for part in _CODE.split(mask)]
    pattern = between[0] + "".join(
        _READ.get(code, r"(\d{1,2})") + part for code, part in zip(codes, between[1:], strict=True)
    )
    return re.compile(pattern), codes


def read_by_mask(given: str, mask: str) -> datetime:
    """The date in a text written by a mask. Raises RunError when it does not fit."""
    pattern, codes = _reader(mask)
    match = pattern.match(given.strip())
    if match is not None and codes:
        fields = {"year": 1970, "month": 1, "day": 1}
        for code, digits in zip(codes, match.groups(), strict=True):
            fields[_FIELD[code]] = full_year(int(digits)) if code == "yy" else int(digits)
        try:
            return datetime(**fields)  # type: ignore[arg-type]  # only the fields above
        except ValueError:
            pass
    raise RunError(_("{text} is not a date written as {mask}.").format(text=given[:80], mask=mask))


@function(
    "text",
    "Format(formatStr: string, de: type): string",
    N_("A number by a mask such as #,##0.00, or a date by one such as dd/mm/yyyy."),
    "Format('#,##0.00', 1234.5)",
    "'1,234.50'",
)
def _format(mask: Value, value: Value) -> Value:
    if value is None:
        return None
    shape = text(mask)
    if isinstance(value, datetime):
        return by_mask(value, shape)
    if "0" not in shape and "#" not in shape and _CODE.search(shape) and isinstance(value, str):
        return by_mask(parse_date(value), shape)
    return number_by_mask(exact(value), shape)


_NUMBER = pattern(r"[#0,]*[#0](?:\.[#0]*)?|\.[#0]+")


def number_by_mask(value: Decimal, mask: str) -> str:
    """The number as the mask shows it: 0 always a digit, # one where needed, a comma groups thousands."""
    match = _NUMBER.search(mask)
    if match is None:
        raise RunError(_("{mask} is no mask for numbers.").format(mask=mask[:80]))
    whole_mask, _point, places_mask = match[0].partition(".")
    if mask[match.end() : match.end() + 1] == "%":
        value *= 100
    try:
        shown = format(abs(value).quantize(Decimal(1).scaleb(-len(places_mask)), decimal.ROUND_HALF_UP), "f")
    except decimal.InvalidOperation as error:
        raise RunError(_("The number has too many digits to be rounded.")) from error
    whole, _dot, places = shown.partition(".")
    whole = whole.lstrip("0").rjust(whole_mask.count("0"), "0")
    if "," in whole_mask:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", whole)
    least = len(places_mask.rstrip("#"))
    while len(places) > least and places.endswith("0"):
        places = places[:-1]
    sign = "-" if value < 0 and (whole + places).strip("0,") else ""
    number = whole + ("." + places if places else "")
    return sign + mask[: match.start()] + number + mask[match.end() :]
