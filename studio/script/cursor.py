"""Where the cursor is in an unfinished script: in a path, a word, a variable, and in which call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

TOKEN = re.compile(
    r"""
      (?P<space>\s+ | //[^\n]*(?:\n|\Z) | /\*/.* | /\*.*?\*/)
    | (?P<open>//[^\n]*\Z | /\*.*)
    | (?P<text>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
    | (?P<torn>["'].*)
    | (?P<tag></?trans>)
    | (?P<global>\$[\w`~@\#$%:.?]*)
    | (?P<number>\d+\.?\d* | \.\d+)
    | (?P<name>[^\W\d]\w*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
PATH = re.compile(r"[^\[\]\n]*")
VALUES = ("text", "number", "name", "global", "path")


class Where(StrEnum):
    """What may stand at the cursor; NOTHING inside a text or a comment."""

    WORD = "word"
    GLOBAL = "global"
    PATH = "path"
    NOTHING = "nothing"


@dataclass
class OpenCall:
    """A call whose bracket is open: its name and which argument the cursor is in, from 0."""

    name: str
    start: int
    argument: int = 0


@dataclass(frozen=True)
class Cursor:
    """`typed` stands between `start` and the cursor, `end` is where the word goes on to; `calls` the innermost last.

    In a path `closed` says that its `]` follows, and `prefix` is what stands before `start`, without conditions.
    `operand` says that a value may begin here.
    """

    where: Where
    start: int
    end: int
    typed: str
    calls: tuple[OpenCall, ...]
    closed: bool = False
    operand: bool = True
    prefix: str = ""


def locate(text: str, position: int) -> Cursor:
    """Where an offset of a text is."""
    return _Scan(text, max(0, min(position, len(text)))).run()


class _Scan:
    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        self.stack: list[OpenCall | str] = []
        self.before = ""  # the kind of the last token, or the mark itself
        self.name = ("", 0)

    def run(self) -> Cursor:
        at = 0
        while at < self.position:
            match = TOKEN.match(self.text, at)
            if match is None:
                break
            kind = match.lastgroup or ""
            if kind == "mark" and match[0] == "[" and self.before not in (*VALUES, ")", "]", "}"):
                found, at = self._path(at)
                if found is not None:
                    return found
                continue
            if match.end() >= self.position:
                found = self._here(kind, match.start(), match.end())
                if found is not None:
                    return found
            self._take(kind, match[0], match.start())
            at = match.end()
        return self._cursor(Where.WORD, self.position, self.position)

    def _cursor(self, where: Where, start: int, end: int, closed: bool = False, prefix: str = "") -> Cursor:
        calls = tuple(entry for entry in self.stack if isinstance(entry, OpenCall))
        operand = self.before not in (*VALUES, ")", "]", "}")
        return Cursor(where, start, end, self.text[start : self.position], calls, closed, operand, prefix)

    def _here(self, kind: str, start: int, end: int) -> Cursor | None:
        """The cursor, when it is in (or at the end of) this token."""
        match kind:
            case "name":
                return self._cursor(Where.WORD, start, end)
            case "global":
                return self._cursor(Where.GLOBAL, start + 1, end)
            case "open" | "torn":
                return self._cursor(Where.NOTHING, self.position, self.position)
            case "space" if self.text.startswith("//", start) and self.text[end - 1] != "\n":
                return self._cursor(Where.NOTHING, self.position, self.position)
            case "text" | "space" if end > self.position and self.text[start : start + 1] not in " \t\r\n":
                return self._cursor(Where.NOTHING, self.position, self.position)
            case "number":
                return self._cursor(Where.NOTHING, self.position, self.position)
        return None

    def _take(self, kind: str, text: str, start: int) -> None:
        if kind in ("space", "tag"):
            return
        if kind == "name":
            self.name = (text, start)
        if kind == "mark":
            self._mark(text)
            kind = text
        self.before = kind

    def _mark(self, mark: str) -> None:
        if mark == "(":
            self.stack.append(OpenCall(*self.name) if self.before == "name" else "(")
        elif mark in "[{":
            self.stack.append(mark)
        elif mark in ")]}":
            if self.stack:
                self.stack.pop()
        elif mark == "," and self.stack and isinstance(self.stack[-1], OpenCall):
            self.stack[-1].argument += 1

    def _path(self, start: int) -> tuple[Cursor | None, int]:
        """Read a path from its bracket on: the cursor if it is in there, else where to go on."""
        at, prefix = start + 1, ""
        while True:
            match = PATH.match(self.text, at)
            end = match.end() if match else at
            if self.position <= end:
                closed = self.text[end : end + 1] == "]"
                return self._cursor(Where.PATH, at, end, closed, prefix), end
            following = self.text[end : end + 1]
            if following == "[":
                inside = _matching(self.text, end)
                if inside is None or inside >= self.position:
                    # A condition: a script of its own, up to the cursor.
                    self.stack.append("[")
                    self.before = "["
                    return None, end + 1
                prefix += self.text[at:end]
                at = inside + 1
                continue
            self.before = "path"
            return None, end + 1


def _matching(text: str, start: int) -> int | None:
    """The offset of the bracket that closes the one at `start`."""
    depth = 0
    for at in range(start, min(len(text), start + 10_000)):
        if text[at] == "[":
            depth += 1
        elif text[at] == "]":
            depth -= 1
            if depth == 0:
                return at
    return None
