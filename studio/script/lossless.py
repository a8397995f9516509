"""Every character of a script in its place: tokens and what stands between them, for changes that keep the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from studio.base.records import dataclass
from studio.script import tree
from studio.script.errors import ScriptError
from studio.script.parse import MAX_TEXT, parse_all

_GAP = re.compile(
    r"(?P<space>\s+)|(?P<comment>//[^\n]*|/\*(?!/).*?\*/|/\*/.*|/\*.*)|(?P<strange>[^\s/]+|/)", re.DOTALL
)
_WORDY = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text from `start` to `end`.

    `kind` is a token's (name, vendor, global, number, text, operator, open, close, hole), or path (what no token of a
    condition covers), space, comment or strange (what could not be read).
    """

    kind: str
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """It means nothing to the script."""
        return self.kind in ("space", "comment")


@dataclass(frozen=True)
class Source:
    """A script's text with its tree, its mistakes, and its pieces: together they are the text."""

    text: str
    script: tree.Script
    mistakes: tuple[ScriptError, ...]
    pieces: tuple[Piece, ...]

    def at(self, offset: int) -> Piece | None:
        """The piece an offset is in; at a border the one that is a word, else the later one."""
        near = [piece for piece in self.pieces if piece.start <= offset <= piece.end]
        words = [piece for piece in near if _WORDY.match(piece.text[-1:]) or piece.kind in ("text", "path")]
        found = words or near
        return found[-1] if found else None

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text after edits that do not overlap."""
        parts: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda edit: edit.start):
            parts += [self.text[at : edit.start], edit.new]
            at = edit.end
        return "".join([*parts, self.text[at:]])


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` takes the place of what stands from `start` to `end`."""

    start: int
    end: int
    new: str


@lru_cache(maxsize=16)
def read(text: str) -> Source:
    """Any text with its tree and pieces; the last few are kept."""
    trail: list[tuple[str, int, int]] = []
    script, mistakes = parse_all(text, trail=trail)
    return Source(text, script, mistakes, tuple(_pieces(text, script, trail)))


def _pieces(text: str, script: tree.Script, trail: list[tuple[str, int, int]]) -> Iterator[Piece]:
    inside = sorted(
        (node.start, node.end)
        for node in tree.walk(script)
        if isinstance(node, tree.Path) and not node.vendor
    )
    at = 0
    for kind, start, end in [*_ordered(trail, inside), ("end", len(text), len(text))]:
        if start > at:
            yield from _gap(text, at, start, inside)
        if end > start:
            yield Piece(kind, start, end, text[start:end])
        at = max(at, end)


def _ordered(
    trail: list[tuple[str, int, int]], paths: list[tuple[int, int]]
) -> Iterator[tuple[str, int, int]]:
    """The tokens in order, each place once; the brackets of paths belong to the paths."""
    openings = {start for start, _end in paths}
    at = 0
    for kind, start, end in sorted(trail, key=lambda token: (token[1], -token[2])):
        if start >= at and start not in openings:
            yield kind, start, end
            at = end


def _gap(text: str, start: int, end: int, paths: list[tuple[int, int]]) -> Iterator[Piece]:
    """What stands between two tokens: a path's own text, or blanks and comments."""
    at = start
    for first, last in paths:
        if last <= at or first >= end:
            continue
        if first > at:
            yield from _blanks(text, at, first)
            at = first
        stop = min(last, end)
        if stop > at:
            yield Piece("path", at, stop, text[at:stop])
            at = stop
    yield from _blanks(text, at, end)


def _blanks(text: str, start: int, end: int) -> Iterator[Piece]:
    while start < end:
        match = _GAP.match(text, start, end)
        stop = match.end() if match else end
        yield Piece(match.lastgroup or "strange" if match else "strange", start, stop, text[start:stop])
        start = stop


def search(
    source: Source, wanted: str, *, match_case: bool = False, words: bool = False, comments: bool = True
) -> tuple[tuple[int, int], ...]:
    """Where a text stands in a script: with `words` not inside longer words, without `comments` not in those."""
    if not wanted or len(source.text) > MAX_TEXT:
        return ()
    expression = re.escape(wanted)
    if words:
        expression = rf"(?<!\w){expression}(?!\w)"
    hidden = [] if comments else [piece for piece in source.pieces if piece.kind == "comment"]
    return tuple(
        match.span()
        for match in re.finditer(expression, source.text, 0 if match_case else re.IGNORECASE)
        if not any(piece.start < match.end() and match.start() < piece.end for piece in hidden)
    )
