"""A document that cannot be read because it is of another kind than the map's: the error says which it looks like."""

from __future__ import annotations

import codecs
import contextlib
import re
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _

_LOOKED_AT = 4096
# How files of a format begin that are no text; of others nothing can be said.
_OWN = {"excel": b"PK\x03\x04", "parquet": b"PAR1", "avro": b"Obj\x01"}
_NO_TEXT = frozenset({"database", "copybook"})
_INTERCHANGE = re.compile(rb"ISA[^\w\s]|UNA[^\w\s]{5}|UNB\+")
_LINES = re.compile(rb"\{[^\n]*\}[ \t\r]*\n\s*\{")
_JSON = ("json", "lines")


def tell(error: BadInput, input: object, format: str) -> None:
    """Let the error of reading `input`, a file of that format, say what the file rather is where its first bytes do."""
    if isinstance(input, Path) and error.file == str(input):
        with contextlib.suppress(OSError), input.open("rb") as stream:
            kind = looks_like(stream.read(_LOOKED_AT), format)
            if kind:
                error.next_step = kind


def looks_like(head: bytes, format: str) -> str:
    """A sentence about what a document that begins so is, where that is another kind than `format`; else nothing."""
    if format in _NO_TEXT or (format in _OWN and head.startswith(_OWN[format])):
        return ""
    for mark, says in _marks():
        if head.startswith(mark):
            return _with_step(says)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return ""
    if b"\0" in head:
        even = sum(1 for at in range(0, len(head), 2) if head[at] == 0)
        odd = sum(1 for at in range(1, len(head), 2) if head[at] == 0)
        one_sided = min(even, odd) == 0 and max(even, odd) > len(head) // 4
        return (
            _("The text seems to be UTF-16 without a mark at its beginning; save it as UTF-8.")
            if one_sided
            else ""
        )
    said = _text(head.removeprefix(codecs.BOM_UTF8).lstrip(), format)
    return _with_step(said) if said else ""


def _with_step(said: str) -> str:
    return f"{said} {_('Give the right file, or choose the schema of the kind it is.')}"


def _marks() -> tuple[tuple[bytes, str], ...]:
    return (
        (b"PK\x03\x04", _("The file is a zip archive or an Excel workbook.")),
        (b"\xd0\xcf\x11\xe0", _("The file is an old Excel workbook.")),
        (b"\x1f\x8b", _("The file is compressed (gzip).")),
        (b"%PDF", _("The file is a PDF.")),
        (b"PAR1", _("The file is Parquet.")),
        (b"Obj\x01", _("The file is an Avro container.")),
        (b"SQLite format 3\0", _("The file is a SQLite database.")),
    )


def _text(head: bytes, format: str) -> str:
    start = head[:15].lower()
    if start.startswith(b"<!doctype html") or (start.startswith(b"<html") and format != "xml"):
        return _("The file is a page of a web site (HTML).")
    if start.startswith(b"<") and format != "xml":
        return _("The file looks like XML.")
    if start.startswith((b"{", b"[")) and format not in _JSON:
        return _("The file looks like JSON.")
    if format == "json" and _LINES.match(head):
        return _("The file holds a JSON value in every line (JSON lines).")
    if format != "edi" and _INTERCHANGE.match(head):
        return _("The file looks like an X12 or EDIFACT interchange.")
    return ""
