"""Every operator on every value: broadcasting over arrays, negation, counting, truth, indexing."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from studio.base.i18n import _
from studio.script.arithmetic import SCALAR, Operation, calculate
from studio.script.errors import RunError
from studio.script.tree import Value
from studio.script.values import (
    MAX_DEPTH,
    Number,
    cannot_convert,
    check_entries,
    epoch_seconds,
    kind_of,
    number_prefix,
    number_text,
    text_of,
    truth_of,
)


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` for every operator but && and ||; arrays are taken entry by entry.

    Raises RunError when the operands do not go together.
    """
    if isinstance(left, list) or isinstance(right, list):
        return _Broadcast(operator).pair(left, right, 0)
    return SCALAR[operator](left, right)


def first_wrong(operator: str, left: Value, right: Value) -> int | None:
    """The place, from 0, of the first entries that an operator cannot work with; None where arrays are not the reason."""
    if isinstance(left, list) and isinstance(right, list) and len(left) != len(right):
        return None
    size = len(left) if isinstance(left, list) else len(right) if isinstance(right, list) else 0
    for place in range(size):
        try:
            binary(operator, entry_of(left, place), entry_of(right, place))
        except RunError:
            return place
    return None


def entry_of(value: Value, place: int) -> Value:
    """What an operator takes of an operand at a place: an array's entry, else the value."""
    return value[place] if isinstance(value, list) else value


class _Broadcast:
    """One operation over nested arrays; entries are counted because arrays may hold one another many times."""

    def __init__(self, operator: str) -> None:
        self._operator = operator
        self._scalar: Operation = SCALAR[operator]
        self._visited = 0

    def pair(self, left: Value, right: Value, depth: int) -> Value:
        pairs: list[tuple[Value, Value]]
        if isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                raise RunError(
                    _("{operator} needs arrays of the same size, not {left} and {right} entries.").format(
                        operator=self._operator, left=len(left), right=len(right)
                    )
                )
            pairs = list(zip(left, right, strict=True))
        elif isinstance(left, list):
            pairs = [(entry, right) for entry in left]
        elif isinstance(right, list):
            pairs = [(left, entry) for entry in right]
        else:
            return self._scalar(left, right)
        self._visited += len(pairs) + 1
        _check_visited(self._visited, depth)
        return [self.pair(first, second, depth + 1) for first, second in pairs]


def _check_visited(visited: int, depth: int) -> None:
    check_entries(visited)
    if depth > MAX_DEPTH:
        raise RunError(_("The array is nested too deeply, or holds itself."))


def each(operation: Callable[[Value], Value], value: Value) -> Value:
    """`operation` of a value, or of every entry of an array, however nested."""
    visited = 0

    def visit(here: Value, depth: int) -> Value:
        nonlocal visited
        if not isinstance(here, list):
            return operation(here)
        visited += len(here) + 1
        _check_visited(visited, depth)
        return [visit(entry, depth + 1) for entry in here]

    return visit(value, 0)


def negative(value: Value) -> Value:
    """`-value`; text is taken by its number and stays text, true and false stay what they are."""
    if isinstance(value, str):
        number = number_prefix(value)
        return number_text(-number) if number else "0" if value.startswith("-") else "-0"
    if isinstance(value, list):
        return each(lambda entry: entry if isinstance(entry, str) else negative(entry), value)
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return calculate("-", 0, value)
    raise RunError(_("{kind} has no negative.").format(kind=kind_of(value)))


def opposite(value: Value) -> Value:
    """`!value`; null is taken for false. Raises RunError for dates, dictionaries and binary."""
    if isinstance(value, list):
        return each(opposite, value)
    if isinstance(value, (datetime, dict, bytes)):
        raise cannot_convert(value, _("true or false"))
    return not truth_of(value)


def counted(operator: str, value: Value) -> Value:
    """The value after `++` or `--`; text counts by its number and stays text, `--` flips a bool."""
    if isinstance(value, list):
        return each(lambda entry: counted(operator, entry), value)
    if isinstance(value, bool):
        return True if operator == "++" else not value
    if isinstance(value, str):
        return number_text(calculate(operator[0], number_prefix(value), 1))
    if isinstance(value, (int, float, Decimal)):
        return calculate(operator[0], value, 1)
    raise RunError(_("{kind} cannot be counted up or down.").format(kind=kind_of(value)))


def key_of(value: Value) -> str:
    """A dictionary key. Raises RunError for null."""
    if value is None:
        raise RunError(_("Null cannot be the key of a dictionary."))
    return text_of(value)


def get_entry(target: Value, key: Value) -> Value:
    """`target[key]`: null past an array's end and for a missing key.

    Raises RunError when `target` has no entries, for a negative number, and for keys that are arrays and the like.
    """
    if isinstance(target, dict):
        return target.get(key_of(key))
    if not isinstance(target, list):
        raise _no_entries(target)
    index = _array_index(key)
    return target[index] if index is not None and index < len(target) else None


def holds(target: Value, key: Value) -> bool:
    """Whether `target[key]` can be set: not with text or a fraction as the index of an array.

    Raises RunError as get_entry does.
    """
    if isinstance(target, dict):
        key_of(key)
        return True
    if not isinstance(target, list):
        raise _no_entries(target)
    return _array_index(key) is not None


def set_entry(target: Value, key: Value, value: Value) -> None:
    """`target[key] = value`: an array grows with nulls up to the place; text and fractions set nothing."""
    if isinstance(target, dict):
        check_entries(len(target) + 1)
        target[key_of(key)] = value
        return
    if not isinstance(target, list):
        raise _no_entries(target)
    index = _array_index(key)
    if index is None:
        return
    check_entries(index + 1)
    if index >= len(target):
        target.extend([None] * (index + 1 - len(target)))
    target[index] = value


def _no_entries(target: Value) -> RunError:
    return RunError(
        _("[ ] is for arrays and dictionaries, not for {kind}.").format(kind=kind_of(target)),
        next_step=_("Make it one first, with Array() or Dict()."),
    )


def _array_index(key: Value) -> int | None:
    """The place in an array; None for text and fractions, which are in no array."""
    number: Number
    if key is None or key == "":
        return 0
    if isinstance(key, str):
        return None
    if isinstance(key, (bool, int, float, Decimal)):
        number = key
    elif isinstance(key, datetime):
        number = epoch_seconds(key)
    else:
        raise RunError(_("{kind} cannot be the index of an array.").format(kind=kind_of(key)))
    if number < 0:
        raise RunError(_("An array has no entry {index}.").format(index=number_text(number)))
    if isinstance(number, int):
        return int(number)
    return int(number) if math.isfinite(number) and number == int(number) else None
