"""The objects of a JSON array one after the other, so that an array of any size is never in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from studio.base.errors import BadInput
from studio.base.i18n import _

_PIECE = 1 << 16
_LONGEST = 16 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
# What changes the depth, and strings, whose brackets do not count; an open string at the end is taken up to there.
_SIGN = re.compile(rb'[\[\]{},]|"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BLANK = b" \t\r\n"


def objects_of_array(file: IO[bytes], place: Path) -> Iterator[tuple[int, bytes]]:
    """The text of each item with the line it begins in; raises BadInput where the array does not end, or goes on after it."""
    reader = _Reader(file, place)
    reader.skip()
    reader.take(b"[")
    reader.skip()
    if reader.peek() == b"]":
        reader.take(b"]")
    else:
        while True:
            reader.skip()
            line = reader.line
            yield line, reader.item()
            if reader.take(b",", b"]") == b"]":
                break
    reader.skip()
    if reader.peek():
        raise reader.bad(_("something follows the end of the array"))


class _Reader:
    def __init__(self, file: IO[bytes], place: Path) -> None:
        self._file = file
        self._place = place
        self._held = file.read(_PIECE).removeprefix(_MARK)
        self._at = 0
        self.line = 1

    def peek(self) -> bytes:
        """The next byte; b"" at the end."""
        if self._at >= len(self._held):
            self._held, self._at = self._file.read(_PIECE), 0
        return self._held[self._at : self._at + 1]

    def skip(self) -> None:
        """Pass over blanks."""
        while (sign := self.peek()) and sign in _BLANK:
            self.line += sign == b"\n"
            self._at += 1

    def take(self, *allowed: bytes) -> bytes:
        """The next byte, which must be one of these."""
        self.skip()
        sign = self.peek()
        if sign not in allowed or not sign:
            raise self.bad(_("a comma or the end of the array is missing") if sign else _("the array is cut"))
        self._at += 1
        return sign

    def item(self) -> bytes:
        """The text up to the comma or the bracket that ends it."""
        depth, start, at = 0, self._at, self._at
        while True:
            found = _SIGN.search(self._held, at)
            if found is None or self._open(found):
                at = found.start() if found is not None else len(self._held)
                # As much again as is held: an item is looked through a few times at most, however long it is.
                more = self._file.read(max(_PIECE, len(self._held) - start))
                if not more:
                    raise self.bad(_("the array is cut"))
                self._held, at, start = self._held[start:] + more, at - start, 0
                if len(self._held) > _LONGEST:
                    raise self.bad(_("the line is longer than {limit} MB").format(limit=_LONGEST >> 20))
                continue
            sign, at = found[0], found.end()
            if depth == 0 and sign in (b",", b"]"):
                text = self._held[start : found.start()]
                self._at = found.start()
                self.line += text.count(b"\n")
                return text
            depth += (sign in (b"[", b"{")) - (sign in (b"]", b"}"))

    def _open(self, found: re.Match[bytes]) -> bool:
        """A string that may go on behind what was read: it is not closed, or its last quote may be an escaped one."""
        text = found[0]
        if text[:1] != b'"':
            return False
        return found.end() == len(self._held) or len(text) == 1 or not text.endswith(b'"')

    def bad(self, reason: str) -> BadInput:
        """The error for something wrong here."""
        return BadInput(
            _("Line {number} cannot be read: {reason}.").format(number=self.line, reason=reason),
            file=self._place,
            line=self.line,
            next_step=_("The file must be an array of objects, or hold one object a line."),
        )
