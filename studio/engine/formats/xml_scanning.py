"""Scans the records of an XML file whose form is usual, and leaves the others to the parser, learning from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.base.lazily import Lazily
from studio.engine.formats.xml_form import Learner, Unusual
from studio.engine.formats.xml_scan import Scan, plain_text, scanner
from studio.engine.generate.layout import Row
from studio.engine.generate.lines import Declined

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Lazily("lxml.etree")

_BLANKS = re.compile("[ \t\n]*")
_LONGEST = 1 << 23  # beyond that the parser's own limits count
_LEARNED = 24  # records to learn from at first
_MISSES = 50  # records of another form, before it is asked whether scanning is worth it
_TIMES = 24  # forms learned before one is kept

Parsed = Callable[[bytes], Any]
"""A piece of the root's content → the root element with it; None where it is not well-formed."""


class Scanned(NamedTuple):
    """A record's row (see layout), and where it stands in the text it was read with; `parsed` makes an element of it."""

    row: tuple[Any, ...]
    text: str
    start: int
    end: int
    parsed: Parsed

    def element(self) -> etree._Element:
        """The record as the parser gives it, inside the root's tags."""
        root = self.parsed(self.text[self.start : self.end].encode())
        if root is None:  # cannot be: only what is well-formed is scanned
            raise Unusual
        record: etree._Element = root[0]
        return record


class Scanning:
    """Takes the records called `record` out of stretches of text into rows."""

    def __init__(self, row: Row, record: str, root: etree._Element, parsed: Parsed) -> None:
        self._row = row
        self._record = record
        self._mark = f"{record.rpartition('}')[2]}>"
        self._parsed = parsed
        self._learner: Learner | None = Learner(root.nsmap)
        self._scan: Scan | None = None
        self._scanned = self._missed = self._times = self._end = 0

    def learn(self, data: bytes) -> None:
        """Learn from a well-formed piece of the root's content, unless that was done."""
        if self._scan is not None or self._learner is None:
            return
        text, at = plain_text(data), 0
        if text is None:
            return
        for _record in range(_LEARNED):
            at = _behind_blanks(text, at)
            if at == len(text) or not self._learned(text, at):
                break
            at = self._end
        self._build()

    def _learned(self, text: str, at: int) -> bool:
        assert self._learner is not None
        try:
            self._end = self._learner.learn(text, at)
        except Unusual:
            return False
        return True

    def _build(self) -> None:
        learner = self._learner
        self._scan = None
        self._times += 1
        if learner is None or learner.form is None or learner.form.key != self._record:
            self._learner = None
            return
        try:
            self._scan = scanner(learner.form, self._row)
        except (Declined, re.error, RecursionError, OverflowError):
            self._learner = None

    def records(self, data: bytes) -> Generator[Scanned | etree._Element, None, bytes]:
        """The records at the beginning of a stretch; gives what is left of it for the parser."""
        text = plain_text(data) if self._scan is not None and len(data) < _LONGEST else None
        if text is None:
            return data
        at = _behind_blanks(text, 0)
        size = len(text)
        while at < size:
            found = self._scan(text, at) if self._scan is not None else None
            if found is None:
                end, root = self._alone(text, at)
                if root is None:
                    return text[at:].encode()
                self._missed += 1
                yield root[0]
                self._look_again(text, at)
            else:
                row, end = found
                self._scanned += 1
                yield Scanned(row, text, at, end, self._parsed)
            at = _behind_blanks(text, end)
        return b""

    def _alone(self, text: str, at: int) -> tuple[int, etree._Element | None]:
        """The record at a place by itself, where it ends with the next end tag of its name."""
        end = text.find(self._mark, at) + len(self._mark)
        if end < len(self._mark):
            return 0, None
        root = self._parsed(text[at:end].encode())
        alone = root is not None and len(root) == 1 and root[0].tag == self._record
        return end, root if alone else None

    def _look_again(self, text: str, at: int) -> None:
        """After a record of another form: learn from it, or stop scanning where too many are."""
        if self._missed > _MISSES and self._missed * 3 > self._scanned:
            self._scan = self._learner = None
        elif self._times < _TIMES and self._learner is not None:
            self._learned(text, at)
            self._build()


def _behind_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match is not None else at
