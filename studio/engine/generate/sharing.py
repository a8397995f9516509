"""What the rules of a loop reckon several times of the same numbers is reckoned once a turn.

The lines of a turn are looked at when all of them are there. A product may be reckoned first where not every turn comes
by, or fail there: until it is known its variable holds UNKNOWN, which fails in every sum, product and comparison as the
product would, so that the long way (or the judge) is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from studio.base.patterns import pattern
from studio.engine.generate.lines import Lines

NUMBERS = "s_Numbers"
_TOKEN = pattern(r"[A-Za-z_]\w*|[ *+\-()\[\]]")
_OPERATOR_AFTER = pattern(r" (?:[*+\-]|[<>]=?) ")
_OPERATOR_BEFORE = pattern(r" (?:[*+\-]|[<>]=?) $")
_TEXT = pattern(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_CONSTANT = pattern(r"k_\d+\Z")


class _Unknown:
    """No number: nothing can be reckoned with it."""


UNKNOWN = _Unknown()


def share(lines: Lines, start: int, names: Sequence[str]) -> None:
    """Change the lines from `start` on, the turns of a loop over `names`; `start` is the first line of the turn."""
    body = lines.lines[start:]
    places = [place for place, line in enumerate(body) if NUMBERS in line and " for " not in _code(line)]
    if len(places) < 2 or _changed(body, names):
        return
    told = [body[place] for place in places]
    head: list[str] = []
    for product in _repeated(told, frozenset((*names, NUMBERS, "s_ZERO", "or"))):
        variable = lines.fresh("h")
        made = _with_product(told, product, variable)
        if made is not None:
            told = made
            head.append(f"{variable} = g_unknown")
    for name in names:
        number = f"{NUMBERS}[{name}]"
        if sum(_code(line).count(number) for line in told) > 1:
            variable = lines.fresh("h")
            told = [_put(line, number, variable) for line in told]
            head.append(f"{variable} = {number}")
    for place, line in zip(places, told, strict=True):
        body[place] = line
    margin = " " * (len(body[0]) - len(body[0].lstrip(" ")))
    lines.lines[start:] = [*(margin + line for line in head), *body]


def _code(line: str) -> str:
    """The line with nothing in its texts, as long as it was."""
    return _TEXT.sub(lambda found: "~" * len(found[0]), line)


def _put(line: str, old: str, new: str) -> str:
    """The line with other code in some places."""
    at = 0
    while (at := _code(line).find(old, at)) >= 0:
        line = line[:at] + new + line[at + len(old) :]
        at += len(new)
    return line


def _changed(body: list[str], names: Sequence[str]) -> bool:
    """One of the names gets another value."""
    some = "|".join(map(re.escape, names))
    changes = re.compile(rf"\s*(?:{some}) =|.*(?:\bfor .*\b(?:{some})\b.* in |\b(?:{some}) :=)")
    return any(changes.match(line) for line in body)


def _repeated(told: list[str], known: frozenset[str]) -> list[str]:
    """The products of known values in parentheses that stand in the lines more than once, the longest first."""
    found = Counter(product for line in told for product in _products(_code(line), known))
    return sorted((each for each, count in found.items() if count > 1), key=len, reverse=True)


def _products(code: str, known: frozenset[str]) -> Iterator[str]:
    """The products in a line."""
    opened: list[int] = []
    for place, character in enumerate(code):
        if character == "(":
            opened.append(place)
        elif character == ")" and opened:
            text = code[opened.pop() : place + 1]
            if " * " in text and _holds_only(text, known):
                yield text


def _holds_only(text: str, known: frozenset[str]) -> bool:
    tokens = _TOKEN.findall(text)
    if sum(map(len, tokens)) != len(text):
        return False
    return all(token in known or not token[0].isalpha() or _CONSTANT.match(token) for token in tokens)


def _with_product(told: list[str], product: str, variable: str) -> list[str] | None:
    """The lines with a product in a variable from where it stands first; None where that gains nothing."""
    made: list[str] = []
    known = shared = False
    for given in told:
        line, at = given, 0
        while (at := _code(line).find(product, at)) >= 0:
            before, after = line[:at], line[at + len(product) :]
            put = product
            if not known:
                known, put = True, f"({variable} := {product[1:-1]})"
            elif not _called(before) and (_OPERATOR_AFTER.match(after) or _OPERATOR_BEFORE.search(before)):
                shared, put = True, variable
            line = before + put + after
            at += len(put)
        made.append(line)
    return made if shared else None


def _called(before: str) -> bool:
    """What follows in parentheses are the arguments of a call."""
    return bool(before) and (before[-1].isalnum() or before[-1] in "_]")
