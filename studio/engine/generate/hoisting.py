"""What is the same in every turn of a loop over a record's rows is made once, before the first of them.

Only statements that do nothing but reckon from what stands outside the loop are moved. One of them may fail where the
turns would not have come by it: the record goes to the judge then, which does what is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from studio.base.patterns import pattern
from studio.base.records import dataclass
from studio.engine.generate.lines import Lines
from studio.script.runtime import Cache

_TEXT = pattern(r"[fF]?'(?:[^'\\\n]|\\.)*'|[fF]?\"(?:[^\"\\\n]|\\.)*\"")
_NAME = pattern(r"(?<![\w.])[A-Za-z_]\w*")
_METHOD = pattern(r"\.([A-Za-z_]\w*)")
_SETS = pattern(r"(?<![\w.])([A-Za-z_]\w*)(?: [-+*/%|&^]?=(?!=)| :=)")
_ASKS = pattern(r"(?<![\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)")
_MAKES_LIST = pattern(r"\[\]|\{\}|\[.* for ")
_TURN = pattern(r"\bfor (\w+) in\b")
_CALL = pattern(r"(?<![\w.])([A-Za-z_]\w*)\(")
# Words and names that neither change anything nor give another value the next time.
_PLAIN = frozenset(
    [
        "if",
        "else",
        "and",
        "or",
        "not",
        "in",
        "is",
        "for",
        "break",
        "None",
        "True",
        "False",
        "try",
        "except",
        "s_FAST",
        "s_Numbers",
        "s_ZERO",
        "s_HALF_UP",
        "g_escape",
        "g_escape_value",
        "g_illegal",
        "g_unknown",
        "str",
        "len",
        "bool",
        "g_integer",
        "g_decimal",
        "s_raw",
        "s_unsigned",
    ]
)
_CALLED = frozenset(
    ["g_escape", "g_escape_value", "str", "len", "bool", "g_integer", "g_decimal", "s_raw", "s_unsigned"]
)
_METHODS = frozenset(["upper", "lower", "strip", "isspace", "replace", "quantize"])
_CONSTANT = pattern(r"k_\d+\Z")


@dataclass(frozen=True)
class _Statement:
    """Lines that belong together, what they read and what they set."""

    lines: tuple[str, ...]
    names: frozenset[str]
    sets: frozenset[str]
    plain: bool


def hoist(lines: Lines, head: int, start: int, constants: Mapping[str, Any], inner: Sequence[str]) -> None:
    """Move what does not depend on `inner`, the variables of a loop: its first statement is line `start`, and what is
    moved comes before line `head`."""
    body = lines.lines[start:]
    margin = _margin(body[0])
    statements = [_read(each, constants) for each in _statements(body, margin)]
    moved = _steady(statements, frozenset(inner))
    if not moved:
        return
    outer = " " * _margin(lines.lines[head])
    first = [outer + line[margin:] for place in moved for line in statements[place].lines]
    rest = [line for place, each in enumerate(statements) if place not in moved for line in each.lines]
    lines.lines[head:] = [*first, *lines.lines[head:start], *rest]


def _steady(statements: Sequence[_Statement], inner: frozenset[str]) -> list[int]:
    """The places of the statements that give the same in each turn; nothing that stays may touch what they set."""
    every = frozenset(name for each in statements for name in each.sets)
    found = [place for place, each in enumerate(statements) if each.plain and not each.names & inner]
    while True:
        staying = {name for place, each in enumerate(statements) if place not in found for name in each.sets}
        known: set[str] = set()
        kept: list[int] = []
        for place in found:
            each = statements[place]
            if not each.sets & staying and (each.names & every) <= known | each.sets:
                kept.append(place)
                known |= each.sets
        if kept == found:
            return found
        found = kept


def _statements(body: Sequence[str], margin: int) -> Iterator[list[str]]:
    """The lines by the statements at the loop's own level."""
    here: list[str] = []
    for line in body:
        goes_on = _margin(line) > margin or line.lstrip().startswith(("except", "else", "elif", "finally"))
        if here and not goes_on:
            yield here
            here = []
        here.append(line)
    if here:
        yield here


def _read(given: list[str], constants: Mapping[str, Any]) -> _Statement:
    code = "\n".join(given)
    inside = "".join(found[0][1:] for found in _TEXT.finditer(code) if found[0][0] in "fF")
    bare = _TEXT.sub("''", code)
    names = frozenset(_NAME.findall(bare)) | frozenset(_NAME.findall(inside))
    sets = frozenset(_SETS.findall(bare)) | frozenset(_TURN.findall(bare))
    changes = frozenset(name for name, method in _ASKS.findall(bare) if method not in _METHODS)
    calls = frozenset(_CALL.findall(bare))
    plain = (
        not inside
        and bool(sets)
        and " lambda " not in bare
        and "continue" not in names
        and not _MAKES_LIST.search(bare)  # more may be put into it
        and all(name in _PLAIN or _is_variable(name) or _is_steady(constants.get(name)) for name in names)
        and all(name in _CALLED or _is_match(constants.get(name)) for name in calls)
        and frozenset(_METHOD.findall(bare)) <= _METHODS
    )
    return _Statement(tuple(given), names, sets | changes, plain)


def _is_variable(name: str) -> bool:
    """One of the function's own."""
    letter, _mark, number = name.partition("_")
    return (len(letter) == 1 and letter not in "gks" and bool(number)) or re.fullmatch(
        r"[ac]\d+", name
    ) is not None


def _is_steady(value: object) -> bool:
    """A constant that gives the same whenever it is asked."""
    return isinstance(value, (Cache, str, int, Decimal)) or _is_match(value)


def _is_match(value: object) -> bool:
    """A pattern's own method."""
    return isinstance(getattr(value, "__self__", None), re.Pattern)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
