"""The text of a copybook as words with places: fixed and free format, comments, continued lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# Longer statements than any record needs, and lines: what is no copybook is left early.
_MOST_TOKENS = 400_000

_TOKEN = re.compile(
    r"""(?P<literal>[XNGZxngz]?(?:'(?:[^'\n]|'')*(?:'|(?=\n)|\Z)|"(?:[^"\n]|"")*(?:"|(?=\n)|\Z)))
    |(?P<pseudo>==.*?==)
    |(?P<word>[^\s'"]+)""",
    re.VERBOSE | re.DOTALL,
)
_FREE_LEVEL = re.compile(r"[ \t]{0,5}[0-9]{1,2}[ \t]+[A-Za-z]")
_INDICATORS = "*/-dD$"


@dataclass(frozen=True)
class Token:
    """A word, a literal or the period that ends a statement, and where it stands (from 1).

    `starts_line` marks the first of its line.
    """

    text: str
    line: int
    column: int
    literal: bool = False
    starts_line: bool = False

    @property
    def word(self) -> str:
        """The word in capitals; empty for a literal."""
        return "" if self.literal else self.text.upper()


def tokens(text: str) -> list[Token]:
    """The words of a copybook; a period that ends a statement is a token of its own."""
    found: list[Token] = []
    joined = _Joined(text)
    last_line = 0
    for match in _TOKEN.finditer(joined.text):
        line, column = joined.place(match.start())
        first, last_line = line != last_line, line
        if match["literal"] is not None or match["pseudo"] is not None:
            found.append(Token(match[0], line, column, True, first))
        else:
            found += _words(match[0], line, column, first)
        if len(found) > _MOST_TOKENS:
            break
    return found


def _words(text: str, line: int, column: int, first: bool) -> Iterator[Token]:
    body = text.rstrip(".,;") if text.strip(".,;") else ""
    # A comma or semicolon between clauses is only a blank; a period ends the statement.
    if body:
        yield Token(body, line, column, False, first)
    if "." in text[len(body) :]:
        yield Token(".", line, column + len(body), False, first and not body)


class _Joined:
    """The code of all lines as one text, and the place of each of its characters."""

    def __init__(self, text: str) -> None:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        free = is_free(lines)
        pieces: list[str] = []
        self._starts: list[int] = []
        self._places: list[tuple[int, int]] = []
        at = 0
        quote = ""
        for number, raw in enumerate(lines, 1):
            code, column, goes_on = _free(raw) if free else _fixed(raw)
            if not code.strip():
                continue
            if goes_on and pieces:
                # The end of the line before is taken off with its blanks; a literal goes on behind its quote.
                last = pieces.pop().rstrip("\n")
                pieces.append(last if quote else last.rstrip())
                stripped = code.lstrip()
                column += len(code) - len(stripped)
                code = stripped[1:] if quote and stripped[:1] in "'\"" else stripped
                at = self._starts[-1] + len(pieces[-1])
            else:
                quote = ""
            quote = _open_quote(code, quote)
            self._starts.append(at)
            self._places.append((number, column))
            pieces.append(f"{code}\n")
            at += len(code) + 1
        self.text = "".join(pieces)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character of the joined text."""
        index = bisect_right(self._starts, at) - 1
        line, column = self._places[index]
        return line, column + at - self._starts[index]


def is_free(lines: list[str]) -> bool:
    """Code stands in the first six columns, where fixed format has its sequence numbers."""
    return any(
        _FREE_LEVEL.match(line) and not line[:6].isdigit() and line[:6].strip() for line in lines[:400]
    )


def _fixed(raw: str) -> tuple[str, int, bool]:
    line = raw.expandtabs(8) if "\t" in raw else raw
    indicator = line[6:7]
    if indicator and indicator in _INDICATORS:
        return ("", 1, False) if indicator != "-" else (line[7:72], 8, True)
    code = line[6:72].split("*>", 1)[0]
    return code, 7, False


def _free(raw: str) -> tuple[str, int, bool]:
    line = raw.expandtabs(8) if "\t" in raw else raw
    if line.lstrip()[:1] in ("*", "/") or (line[6:7] == "*" and not line[:6].strip()):
        return "", 1, False
    return line.split("*>", 1)[0], 1, False


def _open_quote(text: str, quote: str) -> str:
    """The quote of the literal that is open at the end of a text; `quote` is the one open at its start."""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote
