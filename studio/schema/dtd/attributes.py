"""Attribute lists from their text: types, values, defaults."""

from __future__ import annotations

import re

from studio.schema.dtd.model import Attribute, Spot

_TOKEN = re.compile(r"\x01\d+\x02|#[A-Za-z]+|[()|,]|[^\s()|,\x01#]+")
_SPACE = re.compile(r"\s+")
_CHARACTER = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
_PREDEFINED = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_PREDEFINED_ONE = re.compile("&(?:lt|gt|quot|apos|amp);")


def attribute_list(text: str, quoted: list[str], spot: Spot) -> list[Attribute]:
    """The attributes of one declaration; `quoted` are the texts numbered in it."""
    tokens = _TOKEN.findall(text)
    found: list[Attribute] = []
    at = 0
    while at < len(tokens):
        name = tokens[at]
        at += 1
        if name in "()|,":
            continue
        if name[0] in "#\x01":
            continue
        kind, values, at = _attribute_kind(tokens, at)
        use, default, at = _attribute_default(tokens, at, quoted)
        found.append(Attribute(name, kind, values, use, default, spot))
    return found


def _attribute_kind(tokens: list[str], at: int) -> tuple[str, tuple[str, ...], int]:
    kind = "ENUMERATION"
    if at < len(tokens) and tokens[at] not in "(" and tokens[at][0] not in "#\x01":
        kind = tokens[at].upper()
        at += 1
    if at >= len(tokens) or tokens[at] != "(":
        return (kind if kind != "ENUMERATION" else "CDATA"), (), at
    values: list[str] = []
    at += 1
    while at < len(tokens) and tokens[at] != ")":
        if tokens[at] not in "|,(":
            values.append(tokens[at])
        at += 1
    return kind, tuple(dict.fromkeys(values)), at + 1


def _attribute_default(tokens: list[str], at: int, quoted: list[str]) -> tuple[str, str | None, int]:
    use, default = "", None
    if at < len(tokens) and tokens[at][0] == "#":
        use = tokens[at].upper()
        at += 1
    if at < len(tokens) and tokens[at][0] == "\x01" and use in ("", "#FIXED"):
        default = _text(quoted[int(tokens[at][1:-1])])
        at += 1
    elif not use and at < len(tokens) and tokens[at] not in "()|,":
        # SGML needs no quotes.
        default = tokens[at]
        at += 1
    return use, default, at


def _text(value: str) -> str:
    value = with_characters(_SPACE.sub(" ", value))
    return _PREDEFINED_ONE.sub(lambda match: _PREDEFINED[match[0]], value)


def with_characters(value: str) -> str:
    """The text with characters in place of their numbers."""
    return _CHARACTER.sub(_character, value) if "&#" in value else value


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
