"""Recognising formats that carry their types: by their first bytes, or by the words a schema's text begins with."""

from __future__ import annotations

import re
from typing import Any

from studio.base.patterns import pattern

AVRO = b"Obj\x01"
PARQUET = b"PAR1"
SQLITE = b"SQLite format 3\0"
DUCKDB = b"DUCK"

_COMMENTS = pattern(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_PROTO = pattern(r"syntax\s*=\s*[\"']proto[23][\"']\s*;|edition\s*=\s*[\"']\d{4}[\"']\s*;")
_PROTO_PARTS = pattern(r"^(?:message|enum|service)\s+\w+\s*\{", re.MULTILINE)
_PROTO_HEAD = pattern(r"(?:package\s+[\w.]+\s*;|import\s+[\"']|option\s+[\w.()]+\s*=|message\s+\w+\s*\{)")
_AVRO_WORDS = ('"record"', '"error"')


def binary_kind(data: bytes) -> str | None:
    """`avro`, `parquet`, `protobuf` or `database` by the first bytes of a file."""
    if data.startswith(AVRO):
        return "avro"
    if data.startswith(PARQUET):
        return "parquet"
    if data.startswith(SQLITE) or data[8:12] == DUCKDB:
        return "database"
    return "protobuf" if is_descriptor_set(data) else None


def is_descriptor_set(data: bytes) -> bool:
    """The bytes begin as a compiled set of protobuf descriptors does: with a file and its name."""
    if data[:1] != b"\n":
        return False
    at = 1
    while at < min(len(data), 10) and data[at] >= 0x80:
        at += 1
    at += 1
    if data[at : at + 1] != b"\n" or at + 2 > len(data):
        return False
    name = data[at + 2 : at + 2 + data[at + 1]]
    return name.endswith(b".proto") and len(name) == data[at + 1]


def is_proto(text: str) -> bool:
    """The text is a `.proto` file's."""
    lead = _COMMENTS.match(text)
    at = lead.end() if lead else 0
    if _PROTO.match(text, at):
        return True
    return bool(_PROTO_HEAD.match(text, at)) and bool(_PROTO_PARTS.search(text))


def may_be_avro(text: str) -> bool:
    """Worth a look whether this JSON is an Avro schema."""
    return any(word in text for word in _AVRO_WORDS) and '"fields"' in text


def is_avro(value: Any) -> bool:
    """The JSON value is an Avro schema: a record with fields of a name and a type, or a union holding one."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) for one in value) and any(map(is_avro, value))
    if not isinstance(value, dict) or value.get("type") not in ("record", "error"):
        return False
    fields = value.get("fields")
    return (
        "name" in value
        and isinstance(fields, list)
        and all(isinstance(field, dict) and {"name", "type"} <= field.keys() for field in fields)
    )
