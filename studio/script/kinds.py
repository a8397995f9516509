"""Which kinds of value an expression may have, as a set of flags: what the compiler may take for granted."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

from studio.schema.model import Base
from studio.script.functions import Function
from studio.script.tree import Value


class Kinds(IntFlag):
    """A set of kinds of value; an expression's value is of one of them."""

    NULL = 1
    BOOL = 2
    INT = 4
    FLOAT = 8
    DECIMAL = 16
    TEXT = 32
    DATE = 64
    BINARY = 128
    ARRAY = 256
    DICTIONARY = 512

    @property
    def nullable(self) -> bool:
        """Null is possible."""
        return bool(int.__and__(self, 1))

    def only(self, kinds: Kinds) -> bool:
        """Nothing but these kinds is possible."""
        return not int.__and__(self, int.__invert__(kinds))

    # The same as those of IntFlag, which make each result anew: sets of kinds are reckoned with for every expression.
    def __and__(self, other: int) -> Kinds:
        return _SETS[int.__and__(self, other)]

    def __or__(self, other: int) -> Kinds:
        return _SETS[int.__or__(self, other)]

    def __invert__(self) -> Kinds:
        return _SETS[int.__and__(int.__invert__(self), 1023)]

    __rand__ = __and__
    __ror__ = __or__


class _Sets(dict[int, Kinds]):
    def __missing__(self, bits: int) -> Kinds:
        made = self[bits] = Kinds(bits)
        return made


_SETS = _Sets()
"""Those that have been met, by their flags."""

NULL, BOOL, INT, FLOAT, DECIMAL, TEXT = (
    Kinds.NULL, Kinds.BOOL, Kinds.INT, Kinds.FLOAT, Kinds.DECIMAL, Kinds.TEXT,
)  # fmt: skip
DATE, BINARY, ARRAY, DICTIONARY = Kinds.DATE, Kinds.BINARY, Kinds.ARRAY, Kinds.DICTIONARY
NUMBER = INT | FLOAT | DECIMAL
ANY = Kinds(1023)

_OF_BASE = {
    Base.INTEGER: DECIMAL | TEXT | NULL,
    Base.DECIMAL: DECIMAL | TEXT | NULL,
    Base.FLOAT: FLOAT | TEXT | NULL,
    Base.BOOLEAN: BOOL | TEXT | NULL,
    Base.DATE: DATE | TEXT | NULL,
    Base.DATETIME: DATE | TEXT | NULL,
}
_OF_RESULT = {
    "string": TEXT | NULL,
    "number": NUMBER | NULL,
    "bool": BOOL,
    "date": DATE | NULL,
    "binary": BINARY | NULL,
    "array": ARRAY,
    "dictionary": DICTIONARY,
    "null": NULL,
}


def kinds_of_base(base: Base) -> Kinds:
    """What `typed` makes of a field's text; text that does not fit stays text."""
    return _OF_BASE.get(base, TEXT | NULL)


def kinds_of_value(value: Value) -> Kinds:
    """The kind of a constant."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT
    return FLOAT if isinstance(value, float) else TEXT


def kinds_of_call(function: Function, arguments: Sequence[Kinds]) -> Kinds:
    """What a function may give for arguments of such kinds."""
    if function.run is None:
        return ANY
    if function.name == "StringLength" and arguments[0] & ARRAY:
        return ARRAY | INT
    if function.name == "TableLookup" and len(arguments) < 4:
        return TEXT | NULL
    return _OF_RESULT.get(function.result, ANY)


def kinds_of_binary(operator: str, left: Kinds, right: Kinds) -> Kinds:
    """What an operator may give for operands of such kinds."""
    both = left | right
    array = both & ARRAY
    if operator in ("<", ">", "<=", ">=", "==", "!="):
        return BOOL | array
    if operator in ("*", "/", "^"):
        exact = operator == "*" and not both & FLOAT
        return (DECIMAL | INT if exact else NUMBER) | array
    if operator == "-":
        return (both & (NUMBER | DATE)) | INT | NULL | array if not both & Kinds.BINARY else ANY
    # Text joined to text or to a number is text.
    return both if both.only(NUMBER | TEXT | NULL) else ANY
