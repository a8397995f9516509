"""What the binary operators do with two values that are not arrays."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import _
from studio.script.errors import RunError
from studio.script.tree import Value
from studio.script.values import (
    EXACT,
    MAX_DEPTH,
    Number,
    check_entries,
    check_text_size,
    epoch_seconds,
    kind_of,
    number_of,
    number_text,
    quotient,
    shifted,
    text_of,
    truth_of,
)

Operation = Callable[[Value, Value], Value]
_BIG = 1 << 256  # beyond this whole numbers become floats


def wrong_types(operator: str, left: Value, right: Value) -> RunError:
    """The error for operands that do not go together."""
    return RunError(
        _("{operator} cannot be used between {left} and {right}.").format(
            operator=operator, left=kind_of(left), right=kind_of(right)
        ),
        next_step=_("Convert one of them first, for example with Double() or String()."),
    )


def is_number(value: Value) -> bool:
    """A number, but not true or false."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def aligned(left: Number, right: Number) -> tuple[Number, Number]:
    """Two numbers that may be combined: a float meeting a decimal becomes one by its shortest text."""
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(repr(float(right)))
    if isinstance(right, Decimal) and isinstance(left, float):
        return Decimal(repr(float(left))), right
    return left, right


def calculate(operator: str, left: Number, right: Number) -> Number:
    """`left operator right` of two numbers, decimals exact up to 60 digits.

    Raises RunError for division by 0 and results that are no number.
    """
    left, right = aligned(left, right)
    exact = isinstance(left, Decimal) or isinstance(right, Decimal)
    if operator == "/" and right == 0:
        raise RunError(_("Division by 0."), next_step=_("Test the divisor with If() first."))
    try:
        result = (_OF_DECIMALS if exact else _ARITHMETIC)[operator](left, right)
    except ZeroDivisionError as error:  # 0 to a negative power; decimal.DivisionByZero is one of these too
        raise RunError(_("Division by 0."), next_step=_("Test the divisor with If() first.")) from error
    except (OverflowError, decimal.DecimalException) as error:
        raise RunError(_("The result is too large.")) from error
    if isinstance(result, int):
        return result if -_BIG < result < _BIG else float(result)
    if isinstance(result, complex) or result != result or result in (float("inf"), float("-inf")):
        raise RunError(
            _("{left} {operator} {right} is not a number.").format(
                left=number_text(left), operator=operator, right=number_text(right)
            )
        )
    return result


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return quotient(Decimal(left), Decimal(right))
    result = left / right
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def _is_count(number: int | Decimal) -> bool:
    return number >= 0 if isinstance(number, int) else number.is_finite() and number == int(number) >= 0


def _power(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int) and right >= 0:
        if abs(left) < 2 or left.bit_length() * right <= 256:
            return int(left**right)
        return float(float(left) ** float(right))
    result: float = float(left) ** float(right)
    if isinstance(left, Decimal) and isinstance(right, (int, Decimal)) and _is_count(right):
        return EXACT.power(left, int(right)) if right <= 1000 else Decimal(repr(result))
    return result


_ARITHMETIC: dict[str, Callable[..., Number]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divide,
    "^": _power,
}
# Whatever context the thread has: a context's own operations take it as theirs.
_OF_DECIMALS: dict[str, Callable[..., Number]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "/": _divide,
    "^": _power,
}


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, dict) or isinstance(right, dict):
        raise wrong_types("+", left, right)
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, str) or isinstance(right, str):
        if isinstance(left, bytes) or isinstance(right, bytes):
            raise wrong_types("+", left, right)
        first, second = text_of(left), text_of(right)
        check_text_size(len(first) + len(second))
        return first + second
    if isinstance(left, bool) or isinstance(right, bool):
        raise wrong_types("+", left, right)
    if isinstance(left, (int, float, Decimal)):
        if isinstance(right, datetime):
            return shifted(right, left)
        if isinstance(right, (int, float, Decimal)):
            return calculate("+", left, right)
    elif isinstance(left, datetime) and isinstance(right, (int, float, Decimal)):
        return shifted(left, right)
    raise wrong_types("+", left, right)


def _subtract(left: Value, right: Value) -> Value:
    if right is None and (left is None or isinstance(left, (datetime, bytes)) or is_number(left)):
        return left
    if isinstance(right, bool) or isinstance(left, bool):
        raise wrong_types("-", left, right)
    if isinstance(right, (int, float, Decimal)):
        if left is None:
            return calculate("-", 0, right)
        if isinstance(left, (int, float, Decimal)):
            return calculate("-", left, right)
        if isinstance(left, datetime):
            return shifted(left, -right)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return epoch_seconds(left) - epoch_seconds(right)
    raise wrong_types("-", left, right)


def _multiply(left: Value, right: Value) -> Value:
    if isinstance(left, bool) or isinstance(right, bool):
        raise wrong_types("*", left, right)
    if isinstance(left, (int, float, Decimal)) and isinstance(right, (int, float, Decimal)):
        return calculate("*", left, right)
    if (left is None and is_number(right)) or (right is None and is_number(left)):
        return 0
    raise wrong_types("*", left, right)


def _division(left: Value, right: Value) -> Value:
    if isinstance(left, bool) or isinstance(right, bool):
        raise wrong_types("/", left, right)
    if isinstance(right, (int, float, Decimal)) and isinstance(left, (int, float, Decimal)):
        return calculate("/", left, right)
    if isinstance(right, (int, float, Decimal)) and left is None:
        return calculate("/", 0, right)
    raise wrong_types("/", left, right)


def _to_the_power(left: Value, right: Value) -> Value:
    if isinstance(left, bool) or isinstance(right, bool):
        raise wrong_types("^", left, right)
    if isinstance(left, (int, float, Decimal)) and isinstance(right, (int, float, Decimal)):
        return calculate("^", left, right)
    raise wrong_types("^", left, right)


def _order_number(value: Value) -> Number:
    return 0 if isinstance(value, dict) else number_of(value)


def _comparable(operator: str, left: Value, right: Value) -> tuple[Value, Value]:
    """Both as text, both as dates, else both as numbers."""
    if isinstance(left, bytes) or isinstance(right, bytes):
        raise wrong_types(operator, left, right)
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left, right
    if isinstance(left, bool) and isinstance(right, bool):
        raise wrong_types(operator, left, right)
    first, second = aligned(_order_number(left), _order_number(right))
    if first != first or second != second:
        return math.nan, math.nan  # decimals refuse to be ordered with what is no number
    return first, second


def _ordering(operator: str, test: Callable[..., bool]) -> Operation:
    def compare(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return False
        if isinstance(left, dict) and isinstance(right, dict):
            return operator in ("<=", ">=") and same(left, right)
        if isinstance(left, dict) and isinstance(right, datetime):
            return operator in ("<", "<=")  # any date is more than a dictionary
        if isinstance(left, datetime) and isinstance(right, dict) and operator == "<":
            return False
        return test(*_comparable(operator, left, right))

    return compare


def equal_values(left: Value, right: Value) -> bool:
    """`==` of two values that are not arrays; text is never equal to a date on its right.

    Raises RunError for binary with text, numbers and dates.
    """
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return _equal_truth(left, right)
    if isinstance(left, dict) or isinstance(right, dict):
        return isinstance(left, dict) and isinstance(right, dict) and same(left, right)
    if isinstance(left, str) and isinstance(right, datetime):
        return False
    if isinstance(left, bytes) or isinstance(right, bytes):
        if isinstance(left, bytes) and isinstance(right, bytes):
            return left == right
        raise wrong_types("==", left, right)
    first, second = aligned(number_of(left), number_of(right))
    return first == second


def _equal_truth(left: Value, right: Value) -> bool:
    """`==` with true or false on one side; a date counts by its seconds on the left, as false on the right."""
    if isinstance(left, datetime):
        return epoch_seconds(left) == number_of(right)
    for value, other in ((left, right), (right, left)):
        if isinstance(value, (dict, bytes, datetime)):
            return not other
    return truth_of(left) == truth_of(right)


def same(left: Value, right: Value, *, visited: list[int] | None = None, depth: int = 0) -> bool:
    """Deep equality of arrays and dictionaries: entries by ==, but null is equal to null."""
    visited = [0] if visited is None else visited
    visited[0] += 1
    check_entries(visited[0])
    if depth > MAX_DEPTH:
        raise RunError(_("The array is nested too deeply, or holds itself."))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            same(first, second, visited=visited, depth=depth + 1)
            for first, second in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same(left[key], right[key], visited=visited, depth=depth + 1) for key in left
        )
    if left is None or right is None:
        return left is right
    if (
        isinstance(left, list)
        or isinstance(right, list)
        or isinstance(left, bytes) != isinstance(right, bytes)
    ):
        return False
    return equal_values(left, right)


SCALAR: dict[str, Operation] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _division,
    "^": _to_the_power,
    "<": _ordering("<", lambda left, right: left < right),
    ">": _ordering(">", lambda left, right: left > right),
    "<=": _ordering("<=", lambda left, right: left <= right),
    ">=": _ordering(">=", lambda left, right: left >= right),
    "==": equal_values,
    "!=": lambda left, right: not equal_values(left, right),
}
