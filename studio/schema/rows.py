"""Delimited text as rows, and how it is delimited: recognised from the text itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from studio.base.records import dataclass
from studio.schema.infer import base_of
from studio.schema.model import Base

DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
_ROWS_LOOKED_AT = 200
_NAME = re.compile(r"[^\W\d][\w .:/()#%$&*+°ºª'\"-]*")


@dataclass(frozen=True)
class Row:
    """The cells of one record and the line it starts on. `open` marks a quote that is never closed."""

    line: int
    cells: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True)
class Dialect:
    """How rows are written. `quote` is empty where nothing is quoted."""

    delimiter: str = ","
    quote: str = '"'
    header: bool = True


def split(text: str, delimiter: str, quote: str) -> Iterator[Row]:
    """The rows of a text; quotes are doubled inside quotes, lines may break there, blank lines are left out."""
    at, line, end = 0, 1, len(text)
    stop = re.compile(f"[{re.escape(delimiter)}\r\n]")
    while at < end:
        start_line = line
        cells: list[str] = []
        unclosed = False
        more = True
        while more:
            if quote and text.startswith(quote, at):
                cell, at, unclosed = _quoted(text, at, quote)
                line += cell.count("\n")
                tail = stop.search(text, at)
                cell += text[at : tail.start() if tail else end]
            else:
                tail = stop.search(text, at)
                cell = text[at : tail.start() if tail else end]
            at = tail.end() if tail else end
            cells.append(cell)
            more = tail is not None and tail[0] == delimiter
        if at < end and text[at - 1] == "\r" and text[at] == "\n":
            at += 1
        line += 1
        if cells != [""] or unclosed:
            yield Row(start_line, tuple(cells), unclosed)


def _quoted(text: str, at: int, quote: str) -> tuple[str, int, bool]:
    """The text of a quoted cell, where it ends, and whether its end is missing."""
    start = at + 1
    search = start
    while True:
        close = text.find(quote, search)
        if close < 0:
            return text[start:].replace(quote * 2, quote), len(text), True
        if not text.startswith(quote, close + 1):
            return text[start:close].replace(quote * 2, quote), close + 1, False
        search = close + 2


def recognise(text: str, *, cut: bool = False) -> Dialect:
    """The dialect that splits the text most evenly; `cut` tells that its last row is not complete."""
    best, best_score = Dialect(), (-1.0, -1.0)
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        quote = quote_of(text, delimiter)
        counts = [len(row.cells) for row in _head(text, delimiter, quote, cut)]
        score = _evenness(counts)
        if score > best_score:
            best, best_score = Dialect(delimiter, quote), score
    if best_score <= (0.0, 0.0):
        best = Dialect(",", quote_of(text, ","))
    rows = _head(text, best.delimiter, best.quote, cut)
    return Dialect(best.delimiter, best.quote, has_header(rows))


def quote_of(text: str, delimiter: str) -> str:
    """The quote in use: the one that opens after a delimiter and closes before one more often."""
    found = {}
    for quote in QUOTES:
        edge = f"(?:{re.escape(delimiter)}|[\r\n]|^|$)"
        found[quote] = len(re.findall(f"{edge}{quote}[^{quote}]*{quote}(?={edge})", text[:65536]))
    return "'" if found["'"] > found['"'] else '"'


def has_header(rows: list[Row]) -> bool:
    """The first row names the columns: distinct names, none of them a value, unlike what stands below them."""
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0].cells]
    named = [cell for cell in first if cell]
    if not named or len(named) < len(first) * 0.5 or any(_looks_like_value(cell) for cell in named):
        return False
    below = [row.cells for row in rows[1:]]
    if any(_typed(below, column) for column in range(len(first))):
        return True
    # Text over text: most files have a header, so only a reason against it counts.
    distinct = len({cell.casefold() for cell in named}) == len(named)
    plain = sum(bool(_NAME.fullmatch(cell)) and len(cell) <= 80 for cell in named) >= len(named) * 0.8
    return distinct and plain and not any(name in column for name, column in _columns(first, below))


def _head(text: str, delimiter: str, quote: str, cut: bool) -> list[Row]:
    rows: list[Row] = []
    for row in split(text, delimiter, quote):
        rows.append(row)
        if len(rows) >= _ROWS_LOOKED_AT:
            return rows
    return rows[:-1] if cut and len(rows) > 1 else rows


def _evenness(counts: list[int]) -> tuple[float, float]:
    """Share of rows with the usual number of cells, then that number; nothing for a single column."""
    if not counts:
        return (-1.0, -1.0)
    usual, times = Counter(counts).most_common(1)[0]
    if usual < 2:
        return (0.0, 0.0)
    # An even split into many columns beats a slightly more even one into two.
    return (round(times / len(counts), 1), float(usual))


def _looks_like_value(cell: str) -> bool:
    digits = cell.replace(".", "").replace(",", "").replace("-", "").replace("/", "")
    return base_of(cell) is not Base.TEXT or digits.isdigit()


def _typed(below: list[tuple[str, ...]], column: int) -> bool:
    cells = [row[column].strip() for row in below if column < len(row) and row[column].strip()]
    return bool(cells) and sum(map(_looks_like_value, cells)) >= len(cells) * 0.8


def _columns(first: list[str], below: list[tuple[str, ...]]) -> Iterator[tuple[str, list[str]]]:
    for at, name in enumerate(first):
        if name:
            yield name, [row[at].strip() for row in below if at < len(row)]
