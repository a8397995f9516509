"""Completion and signature help for a script being written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from studio.script.cursor import Cursor, Where, locate
from studio.script.field_index import Rank, index_of
from studio.script.functions import FUNCTIONS, Function, find
from studio.script.scope import NOTHING, Field, Scope
from studio.script.system_variables import SYSTEM_VARIABLES

MOST = 200
_LOCAL = re.compile(r"(?<![\w$])([^\W\d]\w*)\s*(?:=(?!=)|\+=|-=|\+\+|--)")
_GLOBAL = re.compile(r"\$([\w`~@#$%:.?]+)")
_NAME = re.compile(r"[^\W\d]\w*")
_WORDS = ("true", "false")


class Sort(StrEnum):
    """What a completion is."""

    FIELD = "field"
    FUNCTION = "function"
    VARIABLE = "variable"
    WORD = "word"


@dataclass(frozen=True)
class Completion:
    """`text` replaces what was typed; the cursor then goes `back` characters before its end.

    `detail` is the type or signature, `note` what it means or where it comes from, `value` a field's in this record.
    """

    sort: Sort
    name: str
    text: str
    detail: str = ""
    note: str = ""
    value: str = ""
    back: int = 0


@dataclass(frozen=True)
class Completions:
    """What may replace the text from `start` to `end`, best first; `typed` is what they match."""

    start: int
    end: int
    typed: str
    items: tuple[Completion, ...]


@dataclass(frozen=True)
class Signature:
    """The call around the cursor: its function, which argument the cursor is in (from 0), where it starts."""

    function: Function
    argument: int
    start: int


def complete(text: str, position: int, scope: Scope = NOTHING) -> Completions:
    """What may stand at an offset of a script; nothing inside texts and comments."""
    cursor = locate(text, position)
    ranked = sorted((rank, number, make) for number, (rank, make) in enumerate(_offers(text, cursor, scope)))
    items = tuple(make() for _rank_, _number, make in ranked[:MOST])
    return Completions(cursor.start, cursor.end, cursor.typed, items)


def signature(text: str, position: int) -> Signature | None:
    """The innermost call around an offset that is a function's."""
    for call in reversed(locate(text, position).calls):
        function = find(call.name)
        if function is not None:
            last = len(function.arguments) - 1
            many = last >= 0 and function.arguments[last].many
            argument = min(call.argument, last) if many else call.argument
            return Signature(function, argument, call.start)
    return None


def function_at(text: str, position: int) -> Function | None:
    """The function whose name is at an offset, else the one whose call is around it."""
    for match in _NAME.finditer(text):
        if match.start() <= position <= match.end() and (function := find(match[0])) is not None:
            return function
    around = signature(text, position)
    return around.function if around else None


def word_at(text: str, position: int) -> str:
    """The name at an offset that may be a function's: none of a variable, a field, a text or a comment; else ""."""
    match = next(
        (each for each in _NAME.finditer(text) if each.start() <= position <= each.end()),
        None,
    )
    if match is None or match[0] in _WORDS:
        return ""
    cursor = locate(text, match.end())
    here = cursor.where is Where.WORD and cursor.start == match.start()
    known = any(each[1] == match[0] for each in _LOCAL.finditer(text))
    return match[0] if here and not known else ""


Offer = tuple[Rank, Callable[[], Completion]]
"""How well a completion fits, and what makes it once it is among the best."""


def _offers(text: str, cursor: Cursor, scope: Scope) -> Iterator[Offer]:
    match cursor.where:
        case Where.PATH:
            yield from _fields(cursor, scope)
        case Where.GLOBAL:
            yield from _fitting(cursor, _globals(text, cursor, scope))
        case Where.WORD if cursor.operand:
            yield from _fitting(cursor, _locals(text, cursor, scope))
            yield from _fields(cursor, scope)
            for function in FUNCTIONS.values():
                if (rank := _rank(cursor.typed, function.name)) is not None:
                    yield rank, partial(_function, function, cursor, text)
            yield from _fitting(cursor, (Completion(Sort.WORD, word, word) for word in _WORDS))


def _fitting(cursor: Cursor, items: Iterable[Completion]) -> Iterator[Offer]:
    for item in items:
        if (rank := _rank(cursor.typed, item.name)) is not None:
            yield rank, partial(_same, item)


def _same(item: Completion) -> Completion:
    return item


def _fields(cursor: Cursor, scope: Scope) -> Iterator[Offer]:
    index = index_of(scope.fields)
    for rank, number in index.ranked(cursor.prefix + cursor.typed, MOST):
        field = index.fields[number]
        if field.path.startswith(cursor.prefix):
            yield rank, partial(_field, field, cursor)


def _field(field: Field, cursor: Cursor) -> Completion:
    if cursor.where is Where.PATH:
        shown = field.path[len(cursor.prefix) :] + ("" if cursor.closed else "]")
    else:
        shown = f"[{field.path}]"
    detail = f"{field.base.value}[]" if field.many else field.base.value
    return Completion(Sort.FIELD, field.path, shown, detail, field.note, field.value)


def _function(function: Function, cursor: Cursor, text: str) -> Completion:
    if text[cursor.end : cursor.end + 1] == "(":
        return Completion(
            Sort.FUNCTION, function.name, function.name, function.signature, function.explanation
        )
    back = 1 if function.arguments else 0
    return Completion(
        Sort.FUNCTION,
        function.name,
        f"{function.name}()",
        function.signature,
        function.explanation,
        back=back,
    )


def _globals(text: str, cursor: Cursor, scope: Scope) -> Iterator[Completion]:
    here = (match[1] for match in _GLOBAL.finditer(text) if not match.start() < cursor.start <= match.end())
    known = dict.fromkeys([*scope.variables, *here])
    for name in known:
        yield Completion(Sort.VARIABLE, name, name)
    for name, variable in SYSTEM_VARIABLES.items():
        if name not in known:
            yield Completion(Sort.VARIABLE, name, name.rstrip("*"), variable.type, variable.explanation)


def _locals(text: str, cursor: Cursor, scope: Scope) -> Iterator[Completion]:
    here: Iterable[str] = (match[1] for match in _LOCAL.finditer(text) if match.start() != cursor.start)
    for name in dict.fromkeys([*scope.locals, *here]):
        yield Completion(Sort.VARIABLE, name, name)


def _rank(typed: str, name: str) -> Rank | None:
    """How well a name fits what was typed, best first, as fields are ranked; None where it does not."""
    wanted, given = typed.strip().lower(), name.lower()
    if not wanted:
        return 5, 0
    if given == wanted:
        return 0, 0
    if given.startswith(wanted):
        return 1, len(given)
    if wanted in given:
        return 2, given.index(wanted)
    initials = "".join(char for char in name if char.isupper()).lower()
    if len(wanted) > 1 and initials.startswith(wanted):
        return 3, len(given)
    rest = iter(given)
    if len(wanted) > 2 and all(char in rest for char in wanted):
        return 4, len(given)
    return None
