"""Short ways for values whose kind is known only when the script runs: a test of types, else the operator's function."""

from __future__ import annotations

import math

from studio.script.code import Code, Guard, Writer
from studio.script.kinds import ANY, ARRAY, BOOL, NUMBER, TEXT, Kinds, kinds_of_binary
from studio.script.runtime import OPERATORS

_COMPARED = ("<", ">", "<=", ">=", "==", "!=")
_COUNTED = ("+", "-", "*")
_SMALL = str(1 << 62)
_SHORT_TEXT = 100_000
"""Longest text joined without looking at the limit."""


def guarded(writer: Writer, operator: str, left: Code, right: Code) -> Code | None:
    """`left operator right`, at least one of them of unknown kind; None where a guard would not help."""
    if left.known and right.known:
        return None
    if operator in _COMPARED:
        return _comparison(writer, operator, left, right)
    chained = left.guard is not None and bool(left.guard.joined)
    if operator == "+" and (left.kinds == TEXT or right.kinds == TEXT or chained):
        return _joined(writer, left, right)
    return _reckoned(writer, operator, left, right) if operator in _COUNTED else None


def _is_number(code: Code) -> bool:
    """A constant number that Python reckons with as scripts do."""
    return code.known and type(code.constant) in (int, float) and math.isfinite(code.constant)


def _both(writer: Writer, left: Code, right: Code) -> tuple[Code, Code]:
    """Both as variables or constants, the left one evaluated first."""
    left = left if left.known else writer.steady(left)
    return left, right if right.known else writer.steady(right)


def _comparison(writer: Writer, operator: str, left: Code, right: Code) -> Code | None:
    test = _same_kind(left, right)
    if test is None:
        return None
    left, right = _both(writer, left, right)
    short = f"{left.value} {operator} {right.value}"
    long = f"{OPERATORS[operator]}({left.value}, {right.value})"
    guard = Guard(test.format(left=left.value, right=right.value), short, long)
    kinds = BOOL | ((left.kinds | right.kinds) & ARRAY)
    return Code(f"({short} if {guard.test} else {long})", kinds, guard=guard, depth=2)


def _same_kind(left: Code, right: Code) -> str | None:
    """A test that both are texts or both numbers, with the names of the operands to be filled in."""
    for code, other, name in ((left, right, "right"), (right, left, "left")):
        if code.kinds == TEXT and other.kinds & TEXT:
            return f"type({{{name}}}) is str"
        if _is_number(code) and other.kinds & NUMBER:
            return f"type({{{name}}}) in s_NUMERIC"
    if left.known or right.known or not left.kinds & right.kinds & (TEXT | NUMBER):
        return None
    return "type({left}) is type({right}) in s_PLAIN"


def _joined(writer: Writer, left: Code, right: Code) -> Code | None:
    """Text with something that is text as a rule; further ones join the same guard."""
    if not (left.kinds & TEXT and right.kinds & TEXT):
        return None
    if not (right.known or right.stable or right.safe):
        left = writer.steady(left)  # what fails first is told
    before = left.guard if left.guard is not None and left.guard.joined else None
    if before is None:
        left = left if left.known else writer.steady(left)
    right = right if right.known else writer.steady(right)
    names = before.names if before is not None else _name(left)
    names += _name(right)
    joined = (before.joined if before is not None else (left.value,)) + (right.value,)
    if len(joined) > 12:
        return None
    long = f"s_add({before.long if before is not None else left.value}, {right.value})"
    types = [f"type({name}) is str" for name in names]
    sizes = " + ".join(f"len({name})" for name in names)
    test = f"{' and '.join(types)} and {sizes} < {_SHORT_TEXT}"
    guard = Guard(test, " + ".join(joined), long, joined, names)
    kinds = (
        TEXT if (left.kinds | right.kinds).only(~(ARRAY | Kinds.DICTIONARY | Kinds.BINARY)) else TEXT | ARRAY
    )
    return Code(f"({guard.short} if {test} else {long})", kinds, guard=guard, bounded=False, depth=2)


def _name(code: Code) -> tuple[str, ...]:
    return () if code.known else (code.value,)


def _reckoned(writer: Writer, operator: str, left: Code, right: Code) -> Code | None:
    """Sums, differences and products of what are whole numbers or floats as a rule."""
    for code in (left, right):
        if not (_is_number(code) or (not code.known and code.kinds & NUMBER)) or code.base is not None:
            return None
    left, right = _both(writer, left, right)
    test = " and ".join(f"type({code.value}) in s_NUMERIC" for code in (left, right) if not code.known)
    name = writer.constants.fresh()
    long = f"{name} = {OPERATORS[operator]}({left.value}, {right.value})"
    with writer.block(f"if {test}:"):
        writer.emit(f"{name} = {left.value} {operator} {right.value}")
        writer.emit(f"if not -{_SMALL} < {name} < {_SMALL}: {long}")
    with writer.block("else:"):
        writer.emit(long)
    kinds = kinds_of_binary(operator, left.kinds, right.kinds)
    return Code(name, kinds, stable=True, bounded=left.bounded and right.bounded)


def entry(writer: Writer, target: Code, key: Code) -> Code:
    """`target[key]`: text in a dictionary and a constant place in an array without a call."""
    number = key.constant if key.known and type(key.constant) is int and key.constant >= 0 else None
    textual = bool(key.kinds & TEXT)
    if number is None and not textual:
        shown = f"s_get({target.value}, {key.value})"
        return Code(shown, ANY, depth=max(target.depth, key.depth) + 1, bounded=False)
    target = writer.steady(target)
    key = key if key.known else writer.steady(key)
    long = f"s_get({target.value}, {key.value})"
    if number is not None:
        short = f"{target.value}[{number}]"
        test = f"type({target.value}) is list and len({target.value}) > {number}"
    else:
        short = f"{target.value}.get({key.value})"
        test = f"type({target.value}) is dict"
        test += "" if key.kinds == TEXT else f" and type({key.value}) is str"
    return Code(f"({short} if {test} else {long})", ANY, depth=2, bounded=False)
