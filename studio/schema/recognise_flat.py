"""Recognising what is neither XML, JSON nor delimited: workbooks, EDI, copybooks, fixed width; and EDI definitions."""

from __future__ import annotations

import re

from studio.schema.flat.propose import looks_fixed

_EDI = re.compile(r"ISA[^A-Za-z0-9].{102}|UN[AB][^A-Za-z0-9]", re.DOTALL)
_ISA_START = re.compile(r"ISA([^A-Za-z0-9\s])[^\r\n]{2,102}\Z|ISA([^A-Za-z0-9\s])00\2")
_LEVEL = re.compile(
    r"^[^\n]{0,6}?[ \t]*(?:0?[1-9]|[1-4][0-9]|77)[ \t]+[A-Za-z0-9][\w-]*[ \t\r.]", re.MULTILINE
)
_PICTURE = re.compile(r"\bPIC(?:TURE)?[ \t\r\n]+(?:IS[ \t]+)?[SX9AVPZNBGU(+\-$*]", re.IGNORECASE)


def plain_kind(text: str) -> str | None:
    """`edi`, `copybook` or `fixed` where the text of a file shows it."""
    if _EDI.match(text) or _ISA_START.match(text):
        return "edi"
    if _PICTURE.search(text) and _LEVEL.search(text):
        return "copybook"
    return "fixed" if looks_fixed(text) else None
