"""Where in its files a node is declared, and which declaration stands at a line: the way between tree and text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.base.errors import WeftError
from studio.schema.edi.view import message_delimiters, segment_lines, shown_line
from studio.schema.model import Node
from studio.schema.source import MEGABYTE, detect_encoding, read_bytes

_SLICE = MEGABYTE
# A start tag longer than this many lines is not looked through for its beginning.
_LONGEST_TAG = 40
# So many lines above a place are looked through for the declaration it belongs to.
_FAR = 400
# The words a declaration is called by: an attribute's value, a member of JSON, a key of YAML, a DTD's declaration.
_NAMED = (
    re.compile(r"""\b(?:name|ref)\s*=\s*["'](?:[\w.-]+:)?([^"']+)["']"""),
    re.compile(r"<!(?:ELEMENT|ATTLIST)\s+([\w.:-]+)"),
    re.compile(r'^\s*"((?:[^"\\]|\\.)+)"\s*:'),
    re.compile(r"^\s*-?\s*([\w.-]+):(?:\s|$)"),
)
# The code a segment of a message begins with.
_SEGMENT = re.compile(r"\s*([A-Z][A-Z0-9]{1,2})(?![A-Za-z0-9])")
# So many lines of a message are made at once.
_AT_ONCE = 5000


@dataclass(frozen=True)
class Spot:
    """Lines of a file, from 1, both included."""

    file: str
    first: int
    last: int


class Sources:
    """The lines of a schema's files, read once each; a file that cannot be read has none.

    A message (X12, EDIFACT) is shown with one segment per line, whatever its file looks like.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self.files = tuple(files)
        self._lines: dict[str, list[str]] = {}
        # Of messages: line and column in the file at which each shown line begins.
        self._starts: dict[str, list[tuple[int, int]]] = {}

    def lines(self, file: str) -> list[str]:
        """The lines of a file; takes some milliseconds a megabyte the first time."""
        for _pause in self.load(file):
            pass
        return self._lines[file]

    def load(self, file: str) -> Iterator[None]:
        """Read a file's lines in slices of a megabyte, for a window that must stay awake."""
        if file in self._lines:
            return
        lines: list[str] = []
        for part in _read(file):
            lines += part
            yield
        delimiters = message_delimiters("\n".join(line[:2000] for line in lines[:20]))
        if delimiters is not None:
            starts: list[tuple[int, int]] = []
            shown: list[str] = []
            for line, column, text in segment_lines(lines, delimiters):
                starts.append((line, column))
                shown.append(text)
                if len(shown) % _AT_ONCE == 0:
                    yield
            self._starts[file], lines = starts, shown
        self._lines[file] = lines

    def shown_line(self, file: str, line: int, column: int = 1) -> int:
        """Which of `lines` shows a place of a file whose lines have been read."""
        return shown_line(self._starts[file], line, column) if file in self._starts else line

    def spot_in(self, node: Node, file: str) -> Spot | None:
        """Where a file declares a node; None where another one does.

        A node knows its line only, which is where its start tag ends: the file is the one that has its name there.
        """
        lines = self.lines(file)
        if file in self._starts:
            return self._segment(node, file, lines)
        if node.line is None or not 1 <= node.line <= len(lines):
            return None
        first = _tag_start(lines, node.line)
        text = "\n".join(lines[first - 1 : node.line])
        if len(self.files) > 1 and not _names(node, text):
            return None
        return Spot(file, first, node.line)

    def _segment(self, node: Node, file: str, lines: Sequence[str]) -> Spot | None:
        """The first segment a node of a message was made from."""
        column = node.facts.get("column", "")
        if node.line is None or not column.isdecimal():
            return None
        at = self.shown_line(file, node.line, int(column))
        code = _code(lines[at - 1]) if at <= len(lines) else ""
        made = code and (node.name.startswith(code) or node.facts.get("opens") == code)
        return Spot(file, at, at) if made else None

    def spots(self, node: Node) -> Iterator[Spot | None]:
        """`spot_in` for each of the files in turn, for a window that must stay awake between two of them."""
        for file in self.files:
            yield self.spot_in(node, file)

    def spot(self, node: Node) -> Spot | None:
        """Where a node is declared; None where no file says."""
        return next((found for found in self.spots(node) if found is not None), None)

    def declared_above(self, file: str, line: int) -> Iterator[tuple[str, int]]:
        """Names declared at a line and above it, nearest first, each with the line it stands on."""
        lines = self.lines(file)
        start = min(line, len(lines))
        if file in self._starts:
            code = next((found for at in range(start, 0, -1) if (found := _code(lines[at - 1]))), "")
            # The node of a segment is declared by the first of its kind.
            first = next((at for at in range(1, start + 1) if code and _code(lines[at - 1]) == code), None)
            if first is not None:
                yield code, first
            return
        end = min(start + _LONGEST_TAG, len(lines))
        # Inside a start tag of several lines its name may stand further down.
        inside = start
        while 0 < inside < end and "<" in lines[inside - 1] and ">" not in lines[inside - 1]:
            inside += 1
        for number in range(inside, max(0, start - _FAR), -1):
            for pattern in _NAMED:
                for match in pattern.finditer(lines[number - 1]):
                    yield match[1].rpartition(":")[2] if pattern is _NAMED[1] else match[1], number


def _code(line: str) -> str:
    found = _SEGMENT.match(line)
    return found[1] if found else ""


def _read(file: str) -> Iterator[list[str]]:
    """The lines in parts; none of a file that cannot be read, or holds no text."""
    path = Path(file)
    try:
        data = read_bytes(path)
        name = detect_encoding(data[:_SLICE], whole=len(data) <= _SLICE)
        decoder = codecs.getincrementaldecoder(name)("replace")
    except (WeftError, LookupError):
        return
    rest = ""
    for start in range(0, len(data), _SLICE):
        text = rest + decoder.decode(data[start : start + _SLICE], final=start + _SLICE >= len(data))
        if "\0" in text[:_SLICE]:
            return
        lines = text.split("\n")
        rest = lines.pop()
        yield [line.rstrip("\r") for line in lines]
    yield [rest] if rest else []


def _tag_start(lines: Sequence[str], last: int) -> int:
    """The line a start tag begins on that ends on `last`; `last` itself where nothing tells."""
    end = lines[last - 1]
    if "<" in end or ">" not in end:
        return last
    for number in range(last - 1, max(0, last - _LONGEST_TAG), -1):
        if "<" in lines[number - 1]:
            return number
    return last


def _names(node: Node, text: str) -> bool:
    return re.search(rf"""(?:["':\s]|^){re.escape(node.name)}(?:["':\s>]|$)""", text) is not None
