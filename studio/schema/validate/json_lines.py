"""On which line of a JSON text a member or item stands."""

from __future__ import annotations

import re
from collections.abc import Set

Keys = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]')


def first_lines(text: str, wanted: Set[Keys]) -> dict[Keys, int]:
    """The line (from 1) of each place, found in one walk over the text; what is not there is left out."""
    found: dict[Keys, int] = {}
    if () in wanted:
        found[()] = text.count("\n", 0, len(text) - len(text.lstrip())) + 1
    line = 1
    stack: list[str | int | None] = []
    name = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            line += 1
        elif token[0] == '"':
            name = token
        elif token == ":" and stack:
            stack[-1] = _unquoted(name)
            _note(stack, line, wanted, found)
        elif token in "{[":
            stack.append(None if token == "{" else 0)
            if token == "[":
                _note(stack, _line_of_next(text, match.end(), line), wanted, found)
        elif token in "}]":
            stack.pop()
        elif token == "," and stack and isinstance(stack[-1], int):
            stack[-1] += 1
            _note(stack, _line_of_next(text, match.end(), line), wanted, found)
        if len(found) == len(wanted):
            break
    return found


def _note(stack: list[str | int | None], line: int, wanted: Set[Keys], found: dict[Keys, int]) -> None:
    keys = tuple(key for key in stack if key is not None)
    if keys in wanted:
        found.setdefault(keys, line)


def _line_of_next(text: str, at: int, line: int) -> int:
    """The line of the value that follows."""
    end = at
    while end < len(text) and text[end] in " \t\r\n":
        end += 1
    return line + text.count("\n", at, end)


def _unquoted(token: str) -> str:
    inner = token[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _escape, inner)


def _escape(match: re.Match[str]) -> str:
    said = match[1]
    if said[0] == "u":
        return chr(int(said[1:], 16))
    return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(said, said)
