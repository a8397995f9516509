"""How a delimited file is written: its encoding and delimiter, read off its first part."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import unreadable
from studio.connectors.files.western import WESTERN, is_western

SAMPLE = 256 * 1024
DELIMITERS = (",", ";", "\t", "|", "^", "`")
# How workbooks, old and new, and printed pages begin.
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-")
# The line some spreadsheets write first, to be told the delimiter.
_NAMED = re.compile(r"sep=([^\r\n\"])(?:\r\n|\n|\r)")
# Longest mark first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Dialect:
    """How to read a delimited file; quoting is by doubled `"`.

    `mark` is the length in bytes of its byte order mark, `skip` that of a first line which only names the delimiter;
    `guessed` where the encoding was told by the letters the bytes make.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    mark: int = 0
    skip: int = 0
    guessed: bool = False

    @property
    def start(self) -> int:
        """Where the header begins, in bytes."""
        return self.mark + self.skip

    @property
    def shown(self) -> str:
        """In words: `UTF-8 with BOM, semicolon`."""
        names = {
            ",": _("comma"),
            ";": _("semicolon"),
            "\t": _("tab"),
            "|": _("bar"),
            "^": _("caret"),
            "`": _("backquote"),
        }
        delimiter = names.get(self.delimiter, self.delimiter)
        encoding = self.encoding.upper()
        if self.guessed:
            return _("Windows-1252, as it is not UTF-8, {delimiter}").format(delimiter=delimiter)
        if self.mark:
            return _("{encoding} with a byte order mark, {delimiter}").format(
                encoding=encoding, delimiter=delimiter
            )
        return _("{encoding}, {delimiter}").format(encoding=encoding, delimiter=delimiter)


def recognise(path: Path, *, encoding: str = "", delimiter: str = "", guess: bool = False) -> Dialect:
    """The dialect of a file; what is given is taken as it is. Raises BadInput when it cannot be read or is empty.

    Without a byte order mark a file counts as UTF-8 (or UTF-16 when every other byte is zero): a wrong guess between
    the many one-byte encodings would damage names silently. Who shows what was recognised may ask to `guess`:
    Windows-1252, where the bytes are no UTF-8 and make words in it (western.py).
    """
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE)
            guessed = guess and not encoding and not _encoding(sample)[1] and is_western(sample, file)
    except OSError as error:
        raise unreadable(path, error) from error
    if not sample.strip(b"\r\n\t \xef\xbb\xbf\xff\xfe\0"):
        raise BadInput(
            _("The file is empty."), file=path, next_step=_("The first line must hold the column names.")
        )
    _refuse_packed(path, sample)
    chosen, mark = _encoding(sample)
    if encoding:
        asked = _known(encoding, path)
        # A mark says the byte order, which names such as utf-16 leave open; it is no mark in another encoding.
        if not mark or asked[:5] != chosen[:5]:
            chosen, mark = asked, 0
    if guessed and chosen == "utf-8":
        chosen = WESTERN
    text = codecs.getincrementaldecoder(chosen)("replace").decode(sample[mark:])
    named = _NAMED.match(text)
    if named is not None:
        return Dialect(chosen, delimiter or named[1], mark, len(named[0].encode(chosen)), guessed)
    return Dialect(chosen, delimiter or _delimiter(text), mark, guessed=guessed)


def _refuse_packed(path: Path, sample: bytes) -> None:
    """Raise BadInput for the files people take for text because a spreadsheet opens them."""
    if sample.startswith(_PACKED):
        raise BadInput(
            _("This is a workbook or another packed file, no delimited text."),
            file=path,
            next_step=_("Save its sheet as CSV (UTF-8) and give that file."),
        )


def suggested_encoding(sample: bytes) -> str:
    """An encoding worth trying for bytes that are no UTF-8."""
    for name in ("cp1252", "cp1250", "latin-1"):
        try:
            sample.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def _encoding(sample: bytes) -> tuple[str, int]:
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, len(mark)
    # Text in Latin script as UTF-16 has a zero in nearly every pair.
    if len(sample) >= 4:
        even, odd = sample[0:512:2], sample[1:512:2]
        if odd.count(0) > len(odd) * 0.6 and even.count(0) < len(even) * 0.2:
            return "utf-16-le", 0
        if even.count(0) > len(even) * 0.6 and odd.count(0) < len(odd) * 0.2:
            return "utf-16-be", 0
    return "utf-8", 0


def _known(name: str, path: Path) -> str:
    try:
        known = codecs.lookup(name).name
        b"a".decode(known, "replace")  # refuses codecs that do not make text
    except LookupError:
        raise BadInput(
            _("There is no encoding called {name}.").format(name=name),
            file=path,
            next_step=_("Use a name such as utf-8, windows-1252 or utf-16."),
        ) from None
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(known, known)


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first records most evenly into most columns; a comma when none cuts."""
    best, best_score = ",", (0.0, 0)
    for candidate in DELIMITERS:
        widths = _widths(text, candidate)
        if not widths or widths[0] < 2:
            continue
        even = sum(width == widths[0] for width in widths) / len(widths)
        score = (round(even, 2), widths[0])
        if score > best_score:
            best, best_score = candidate, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) > 50:
                break
        else:
            # The sample's last record may be cut.
            widths = widths[:-1] if len(widths) > 1 and not text.endswith("\n") else widths
    except csv.Error:
        return []
    return widths
