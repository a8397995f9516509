"""Regular expressions made ready while a script is compiled, for calls whose expression is a constant."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from studio.base.patterns import pattern
from studio.script.functions.patterns import PATTERN_SECONDS, REFERENCE, compiled_pattern, too_slow
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import check_text_size, plain_text

UNKNOWN = object()
"""In place of an argument that is no constant."""
Keep = Callable[[MutableMapping[str, Value], Sequence[Value]], None]
Ready = Callable[[Sequence[Any]], "Callable[..., Value] | None"]

# Expressions that Python's own `re` takes for the same, and that cannot go on for long in a short text: characters,
# classes and groups, repetitions of single characters only.
_CLASS = r"\[\^?(?:[A-Za-z0-9 _,;:@#%=<>/!.+*?$(){}'\"-]|\\[dDwWsS.\-/\\\]\[])+\]"
_ATOM = rf"(?:[A-Za-z0-9 _,;:@#%&=<>/~!\"'-]|\\[dDwWsS.\-/\\+*?()\[\]{{}}|^$]|\.|{_CLASS})"
_REPEAT = r"(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})"
_SIMPLE = pattern(rf"\^?(?:{_ATOM}(?:{_REPEAT}\??)?|\((?:\?:)?(?![*+?])|\)(?![*+?{{])|\|)*\$?")
_SHORT, _MOST_REPEATS, _MOST_TEMPLATE = 256, 3, 1000


class _Pattern:
    """An expression, by `re` where that gives the same at once, else by the function's own engine and its time limit."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.full = compiled_pattern(expression)
        self.simple = _simple(expression)
        self._printable = "\\s" in expression or "\\S" in expression

    def quick(self, text: str) -> bool:
        """`simple` gives the same for this text."""
        return len(text) <= _SHORT and text.isascii() and (not self._printable or text.isprintable())


def _simple(expression: str) -> re.Pattern[str] | None:
    repeats = len(re.findall(_REPEAT, re.sub(_CLASS, "c", expression)))
    if repeats > _MOST_REPEATS or "--" in expression or _SIMPLE.fullmatch(expression) is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(expression)
    except (re.error, Warning, OverflowError, RecursionError):
        return None


def _match(arguments: Sequence[Any]) -> Callable[..., Value] | None:
    _string, expression, *given = arguments
    if not isinstance(expression, str) or not all(isinstance(name, str) for name in given):
        return None
    pattern, names = _Pattern(expression), tuple(name.removeprefix("$") for name in given)
    groups, simple, quick = max(1, int(pattern.full.groups)), pattern.simple, pattern.quick
    keep = _keeper(names, int(pattern.full.groups)) if names else None

    def match(host: Host, string: Value) -> int:
        text = string if type(string) is str else plain_text(string)
        if simple is not None and quick(text):
            found: Any = simple.search(text)
        else:
            try:
                found = pattern.full.search(text, timeout=PATTERN_SECONDS)
            except TimeoutError as error:
                raise too_slow(expression) from error
        if found is None:
            return -1
        if keep is not None:
            keep(host.variables, found.groups())
        return groups

    return match


def _keeper(names: tuple[str, ...], groups: int) -> Keep:
    """What sets variables to the groups of a match, as many as there are of both."""
    if len(names) == groups == 2:
        first, second = names

        def keep_two(variables: MutableMapping[str, Value], groups: Sequence[Value]) -> None:
            variables[first], variables[second] = groups

        return keep_two

    def keep(variables: MutableMapping[str, Value], groups: Sequence[Value]) -> None:
        for name, group in zip(names, groups):  # noqa: B905
            variables[name] = group

    return keep


def _replace(arguments: Sequence[Any]) -> Callable[..., Value] | None:
    _string, expression, template = arguments
    if not isinstance(expression, str) or not isinstance(template, str) or len(template) > _MOST_TEMPLATE:
        return None
    pattern, fill = _Pattern(expression), _filler(template)
    simple = pattern.simple if pattern.simple is not None and pattern.simple.search("") is None else None

    def replace(string: Value) -> str:
        text = string if type(string) is str else plain_text(string)
        if simple is not None and pattern.quick(text):
            return simple.sub(fill, text)
        size = 0

        def limited(found: Any) -> str:
            nonlocal size
            filled = fill(found)
            size += len(filled)
            check_text_size(size)
            return filled

        try:
            return str(pattern.full.sub(limited, text, timeout=PATTERN_SECONDS))
        except TimeoutError as error:
            raise too_slow(expression) from error

    return replace


def _filler(template: str) -> Callable[[Any], str]:
    """What takes the place of a match: the template with its references filled in."""
    pieces: list[str | int] = []
    at = 0
    for reference in REFERENCE.finditer(template):
        pieces.append(template[at : reference.start()])
        number = reference[1] or reference[2]
        pieces.append(str(reference[3]) if number is None else 0 if number == "&" else int(number))
        at = reference.end()
    pieces.append(template[at:])
    if all(isinstance(piece, str) for piece in pieces):
        whole = "".join(map(str, pieces))
        return lambda _found: whole

    def fill(found: Any) -> str:
        groups = (found[0], *found.groups())
        return "".join(
            piece if isinstance(piece, str) else (groups[piece] or "") if piece < len(groups) else ""
            for piece in pieces
        )

    return fill


READY: dict[str, Ready] = {"RegExMatch": _match, "RegExReplace": _replace}
"""By function: a quicker one of the arguments that are not constant (after the host, if it wants one), if there is one."""
