"""Functions of numbers. Text is taken by the number it begins with, null by 0."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal

from studio.base.i18n import N_, _
from studio.script.arithmetic import calculate
from studio.script.errors import RunError
from studio.script.functions.arguments import exact, finite, number, whole
from studio.script.functions.registry import function
from studio.script.tree import Value
from studio.script.values import number_text

MAX_PLACES = 50


def rounded(value: Decimal, places: int) -> Decimal:
    """Half away from zero, to so many places after the point: a rule of the project format, whatever others do."""
    try:
        return value.quantize(Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP, _WIDE)
    except decimal.InvalidOperation as error:
        raise RunError(_("The number has too many digits to be rounded.")) from error


_WIDE = decimal.Context(prec=500)


@function(
    "number",
    "Round(d: number, numPlaces?: number): string",
    N_("The text of a number rounded to so many places, 5 up away from zero."),
    "Round(12.345, 2)",
    "'12.35'",
)
def round_text(value: Value, places: Value = 0) -> str:
    """What `Round` gives: always all places."""
    count = whole(places)
    if not 0 <= count <= MAX_PLACES:
        raise RunError(
            _("Round needs between 0 and {most} places, not {n}.").format(most=MAX_PLACES, n=count)
        )
    shown = format(rounded(exact(value), count), "f")
    return shown[1:] if shown.startswith("-") and not shown.strip("-0.") else shown


@function(
    "number",
    "RoundToInt(d: number): number",
    N_("The nearest whole number, 5 up away from zero."),
    "RoundToInt(2.5)",
    "3",
)
def _round_to_int(value: Value) -> int:
    return int(rounded(exact(value), 0))


@function(
    "number", "Ceiling(d: number): number", N_("The least whole number not below."), "Ceiling(1.2)", "2"
)
def _ceiling(value: Value) -> int:
    return _to_whole(math.ceil, value)


@function("number", "Floor(d: number): number", N_("The greatest whole number not above."), "Floor(1.8)", "1")
def _floor(value: Value) -> int:
    return _to_whole(math.floor, value)


def _to_whole(operation: Callable[[float | Decimal], int], value: Value) -> int:
    given = number(value)
    try:
        return operation(given)
    except (ValueError, OverflowError) as error:
        raise RunError(_("{text} is not a whole number.").format(text=number_text(given))) from error


@function(
    "number",
    "Mod(numerator: number, denominator: number): number",
    N_("The remainder of a whole division, with the sign of the first number; by 0, the first number."),
    "Mod(13, 5)",
    "3",
)
def _mod(numerator: Value, denominator: Value) -> Value:
    top, bottom = _to_whole(math.floor, numerator), _to_whole(math.trunc, denominator)
    return (1 if top >= 0 else -1) * (abs(top) % abs(bottom)) if bottom else number(numerator)


@function(
    "number",
    "Pow(base: number, exponent: number): number",
    N_("base to the power of exponent."),
    "Pow(2, 10)",
    "1024",
)
def _pow(base: Value, exponent: Value) -> Value:
    return calculate("^", number(base), number(exponent))


@function("number", "Sqrt(d: number): number", N_("The square root."), "Sqrt(2.25)", "1.5")
def _sqrt(value: Value) -> Value:
    given = finite(value)
    if given < 0:
        raise RunError(_("Sqrt: {number} is negative.").format(number=number_text(given)))
    return _tidy(math.sqrt(given))


@function("number", "Exp(d: number): number", N_("e to the power of the number."), "Exp(0)", "1")
def _exp(value: Value) -> Value:
    try:
        return _tidy(math.exp(finite(value)))
    except OverflowError as error:
        raise RunError(_("The result is too large.")) from error


@function("number", "Log(d: number): number", N_("The natural logarithm."), "Log(1)", "0")
def _log(value: Value) -> Value:
    return _tidy(math.log(_positive("Log", value)))


@function("number", "Log10(d: number): number", N_("The logarithm to base 10."), "Log10(1000)", "3")
def _log10(value: Value) -> Value:
    return _tidy(math.log10(_positive("Log10", value)))


def _positive(name: str, value: Value) -> float:
    given = finite(value)
    if not given > 0:
        raise RunError(
            _("{function} needs a number above 0, not {number}.").format(
                function=name, number=number_text(given)
            )
        )
    return given


def _tidy(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


_SMALL = 1 << 62  # below, Python adds whole numbers and floats as scripts do


def _plain_sum(values: list[Value]) -> int | float | None:
    """The total where there is nothing but small whole numbers, floats and nulls."""
    total: int | float = 0
    for value in values:
        if type(value) is float or type(value) is int:
            total += value
            if not -_SMALL < total < _SMALL:
                return None
        elif value is not None:
            return None
    return total


def sum_of(values: list[Value]) -> Value:
    """The total of numbers and of text by its number, exactly for decimals and text; nulls are left out."""
    plain = _plain_sum(values)
    if plain is not None:
        return plain
    total: int | float | Decimal = 0
    for value in values:
        if value is not None:
            given = exact(value) if isinstance(value, str) else number(value)
            total = calculate("+", total, given)
    return total
