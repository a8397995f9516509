"""Recognising what is neither XML, JSON nor delimited: workbooks, EDI, copybooks, fixed width; and EDI definitions."""

from __future__ import annotations

import re
import zlib

from studio.schema.excel_parts import OLE
from studio.schema.flat.propose import looks_fixed

_EDI = re.compile(r"ISA[^A-Za-z0-9].{102}|UN[AB][^A-Za-z0-9]", re.DOTALL)
_ISA_START = re.compile(r"ISA([^A-Za-z0-9\s])[^\r\n]{2,102}\Z|ISA([^A-Za-z0-9\s])00\2")
_LEVEL = re.compile(
    r"^[^\n]{0,6}?[ \t]*(?:0?[1-9]|[1-4][0-9]|77)[ \t]+[A-Za-z0-9][\w-]*[ \t\r.]", re.MULTILINE
)
_PICTURE = re.compile(r"\bPIC(?:TURE)?[ \t\r\n]+(?:IS[ \t]+)?[SX9AVPZNBGU(+\-$*]", re.IGNORECASE)
_X12_MAP = re.compile(r"<transaction\b[^>]*>(?s:.{0,4000}?)<(?:loop|segment)\b")
_EDIFACT = re.compile(r"<(?:message|segments)\b[^>]*>(?s:.{0,4000}?)<(?:segment|group)\s[^>]*\bid=")


def packed_kind(data: bytes, *, office: bool) -> str | None:
    """`excel` or `jtr` by the first bytes of a file; `office` tells that it is the archive of an office document."""
    if office or data.startswith(OLE):
        return "excel"
    if not data.startswith(b"\x1f\x8b"):
        return None
    try:
        head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, 4096)
    except zlib.error:
        return None
    return "jtr" if b"<JTR" in head.replace(b"\0", b"") else None


def is_x12_map(text: str) -> bool:
    """The head of an XML document is that of an X12 map."""
    return _X12_MAP.search(text[:8192]) is not None


def is_edifact_definition(text: str) -> bool:
    """The head of an XML document is that of a message or of the segments of an EDIFACT directory."""
    return _EDIFACT.search(text[:8192]) is not None


def xml_kind(name: str, data: bytes) -> str | None:
    """`edi` or `jtr` where an XML document without namespace is a definition of messages or a structure of that kind."""
    if name in ("transaction", "message", "segments"):
        text = data[:8192].decode("latin-1")
        return "edi" if is_x12_map(text) or is_edifact_definition(text) else None
    if name == "JTR" or (name == "Entity" and b'type="Document"' in data[:2048]):
        return "jtr"
    return None


def is_edi_json(text: str) -> bool:
    """The head of a JSON text is that of an EDI definition: delimiters and segments."""
    return '"delimiters"' in text and '"segments"' in text and '"segment"' in text


def plain_kind(text: str) -> str | None:
    """`edi`, `copybook` or `fixed` where the text of a file shows it."""
    if _EDI.match(text) or _ISA_START.match(text):
        return "edi"
    if _PICTURE.search(text) and _LEVEL.search(text):
        return "copybook"
    return "fixed" if looks_fixed(text) else None
