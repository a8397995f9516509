"""A message to read: one segment per line, with the place in the file where each shown line begins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from studio.base.errors import BadInput
from studio.schema.edi.split import Delimiters, find_delimiters, pieces

# The length of the service string that tells EDIFACT's delimiters.
_UNA = 9
_STARTS = ("ISA", "UNA", "UNB")

# Line and column in the file, both from 1, and the text.
Shown = tuple[int, int, str]


def message_delimiters(text: str) -> Delimiters | None:
    """The delimiters of a text that is a message, None for any other text; its beginning is enough."""
    if not text[:200].lstrip("\ufeff \t\r\n").startswith(_STARTS):
        return None
    try:
        found = find_delimiters(text[:2000])
    except BadInput:
        return None
    return None if found.segment.isalnum() else found


def segment_lines(lines: Iterable[str], delimiters: Delimiters) -> Iterator[Shown]:
    """The lines of a message with a break behind each segment; breaks that stand in it stay, nothing is left out."""
    first = True
    for number, line in enumerate(lines, 1):
        if delimiters.segment in "\r\n" or not line:
            yield number, 1, line
            continue
        start = 0
        lead = len(line) - len(line.lstrip("\ufeff \t"))
        if first and line.startswith("UNA", lead):
            start = lead + _UNA
            yield number, 1, line[:start]
        first = False
        yield from _broken(line, number, start, delimiters)


def shown_text(text: str) -> str:
    """A text as it is shown: a message with one segment per line, anything else as it is."""
    delimiters = message_delimiters(text)
    if delimiters is None:
        return text
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return "\n".join(shown for _line, _column, shown in segment_lines(lines, delimiters))


def _broken(line: str, number: int, start: int, delimiters: Delimiters) -> Iterator[Shown]:
    for at, piece in pieces(line, start, delimiters):
        end = at + len(piece) + len(delimiters.segment)
        # Blanks behind the last segment of a line are no line of their own.
        if piece.strip() or end <= len(line) or at == 0:
            yield number, at + 1, line[at:end]


def shown_line(starts: Sequence[tuple[int, int]], line: int, column: int = 1) -> int:
    """Which shown line (from 1) holds a place of the file."""
    return max(1, bisect_right(starts, (line, column)))
