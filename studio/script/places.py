"""Where in a script a piece of generated Python comes from: marks around expressions, found again when one fails."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from types import TracebackType

from studio.base.records import dataclass
from studio.script import tree
from studio.script.errors import ScriptError

_OPEN, _THEN, _CLOSE = "\x02", "\x03", "\x04"
_MARK = re.compile("\x02([0-9]+)\x03|\x04")


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `end` of a generated line that come from offset `offset` of the script."""

    start: int
    end: int
    offset: int


def marked(expression: str, offset: int) -> str:
    """The expression with signs of its place, which no Python has; take them out with `split`."""
    return f"{_OPEN}{offset}{_THEN}{expression}{_CLOSE}"


def split(line: str) -> tuple[str, tuple[Span, ...]]:
    """A line without its marks, and the places they told, inner ones before those around them."""
    if _OPEN not in line:
        return line, ()
    pieces: list[str] = []
    spans: list[Span] = []
    waiting: list[tuple[int, int]] = []
    size = at = 0
    for match in _MARK.finditer(line):
        piece = line[at : match.start()]
        pieces.append(piece)
        size += len(piece) if piece.isascii() else len(piece.encode())
        at = match.end()
        if match[1]:
            waiting.append((size, int(match[1])))
        else:
            start, offset = waiting.pop()
            spans.append(Span(start, size, offset))
    pieces.append(line[at:])
    return "".join(pieces), tuple(spans)


@dataclass(frozen=True)
class Places:
    """Of the generated file `name`, by line from 1: the offset of the line and the spans in it."""

    script: tree.Script
    name: str
    lines: Sequence[tuple[int, tuple[Span, ...]]]

    def locate(self, error: ScriptError) -> None:
        """Give an error that has no place the one of the expression it left."""
        if error.line is not None:
            return
        for trace in _traces(error.__traceback__):
            if trace.tb_frame.f_code.co_filename == self.name and trace.tb_lineno <= len(self.lines):
                error.at(self.script.text, self._offset(trace), self.script.file)

    def _offset(self, trace: TracebackType) -> int:
        offset, spans = self.lines[trace.tb_lineno - 1]
        instruction = trace.tb_lasti // 2
        positions = next(itertools.islice(trace.tb_frame.f_code.co_positions(), instruction, None), None)
        if positions is None or positions[2] is None or positions[3] is None:
            return offset
        for span in spans:
            if span.start <= positions[2] and positions[3] <= span.end:
                return span.offset
        return offset


def _traces(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next
