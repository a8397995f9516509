"""The segments of a stream, one at a time: delimiters and encoding from each interchange, lines counted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.schema.edi.split import Delimiters, Segment, find_delimiters
from studio.schema.source import detect_encoding

_CHUNK = 1 << 18
_LONGEST = 1 << 24
# So much of an interchange tells its delimiters.
_HEAD = 2_000
# The encodings of files in which every character takes several bytes, and how many it takes at most in any.
_WIDE, _WIDEST = ("utf-16", "utf-32"), 4
_BLANK = " \t\r\n\ufeff"
_STARTS = ("ISA", "UNA", "UNB")
_ENDS = ("IEA", "UNZ")
_SYNTAX = re.compile(r"UNB[^A-Za-z0-9]([A-Z]{4})")
# The character sets that EDIFACT's syntax identifiers name; of the others every text is taken.
CHARSETS = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso-8859-1", "UNOD": "iso-8859-2", "UNOE": "iso-8859-5",
    "UNOF": "iso-8859-7", "UNOG": "iso-8859-3", "UNOH": "iso-8859-4", "UNOI": "iso-8859-6",
    "UNOJ": "iso-8859-8", "UNOK": "iso-8859-9", "UNOL": "iso-8859-15", "UNOW": "utf-8", "UNOY": "utf-8",
}  # fmt: skip


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("iso-8859-1"), error.end


# Messages whose character set nothing tells are UTF-8, and where bytes are not, ISO 8859-1.
codecs.register_error("weft-latin", _as_latin)


class Segments:
    """Iterates over the segments; each interchange says its character set. `given` are the delimiters of messages without envelope, `encoding` a schema's own.

    Raises BadInput where there is no interchange or the bytes are not of its encoding.
    """

    def __init__(
        self, stream: BinaryIO, name: str, given: Delimiters | None = None, encoding: str | None = None
    ) -> None:
        self.name = name
        self.taken = 0
        self.delimiters = given
        self._charset = "utf-8"
        self._given = given
        self._stream = stream
        self._encoding = encoding
        self._decoder: codecs.IncrementalDecoder | None = None
        # What was read of the stream: at its end the bytes of the text at hand, and those that are no text as yet.
        self._raw = b""
        self._undecoded = b""
        self._text = ""
        self._at = 0
        self.line = 1
        # Where the line begins, from the beginning of the text at hand; before it, what is gone already.
        self._line_start = 0
        self._ended = False

    def __iter__(self) -> Iterator[Segment]:
        begins = True
        while True:
            if begins:
                begins = False
                if not self._begin():
                    return
            segment = self._next()
            if segment is None:
                return
            if segment.text:
                yield segment
                begins = segment.name in _ENDS and self._given is None

    def charset_of(self, head: str) -> str:
        """What the text of the interchange that begins so is in."""
        return _said(head)[0] if self._changes else self._charset

    @property
    def _changes(self) -> bool:
        """Each interchange says what it is in."""
        return self._encoding is None and not self._charset.startswith(_WIDE)

    def _more(self, ahead: bool = False) -> bool:
        """Read on; False at the end, and `ahead` where what follows is no text of this interchange."""
        if self._ended:
            return False
        again, self._undecoded = self._undecoded, b""
        data = again or self._stream.read(_CHUNK)
        if self._at:
            self._text = self._text[self._at :]
            self._line_start -= self._at
            self._at = 0
        if not again:
            self.taken += len(data)
            self._raw = self._raw[max(0, len(self._raw) - _WIDEST * (len(self._text) + 1)) :] + data
        if self._decoder is None:
            self._charset, self._decoder = _decoder(data, self._encoding)
        self._ended = not data
        try:
            self._text += self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            if not self._changes or not (error.start or ahead):
                raise self._no_text(error) from error
            # It may be text of another interchange, which says another character set.
            self._decoder.reset()
            self._text += self._decoder.decode(error.object[: error.start])
            self._undecoded, self._ended = error.object[error.start :], False
            return error.start > 0
        return True

    def _no_text(self, error: UnicodeDecodeError) -> BadInput:
        return BadInput(
            _("The text is not {encoding}.").format(encoding=error.encoding.upper()),
            file=self.name,
            line=self.line + self._text.count("\n") + error.object[: error.start].count(b"\n"),
            next_step=_("Name the encoding in the schema, or ask the sender for the right one."),
        )

    def _take_charset(self, head: str) -> None:
        """Read an interchange, and what follows it, in the character set it says."""
        charset = self.charset_of(head)
        if charset == self._charset:
            return
        # What begins it is the same in all of them: it stands as often before the end of the bytes as of the text.
        mark, start = head[:3], len(self._raw) - len(self._undecoded)
        for _time in range(self._text.count(mark, self._at)):
            start = self._raw.rindex(mark.encode(), 0, start)
        self._charset, decoder = _said(head)
        self._decoder = decoder
        self._raw = self._raw[start:]
        self._undecoded, self._ended = self._raw, False
        self._text, self._line_start, self._at = "", self._line_start - self._at, 0
        self._more()

    def _begin(self) -> bool:
        """Go to the next interchange and take its delimiters; False at the end of the stream."""
        while len(self._text) - self._at < _HEAD and self._more(ahead=True):
            self._skip_blank()
        self._skip_blank()
        if self._at == len(self._text):
            if self._undecoded:
                self._more()
            if self.delimiters is None:
                find_delimiters("", self.name)
            return False
        if self._given is not None:
            return True
        head = self._text[self._at : self._at + _HEAD]
        if self.delimiters is None or head.startswith(_STARTS):
            if head.startswith(_STARTS):
                self._take_charset(head)
            self._take_delimiters(head)
        return True

    def _take_delimiters(self, head: str) -> None:
        try:
            self.delimiters = find_delimiters(head, self.name)
        except BadInput as error:
            raise BadInput(
                error.message,
                file=self.name,
                line=self.line,
                column=error.column,
                next_step=error.next_step,
            ) from None
        if head.startswith("UNA"):
            self._at += 9

    def _skip_blank(self) -> None:
        rest = self._text
        start = self._at
        while self._at < len(rest) and rest[self._at] in _BLANK:
            self._at += 1
        self._count(start, self._at)

    def _count(self, start: int, end: int) -> None:
        """Count the lines that end in a stretch that is passed."""
        breaks = self._text.count("\n", start, end)
        if breaks:
            self.line += breaks
            self._line_start = self._text.rindex("\n", start, end) + 1

    def _next(self) -> Segment | None:
        """The next segment; None at the end. Its text is empty where there was none between two terminators."""
        delimiters = self.delimiters
        assert delimiters is not None
        self._skip_blank()
        stop = self._stop(delimiters)
        text = self._text
        start = self._at
        if stop < 0:
            if start == len(text):
                return None
            stop = len(text)
        body = text[start:stop]
        line, column = self.line, start - self._line_start + 1
        self._count(start, min(stop + 1, len(text)))
        self._at = min(stop + 1, len(text))
        if stop == len(text):
            body = body.rstrip(_BLANK)
        elif delimiters.segment in "\r\n":
            body = body.rstrip("\r\n")
        name = body.partition(delimiters.element)[0].strip()
        return Segment(line, body, name=name, delimiters=delimiters, column=column)

    def _stop(self, delimiters: Delimiters) -> int:
        """Where the next terminator stands that is not released; -1 where the text ends before."""
        searched = self._at
        while True:
            stop = self._text.find(delimiters.segment, searched)
            if stop >= 0 and not (delimiters.release and self._released(stop, delimiters.release)):
                return stop
            if stop >= 0:
                searched = stop + 1
                continue
            seen = max(searched, len(self._text)) - self._at
            if seen > _LONGEST:
                raise TooLarge(
                    _("The segment is longer than {size} MB.").format(size=_LONGEST >> 20),
                    file=self.name,
                    line=self.line,
                    next_step=_("Check that segments end with the terminator the interchange says."),
                )
            if not self._more():
                return -1
            searched = self._at + seen

    def _released(self, stop: int, release: str) -> bool:
        """An odd number of release characters stands before a place of the segment."""
        at = stop
        while at > self._at and self._text[at - 1] == release:
            at -= 1
        return (stop - at) % 2 == 1


def _decoder(head: bytes, encoding: str | None) -> tuple[str, codecs.IncrementalDecoder]:
    """The encoding and its decoder by byte order mark, by the schema's encoding, by UNB's character set."""
    found = detect_encoding(head[:4096], whole=False)
    if encoding is None and found.startswith("utf-") and found != "utf-8":
        encoding = found
    if encoding is not None:
        try:
            return encoding, codecs.getincrementaldecoder(encoding)()
        except LookupError:
            raise BadInput(
                _("There is no encoding called {name}.").format(name=encoding),
                next_step=_("Use utf-8, utf-16, windows-1252 or iso-8859-1, for example."),
            ) from None
    return _said(head[:200].decode("iso-8859-1"))


def _said(head: str) -> tuple[str, codecs.IncrementalDecoder]:
    """The character set that an interchange says at its beginning, and its decoder."""
    match = None if head.startswith("ISA") else _SYNTAX.search(head[:200])
    said = CHARSETS.get(match[1], "ascii") if match else "ascii"
    if said == "ascii":
        return "utf-8", codecs.getincrementaldecoder("utf-8")("weft-latin")
    return said, codecs.getincrementaldecoder(said)()
