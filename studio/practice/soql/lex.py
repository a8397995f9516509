"""Query text into tokens, and complaints about it in the vendor's form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.practice.failures import ApiError

MAXIMUM_LENGTH = 100_000

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign><=|>=|!=|<>|[=<>(),:])
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Token:
    """A piece of the query: its kind, its text, where it begins."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return self.text or "<EOF>"


def tokens(text: str) -> list[Token]:
    """The tokens of a query, an empty one at the end. Raises ApiError MALFORMED_QUERY."""
    if len(text) > MAXIMUM_LENGTH:
        raise ApiError(
            400, "MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAXIMUM_LENGTH} characters."
        )
    found = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise malformed(text, place, f"line 1:{place} no viable alternative at character '{text[place]}'")
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*found, Token("end", "", end)]


def string_value(token: str) -> str:
    """What a quoted text means; `\\%` and `\\_` stay escaped for LIKE."""

    def one(match: re.Match[str]) -> str:
        letter = match[1]
        return match[0] if letter in "%_" else _ESCAPES.get(letter, letter)

    return re.sub(r"\\(.)", one, token[1:-1], flags=re.DOTALL)


def malformed(text: str, at: int, message: str, code: str = "MALFORMED_QUERY") -> ApiError:
    """A complaint that shows the line and points at the place."""
    before = text[:at]
    row = before.count("\n") + 1
    column = at - (before.rfind("\n") + 1)
    line = text.splitlines()[row - 1] if text.splitlines() else ""
    start = max(0, column - 60)
    shown = line[start : column + 60]
    pointer = " " * (column - start) + "^"
    return ApiError(400, code, f"\n{shown}\n{pointer}\nERROR at Row:{row}:Column:{column + 1}\n{message}")
