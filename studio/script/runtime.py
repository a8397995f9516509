"""What generated code calls: caches of read values, and the operators with a short way for the usual types."""

from __future__ import annotations

import decimal
import functools
import math
import operator as python
import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from studio.base.i18n import _
from studio.schema.model import Base
from studio.script.errors import LimitReached, RunError, ScriptError
from studio.script.functions.conversion import double
from studio.script.functions.numbers import round_text, sum_of
from studio.script.functions.strings import SPACE
from studio.script.operators import binary, counted, get_entry, holds, negative, opposite, set_entry
from studio.script.special import as_text, caught, max_iterations, too_many_turns
from studio.script.tree import Value
from studio.script.values import (
    EXACT,
    KeptDecimal,
    check_text_size,
    counts_as_true,
    number_of,
    number_prefix,
    plain_date,
    plain_text,
    quotient,
    text_of,
    truth_of,
    typed,
)

FAST = (TypeError, ArithmeticError, ValueError)
"""What a short way raises when the operands are not what it is for; the long way is taken then."""
_SMALL = 1 << 62
_WHOLE = 1 << 53  # below, a float that is a whole number is given as one
NUMERIC = frozenset({int, float})
"""Types of the numbers that Python reckons with as scripts do."""
PLAIN = frozenset({int, float, str})
"""Types of which two values of the same compare as in Python."""
_SURE = 1e6
_KEPT = 16_000  # entries of a cache
_SHORT, _LONG = 64, 100_000  # characters of a text worth keeping, and of one whose size is looked at
_KEPT_NUMBERS = 50_000


class _Unset:
    """A local before it is set."""


UNSET = _Unset()


class _Odd:
    """A numeric field's text that is no number: every short way over it fails, comparison included."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise TypeError

    def __ne__(self, other: object) -> bool:
        raise TypeError


ODD = _Odd()


class Cache(dict[Any, Any]):
    """Text → what it reads as; emptied when it grows too large."""

    def __init__(self, make: Callable[[Any], Any], most: int = _KEPT) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, text: Any) -> Any:
        if len(self) > self._most:
            self.clear()
        value = self._make(text)
        self[text] = value
        return value


class KeptTexts(Cache):
    """What is made of short texts, and of null; of longer ones it is made anew each time."""

    def __missing__(self, text: Any) -> Any:
        if text is not None and len(text) >= _SHORT:
            return self._make(text)
        return super().__missing__(text)


_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?").fullmatch


def _number(text: str | None) -> Decimal | _Odd | None:
    value = typed(text, Base.DECIMAL)
    if value is None:
        return None
    return Decimal(value) if isinstance(value, Decimal) else ODD


def _date(text: str | None) -> Value:
    value = typed(text, Base.DATETIME)
    return plain_date(value) if isinstance(value, datetime) else value


def _typed(base: Base, text: str | None) -> Value:
    return typed(text, base)


class _Numbers(Cache):
    """The cache that is asked most often, with the usual case in place."""

    def __missing__(self, text: Any) -> Any:
        if text is None or not _PLAIN_NUMBER(text):
            return super().__missing__(text)
        if len(self) > _KEPT_NUMBERS:
            self.clear()
        self[text] = value = Decimal(text)
        return value


NUMBERS = _Numbers(_number)
"""Text of a numeric field → its Decimal, None for nothing, ODD for what is no number."""
VALUES = {base: Cache(functools.partial(_typed, base)) for base in Base}
"""Text of a field of each base → its value as scripts see it."""


def raw_text(text: str | None) -> str:
    """A numeric or date field's text in a joined text: nothing where it is blank."""
    return text if text and not text.isspace() else ""


def add(left: Value, right: Value) -> Value:
    """`+`."""
    if type(left) is str:
        if right is None:
            return left
        if type(right) is str:
            size = len(left) + len(right)
            if size > _LONG:
                check_text_size(size)
            return left + right
    elif left is None and type(right) is str:
        return right
    return _add(left, right)


def reckoner(
    symbol: str, short: Callable[[Any, Any], Any], with_null: Callable[[Any, Any], Value]
) -> Callable[[Value, Value], Value]:
    """An operator as a function, with a short way for small whole numbers, for floats, and for one of them and null."""

    def apply(left: Value, right: Value) -> Value:
        one, other = type(left) in NUMERIC, type(right) in NUMERIC
        if one and other:
            result: float = short(left, right)
            if -_SMALL < result < _SMALL:
                return result
        elif (one and right is None) or (other and left is None):
            return with_null(left, right)
        return binary(symbol, left, right)

    return apply


_add = reckoner("+", python.add, lambda left, right: right if left is None else left)


def divide(left: Value, right: Value) -> Value:
    """`/`."""
    if type(left) in NUMERIC and type(right) in NUMERIC and right:
        result: float = left / right  # type: ignore[operator,assignment]
        if -_WHOLE < result < _WHOLE:
            return int(result) if result.is_integer() else result
    return binary("/", left, right)


def plain(value: Value) -> str:
    """The text of a value as `+` and the text functions use it: null is empty."""
    return value if type(value) is str else plain_text(value)


def join(parts: tuple[str, ...]) -> str:
    """A text from several, not beyond the limit."""
    check_text_size(sum(map(len, parts)))
    return "".join(parts)


def comparison(symbol: str, short: Callable[[Any, Any], bool]) -> Callable[[Value, Value], Value]:
    """A comparison as a function, with a short way for two texts, two numbers, and one of them and null."""

    def compare(left: Value, right: Value) -> Value:
        kind = type(left)
        if kind is type(right) and kind in PLAIN:
            return short(left, right)
        if (right is None and kind in PLAIN) or (left is None and type(right) in PLAIN):
            return symbol == "!="
        return binary(symbol, left, right)

    return compare


def round_short(value: Any, unit: Decimal) -> str:
    """`Round` of a decimal to the places of `unit`; raises one of FAST for anything else."""
    if type(value) is not Decimal:
        raise TypeError
    result = value.quantize(unit, ROUND_HALF_UP)
    shown = str(result)
    if "E" in shown:
        shown = format(result, "f")
    return shown[1:] if shown[0] == "-" and not shown.strip("-0.") else shown


def rounder(places: int) -> Callable[[Value], str]:
    """`Round` to a few places; a float whose next digits are far from a 5 is rounded as Python shows it."""
    ten, picture = 10.0**places, f"%.{places}f"

    def rounded(value: Value) -> str:
        if type(value) is float and -_SURE < value < _SURE:
            part = value * ten % 1.0  # for a number below 0 what is missing to the next one
            if part < 0.499 or part > 0.501:
                shown = picture % value
                return shown[1:] if value <= 0.0 and shown[0] == "-" and not shown.strip("-0.") else shown
        return round_text(value, places)

    return rounded


def _exact(value: float) -> Decimal:
    if not math.isfinite(value):
        raise TypeError
    return Decimal(repr(value))


_EXACT = Cache(_exact)


def as_exact(value: Any) -> Any:
    """A number that may meet a decimal: a float by its shortest text. Raises one of FAST for anything else."""
    kind = type(value)
    if kind is float:
        return _EXACT[value]
    if kind is Decimal or kind is int:
        return value
    raise TypeError


def exact_or_odd(value: Value) -> Any:
    """A number as decimals reckon with it, null, or ODD."""
    if type(value) is KeptDecimal:
        return Decimal(value)
    if value is None or type(value) in (int, Decimal):
        return value
    return _exact(value) if type(value) is float and math.isfinite(value) else ODD


def numbers(texts: list[str]) -> list[Any]:
    """What NUMBERS gives for each text; a column of plain ones is looked at as a whole."""
    try:
        # Of these characters Decimal takes the same texts as a field of numbers does.
        if not "".join(texts).encode("ascii").translate(None, b"0123456789.-"):
            return list(map(Decimal, texts))
    except (UnicodeEncodeError, decimal.InvalidOperation):
        pass
    return [Decimal(text) if _PLAIN_NUMBER(text) else NUMBERS[text] for text in texts]


def unsigned(shown: str) -> str:
    """A number's text without the minus sign of nothing."""
    return shown[1:] if not shown.strip("-0.") else shown


_DOUBLES = Cache(double)


def double_short(value: Any) -> Value:
    """`Double`; those of texts are remembered."""
    return _DOUBLES[value] if type(value) is str else double(value)


def unset(name: str) -> Value:
    """A local that is read before it is set. Always raises RunError."""
    raise RunError(
        _("The variable {name} has no value yet.").format(name=name),
        next_step=_("Set it first, or write ${name} for a global variable.").format(name=name),
    )


def too_deep() -> LimitReached:
    """The error of scripts that call one another, or nest, beyond what the stack holds."""
    return LimitReached(_("The script is nested too deeply to be run here."))


def stated(error: RunError) -> Value:
    """Raise an error found while compiling, at the place and time it happens."""
    raise RunError(error.message, next_step=error.next_step)


RUNTIME: dict[str, Any] = {
    "s_add": add,
    "s_sub": reckoner(
        "-", python.sub, lambda left, right: left if right is None else binary("-", left, right)
    ),
    "s_mul": reckoner("*", python.mul, lambda _left, _right: 0),
    "s_div": divide,
    "s_pow": functools.partial(binary, "^"),
    "s_lt": comparison("<", python.lt),
    "s_gt": comparison(">", python.gt),
    "s_le": comparison("<=", python.le),
    "s_ge": comparison(">=", python.ge),
    "s_eq": comparison("==", python.eq),
    "s_ne": comparison("!=", python.ne),
    "s_neg": negative,
    "s_not": opposite,
    "s_counted": counted,
    "s_get": get_entry,
    "s_set": set_entry,
    "s_holds": holds,
    "s_truth": truth_of,
    "s_counts": counts_as_true,
    "s_text": text_of,
    "s_plain": plain,
    "s_NUMERIC": NUMERIC,
    "s_PLAIN": PLAIN,
    "s_getcontext": decimal.getcontext,
    "s_setcontext": decimal.setcontext,
    "s_EXACT": EXACT,
    "s_ScriptError": ScriptError,
    "s_too_deep": too_deep,
    "s_raw": raw_text,
    "s_join": join,
    "s_as_text": as_text,
    "s_caught": caught,
    "s_limit": max_iterations,
    "s_too_many": too_many_turns,
    "s_number": number_of,
    "s_quotient": quotient,
    "s_round": round_short,
    "s_HALF_UP": ROUND_HALF_UP,
    "s_unsigned": unsigned,
    "s_sum": sum_of,
    "s_exact": as_exact,
    "s_ZERO": Decimal(0),
    "s_double": double_short,
    "s_unset": unset,
    "s_stated": stated,
    "s_UNSET": UNSET,
    "s_FAST": FAST,
    "s_RunError": RunError,
    "s_SPACE": SPACE,
    "s_Numbers": NUMBERS,
    "s_prefix": number_prefix,
    **{f"s_V{base.name}": cache for base, cache in VALUES.items()},
}
OPERATORS = {
    "+": "s_add", "-": "s_sub", "*": "s_mul", "/": "s_div", "^": "s_pow",
    "<": "s_lt", ">": "s_gt", "<=": "s_le", ">=": "s_ge", "==": "s_eq", "!=": "s_ne",
}  # fmt: skip
